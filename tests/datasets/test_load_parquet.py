"""Parquet files of Hugging Face's image structs, and files that attack the loader."""

import io
import json
import struct
import sys

import numpy as np
import pytest
from PIL import Image

from skl_signlang.datasets import load_parquet, load_samples
from skl_signlang.datasets.reading import _parquet

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def encode(value=0, size=(6, 4), kind="PNG"):
    file = io.BytesIO()
    Image.new("L", size, value).save(file, kind)
    return file.getvalue()


def table(labels, contents=None, names=None, paths=None, **columns):
    contents = contents or [encode(10 * i) for i in range(len(labels))]
    paths = paths or [None] * len(labels)
    images = [
        {"bytes": content, "path": path}
        for content, path in zip(contents, paths, strict=True)
    ]
    made = pa.table(
        {"image": pa.array(images, STRUCT), "label": pa.array(labels), **columns}
    )
    if names is None:
        return made
    features = {
        "image": {"_type": "Image"},
        "label": {"names": names, "_type": "ClassLabel"},
    }
    about = json.dumps({"info": {"features": features}})
    return made.replace_schema_metadata({"huggingface": about})


def write(path, made, **options):
    parquet.write_table(made, path, **options)
    return path


@pytest.mark.parametrize("row_group_size", [1, 2, 100])
@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
def test_images_and_names_of_class_labels(tmp_path, row_group_size, compression):
    made = table([0, 1, 1], names=["A", "B"], paths=["a.png", "/etc/passwd", None])
    path = write(
        tmp_path / "x.parquet",
        made,
        row_group_size=row_group_size,
        compression=compression,
    )
    bunch = load_parquet(path)
    assert bunch.images.dtype == np.uint8
    assert bunch.images.shape == (3, 4, 6)
    assert bunch.images[:, 0, 0].tolist() == [0, 10, 20]
    assert bunch.target.tolist() == ["A", "B", "B"]
    assert np.shares_memory(bunch.images, bunch.data)
    X, y = load_parquet(path, return_X_y=True, color=True, image_size=2)
    assert X.shape == (3, 12)
    assert y.tolist() == ["A", "B", "B"]


@pytest.mark.parametrize(
    ("labels", "options", "expected"),
    [
        (["B", "A"], {}, ["B", "A"]),
        ([3, 1], {}, [3, 1]),
        ([0, 24], {"codes": "kaggle"}, ["A", "Y"]),
        (pa.array(["B", "A"]).dictionary_encode(), {}, ["B", "A"]),
    ],
)
def test_labels_without_metadata(tmp_path, labels, options, expected):
    made = table(labels, [encode(), encode(1)])
    bunch = load_parquet(write(tmp_path / "x.parquet", made), **options)
    assert bunch.target.tolist() == expected


def test_columns_may_be_chosen(tmp_path):
    made = table(["x", "y"], other=[encode(5), encode(6)], letter=["A", "B"])
    path = write(tmp_path / "x.parquet", made)
    with pytest.raises(ValueError, match="expected exactly one, or image="):
        load_parquet(path)
    bunch = load_parquet(path, image="other", target="letter")
    assert bunch.images[:, 0, 0].tolist() == [5, 6]
    assert bunch.target.tolist() == ["A", "B"]
    with pytest.raises(ValueError, match=r"as labels in the column 'image'"):
        load_parquet(path, image="other", target="image")
    with pytest.raises(ValueError, match="or image= with its name"):
        load_parquet(path, image="letter")


def test_the_format_is_detected_by_content(tmp_path):
    path = write(tmp_path / "no_extension", table(["A", "B"]))
    bunch = load_samples(path)
    assert bunch.format == "parquet"
    assert bunch.images.shape == (2, 4, 6)


def test_path_is_never_opened(tmp_path):
    image = tmp_path / "a.png"
    image.write_bytes(encode())
    made = table(["A", "B"], [None, encode()], paths=[str(image), str(image)])
    path = write(tmp_path / "x.parquet", made)
    with pytest.raises(ValueError, match="row 0: the image has no bytes; its path"):
        load_parquet(path)
    bunch = load_parquet(path, on_error="report")
    assert bunch.target.tolist() == ["B"]
    assert bunch.rejected.position.tolist() == ["row 0"]


@pytest.mark.parametrize(
    ("labels", "contents", "reason"),
    [
        ([0, 2], None, "row 1: the label is 2; expected 0 to 1"),
        ([0, -1], None, "row 1: the label is -1; expected 0 to 1"),
        ([0, None], None, "row 1: the label is null"),
        ([0, 1], [encode(), b"<html>"], "row 1: it is an HTML page"),
        ([0, 1], [encode(), b""], "row 1: the image is empty"),
    ],
)
def test_invalid_records_are_named_or_reported(tmp_path, labels, contents, reason):
    path = write(tmp_path / "x.parquet", table(labels, contents, ["A", "B"]))
    with pytest.raises(ValueError, match=reason):
        load_parquet(path)
    bunch = load_parquet(path, on_error="report")
    assert bunch.target.tolist() == ["A"]
    [(_, position, told)] = bunch.rejected.values.tolist()
    assert f"{position}: {told}".startswith(reason)


@pytest.mark.parametrize(
    "about",
    [b"", b"[]", b"\xff", b'{"info": 1}', b"[" * 100_000, b'{"info": {"features": []}}']
    + [
        json.dumps(
            {"info": {"features": {"label": {"_type": "ClassLabel", "names": n}}}}
        ).encode()
        for n in (1, [1, 2], None)
    ],
)
def test_damaged_metadata_is_ignored(tmp_path, about):
    made = table([0, 1]).replace_schema_metadata({"huggingface": about})
    bunch = load_parquet(write(tmp_path / "x.parquet", made))
    assert bunch.target.tolist() == [0, 1]


def test_without_pyarrow(tmp_path, monkeypatch):
    path = write(tmp_path / "x.parquet", table(["A", "B"]))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"install skl_signlang\[parquet\]"):
        load_parquet(path)


# --- attacks --------------------------------------------------------------------------


def test_every_prefix_of_a_file_is_a_value_error(tmp_path):
    whole = write(tmp_path / "x.parquet", table(["A", "B"])).read_bytes()
    path = tmp_path / "cut.parquet"
    for n_bytes in range(0, len(whole), 199):
        path.write_bytes(whole[:n_bytes])
        with pytest.raises(ValueError, match="cannot be read as a Parquet file"):
            load_parquet(path)


@pytest.mark.slow
def test_flipped_bytes_are_value_errors_or_load(tmp_path):
    whole = write(tmp_path / "x.parquet", table(["A", "B"])).read_bytes()
    path = tmp_path / "flipped.parquet"
    rng = np.random.RandomState(0)
    for _ in range(40):
        content = bytearray(whole)
        for place in rng.randint(4, len(content), 2):
            content[place] = rng.randint(256)
        path.write_bytes(content)
        try:
            load_parquet(path)
        except ValueError as error:
            assert "flipped.parquet" in str(error)  # noqa: PT017


@pytest.mark.parametrize("claim", [0, 2**31, 2**32 - 1])
def test_a_footer_that_lies_about_its_size(tmp_path, claim):
    path = write(tmp_path / "x.parquet", table(["A", "B"]))
    path.write_bytes(path.read_bytes()[:-8] + struct.pack("<I", claim) + b"PAR1")
    with pytest.raises(ValueError, match=r"x\.parquet cannot be read"):
        load_parquet(path)


def test_an_encrypted_footer(tmp_path):
    path = write(tmp_path / "x.parquet", table(["A", "B"]))
    path.write_bytes(path.read_bytes()[:-4] + b"PARE")
    with pytest.raises(ValueError, match="cannot be read as a Parquet file"):
        load_parquet(path)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def element(n_children):
    """Encode a SchemaElement: a group with children, or a byte array."""
    if n_children:
        return b"\x35\x00\x18\x01a\x15" + varint(2 * n_children) + b"\x00"
    return b"\x15\x0c\x25\x00\x18\x01a\x00"


def footer_of(*schemas):
    """Encode FileMetaData with these lists of SchemaElements, and no row groups."""
    content = b"\x15\x02"
    for elements in schemas:
        content += b"\x09\x04"
        content += b"\xfc" + varint(len(elements)) + b"".join(elements)
    content += b"\x06\x06\x00\x09\x08\x0c\x00"
    return b"PAR1" + content + struct.pack("<I", len(content)) + b"PAR1"


@pytest.mark.parametrize("depth", [40, 9_000, 300_000])
def test_deeply_nested_schemas_raise(tmp_path, depth):
    """A schema of a few thousand levels would overflow the stack of pyarrow."""
    path = tmp_path / "deep.parquet"
    deep = [element(1)] * depth + [element(0)]
    flat = [element(1), element(0)]
    for schemas in ([deep], [flat, deep]):
        path.write_bytes(footer_of(*schemas))
        with pytest.raises(ValueError, match=r"deep\.parquet cannot be read"):
            load_parquet(path)


def test_hand_made_footers_without_an_attack_are_parsed(tmp_path):
    path = tmp_path / "flat.parquet"
    path.write_bytes(footer_of([element(1), element(0)]))
    with pytest.raises(ValueError, match="cannot be read as a Parquet file"):
        load_parquet(path)


@pytest.mark.slow
def test_a_dictionary_that_repeats_one_image(tmp_path, monkeypatch):
    """What is unpacked once and repeated counts each time."""
    monkeypatch.setattr(_parquet, "_FREE_BYTES", 1 << 20)
    noise = np.random.RandomState(0).bytes(20_000)
    made = table(["A"] * 20_000, [encode() + noise] * 20_000)
    path = write(tmp_path / "x.parquet", made)
    assert path.stat().st_size < 100_000
    with pytest.raises(ValueError, match=r"x\.parquet unpacks to more than 100 times"):
        load_parquet(path, image_size=1)


def test_too_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(_parquet, "MAX_MEMBERS", 5)
    path = write(tmp_path / "x.parquet", table(["A"] * 6, [b""] * 6))
    with pytest.raises(ValueError, match="more than 5 rows"):
        load_parquet(path, on_error="report")


def test_too_many_pixels(tmp_path, monkeypatch):
    from skl_signlang.datasets.reading import _labeled_images

    monkeypatch.setattr(_labeled_images, "MAX_PIXEL_BYTES", 50)
    path = write(tmp_path / "x.parquet", table(["A", "B", "A"]))
    with pytest.raises(ValueError, match="row 2: the decoded images need more than 50"):
        load_parquet(path, on_error="report")


def test_an_image_of_too_many_pixels(tmp_path):
    path = write(tmp_path / "x.parquet", table(["A"], [encode(0, (10_000, 5_001))]))
    with pytest.raises(ValueError, match="row 0: the image has 10000 x 5001 pixels"):
        load_parquet(path)


def test_a_folder_and_a_missing_file_raise(tmp_path):
    with pytest.raises((ValueError, OSError), match="expected a Parquet file"):
        load_parquet(tmp_path)
    with pytest.raises(FileNotFoundError):
        load_parquet(tmp_path / "none.parquet")


@pytest.mark.parametrize("compression", ["zstd", "gzip", "brotli"])
def test_decompression_bombs(tmp_path, compression, monkeypatch):
    """A page of 100 MB needs more memory than the process may have."""
    monkeypatch.setattr(_parquet, "_MAX_MEMORY", 64 << 20)
    made = table(["A"], [bytes(100 << 20)])
    options = {"compression": compression, "use_dictionary": False}
    path = write(tmp_path / "x.parquet", made, **options)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ValueError, match="it needs more than 67,108,864 bytes"):
        load_parquet(path, on_error="report")


def test_many_rows_that_unpack_to_much(tmp_path, monkeypatch):
    monkeypatch.setattr(_parquet, "_FREE_BYTES", 1 << 20)
    made = table(["A"] * 40, [bytes(1 << 20)] * 40)
    path = write(tmp_path / "x.parquet", made, compression="zstd")
    with pytest.raises(ValueError, match="unpacks to more than 100 times its size"):
        load_parquet(path, on_error="report")


def test_a_file_that_takes_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(_parquet, "_FREE_SECONDS", 0)
    path = write(tmp_path / "x.parquet", table(["A", "B"]))
    with pytest.raises(ValueError, match="pyarrow ended early, with the exit status -"):
        load_parquet(path)


def test_no_process_is_left_behind(tmp_path):
    psutil = pytest.importorskip("psutil")
    path = write(tmp_path / "x.parquet", table(["A"] * 99, [b""] * 99))
    with pytest.raises(ValueError, match="row 0: the image is empty"):
        load_parquet(path)
    names = [" ".join(p.cmdline()) for p in psutil.Process().children()]
    assert not [name for name in names if "_parquet_rows" in name]
