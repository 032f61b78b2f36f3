import base64
import io
import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skl_signlang._base64_text import decode_base64
from skl_signlang.datasets import load_base64
from skl_signlang.datasets.reading import _json_records, _labeled_images

N_EXAMPLES = int(os.environ.get("SKL_SIGNLANG_FUZZ", "100"))


def image_file(value=7, size=(5, 4), mode="L"):
    file = io.BytesIO()
    value = value if mode == "L" else (value, 0, 0)
    Image.new(mode, size[::-1], value).save(file, "PNG")
    return file.getvalue()


def encode(content):
    return base64.b64encode(content).decode()


A, B, C = (encode(image_file(value)) for value in (10, 20, 30))
URL = f"data:image/png;base64,{C}"


@pytest.fixture
def write(tmp_path):
    def write(content, name="letters.json"):
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        if isinstance(content, str):
            content = content.encode()
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def values(bunch):
    return bunch.images[:, 0, 0].tolist()


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


# The forms


@pytest.mark.parametrize(
    "content",
    [
        {"a": A, "b": B, "c": C},
        [{"a": A}, {"b": B, "c": URL}],
        [{"image": A, "label": "a"}, {"image": B, "label": "b", "id": 1}, {"c": C}],
        lines({"image": A, "label": "a"}, {"label": "b", "image": B}, {"c": URL}),
        lines({"a": A}, {"b": B, "c": C}),
        "\r\n\r\n".join(json.dumps(record) for record in [{"a": A, "b": B}, {"c": C}]),
        json.dumps({"a": A, "b": B, "c": C}, indent=2),
        json.dumps([{"a": A}, {"b": B, "c": C}], indent=2),
    ],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "mark"])
def test_all_forms_say_the_same(write, content, mark):
    content = content if isinstance(content, str) else json.dumps(content)
    bunch = load_base64(write(mark + content.encode()))
    assert bunch.target.tolist() == ["a", "b", "c"]
    assert values(bunch) == [10, 20, 30]


def test_bunch(write):
    bunch = load_base64(write({"b": B, "a": A}))
    assert bunch.images.shape == (2, 5, 4)
    assert bunch.images.dtype == bunch.data.dtype == np.uint8
    assert np.shares_memory(bunch.images, bunch.data)
    assert bunch.target_names.tolist() == ["a", "b"]
    assert bunch.groups is None
    assert "letters.json" in bunch.DESCR
    assert "rejected" not in bunch


def test_return_X_y(write):
    X, y = load_base64(write({"b": B, "a": A}), return_X_y=True)
    assert X.shape == (2, 20)
    assert y.tolist() == ["b", "a"]


@pytest.mark.parametrize(("image_size", "size"), [(3, (3, 3)), ((2, 6), (2, 6))])
def test_image_size_and_color(write, image_size, size):
    path = write({"a": A, "b": encode(image_file(50, (9, 9), "RGB"))})
    bunch = load_base64(path, image_size=image_size, color=True)
    assert bunch.images.shape == (2, *size, 3)
    assert bunch.images[:, 0, 0].tolist() == [[10, 10, 10], [50, 0, 0]]


def test_repeated_key_is_two_images(write):
    bunch = load_base64(write(f'{{"a": "{A}", "b": "{B}", "a": "{C}"}}'))
    assert bunch.target.tolist() == ["a", "b", "a"]
    assert values(bunch) == [10, 20, 30]


@pytest.mark.parametrize(
    ("labels", "dtype_kind", "expected"),
    [([2, -1], "i", [2, -1]), ([2, "b"], "U", ["2", "b"]), (["2", "1"], "U", None)],
)
def test_labels_as_they_stand(write, labels, dtype_kind, expected):
    rows = [{"image": A, "label": label} for label in labels]
    target = load_base64(write(rows)).target
    assert target.dtype.kind == dtype_kind
    assert target.dtype == np.int64 or dtype_kind == "U"
    assert target.tolist() == (expected or labels)


@pytest.mark.parametrize("name", ["base64_mapping.json", "base64_list.json"])
def test_files_of_the_course(shared_data, name):
    bunch = load_base64(shared_data(f"formats/{name}"))
    assert len(bunch.images) == {"base64_mapping.json": 1, "base64_list.json": 2}[name]
    assert bunch.images.shape[1:] == (28, 28)
    assert set(bunch.target) == {"b"}


# What is wrong with one record


BAD_RECORDS = [
    ({"image": A}, "no 'label'; expected 'image' and 'label', each once"),
    ({"label": "a"}, "no 'image'"),
    ({"image": 5, "label": "a"}, "the image is 5; expected base64 text"),
    ({"a": None}, r"key 1 \('a'\): the image is null"),
    ({"a": [A]}, "the image is a list"),
    ({"a": {"b": A}}, "the image is an object"),
    ({"a": ""}, "base64 text is empty"),
    ({"a": A + "\n"}, r"character \d+ of \d+ is '\\n'; expected A-Z"),
    ({"a": "ab c" + A}, r"character 3 of \d+ is ' '"),
    ({"a": A.rstrip("=") + "A" * (len(A) % 4 + 1) + "==="}, "at most two ="),
    ({"a": A.replace("i", "-")}, "is '-'.*URL-safe"),
    ({"a": "ab\N{LATIN SMALL LETTER E WITH ACUTE}d"}, "character 3 of 4"),
    ({"a": "aaaaa"}, "5 characters, not a multiple of four"),
    ({"a": "aGFuZA=="}, "not an image that can be read.*b'hand'"),
    ({"a": encode(b"<html>no</html>")}, "an HTML page"),
    ({"a": encode(image_file()[:50])}, "damaged"),
    ({"a": f"data:image/png,{A}"}, "not base64; expected data:image"),
    ({"a": f"data:image/png;base64{A}"}, "expected data:image"),
    ({"a": f"data:text/html;base64,{A}"}, "holds 'text/html'; expected image"),
    ({"a": "data:image/png;base64,"}, "is empty"),
    ({"a": f"data:image/png;base64, {A}"}, r"character 23 of \d+ is ' '"),
    ({"a": f"data:;base64,{A.replace('=', '%3D')}%"}, "percent-encoding"),
    ({"": A}, "the label is ''; expected 1 to 100 printable characters"),
    ({" ": A}, "the label is ' '"),
    ({"a\0": A}, "the label is"),
    ({"a" * 101: A}, "expected 1 to 100"),
    ({"image": A, "label": "\ud800"}, "the label is"),
    ({"image": A, "label": None}, "the label is null; expected a string or an integer"),
    ({"image": A, "label": True}, "the label is true"),
    ({"image": A, "label": 1.5}, "the label is 1.5"),
    ({"image": A, "label": float("nan")}, "the label is nan"),
    ({"image": A, "label": float("inf")}, "the label is inf"),
    ({"image": A, "label": 2**63}, "too large for 64 bits"),
    ({"image": A, "label": ["a"]}, "the label is a list"),
    ({}, "got an empty object; expected"),
    ([], "got a list; expected"),
    ("a", "got 'a'; expected"),
    (None, "got null"),
    (7, "got 7"),
]


@pytest.mark.parametrize(("record", "reason"), BAD_RECORDS, ids=lambda value: "")
@pytest.mark.parametrize("form", ["item", "line"])
def test_bad_record(write, record, reason, form):
    records = [{"a": A}, record, {"c": C}]
    path = write(records if form == "item" else lines(*records))
    with pytest.raises(ValueError, match=rf"letters.json, {form} 2[:,].*{reason}"):
        load_base64(path)
    bunch = load_base64(path, on_error="report")
    assert bunch.target.tolist() == ["a", "c"]
    assert bunch.rejected.columns.tolist() == ["file", "position", "reason"]
    [(file, position, found)] = bunch.rejected.itertuples(index=False)
    assert file == str(path)
    assert position.startswith(f"{form} 2")
    assert found.endswith(".")


@pytest.mark.parametrize("number", ["1e999", "9" * 500, "-" + "9" * 5000])
def test_numbers_beyond_measure(write, number):
    path = write(f'[{{"a": "{A}"}}, {{"image": "{A}", "label": {number}}}]')
    with pytest.raises(ValueError, match=r"item 2: the label is -?(inf|999)"):
        load_base64(path)


def test_repeated_field_of_a_row(write):
    path = write(f'[{{"image": "{A}", "label": "a", "label": "b"}}]')
    with pytest.raises(ValueError, match="item 1: the object has 2 'label'"):
        load_base64(path)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"b": ', "not JSON: column 6: Expecting value"),
        (b'{"b": "\xff"}', "byte 8 is not UTF-8"),
        (b'{"b": "x"} {}', "column 12: more after the end"),
        (b'{"b": ' + b"[" * 10**6, "nested too deeply"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_bad_line(write, bad, reason, first):
    good = [json.dumps({"a": A}).encode(), json.dumps({"c": C}).encode()]
    good.insert(0 if first else 1, bad)
    path = write(b"\n".join(good))
    with pytest.raises(ValueError, match=f"line {1 if first else 2}: .*{reason}"):
        load_base64(path)
    bunch = load_base64(path, on_error="report")
    assert bunch.target.tolist() == ["a", "c"]
    assert len(bunch.rejected) == 1


@pytest.mark.parametrize(
    ("rest", "position"),
    [
        ("", "item 3"),
        (",", "item 3"),
        (',\n {"c" "d"}]', "item 3: it is not JSON: line 2, column 7"),
        (", " + "[" * 10**6, "item 3: .*nested too deeply"),
        (' {"c": "d"}]', "item 3: .*expected a comma or ]"),
        ("] x", "item 3: .*more after the end of the list"),
    ],
)
def test_list_that_breaks_off_keeps_what_came_before(write, rest, position):
    path = write(f'[{{"a": "{A}"}}, {{"b": "{B}"}}{rest}')
    with pytest.raises(ValueError, match=position):
        load_base64(path)
    bunch = load_base64(path, on_error="report")
    assert bunch.target.tolist() == ["a", "b"]
    assert len(bunch.rejected) == 1


def test_line_that_is_too_long(write, monkeypatch):
    monkeypatch.setattr(_json_records, "MAX_LINE", 500)
    monkeypatch.setattr(_json_records, "_BLOCK", 70)
    long = json.dumps({"b": "A" * 2000})
    path = write("\n".join([json.dumps({"a": A}), long, json.dumps({"c": C})]))
    with pytest.raises(ValueError, match="line 2: the line has more than 500 bytes"):
        load_base64(path)
    bunch = load_base64(path, on_error="report")
    assert bunch.target.tolist() == ["a", "c"]


# What is wrong with the file


@pytest.mark.parametrize("on_error", ["raise", "report"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "letters.json: it is not JSON: column 1: Expecting value"),
        (" \n\n ", "not JSON: line 3, column 2"),
        ("[]", "got no record; expected images with labels"),
        ("hello", "not JSON"),
        ("{", "not JSON"),
        ("[" * 10**6, "nested too deeply"),
        ('{"a":' * 10**5, "nested too deeply"),
        (b"\xff\xfe[\0]\0", "byte 1 is not UTF-8"),
        ('[{"a": "AAAA"}]', "not an image"),
        ("5", "got 5"),
        ("NaN", "got nan"),
    ],
)
def test_bad_file(write, content, reason, on_error):
    with pytest.raises(ValueError, match=reason):
        load_base64(write(content), on_error=on_error)


def test_large_file_is_not_read(write, monkeypatch):
    monkeypatch.setattr(_json_records, "MAX_FILE", 10)
    with pytest.raises(ValueError, match=r"at most 10 are read"):
        load_base64(write({"a": A}))


@pytest.mark.parametrize("on_error", ["raise", "report"])
def test_images_that_need_too_much_memory(write, monkeypatch, on_error):
    monkeypatch.setattr(_labeled_images, "MAX_PIXEL_BYTES", 50)
    path = write({"a": A, "b": B, "c": C, "d": A})
    message = r"key 3 \('c'\): the decoded images need more than 50 bytes; pass a small"
    with pytest.raises(ValueError, match=message):
        load_base64(path, on_error=on_error)
    assert load_base64(path, image_size=3, on_error=on_error).images.shape == (4, 3, 3)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*absent\.json"):
        load_base64(tmp_path / "absent.json")
    with pytest.raises(ValueError, match="is a folder; expected a JSON file"):
        load_base64(tmp_path)


def test_sizes_that_differ(write):
    path = write([{"a": A}, {"b": B}, {"c": encode(image_file(1, (6, 8)))}])
    message = r"item 1, key 1 \('a'\) has 5 x 4 .*item 3.* 6 x 8 .*pass image_size"
    with pytest.raises(ValueError, match=message):
        load_base64(path)
    assert load_base64(path, image_size=5).images.shape == (3, 5, 5)


@pytest.mark.parametrize(
    "image_size", [(0, 3), (3,), (3, 3, 3), (2.5, 3), (10**5,) * 2]
)
def test_image_size_that_is_none(write, image_size):
    with pytest.raises(ValueError, match="image_size must be a number of pixels or"):
        load_base64(write({"a": A}), image_size=image_size)


@pytest.mark.parametrize(
    "wrong", [{"color": 2}, {"image_size": 0}, {"on_error": "x"}, {"return_X_y": 3}]
)
def test_parameters(write, wrong):
    with pytest.raises(ValueError, match=f"The '{next(iter(wrong))}' parameter"):
        load_base64(write({"a": A}), **wrong)


def test_report_needs_a_bunch(write):
    with pytest.raises(ValueError, match="exclude each other"):
        load_base64(write({"a": A}), on_error="report", return_X_y=True)


# Malformed input of any kind


text = st.one_of(
    st.text(max_size=20),
    st.sampled_from([A, B, URL, A[:-4], A[:20], "data:image/png;base64,", "image"]),
    st.binary(max_size=40).map(encode),
)
key = st.one_of(st.sampled_from(["a", "image", "label"]), st.text(max_size=5))
record = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(key, inner, max_size=3),
    max_leaves=8,
)
rows = st.one_of(record, st.fixed_dictionaries({"image": text, "label": record}))


@st.composite
def damaged_files(draw):
    """JSON in either form, cut, with bytes put in."""
    records = draw(st.lists(rows, max_size=4))
    content = lines(*records) if draw(st.booleans()) else json.dumps(records)
    content = content.encode()
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(content)))
        inserted = draw(st.binary(max_size=3))
        content = (
            content[:place] + inserted + content[place + draw(st.integers(0, 3)) :]
        )
    return (
        content[: draw(st.integers(0, len(content)))]
        if draw(st.booleans())
        else content
    )


@pytest.mark.slow
@settings(max_examples=N_EXAMPLES)
@pytest.mark.fuzz
@given(
    content=damaged_files() | st.binary(max_size=60), size=st.sampled_from([None, 3])
)
def test_any_file_is_read_or_a_value_error(tmp_path_factory, content, size):
    path = tmp_path_factory.getbasetemp() / "fuzz.json"
    path.write_bytes(content)
    try:
        bunch = load_base64(path, image_size=size, on_error="report")
    except ValueError:
        return
    assert len(bunch.images) == len(bunch.target) > 0
    assert bunch.images.dtype == np.uint8


@settings(max_examples=N_EXAMPLES)
@pytest.mark.fuzz
@given(
    content=st.binary(min_size=1, max_size=50), damage=st.text(min_size=1, max_size=2)
)
def test_decoding_undoes_encoding_and_nothing_else(content, damage):
    good = encode(content)
    assert decode_base64(good) == content
    assert decode_base64(f"data:;base64,{good}") == content
    assert decode_base64(f"DATA:image/X;a=b;BASE64,{good}") == content
    if not set(damage) <= set(f"{good}+/=") and not damage.isalnum():
        with pytest.raises(ValueError, match=r"expected A-Z|not a multiple of four"):
            decode_base64(damage + good)


def test_base64_text_that_is_too_long():
    with pytest.raises(ValueError, match="encodes 300 bytes; at most 200 are read"):
        decode_base64("A" * 400, max_bytes=200)
