import io
import zipfile

import pytest

from skl_signlang.datasets.reading._archives import check_member, list_files, open_zip


@pytest.fixture(scope="module")
def content():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/", "")
        archive.writestr("a/b.csv", "1,2\n" * 50)
        archive.writestr("a/é.csv", "1,2\n" * 50)
    return file.getvalue()


@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_whatever_is_damaged_is_one_error_that_names_the_zip(content, value, tmp_path):
    path, errors = tmp_path / "hands.zip", []
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
        try:
            with open_zip(path) as archive:
                for member in list_files(archive):
                    check_member(member, "it")
                    with archive.open(member) as file:
                        file.read()
        except ValueError as error:
            errors.append(str(error))
    assert len(errors) > len(content) / 4
    words = (
        "hands.zip cannot be read as a zip",
        "it is compressed by method",
        "it is a link, a pipe or a device",
    )
    assert not [error for error in errors if not any(word in error for word in words)]


def test_errors_of_the_block_are_its_own(content):
    with (
        pytest.raises(FileNotFoundError, match="mine"),
        open_zip(io.BytesIO(content)) as archive,
    ):
        raise FileNotFoundError(f"mine, beside {len(list_files(archive))} files")
    with pytest.raises(ValueError, match=r"^it cannot be read as a zip file"):
        open_zip(io.BytesIO(b"no zip"), "it").__enter__()
