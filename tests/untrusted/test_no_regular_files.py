"""Readers refuse what is not a regular file, and do not wait for it."""

import os
import socket
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skl_signlang import DenseClassifier
from skl_signlang._files import open_regular, read_regular
from skl_signlang._image_files import read_image_file
from skl_signlang.callbacks import TensorBoard
from skl_signlang.cli._run_folder import run_folder
from skl_signlang.datasets import (
    fetch_sign_mnist,
    load_base64,
    load_csv,
    load_image_folder,
    load_json,
    load_samples,
    load_sign_mnist,
)
from skl_signlang.export._exported import open_exported
from skl_signlang.inference import LetterPredictor
from skl_signlang.model_selection._search_checkpoint import SearchCheckpoint
from skl_signlang.persistence import card, load
from skl_signlang.preprocessing import ImageDecoder
from skl_signlang.preprocessing._hand_model_files import find_model


def pipe(path):
    os.mkfifo(path)


def link_to_pipe(path):
    os.mkfifo(f"{path}.fifo")
    path.symlink_to(f"{path}.fifo")


def device(path):
    path.symlink_to("/dev/zero")


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(path.parent)  # the paths of sockets are short
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def loop(path):
    path.symlink_to(path)


KINDS = {
    pipe: "named pipe",
    link_to_pipe: "named pipe",
    device: "character device",
    a_socket: "socket",
}
READERS = {
    "open_regular": lambda path: open_regular(path).__enter__(),
    "read_regular": lambda path: read_regular(path, 10),
    "read_image_file": read_image_file,
    "load_base64": load_base64,
    "load_csv": load_csv,
    "load_image_folder": load_image_folder,
    "load_json": load_json,
    "load_samples": load_samples,
    "load_sign_mnist": load_sign_mnist,
    "load_sign_mnist, all": lambda path: load_sign_mnist(path, subset="all"),
    "ImageDecoder": lambda path: ImageDecoder().transform([path]),
    "ImageDecoder, text": lambda path: ImageDecoder().transform([str(path)]),
    "find_model": find_model,
    "load": load,
    "load, weights": lambda path: load(path, weights=path),
    "card": card,
    "LetterPredictor": LetterPredictor,
    "open_exported": open_exported,
}


@pytest.mark.parametrize("make", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ["a", "a.csv.gz", "a.zip"])
def test_it_is_refused_by_what_it_is(tmp_path, make, reader, name):
    make(tmp_path / name)
    with pytest.raises(ValueError, match=KINDS[make]):
        READERS[reader](tmp_path / name)


@pytest.mark.parametrize("reader", [name for name in READERS if name[0] == "l"])
@pytest.mark.parametrize("name", ["/proc/self/mem", "/proc/kmsg", "a\0b"])
def test_errors_of_reading_name_the_file(reader, name):
    if "\0" not in name and not os.path.exists(name):
        pytest.skip(f"needs {name}")
    with pytest.raises((OSError, ValueError)) as caught:
        READERS[reader](name)
    assert name in str(caught.value) or repr(name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["sign_mnist_train.csv", "sign_mnist_test.csv"])
def test_in_a_folder_it_is_not_found(tmp_path, name):
    os.mkfifo(tmp_path / name)
    for reader in (load_sign_mnist, load_samples):
        with pytest.raises((FileNotFoundError, ValueError), match=name):
            reader(tmp_path)


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_in_a_zip_it_is_refused(tmp_path, kind):
    for name, reader in (
        ("sign_mnist_train.csv", load_sign_mnist),
        ("a.csv", load_csv),
        ("A/1.png", load_image_folder),
    ):
        member = zipfile.ZipInfo(name)
        member.external_attr = (kind | 0o644) << 16
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(member, "label,pixel1\n")
        with pytest.raises(ValueError, match="is a link, a pipe or a device"):
            reader(tmp_path / "a.zip")


@pytest.mark.parametrize("make", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("ending", ["json", "npy"])
def test_it_is_not_read_from_a_cache_of_images(tmp_path, make, ending):
    folder, cache = tmp_path / "images", tmp_path / "cache"
    Path(folder, "A").mkdir(parents=True)
    Image.new("L", (4, 4)).save(folder / "A" / "1.png")
    load_image_folder(folder, cache=cache)
    (cached,) = cache.glob(f"*.{ending}")
    cached.unlink()
    make(cached)
    with pytest.raises(
        ValueError,
        match=f"{cached.name} cannot be written: it exists and is not a file",
    ):
        load_image_folder(folder, cache=cache)


@pytest.mark.parametrize("make", [*KINDS, loop], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("cache", lambda path: load_image_folder(path.parent / "images", cache=path)),
        ("cache", lambda path: load_json(path.parent / "records.json", cache=path)),
        ("data_home", lambda path: fetch_sign_mnist(data_home=path)),
        ("resume_dir", lambda path: SearchCheckpoint(path, {})),
    ],
)
def test_it_is_not_taken_for_a_folder(tmp_path, make, name, reader):
    make(tmp_path / "x")
    (tmp_path / "images" / "A").mkdir(parents=True)
    Image.new("L", (4, 4)).save(tmp_path / "images" / "A" / "1.png")
    (tmp_path / "records.json").write_text('{"content": "images/A/1.png", "label": 1}')
    with pytest.raises(ValueError, match=f"{name}='.*x' is not a folder"):
        reader(tmp_path / "x")


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("cache", lambda path: load_image_folder(path, cache="")),
        ("cache", lambda path: load_json(path / "records.json", cache="")),
        ("data_home", lambda path: fetch_sign_mnist(data_home="")),
        ("resume_dir", lambda path: SearchCheckpoint("", {})),
        ("checkpoint_dir", lambda path: fit_nothing(checkpoint_dir="")),
        ("log_dir", lambda path: TensorBoard("").build()),
        ("--out", lambda path: run_folder("").__enter__()),
    ],
)
def test_no_name_is_not_the_current_folder(name, use, tmp_path, monkeypatch):
    (tmp_path / "A").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "A" / "1.png")
    (tmp_path / "records.json").write_text('{"content": "A/1.png", "label": 1}')
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(ValueError, match=f"^{name} must name a folder; got ''"):
        use(tmp_path)
    assert not [*Path.cwd().iterdir()]


def fit_nothing(**params):
    return DenseClassifier(epochs=1, **params).fit(np.eye(4), [0, 1, 0, 1])


@pytest.mark.parametrize("name", ["results", "training"])
def test_parts_of_a_search_are_folders(name, tmp_path):
    SearchCheckpoint(tmp_path, {})
    (tmp_path / name).rmdir()
    (tmp_path / name).touch()
    with pytest.raises(ValueError, match=f"{name}='.*' is not a folder"):
        SearchCheckpoint(tmp_path, {})


def test_only_states_of_a_search_are_deleted(tmp_path):
    checkpoint = SearchCheckpoint(tmp_path, {})
    others = {"a-b-c.npz", "1-2-3-4.npz", "1-0-1.npz.bak", "--1-0.npz", "8-0-1.npz"}
    for name in (*others, "1-0-1.npz"):
        (tmp_path / "training" / name).touch()
    checkpoint.delete_states([1])
    assert {path.name for path in (tmp_path / "training").iterdir()} == others


@pytest.mark.parametrize("n_bytes", [0, 1 << 40])
def test_what_is_not_a_cache_of_images_is_written_anew(tmp_path, n_bytes):
    folder, cache = tmp_path / "images", tmp_path / "cache"
    Path(folder, "A").mkdir(parents=True)
    Image.new("L", (4, 4), 9).save(folder / "A" / "1.png")
    load_image_folder(folder, cache=cache)
    for path in cache.iterdir():
        with path.open("wb") as file:
            file.truncate(n_bytes)
        images = load_image_folder(folder, cache=cache).images
        assert np.array_equal(images, np.full((1, 4, 4), 9))


def test_a_file_that_a_pipe_replaces_is_not_waited_for(tmp_path, monkeypatch):
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_bytes(b"")
    os.mkfifo(pipe)
    about = os.stat(file)
    monkeypatch.setattr("skl_signlang._files.os.stat", lambda path: about)
    with pytest.raises(ValueError, match="is a named pipe"):
        read_regular(pipe, 10)


def test_sparse_files_are_refused_by_their_size(tmp_path):
    for name, reader in (
        ("a.csv", load_csv),
        ("sign_mnist_train.csv", load_sign_mnist),
        ("a.json", load_json),
        ("b.json", load_base64),
    ):
        with Path(tmp_path, name).open("wb") as file:
            file.truncate(1 << 40)
        with pytest.raises(ValueError, match=r"1,099,511,627,776 bytes; at most"):
            reader(tmp_path / name)


def test_a_file_is_read_to_its_bound(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"hand")
    assert read_regular(path, 4) == b"hand"
    with pytest.raises(ValueError, match="file has 4 bytes; at most 3 are read"):
        read_regular(path, 3)
    with pytest.raises(FileNotFoundError, match=r"There is no file .*none"):
        read_regular(tmp_path / "none", 3)
