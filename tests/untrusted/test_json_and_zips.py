"""JSON and zips of strangers: numbers are finite, and members are read in place."""

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skl_signlang._untrusted._budget import Budget
from skl_signlang._untrusted._parse_json import parse_json
from skl_signlang._untrusted._zips import StoredMember

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.text()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def parse(text, **options):
    return parse_json(text.encode(), 1 << 20, Budget(0), **options)


@given(VALUES)
def test_what_is_written_is_read(value):
    assert parse(json.dumps({"x": value})) == {"x": value}
    assert parse(json.dumps(value), kind=object) == value


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 41, "-" + "9" * 5000])
@pytest.mark.parametrize("with_nan", [False, True])
def test_numbers_that_no_float_or_word_holds(number, with_nan):
    with pytest.raises(ValueError, match=f"the number {number[:4]}.* is too large"):
        parse(f'{{"x": [{number}]}}', with_nan=with_nan)


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_only_in_files_of_ours(name):
    with pytest.raises(ValueError, match=f"{name} is not a number"):
        parse(f'{{"x": {name}}}')
    assert repr(parse(f'{{"x": {name}}}', with_nan=True)["x"]) == repr(float(name))


@given(st.lists(st.binary(max_size=100), min_size=1), st.integers(0, 200), st.data())
def test_a_member_is_read_in_place(contents, start, data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i, content in enumerate(contents):
            archive.writestr(f"member-{i}", content)
    chosen = data.draw(st.integers(0, len(contents) - 1))
    with zipfile.ZipFile(file) as archive:
        member = StoredMember(archive, archive.getinfo(f"member-{chosen}"))
        assert member.read() == contents[chosen]
        assert member.seek(0, 2) == len(contents[chosen])
        member.seek(start)
        assert member.read() == contents[chosen][start:]
