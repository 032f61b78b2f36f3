import base64
import gzip
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skl_signlang.datasets import (
    load_base64,
    load_csv,
    load_image_folder,
    load_json,
    load_samples,
    load_sign_mnist,
)
from skl_signlang.datasets.reading import _npz

N_EXAMPLES = int(os.environ.get("SKL_SIGNLANG_FUZZ", "150"))
FORMATS = ["sign_mnist", "csv", "json", "base64", "image_folder", "npz"]
HEADER = ",".join(["label", *(f"pixel{i}" for i in range(1, 785))])
CODES = ["0", "1", "24"]  # 24 makes them Kaggle's
PIXELS = np.random.RandomState(0).randint(0, 256, (3, 28, 28), dtype=np.uint8)


def png(seed):
    file = io.BytesIO()
    Image.fromarray(PIXELS[seed]).save(file, "PNG")
    return file.getvalue()


def text(seed):
    return base64.b64encode(png(seed)).decode()


def table(header=HEADER, labels="012"):
    rows = [[labels[i], *PIXELS[i].ravel()] for i in range(3)]
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def write_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_folder(path, files):
    for name, content in files.items():
        write(path / name, content)
    return path


KAGGLE = {"sign_mnist_train/sign_mnist_train.csv": table(), "american.png": png(0)}
IMAGES = {"A/0.png": png(0), "B/1.png": png(1), "C/2.png": png(2)}
ROWS = [{"content": f"{c}/{i}.png", "label": c} for i, c in enumerate("ABC")]
# Each with the reader that it is for; the names say nothing
CASES = {
    "Kaggle's zip": (lambda p: write_zip(p / "x", KAGGLE), load_sign_mnist),
    "Kaggle's folder": (lambda p: write_folder(p / "x", KAGGLE), load_sign_mnist),
    "Kaggle's header": (lambda p: write(p / "x", table(labels=CODES)), load_sign_mnist),
    "its byte order mark": (
        lambda p: write(p / "x", "\ufeff" + table(labels=CODES)),
        load_sign_mnist,
    ),
    "its header in other words": (
        lambda p: write(p / "x", table("L" + HEADER[1:], CODES)),
        load_sign_mnist,
    ),
    "its header and semicolons": (
        lambda p: write(p / "x", table(labels=CODES).replace(",", ";")),
        load_sign_mnist,
    ),
    "its header in UTF-16": (
        lambda p: write(p / "x", table(labels=CODES).encode("utf-16")),
        load_sign_mnist,
    ),
    "its names in capitals": (
        lambda p: write_zip(p / "x", {"SIGN_MNIST_TRAIN.CSV": table()}),
        load_sign_mnist,
    ),
    "CSV": (lambda p: write(p / "x", table("a" + HEADER, "ABC")), load_csv),
    "CSV without header": (lambda p: write(p / "x", table("0" + ",1" * 784)), load_csv),
    "gzipped CSV": (
        lambda p: write(p / "x", gzip.compress(table("a" + HEADER).encode())),
        load_csv,
    ),
    "zipped CSV": (
        lambda p: write_zip(p / "x", {"a.csv": table(), "__MACOSX/._a.csv": "x"}),
        load_csv,
    ),
    "JSON": (
        lambda p: write(write_folder(p, IMAGES) / "x", json.dumps(ROWS)),
        load_json,
    ),
    "JSON lines": (
        lambda p: write(
            write_folder(p, IMAGES) / "x", "\n".join(map(json.dumps, ROWS))
        ),
        load_json,
    ),
    "JSON with data URLs": (
        lambda p: write(
            p / "x",
            json.dumps([{"label": "A", "content": "data:image/png;base64," + text(0)}]),
        ),
        load_json,
    ),
    "base64 by letter": (
        lambda p: write(p / "x", json.dumps({"A": text(0), "B": text(1)}, indent=2)),
        load_base64,
    ),
    "base64 in a list": (
        lambda p: write(p / "x", json.dumps([{"A": text(0)}, {"A": text(1)}])),
        load_base64,
    ),
    "base64 in rows": (
        lambda p: write(p / "x", json.dumps([{"label": "A", "image": text(0)}])),
        load_base64,
    ),
    "base64 with escapes": (
        lambda p: write(p / "x", json.dumps({"A": text(0)}).replace("/", r"\/")),
        load_base64,
    ),
    "folders": (lambda p: write_folder(p / "x", IMAGES), load_image_folder),
    "folders of images without endings": (
        lambda p: write_folder(p / "x", {"A/a": png(0), ".git/b.png": "x"}),
        load_image_folder,
    ),
    "zipped folders": (lambda p: write_zip(p / "x", IMAGES), load_image_folder),
}


@pytest.mark.parametrize("case", CASES)
def test_the_loader_of_the_format_is_used(tmp_path, case):
    make, reader = CASES[case]
    path = make(tmp_path)
    found, expected = load_samples(path), reader(path)
    assert found.format == reader.__name__.removeprefix("load_")
    assert len(found.format_reason) > 10
    assert found.DESCR.startswith(expected.DESCR)
    assert found.format_reason in found.DESCR
    np.testing.assert_array_equal(found.images, expected.images)
    np.testing.assert_array_equal(found.target, expected.target)
    X, y = load_samples(str(path), return_X_y=True)
    np.testing.assert_array_equal(X, expected.data)
    np.testing.assert_array_equal(y, expected.target)


def test_options_reach_the_loader(tmp_path):
    files = {f"sign_mnist_{part}.csv": table() for part in ("train", "test")}
    folder = write_folder(tmp_path / "kaggle", files)
    assert len(load_samples(folder, subset="all").target) == 6
    hands = write_folder(tmp_path / "hands", {**IMAGES, "A/bad.png": "x"})
    bunch = load_samples(hands, image_size=(4, 5), color=True, on_error="report")
    assert bunch.images.shape == (3, 4, 5, 3)
    assert len(bunch.rejected) == 1


def test_options_of_another_format_raise(tmp_path):
    path = write_folder(tmp_path / "x", IMAGES)
    message = (
        r"x was read as a folder or zip .* \(a folder whose sub-folders hold "
        r"images\), and its loader has no option 'subset'; it has image_size, "
    )
    with pytest.raises(ValueError, match=message):
        load_samples(path, subset="test")


def of_pickle(path):
    return write(path, pickle.dumps([1]))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: write(p, b""), "it is empty"),
        (lambda p: write(p, b" \n"), "it is empty"),
        (lambda p: write(p, b"hello"), "its first line has no comma, .*: 'hello'"),
        (lambda p: write(p, b"\0\1\2"), "something that starts b'.x00.x01.x02'"),
        (
            lambda p: write(p, png(0)),
            "PNG image; a data set has one folder of images",
        ),
        (lambda p: write(p, b"\0\0\0\x18ftypheic"), "a HEIC image.*saved as JPEG"),
        (lambda p: write(p, b"<html>, or so"), "HTML"),
        (lambda p: write(p, '[{"a": 1}]'), "JSON that starts"),
        (lambda p: write(p, gzip.compress(b"{}")), "gzipped JSON; unpack it"),
        (of_pickle, "a pickle, which can run code and is never loaded"),
        (lambda p: write_zip(p, {"a.txt": "x"}), "the zip holds a.txt"),
        (lambda p: write_zip(p, {}), "the zip holds nothing"),
        (lambda p: write_folder(p, {"a.png": png(0)}), "the folder holds a.png"),
        (lambda p: p.mkdir() or p, "the folder holds nothing"),
    ],
)
def test_what_is_not_known_is_described(tmp_path, make, reason):
    with pytest.raises(ValueError, match=f"unknown format: .*{reason}") as e:
        load_samples(make(tmp_path / "x"))
    words = ["Sign Language MNIST", "CSV", "'content'", "base64", "folder", ".npz"]
    assert all(word in str(e.value) for word in words)


def test_what_is_damaged(tmp_path):
    with pytest.raises(ValueError, match="x cannot be read as a zip"):
        load_samples(write(tmp_path / "x", b"PK\3\4" + bytes(50)))
    with pytest.raises(ValueError, match="y cannot be read as a gzip"):
        load_samples(write(tmp_path / "y", b"\x1f\x8b" + bytes(50)))
    with pytest.raises(FileNotFoundError, match="There is no file or folder"):
        load_samples(tmp_path / "none")


@pytest.mark.slow
def test_tensorflow_is_not_imported(tmp_path):
    path = write_folder(tmp_path / "x", IMAGES)
    script = (
        "import sys; from skl_signlang.datasets import load_samples; "
        f"load_samples({str(path)!r}); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


# --- .npz ---------------------------------------------------------------------------


def save(path, **arrays):
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return path


@pytest.mark.parametrize(
    ("n_values", "hint"),
    [(785, "One column fewer makes 28 x 28"), (60, "one pixel")],
)
def test_rows_that_are_not_squares_warn(tmp_path, n_values, hint):
    X = np.arange(3 * n_values).reshape(3, -1) % 256
    with pytest.warns(UserWarning, match=rf"rows of {n_values} values.*{hint}"):
        bunch = load_samples(save(tmp_path / "x", X=X, y=[*"ABC"]))
    assert bunch.images.shape == (3, 1, n_values)


def test_arrays_in_another_order_have_a_flat_view_too(tmp_path):
    images = np.asfortranarray(PIXELS)
    bunch = load_samples(save(tmp_path / "x", images=images, y=[*"ABA"]))
    np.testing.assert_array_equal(bunch.images, PIXELS)
    assert np.shares_memory(bunch.images, bunch.data)


@pytest.mark.parametrize("images", ["images", "X", "data"])
@pytest.mark.parametrize("target", ["letters", "target", "labels", "y"])
def test_arrays_by_their_usual_names(tmp_path, images, target):
    arrays = {images: PIXELS, target: [*"ABA"], "groups": [7, 7, 8], "note": [1]}
    bunch = load_samples(save(tmp_path / "x", **arrays))
    assert bunch.format == "npz"
    np.testing.assert_array_equal(bunch.images, PIXELS)
    assert np.shares_memory(bunch.images, bunch.data)
    assert bunch.target.tolist() == [*"ABA"]
    assert bunch.target_names.tolist() == ["A", "B"]
    assert bunch.groups.tolist() == [7, 7, 8]
    assert "Not read: note" in bunch.DESCR


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (PIXELS.reshape(3, -1), (3, 28, 28)),
        (PIXELS[..., np.newaxis], (3, 28, 28)),
        (np.stack([PIXELS] * 3, axis=-1), (3, 28, 28, 3)),
        (np.stack([PIXELS] * 3, axis=-1).reshape(3, -1), (3, 28, 28, 3)),
        (PIXELS.astype(np.int64), (3, 28, 28)),
        (PIXELS.astype(np.float32), (3, 28, 28)),
    ],
)
def test_forms_of_images(tmp_path, given, shape):
    bunch = load_samples(save(tmp_path / "x", X=given, y=[1, 2, 3]))
    assert bunch.images.shape == shape
    assert bunch.images.dtype == np.uint8
    assert bunch.groups is None
    np.testing.assert_array_equal(bunch.data, given.reshape(3, -1))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"y": [1]}, "holds the arrays y; expected one of images, X, data"),
        ({"X": PIXELS}, "holds the arrays X; expected one of letters, target"),
        ({"X": PIXELS, "y": [1, 2]}, r"y: has shape \(2,\); expected \(3,\)"),
        ({"X": PIXELS, "y": np.eye(3)}, r"y: has shape \(3, 3\)"),
        ({"X": PIXELS, "y": [1.5, 2, 3]}, "y: has dtype float64"),
        ({"X": PIXELS, "y": [*"ABC"], "groups": [1]}, "groups: has shape"),
        ({"X": PIXELS / 255, "y": [1, 2, 3]}, "X: has values from .* integers"),
        ({"X": PIXELS + np.nan, "y": [1, 2, 3]}, "X: has values from nan"),
        ({"X": PIXELS.astype(int) - 1, "y": [1, 2, 3]}, "X: has values from -1"),
        ({"X": PIXELS.astype(str), "y": [1, 2, 3]}, "X: has dtype <U3"),
        ({"X": PIXELS[0, 0], "y": [1, 2, 3]}, r"X: has shape \(28,\)"),
        ({"X": PIXELS[:0], "y": []}, r"X: has shape \(0, 28, 28\)"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=rf"x.*{message}"):
        load_samples(save(tmp_path / "x", **arrays))


class Explosive:
    def __reduce__(self):
        return exec, ("raise SystemExit('code of a file was run')",)


@pytest.mark.parametrize("name", ["X", "y", "groups"])
def test_object_arrays_raise(tmp_path, name):
    arrays = {"X": PIXELS, "y": [*"ABC"], "groups": [1, 2, 3]}
    arrays[name] = np.array([Explosive()] * 3, dtype=object)
    path = save(tmp_path / "x", **arrays)
    with pytest.raises(ValueError, match=f"{name}: cannot be read, it holds objects"):
        load_samples(path)


def test_sizes_that_lie_or_are_too_large(tmp_path, monkeypatch):
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6)}
    np.lib.format.write_array_header_1_0(file, header)
    path = write_zip(tmp_path / "x", {"X.npy": file.getvalue(), "y.npy": b""})
    with pytest.raises(ValueError, match=r"X: cannot be read, its header declares"):
        load_samples(path)
    monkeypatch.setattr(_npz, "MAX_BYTES", 3 * 784)
    with pytest.raises(ValueError, match=r"unpacks to .* at most 2,352 are read"):
        load_samples(save(tmp_path / "y", X=PIXELS, y=[1, 2, 3]))


def test_digits_of_a_public_set(shared_data):
    bunch = load_samples(shared_data("sign_digits.npz"))
    assert bunch.format == "npz"
    assert bunch.images.shape == (2062, 64, 64)
    assert bunch.target_names.tolist() == [*range(10)]
    assert "Not read: filename" in bunch.DESCR


def test_sign_language_mnist_itself(shared_data):
    bunch = load_samples(shared_data("sign-language-mnist.zip"), subset="test")
    assert bunch.format == "sign_mnist"
    assert len(bunch.images) == 7172


@pytest.mark.parametrize("name", ["base64_list.json", "base64_mapping.json"])
def test_files_of_the_courses(shared_data, name):
    bunch = load_samples(shared_data(f"formats/{name}"))
    assert bunch.format == "base64"
    assert bunch.images.shape[1:] == (28, 28)


# --- whatever bytes there are ---------------------------------------------------------


def seeds():
    npz = io.BytesIO()
    np.savez(npz, X=PIXELS, y=[*"ABC"])
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as archive:
        for name, content in IMAGES.items():
            archive.writestr(name, content)
    kaggle = io.BytesIO()
    with zipfile.ZipFile(kaggle, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sign_mnist_train.csv", table())
    packed = [file.getvalue() for file in (npz, folder, kaggle)]
    rows = json.dumps({"A": text(0)}).encode()
    return [*packed, rows, gzip.compress(b"A,1,2,3,4"), b""]


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@settings(max_examples=N_EXAMPLES, database=None)
@pytest.mark.fuzz
@given(
    st.sampled_from(seeds()),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=5),
    st.binary(max_size=20),
)
def test_damaged_files_give_samples_or_a_clear_error(tmp_path, content, flips, more):
    content = bytearray(content + more)
    for position, value in flips[: len(content)]:
        content[position % len(content)] = value
    path = write(tmp_path / "x", bytes(content))
    try:
        bunch = load_samples(path)
    except ValueError as error:
        reason = str(error)
    else:
        reason = bunch.format
        assert len(bunch.images) == len(bunch.target)
    assert reason in FORMATS or str(path) in reason
