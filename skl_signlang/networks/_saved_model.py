"""Backbones that are folders with a SavedModel, such as those of TF-Hub."""

import hashlib
import os
from pathlib import Path

import keras

from skl_signlang._errors import near_names
from skl_signlang._files import open_regular

MAX_BYTES = 4 << 30
"""Maximum bytes of a weights file or a file of a SavedModel."""

_MARK = "saved_model.pb"
_ENDPOINT = "serving_default"
_MAX_FILES, _MAX_BYTES = 10_000, 16 << 30


def is_saved_model(path):
    """Check whether a folder holds a SavedModel."""
    return Path(path, _MARK).is_file()


def hash_of(path, max_bytes=MAX_BYTES):
    """Compute one hash of a file, or of all files of a folder and their names."""
    path = Path(path)
    if not path.is_dir():
        with open_regular(path, max_bytes) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    lines = [
        f"{hash_of(file)} {file.relative_to(path).as_posix()}"
        for file in sorted(_files_of(path))
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _files_of(folder):
    """List the files of a folder, before any is opened."""
    home, files, n_bytes = folder.resolve(), [], 0
    for parent, folders, names in os.walk(folder, followlinks=False):
        for path in (Path(parent, name) for name in (*folders, *names)):
            inside = path.resolve().is_relative_to(home)
            status = path.stat() if inside else None
            linked = path.is_symlink() and path.is_dir()
            if not inside or linked or not (path.is_file() or path.is_dir()):
                raise ValueError(
                    f"{folder} holds {path.name}, which is a link or not a regular "
                    "file; expected the files of a SavedModel."
                )
            if path.is_file():
                files.append(path)
                n_bytes += status.st_size
        if len(files) > _MAX_FILES or n_bytes > _MAX_BYTES:
            raise ValueError(
                f"{folder} holds more than {_MAX_FILES:,} files or {_MAX_BYTES:,} "
                "bytes; expected a SavedModel."
            )
    return files


def load_saved_model(path):
    """Load a SavedModel as a layer, by its endpoint ``serving_default``."""
    try:
        layer = keras.layers.TFSMLayer(str(path), call_endpoint=_ENDPOINT)
    # TensorFlow raises errors of many types for damaged folders
    except Exception as error:
        raise ValueError(
            f"backbone={str(path)!r} cannot be loaded as a SavedModel with the "
            f"endpoint {_ENDPOINT!r}: {error}"
        ) from error
    layer.trainable = False
    _, inputs = layer.call_endpoint_fn.structured_input_signature
    shapes = [tuple(spec.shape) for spec in inputs.values() if spec.shape.rank == 4]
    if len(inputs) != 1 or not shapes:
        raise ValueError(
            f"backbone={str(path)!r} is not a network for images: its endpoint takes "
            f"{ {name: spec.shape for name, spec in inputs.items()} }."
        )
    return layer, shapes[0][1:]


def choose_output(outputs, name, path):
    """Return an output of a SavedModel by name."""
    if not isinstance(outputs, dict):
        outputs = {"output_0": outputs}
    if name is None and len(outputs) == 1:
        return next(iter(outputs.values()))
    if name is None:
        raise ValueError(
            f"backbone={str(path)!r} has several outputs; name one by backbone_layer: "
            f"{', '.join(sorted(outputs))}."
        )
    if name not in outputs:
        raise ValueError(
            f"backbone_layer={name!r} is not an output of the SavedModel {path}; "
            f"{near_names(name, list(outputs))}"
        )
    return outputs[name]
