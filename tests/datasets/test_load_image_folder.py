import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skl_signlang.datasets import load_image_folder
from skl_signlang.datasets.reading import _archives, _decoded_images
from skl_signlang.datasets.reading import _image_records as _image_files

N_EXAMPLES = int(os.environ.get("SKL_SIGNLANG_FUZZ", "150"))
FILES = ["A/1.png", "A/10.png", "A/2.png", "B/deep/er/1.png", "B/z.png"]


def image(seed=0, shape=(6, 8)):
    return np.random.RandomState(seed).randint(0, 256, shape, dtype=np.uint8)


def encode(pixels, kind="PNG", **more):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **more)
    return file.getvalue()


def write(root, files):
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def write_zip(path, files, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def png_header(width, height):
    """A PNG that says how large it is and holds next to nothing."""

    def chunk(name, body):
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + data + chunk(b"IEND", b"")


@pytest.fixture
def files():
    return {name: encode(image(seed)) for seed, name in enumerate(FILES)}


@pytest.fixture(params=["folder", "zip"])
def put(request, tmp_path):
    """A function that makes a folder, or a zip of it, of these files."""

    def make(files):
        if request.param == "zip":
            return write_zip(tmp_path / "hands.zip", files)
        return write(tmp_path / "hands", files)

    return make


# --- what arrives ---------------------------------------------------------------------


def test_classes_are_folders_and_the_order_is_that_of_names(put, files):
    bunch = load_image_folder(put(dict(reversed(files.items()))))
    assert bunch.filenames.tolist() == FILES
    assert bunch.target.tolist() == [*"AAABB"]
    assert bunch.target_names.tolist() == ["A", "B"]
    expected = np.stack([image(seed) for seed in range(5)])
    np.testing.assert_array_equal(bunch.images, expected)
    np.testing.assert_array_equal(bunch.data, expected.reshape(5, -1))
    assert bunch.images.dtype == np.uint8
    assert np.shares_memory(bunch.images, bunch.data)
    assert bunch.groups is None
    assert "rejected" not in bunch
    assert "5 images of 2 classes, 6 x 8 pixels, gray" in bunch.DESCR


@pytest.mark.parametrize("wrapper", ["hands/", "a/b/c/"])
def test_a_wrapping_folder_is_no_class(put, files, wrapper):
    wrapped = {wrapper + name: content for name, content in files.items()}
    bunch = load_image_folder(put({**wrapped, f"{wrapper}.DS_Store": b"x"}))
    assert bunch.target.tolist() == [*"AAABB"]
    assert bunch.filenames.tolist() == [wrapper + name for name in FILES]


def test_one_class_is_no_wrapper(put):
    bunch = load_image_folder(put({"A/1.png": encode(image())}))
    assert bunch.target.tolist() == ["A"]


def test_sizes_formats_and_modes_come_together(put):
    gray = np.full((30, 40), 100, np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    bunch = load_image_folder(
        put(
            {
                "A/a.png": encode(gray),
                "A/b.jpg": encode(np.full((90, 50, 3), 100, np.uint8), "JPEG"),
                "A/c.tif": encode(np.full((5, 5), 100 * 257, np.uint16), "TIFF"),
                "A/d.bin": encode(gray, "GIF"),
                "B/e.jpeg": encode(gray, "JPEG", exif=exif),
            }
        ),
        image_size=(7, 9),
    )
    assert bunch.images.shape == (5, 7, 9)
    assert np.abs(bunch.images.astype(int) - 100).max() <= 1
    assert len(bunch.target) == 5


def test_one_number_is_a_square(put, files):
    assert load_image_folder(put(files), image_size=7).images.shape == (5, 7, 7)


def test_orientation_is_that_of_the_camera(put):
    exif = Image.Exif()
    exif[0x0112] = 6
    found = load_image_folder(put({"A/1.png": encode(image(), exif=exif)}))
    np.testing.assert_array_equal(found.images[0], np.rot90(image(), -1))


def test_color(put):
    pixels = image(shape=(4, 5, 3))
    path = put({"A/1.png": encode(pixels), "B/2.png": encode(image(1, (4, 5)))})
    bunch = load_image_folder(path, color=True)
    assert bunch.images.shape == (2, 4, 5, 3)
    assert bunch.data.shape == (2, 60)
    np.testing.assert_array_equal(bunch.images[0], pixels)


def test_X_and_y(put, files):
    path = put(files)
    X, y = load_image_folder(path, return_X_y=True)
    bunch = load_image_folder(str(path))
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)


@pytest.mark.parametrize("n_jobs", [2, 3, -1])
@pytest.mark.parametrize("cached", [False, True])
def test_threads_change_nothing(put, n_jobs, cached, tmp_path):
    files = {f"{i % 3}/{i:03}.png": encode(image(i)) for i in range(60)}
    files["1/bad.png"] = b"no image"
    path, more = put(files), {"cache": tmp_path / "cache"} if cached else {}
    one = load_image_folder(path, on_error="report")
    many = load_image_folder(path, on_error="report", n_jobs=n_jobs, **more)
    np.testing.assert_array_equal(one.images, many.images)
    assert one.filenames.tolist() == many.filenames.tolist()
    assert one.rejected.equals(many.rejected)


@pytest.mark.parametrize("n_jobs", [1, 2, 4])
def test_threads_do_not_run_far_ahead(n_jobs):
    begun = []
    results = _decoded_images.in_threads(begun.append, range(100), n_jobs)
    for n_taken, _ in enumerate(results, start=1):
        assert len(begun) <= n_taken + 2 * n_jobs


# --- files of systems, and others -----------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["A/Thumbs.db", "A/.DS_Store", "__MACOSX/A/._1.png", "desktop.ini", ".git/x/y.png"],
)
def test_files_of_systems_are_passed_over(put, files, name):
    bunch = load_image_folder(put({**files, name: b"x"}), on_error="report")
    assert len(bunch.target) == 5
    assert bunch.rejected.empty


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("A/notes.png", b"hello", "not an image that can be read .*starts b'hello'"),
        ("A/photo", encode(image())[:60], "damaged"),
        ("A/photo", encode(image(), "TIFF")[:-60], "not an image|damaged"),
        ("A/0.png", b"", "empty, 0 bytes"),
        ("A/0.png", encode(image())[:60], "damaged"),
        ("A/0.png", png_header(100_000, 10_000), "more than"),
        ("0.jpg", b"x", "is not in a class folder; expected CLASS/0.jpg"),
        ("A/0.avif", b"\0\0\0\x18ftypavif\0\0", "an AVIF image.*save it as JPEG"),
        ("0.png", encode(image()), "is not in a class folder"),
    ],
)
def test_bad_files_are_errors_or_reported(put, files, name, content, reason):
    path = put({**files, name: content})
    with pytest.raises(ValueError, match=rf"hands.*, {name}: .*{reason}"):
        load_image_folder(path)
    bunch = load_image_folder(path, on_error="report")
    assert bunch.filenames.tolist() == FILES
    assert bunch.rejected.position.tolist() == [name]
    assert bunch.rejected.file.tolist() == [str(path)]
    assert bunch.rejected.reason.str.contains(reason).all()
    assert "1 files could not be read" in bunch.DESCR


@pytest.mark.parametrize("wrapper", ["", "hands/"])
def test_files_beside_the_classes_are_skipped_and_listed(put, files, wrapper):
    files = {f"{wrapper}{name}": content for name, content in files.items()}
    beside = ["LICENSE", f"{wrapper}README.md", f"{wrapper}data.yaml"]
    path = put({**files, **dict.fromkeys(beside, b"x"), ".DS_Store": b"x"})
    bunch = load_image_folder(path)
    assert bunch.target.tolist() == [*"AAABB"]
    assert bunch.skipped == beside
    assert f"Skipped, as no\npart of a class: {', '.join(beside)}." in bunch.DESCR
    assert load_image_folder(path, on_error="report").rejected.empty


@pytest.mark.parametrize("wrapper", ["", "hands/"])
def test_files_of_other_kinds_in_class_folders_are_skipped_with_a_warning(
    put, files, wrapper
):
    files = {f"{wrapper}{name}": content for name, content in files.items()}
    more = {f"{wrapper}A/photo": encode(image(9)), f"{wrapper}B/y": b"P5\n1 1\n255\n0"}
    others = {
        f"{wrapper}A/deep/sound.wav": b"RIFF\1\0\0\0WAVEfmt ",
        f"{wrapper}A/empty": b"",
        f"{wrapper}A/notes.txt": b"BMW, GIF and P5",
        f"{wrapper}C/labels.csv": b"a,b",
    }
    system = dict.fromkeys((f"{wrapper}A/Thumbs.db", f"{wrapper}B/.DS_Store"), b"x")
    path = put({**files, **more, **others, **system})
    message = rf"hands.*: 4 files in class folders skipped, .*: {wrapper}A/deep/sound.w"
    with pytest.warns(UserWarning, match=message) as warned:
        bunch = load_image_folder(path, image_size=5)
    assert len(warned) == 1
    assert bunch.target.tolist() == [*"AAAABBB"]
    assert bunch.skipped == [*others]


def test_folders_without_an_image_are_named(put):
    path = put({"A/notes.txt": b"x", "B/more.txt": b"y"})
    with pytest.raises(ValueError, match=r"no class folder with images.*A/notes\.txt"):
        load_image_folder(path)


def test_empty_folders_are_skipped_and_listed(tmp_path, files):
    folder = write(tmp_path / "hands", files)
    (folder / "C" / "deep").mkdir(parents=True)
    archive = write_zip(tmp_path / "hands.zip", files)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.mkdir("C/deep")
    assert load_image_folder(folder).skipped == ["C/", "C/deep/"]
    assert load_image_folder(archive).skipped == ["C/deep/"]


def test_folders_named_by_integers(put):
    path = put({f"{code:02}/1.png": encode(image(code)) for code in (1, 8, 9, 23)})
    assert load_image_folder(path).target.tolist() == ["01", "08", "09", "23"]
    assert load_image_folder(path, codes="dense").target.tolist() == [*"BIKY"]
    with pytest.raises(ValueError, match=r"1 to 23.* codes='dense' .* or codes='one-b"):
        load_image_folder(path, codes="auto")
    bunch = load_image_folder(path, codes="alphabet", on_error="report")
    assert bunch.target.tolist() == [*"BIX"]
    assert bunch.rejected.position.tolist() == ["09/1.png"]
    assert "folder is '09'. Codes must be 0 to 24" in bunch.rejected.reason[0]


def test_too_many_bytes(put, files, monkeypatch):
    monkeypatch.setattr(_decoded_images, "MAX_BYTES", 500)
    path = put({**files, "A/0.png": encode(image(shape=(50, 50)))})
    bunch = load_image_folder(path, on_error="report")
    assert bunch.rejected.position.tolist() == ["A/0.png"]
    assert "at most 500 are read" in bunch.rejected.reason[0]


def test_not_one_good_file(put):
    path = put({"A/1.png": b"x", "B/2.png": b"y"})
    with pytest.raises(ValueError, match=r"none of 2 records .* A/1\.png"):
        load_image_folder(path, on_error="report")


def test_nothing_at_all(put):
    with pytest.raises(ValueError, match="holds no file; expected CLASS/IMAGE"):
        load_image_folder(put({".hidden/1.png": b"x"}))


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("on_error", ["raise", "report"])
def test_other_sizes_are_named(put, files, cached, on_error, tmp_path):
    more = {"cache": tmp_path / "cache"} if cached else {}
    path = put({**files, "B/0.png": encode(image(shape=(6, 9)))})
    message = (
        r"A/1\.png has 6 x 8 pixels and B/0\.png 6 x 9 \(height x width\); "
        r"pass image_size"
    )
    with pytest.raises(ValueError, match=message):
        load_image_folder(path, on_error=on_error, **more)
    assert not cached or not any((tmp_path / "cache").iterdir())
    assert load_image_folder(path, image_size=(6, 8), **more).images.shape == (6, 6, 8)


@pytest.mark.parametrize(
    "tops",
    [
        ("train", "test"),
        ("asl_train", "asl_test"),
        ("Training", "validation"),
        ("train", "valid", "words"),
    ],
)
def test_splits_are_no_classes(put, files, tops):
    path = put(
        {f"{top}/{name}": c for top in tops for name, c in files.items()}
        | {"data.yaml": b"x"}
    )
    with pytest.raises(ValueError, match=f"{min(tops)}.* splits rather than classes"):
        load_image_folder(path)


def test_words_that_resemble_splits_may_be_classes(put):
    files = {f"{top}/1.png": encode(image()) for top in ("contest", "test", "train")}
    assert len(load_image_folder(put(files)).target_names) == 3


@pytest.mark.parametrize("wrong", [(28,), (0, 28), (28.0, 28), (10**5, 10**5), ()])
def test_wrong_image_size(put, files, wrong):
    with pytest.raises(ValueError, match=r"image_size must be .*\(height, width\)"):
        load_image_folder(put(files), image_size=wrong)


def test_no_such_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file or folder .*none"):
        load_image_folder(tmp_path / "none")


def test_a_report_needs_a_bunch(put, files):
    with pytest.raises(ValueError, match="exclude each other"):
        load_image_folder(put(files), on_error="report", return_X_y=True)


# --- folders --------------------------------------------------------------------------


def test_links_are_followed_within_the_folder_only(tmp_path, files):
    root = write(tmp_path / "hands", files)
    secret = write(tmp_path / "else", {"A/secret.png": encode(image())})
    (root / "A" / "inside.png").symlink_to(root / "B" / "z.png")
    (root / "A" / "outside.png").symlink_to(secret / "A" / "secret.png")
    (root / "A" / "nowhere.png").symlink_to(root / "none.png")
    (root / "A" / "round.png").symlink_to(root / "A" / "round.png")
    (root / "C").symlink_to(secret / "A")
    (root / "A" / "up").symlink_to(root)
    os.mkfifo(root / "A" / "pipe.png")
    bunch = load_image_folder(root, on_error="report")
    assert set(bunch.filenames) == {*FILES, "A/inside.png"}
    reasons = dict(zip(bunch.rejected.position, bunch.rejected.reason, strict=True))
    assert "outside of the folder" in reasons.pop("A/outside.png")
    assert "dangling link" in reasons.pop("A/nowhere.png")
    assert "dangling link" in reasons.pop("A/round.png")
    assert "not a regular file" in reasons.pop("A/pipe.png")
    assert "link to a folder" in reasons.pop("A/up")
    assert list(reasons) == ["C"]


def test_a_link_to_the_folder_itself_is_followed(tmp_path, files):
    write(tmp_path / "hands", files)
    (tmp_path / "link").symlink_to(tmp_path / "hands")
    assert len(load_image_folder(tmp_path / "link").target) == 5


def test_deep_folders(tmp_path):
    deep = "d/" * 900
    path = write(tmp_path / "h", {f"A/{deep}1.png": encode(image())})
    write(path, {"B/1.png": encode(image())})
    assert load_image_folder(path).target.tolist() == ["A", "B"]


# --- zips -----------------------------------------------------------------------------


def test_a_zip_of_windows(tmp_path):
    path = write_zip(tmp_path / "hands.zip", {r"hands\A\1.png": encode(image())})
    bunch = load_image_folder(path)
    assert bunch.filenames.tolist() == ["hands/A/1.png"]


def test_members_that_are_not_unpacked(tmp_path, files):
    path = tmp_path / "hands.zip"
    good = encode(image())
    write_zip(path, {**files, "../A/evil.png": good, "/A/root.png": good})
    link = zipfile.ZipInfo("A/link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("A\\1.png", good)
        archive.writestr("A/bz2.png", good, zipfile.ZIP_BZIP2)
        archive.writestr(link, "/etc/passwd")
    bunch = load_image_folder(path, on_error="report")
    assert bunch.filenames.tolist() == sorted([*FILES, "A/root.png"])
    reasons = dict(zip(bunch.rejected.position, bunch.rejected.reason, strict=True))
    assert "outside of the zip" in reasons.pop("../A/evil.png")
    assert "a member of this name already" in reasons.pop("A/1.png (member 8)")
    assert "compressed by method 12" in reasons.pop("A/bz2.png")
    assert "it is a link, which is not followed in a zip" in reasons.pop("A/link.png")
    assert not reasons


def test_a_lying_size_and_a_wrong_checksum_are_bad_records(tmp_path, files):
    path = write_zip(tmp_path / "hands.zip", files, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(files["A/2.png"]) + 50] ^= 255
    path.write_bytes(content)
    bunch = load_image_folder(path, on_error="report")
    assert bunch.rejected.position.tolist() == ["A/2.png"]
    assert "cannot be unpacked: Bad CRC-32" in bunch.rejected.reason[0]


def test_an_encrypted_member_is_a_bad_record(tmp_path, files):
    path = write_zip(tmp_path / "hands.zip", files)
    content = bytearray(path.read_bytes())
    first_entry = content.index(b"PK\x01\x02")
    content[first_entry + 8] |= 1
    path.write_bytes(content)
    bunch = load_image_folder(path, on_error="report")
    assert "password required" in bunch.rejected.reason[0]


def test_a_bomb_is_not_unpacked(tmp_path, files):
    path = write_zip(tmp_path / "hands.zip", {**files, "A/0.png": bytes(70 << 20)})
    bunch = load_image_folder(path, on_error="report")
    assert "it has 73,400,320 bytes; at most 67,108,864" in bunch.rejected.reason[0]


def test_too_many_members(tmp_path, files, monkeypatch):
    monkeypatch.setattr(_image_files, "MAX_MEMBERS", 4)
    with pytest.raises(ValueError, match="has 5 members; at most 4 are read"):
        load_image_folder(write_zip(tmp_path / "hands.zip", files))


def test_too_long_a_list_of_members(tmp_path, files, monkeypatch):
    monkeypatch.setattr(_archives, "_MAX_LIST_BYTES", 100)
    with pytest.raises(ValueError, match=r"hands\.zip .* list of members has 2\d\d by"):
        load_image_folder(write_zip(tmp_path / "hands.zip", files))


def test_what_is_no_zip(tmp_path):
    (tmp_path / "hands.zip").write_bytes(b"hello")
    with pytest.raises(ValueError, match=r"hands\.zip cannot be read as a zip"):
        load_image_folder(tmp_path / "hands.zip")


# --- larger than memory ---------------------------------------------------------------


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "somewhere" / "cache"


@pytest.fixture
def n_decoded(monkeypatch):
    """A list with an entry for each image that was decoded."""
    seen, decode = [], _decoded_images.decode_image

    def counting(content, **more):
        seen.append(len(content))
        return decode(content, **more)

    monkeypatch.setattr(_decoded_images, "decode_image", counting)
    return seen


def test_the_cache_is_a_read_only_memory_map(put, files, cache, n_decoded):
    path = put({**files, "A/bad.png": b"x", "0.png": b"y"})
    plain = load_image_folder(path, on_error="report")
    n_decoded.clear()
    for n in (6, 6):
        mapped = load_image_folder(path, cache=cache, on_error="report")
        assert isinstance(mapped.images, np.memmap)
        assert isinstance(mapped.data, np.memmap)
        assert not mapped.images.flags.writeable
        assert np.shares_memory(mapped.images, mapped.data)
        assert mapped.DESCR == plain.DESCR
        assert mapped.rejected.equals(plain.rejected)
        for key in ("images", "data", "target", "filenames"):
            np.testing.assert_array_equal(mapped[key], plain[key])
        assert len(n_decoded) == n
    with pytest.raises(ValueError, match=r"0\.png: it is not in a class folder"):
        load_image_folder(path, cache=cache)
    assert len(n_decoded) == 6


def test_what_changed_is_decoded_anew(tmp_path, files, cache, n_decoded):
    root = write(tmp_path / "hands", files)
    load_image_folder(root, cache=cache)
    content = encode(image(99))
    content += bytes(len(files["A/2.png"]) - len(content))
    (root / "A" / "2.png").write_bytes(content)
    os.utime(root / "A" / "2.png", ns=(0, 5))
    found = load_image_folder(root, cache=cache)
    np.testing.assert_array_equal(found.images[2], image(99))
    (root / "A" / "2.png").unlink()
    assert len(load_image_folder(root, cache=cache).images) == 4
    assert len(n_decoded) == 5 + 5 + 4
    assert len(list(cache.glob("*.npy"))) == 1
    load_image_folder(root, cache=cache, color=True)
    load_image_folder(root, cache=cache, image_size=(3, 3))
    assert len(n_decoded) == 14 + 8
    load_image_folder(root, cache=cache)
    load_image_folder(root, cache=cache, color=True)
    assert len(n_decoded) == 22
    assert len(list(cache.glob("*.npy"))) == len(list(cache.glob("*.json"))) == 3


def test_a_changed_zip_is_decoded_anew(tmp_path, cache):
    for seed in (0, 1):
        path = write_zip(tmp_path / "hands.zip", {"A/1.bmp": encode(image(seed))})
        os.utime(path, (0, 0))
        found = load_image_folder(path, cache=cache)
        np.testing.assert_array_equal(found.images[0], image(seed))


def test_a_map_stays_as_it_was_when_the_cache_changes(tmp_path, files, cache):
    root = write(tmp_path / "hands", files)
    before = load_image_folder(root, cache=cache).images
    (root / "A" / "1.png").write_bytes(encode(image(77)))
    load_image_folder(root, cache=cache)
    np.testing.assert_array_equal(before[0], image(0))


DAMAGES = ("npy cut", "npy gone", "npy other", "npy huge", "json", "list")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_decoded_anew(put, files, cache, n_decoded, damage):
    path = put(files)
    load_image_folder(path, cache=cache)
    images, manifest = next(cache.glob("*.npy")), next(cache.glob("*.json"))
    if damage == "npy cut":
        images.write_bytes(images.read_bytes()[:-1])
    elif damage == "npy gone":
        images.unlink()
    elif damage == "npy other":
        np.save(images, np.array([{}], dtype=object), allow_pickle=True)
    elif damage == "npy huge":
        content = images.read_bytes().replace(b"(5, ", b"(5000000000, ", 1)
        images.write_bytes(content.replace(b" " * 9, b"", 1))
    else:
        key = json.loads(manifest.read_text())["key"]
        manifest.write_text('{"key"' if damage == "json" else json.dumps([key]))
    again = load_image_folder(path, cache=cache)
    assert len(n_decoded) == 10
    np.testing.assert_array_equal(again.images[4], image(4))


def test_an_interruption_leaves_nothing(put, files, cache, monkeypatch):
    def interrupt(*args, **more):
        raise KeyboardInterrupt

    path = put(files)
    monkeypatch.setattr(_decoded_images, "decode_image", interrupt)
    for n_jobs in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            load_image_folder(path, cache=cache, n_jobs=n_jobs)
    assert not any(cache.iterdir())


def test_the_cache_lies_outside(tmp_path, files):
    root = write(tmp_path / "hands", files)
    for inside in (root, root / "A" / "cache", root / ".." / "hands" / "x"):
        with pytest.raises(ValueError, match="cache must lie outside of"):
            load_image_folder(root, cache=inside)


def test_room_on_disk_and_in_memory_is_checked_first(
    tmp_path, files, cache, monkeypatch
):
    root = write(tmp_path / "hands", files)
    monkeypatch.setattr(_decoded_images, "MAX_BYTES_IN_MEMORY", 5 * 48 - 1)
    with pytest.raises(ValueError, match=r"5 images of 6 x 8 .* or cache=FOLDER"):
        load_image_folder(root)
    assert len(load_image_folder(root, cache=cache).images) == 5
    usage = type("Usage", (), {"free": 5 * 108 - 1})
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    with pytest.raises(OSError, match=r"take up to .* MB, but .* MB left"):
        load_image_folder(root, cache=cache, image_size=(9, 12))


@pytest.mark.slow
def test_memory_stays_bounded_while_the_cache_is_made(tmp_path):
    path = tmp_path / "hands.zip"
    content = encode(np.zeros((1000, 1000), np.uint8))
    write_zip(path, {f"A/{i}.png": content for i in range(200)})
    script = f"""
import resource
from skl_signlang.datasets import load_image_folder
load_image_folder({str(path)!r}, image_size=(2, 2), n_jobs=2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
bunch = load_image_folder({str(path)!r}, cache={str(tmp_path / "cache")!r}, n_jobs=2)
assert bunch.images.nbytes == 200_000_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 40_000


# --- whatever bytes there are ---------------------------------------------------------


def outcome(path):
    """Load what may be damaged; only ValueError and rows in ``rejected`` may come."""
    try:
        bunch = load_image_folder(path, on_error="report", image_size=4)
    except ValueError:
        return 0
    assert len(bunch.images) == len(bunch.target) == len(bunch.filenames) > 0
    assert bunch.images.shape[1:] == (4, 4)
    assert (bunch.rejected.reason.str.len() > 10).all()
    return len(bunch.images) + len(bunch.rejected)


KINDS = {
    kind: encode(image(shape=(12, 20)), kind)
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP")
}
flips = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6
)
fuzz = settings(max_examples=N_EXAMPLES, database=None)


def damage(content, flips, cut=None):
    content = bytearray(content)
    for position, value in flips:
        content[position % len(content)] = value
    return bytes(content[:cut])


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@fuzz
@pytest.mark.fuzz
@given(st.sampled_from(sorted(KINDS)), flips, st.none() | st.integers(0, 300))
def test_damaged_images(tmp_path, kind, flips, cut):
    files = {"A/bad.png": damage(KINDS[kind], flips, cut), "B/good.png": KINDS["PNG"]}
    assert outcome(write(tmp_path / "hands", files)) == 2


def seed_zip():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("A/1.png", KINDS["PNG"], zipfile.ZIP_STORED)
        archive.writestr("B/2.png", KINDS["BMP"], zipfile.ZIP_DEFLATED)
    return file.getvalue()


ZIP = seed_zip()
DIRECTORY = ZIP.index(b"PK\x01\x02")


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@fuzz
@pytest.mark.fuzz
@given(flips, st.booleans(), st.none() | st.integers(0, len(ZIP)))
def test_damaged_zips(tmp_path, flips, only_directory, cut):
    flips = [
        (DIRECTORY + p % (len(ZIP) - DIRECTORY) if only_directory else p, value)
        for p, value in flips
    ]
    path = Path(tmp_path, "hands.zip")
    path.write_bytes(damage(ZIP, flips, cut))
    outcome(path)


@fuzz
@pytest.mark.fuzz
@given(st.binary(max_size=200))
def test_any_bytes_as_a_zip(tmp_path, content):
    path = Path(tmp_path, "hands.zip")
    path.write_bytes(content)
    assert outcome(path) == 0


@fuzz
@pytest.mark.fuzz
@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
            min_size=1,
            max_size=20,
        )
        | st.sampled_from(
            ["../../a/b.png", "/", "//x//1.png", "C:\\x\\1.png", "a/./1"]
        ),
        min_size=1,
        max_size=4,
        unique=True,
    )
)
def test_any_names_in_a_zip(tmp_path, names):
    path = Path(tmp_path, "hands.zip")
    write_zip(path, dict.fromkeys(names, KINDS["PNG"]))
    outcome(path)
    assert [child.name for child in tmp_path.iterdir()] == ["hands.zip"]
