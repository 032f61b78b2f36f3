"""Files of MediaPipe's hand landmark models."""

import hashlib
import io
from functools import lru_cache
from pathlib import Path

from sklearn.datasets import get_data_home

from skl_signlang._fetch import fetch
from skl_signlang._files import check_path, open_regular, read_at_most, write_whole

FILES = {"full": "hand_landmark_full.tflite", "lite": "hand_landmark_lite.tflite"}
"""File names of the models."""

FOLDER = "hand_landmarks"
"""Folder of the models in scikit-learn's data home."""

# Hashes of the files in this npm package (Apache-2.0)
_SHA256 = {
    "full": "8c026882c9ec059ce0f8e75266bee5a9a23c341a40e0000df755374d3d1b9b68",
    "lite": "d7fde8ac11f8ce03f8663775bfc323f4fc9f2a38062b4f4efa142874ef5b2a48",
}
_PACKAGE = "@mediapipe/hands@0.4.1675469240"
_SOURCES = (
    f"https://cdn.jsdelivr.net/npm/{_PACKAGE}/",
    f"https://unpkg.com/{_PACKAGE}/",
)
_MAX_BYTES = 16 << 20

_contents = {}


def find_model(model):
    """Return the name and content of a model, downloaded if missing.

    Only known SHA-256 hashes, because the C++ runtime does not validate models.
    """
    if model not in FILES:
        path = check_path(model)
        if not path.exists():
            raise FileNotFoundError(
                f"There is no file {path}; model must be 'full', 'lite' or the path of "
                f"{' or '.join(FILES.values())}."
            )
        status = path.stat()
        model = _identify(path, status.st_size, status.st_mtime_ns)
    elif model not in _contents:
        _contents[model] = _load_from_data_home(model)
    return model, _contents[model]


@lru_cache(maxsize=32)
def _identify(path, size, mtime):
    """Return the name of the model in a file, cached by size and time."""
    content = _read(path)
    for name in FILES:
        if _hash(content) == _SHA256[name]:
            _contents.setdefault(name, content)
            return name
    raise ValueError(_wrong_file(path, content))


def _load_from_data_home(name):
    """Load a model from the data home, downloaded if missing."""
    path = Path(get_data_home(), FOLDER, FILES[name])
    if not path.exists():
        return _download(name, path)
    content = _read(path)
    if _hash(content) != _SHA256[name]:
        raise ValueError(_wrong_file(path, content))
    return content


def _download(name, path):
    """Download a model from the first available source, and store it."""
    reasons = []
    for source in _SOURCES:
        url, file = source + FILES[name], io.BytesIO()
        try:
            fetch(url, file, max_bytes=_MAX_BYTES)
            found = _hash(file.getvalue())
            if found == _SHA256[name]:
                path.parent.mkdir(parents=True, exist_ok=True)
                with write_whole(path) as stored:
                    stored.write(file.getvalue())
                return file.getvalue()
            reasons.append(f"{url}: its SHA-256 is {found}")
        # requests' errors, a file too long, a folder that cannot be written to
        except (OSError, ValueError) as error:
            reasons.append(f"{url}: {error}")
    reasons = "".join(f"\n  {reason.rstrip('.')}." for reason in reasons)
    raise FileNotFoundError(
        f"MediaPipe's {path.name} is not in {path.parent} and could not be downloaded. "
        f"Put it there, or pass its path: HandLandmarks(model=PATH). It is in the "
        f"npm package {_PACKAGE}; its SHA-256 is {_SHA256[name]}.{reasons}"
    )


def _read(path):
    """Read a file up to the maximum size of a model."""
    with open_regular(path, expected="a model, a .tflite file") as file:
        return read_at_most(file, _MAX_BYTES)


def _hash(content):
    return hashlib.sha256(content).hexdigest()


def _wrong_file(path, content):
    """Return the message for a file with a wrong SHA-256."""
    expected = " or ".join(f"{_SHA256[name]} ({FILES[name]})" for name in FILES)
    return (
        f"{path} is not a known hand landmark model of MediaPipe, or is "
        f"damaged: its SHA-256 is {_hash(content)}, expected {expected}. Move it "
        f"away, or replace it by the one of the npm package {_PACKAGE}."
    )
