import gzip
import io
import os
import pickle
import tarfile
import urllib.error
from pathlib import Path

import keras
import numpy as np
import pytest

from skl_signlang.datasets import fetch_keras_dataset
from skl_signlang.datasets.reading import _keras_datasets

SHAPES = {
    "mnist": (28, 28),
    "fashion_mnist": (28, 28),
    "cifar10": (32, 32, 3),
    "cifar100": (32, 32, 3),
}
N_CLASSES = {"mnist": 10, "fashion_mnist": 10, "cifar10": 10, "cifar100": 100}


def make_part(name, n, seed):
    rng = np.random.RandomState(seed)
    images = rng.randint(0, 256, (n, *SHAPES[name])).astype(np.uint8)
    if "cifar" in name:
        # the channels lie first in Keras' files, and it gives a view with them last
        images = np.moveaxis(np.moveaxis(images, -1, 1).copy(), 1, -1)
    labels = np.resize(np.arange(N_CLASSES[name], dtype=np.uint8), n)
    return images, labels.reshape(-1, 1) if "cifar" in name else labels


@pytest.fixture(params=SHAPES)
def name(request):
    return request.param


@pytest.fixture
def parts(monkeypatch, name):
    parts = make_part(name, 200, 0), make_part(name, 100, 1)
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda: parts)
    return parts


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Keras' folder, and no network."""
    # Keras reads the variable on import
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    asked = []

    def fail(url, path, *arguments):
        asked.append((url, str(path)))
        raise urllib.error.URLError("no network here")

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", fail)
    return tmp_path, asked


def test_a_set_gives_a_bunch(name, parts):
    bunch = fetch_keras_dataset(name)
    np.testing.assert_array_equal(bunch.images, parts[0][0])
    assert bunch.images.dtype == np.uint8
    assert np.shares_memory(bunch.images, bunch.data)
    assert bunch.images.flags.c_contiguous
    assert bunch.images.flags.writeable
    assert bunch.data.shape == (200, np.prod(SHAPES[name]))
    assert bunch.target.shape == (200,)
    assert bunch.target_names.shape == (N_CLASSES[name],)
    assert bunch.groups is None
    assert len(bunch.DESCR.splitlines()) > 3


def test_subsets(name, parts):
    test = fetch_keras_dataset(name, subset="test")
    both = fetch_keras_dataset(name, subset="all")
    np.testing.assert_array_equal(test.images, parts[1][0])
    np.testing.assert_array_equal(
        both.images, np.concatenate([parts[0][0], test.images])
    )
    assert len(both.target) == 300


def test_X_and_y(name, parts):
    X, y = fetch_keras_dataset(name, return_X_y=True)
    np.testing.assert_array_equal(X, fetch_keras_dataset(name).data)
    np.testing.assert_array_equal(y, fetch_keras_dataset(name).target)


def test_targets_are_digits_or_names(monkeypatch):
    names = {
        "mnist": [0, 1, 9],
        "fashion_mnist": ["T-shirt/top", "Trouser", "Ankle boot"],
        "cifar10": ["airplane", "automobile", "truck"],
        "cifar100": ["apple", "aquarium_fish", "bottle"],
    }
    for name, expected in names.items():
        images, _ = make_part(name, 3, 0)
        part = images, np.array([0, 1, 9], np.uint8)
        load = lambda part=part: (part, part)  # noqa: E731
        monkeypatch.setattr(getattr(keras.datasets, name), "load_data", load)
        target = fetch_keras_dataset(name).target
        assert target.tolist() == expected
        assert target.dtype.kind == ("i" if name == "mnist" else "U")


def test_names_are_as_many_as_classes():
    for name, (names, _) in _keras_datasets._SETS.items():
        assert len(set(names)) == N_CLASSES[name]
    # The labels of CIFAR number the names in alphabetical order
    for name in ("cifar10", "cifar100"):
        names, _ = _keras_datasets._SETS[name]
        assert sorted(names) == list(names)


@pytest.mark.parametrize("name", ["cifar10"], indirect=True)
def test_channels_come_last_even_if_keras_has_them_first(name, parts, monkeypatch):
    first = tuple((images.transpose(0, 3, 1, 2), labels) for images, labels in parts)
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: first)
    bunch = fetch_keras_dataset(name)
    np.testing.assert_array_equal(bunch.images, parts[0][0])
    assert np.shares_memory(bunch.images, bunch.data)


def test_error_without_network_says_what_to_put_where(name, home):
    folder, asked = home
    with pytest.raises(OSError, match=f"Keras cannot load {name}: URL fetch") as error:
        fetch_keras_dataset(name)
    told = str(error.value)
    assert "no network here" in told
    [(url, path)] = asked
    assert f"{url}\n    as {path}" in told
    assert path.startswith(str(folder / "datasets"))
    assert told.count("https://") == 1 + (4 if name == "fashion_mnist" else 1)


def make_fashion(folder, n=20, labels=None):
    folder = folder / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    images, found = make_part("fashion_mnist", n, 0)
    labels = found if labels is None else labels
    for part in ("train", "t10k"):
        for kind, content in [
            ("labels-idx1", bytes(8) + labels.tobytes()),
            ("images-idx3", bytes(16) + images.tobytes()),
        ]:
            path = folder / f"{part}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(content))
    return images


def test_files_that_the_user_put_there(home):
    folder, asked = home
    images = make_fashion(folder)
    np.testing.assert_array_equal(fetch_keras_dataset("fashion_mnist").images, images)
    assert fetch_keras_dataset("fashion_mnist").images.flags.writeable
    assert asked == []


def test_damaged_file(home):
    folder, _ = home
    make_fashion(folder)
    path = folder / "datasets" / "fashion-mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-99])
    with pytest.raises(
        OSError, match=r"cannot load fashion_mnist: .* download manually"
    ):
        fetch_keras_dataset("fashion_mnist")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_not_waited_for(name, home):
    folder, asked = home
    path = folder / "datasets" / next(iter(_keras_datasets._FILES[name]))
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(OSError, match="is a named pipe") as error:
        fetch_keras_dataset(name)
    assert str(path) in str(error.value)
    assert asked == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("name", ["cifar10"], indirect=True)
def test_no_archive_is_unpacked_into_a_pipe(name, home):
    path = home[0] / "datasets" / "cifar-10-batches-py-target" / "x" / "data_batch_1"
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(OSError, match="data_batch_1 is a named pipe"):
        fetch_keras_dataset(name)


def test_what_unpacks_without_an_end_is_not_unpacked(home):
    folder, asked = home
    make_fashion(folder)
    path = folder / "datasets" / "fashion-mnist" / "train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(bytes(1 << 20)) * 60)
    with pytest.raises(OSError, match=f"{path} unpacks to more than 47,040,016 bytes"):
        fetch_keras_dataset("fashion_mnist")
    assert asked == []


def test_a_file_that_is_too_large_is_not_read(home):
    path = home[0] / "datasets" / "mnist.npz"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(OSError, match="at most 268,435,456 are read"):
        fetch_keras_dataset("mnist")


def test_label_of_no_class(home):
    make_fashion(home[0], labels=np.full(20, 10, np.uint8))
    with pytest.raises(OSError, match="label 10 is not one of its 10 classes"):
        fetch_keras_dataset("fashion_mnist")


@pytest.mark.parametrize("name", ["mnist"], indirect=True)
def test_images_of_another_shape(name, monkeypatch):
    part = np.zeros((3, 8, 8), np.uint8), np.zeros(3, np.uint8)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: (part, part))
    with pytest.raises(OSError, match=r"of shape \(3, 8, 8\).*expected uint8 of shape"):
        fetch_keras_dataset(name)


class Mark:
    """A pickle that leaves a mark when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    ("name", "archive", "member"),
    [
        ("cifar10", "cifar-10-batches-py-target", "cifar-10-batches-py/data_batch_1"),
        ("cifar100", "cifar-100-python-target", "cifar-100-python/train"),
    ],
    indirect=["name"],
)
def test_pickle_of_a_wrong_hash_is_not_read(name, archive, member, home):
    folder, asked = home
    content = pickle.dumps(Mark(folder / "mark"))
    datasets = folder / "datasets"
    unpacked = datasets / archive / member
    unpacked.parent.mkdir(parents=True)
    unpacked.write_bytes(content)
    with tarfile.open(datasets / f"{archive}_archive", "w:gz") as file:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        file.addfile(info, io.BytesIO(content))
    with pytest.raises(OSError, match=f"Keras cannot load {name}: URL fetch failure"):
        fetch_keras_dataset(name)
    assert len(asked) == 1
    assert not Path(folder, "mark").exists()


def test_npz_of_a_wrong_hash_is_not_read(home):
    folder, asked = home
    (folder / "datasets").mkdir()
    images, labels = make_part("mnist", 20, 0)
    arrays = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}
    np.savez(folder / "datasets" / "mnist.npz", **arrays)
    with pytest.raises(OSError, match="Keras cannot load mnist: URL fetch failure"):
        fetch_keras_dataset("mnist")
    assert len(asked) == 1


@pytest.mark.parametrize(
    "wrong", [{"name": "imdb"}, {"subset": "valid"}, {"return_X_y": "yes"}]
)
def test_wrong_parameters(wrong):
    with pytest.raises(ValueError, match=f"The '{next(iter(wrong))}' parameter"):
        fetch_keras_dataset(**{"name": "mnist", **wrong})
