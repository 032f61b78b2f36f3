"""Exported files: their runtimes and metadata."""

import io
import os
import zipfile
from collections import deque
from mmap import ACCESS_READ, mmap

import numpy as np

from skl_signlang._files import open_regular
from skl_signlang._image_files import RESIZE_MODES
from skl_signlang._image_shapes import normalize_image_shape
from skl_signlang._untrusted import (
    Budget,
    check_onnx,
    open_zip,
    parse_json,
    read_member,
    runtime_of,
    try_out,
)

METADATA = "metadata.json"
"""File of the metadata of LiteRT and SavedModel."""

_METADATA = ("letters", "image_shape", "fit", "n_features", "feature_names", "classes")
_MAX_BYTES, _MAX_WRITTEN = 1 << 30, 2 << 30  # the second is the limit of the formats
_MAX_LETTERS = 1 << 20  # characters in total
_MAX_METADATA_BYTES = 1 << 20
_INSTALL = 'is not installed; run pip install "skl_signlang[export]".'


def detect_exported(path):
    """Return the kind of an exported file by its first bytes, or None."""
    with open_regular(path) as file:
        return runtime_of(file.read(8))


def open_exported(path, trusted=False):
    """Open an exported file."""
    kind = {"onnx": OnnxModel, "litert": LitertModel}[detect_exported(path)]
    limit = _MAX_WRITTEN if trusted else _MAX_BYTES
    with open_regular(path, limit) as file:
        return _open(file, path, kind, trusted)


def _open(file, path, kind, trusted):
    """Open an exported file; one that is not trusted is read once it has run."""
    try:
        if not trusted:
            content = mmap(file.fileno(), 0, access=ACCESS_READ)
            if kind is OnnxModel:
                check_onnx(content)
            try_out(file, len(content), kind.backend)
            # the other process has moved the position, unknown to `file`
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        return kind(file.read())
    except ImportError:
        raise
    # runtimes raise errors of many types for damaged files
    except Exception as error:
        raise ValueError(
            f"{path} cannot be opened as an exported {kind.backend} file: {error}"
        ) from error


class ExportedModel:
    """Opened exported file, thread-safe."""

    n_features = feature_names = None

    def __init__(self, content):
        metadata = self._open(content)
        if "n_features" in metadata:
            self._init_of_tables(metadata)
            return
        letters = metadata.get("letters")
        known = isinstance(letters, list) and len(letters) > 1
        if not known or not all(isinstance(letter, str | int) for letter in letters):
            raise ValueError(
                "its metadata do not list its letters; expected a file written by "
                "skl_signlang.export.export."
            )
        if len(letters) * max(len(str(letter)) for letter in letters) > _MAX_LETTERS:
            raise ValueError("its metadata list too many letters, or too long ones.")
        self.classes = np.array(letters)
        self.image_shape = normalize_image_shape(metadata.get("image_shape"))
        self.resize_mode = metadata.get("fit", "crop")
        if self.resize_mode not in RESIZE_MODES:
            raise ValueError(
                f"its metadata have fit {self.resize_mode!r}; expected {RESIZE_MODES}."
            )
        if tuple(self._input_shape[1:]) != self.image_shape:
            raise ValueError(
                f"its metadata have image_shape {self.image_shape}, but its input has "
                f"{tuple(self._input_shape[1:])}."
            )
        found = self(np.zeros((1, *self.image_shape), np.uint8)).shape
        if found != (1, len(letters)):
            raise ValueError(
                f"its metadata name {len(letters)} letters, but its output has shape "
                f"{found}."
            )

    def _init_of_tables(self, metadata):
        n_features, classes = metadata["n_features"], metadata.get("classes")
        if type(n_features) is not int or n_features < 1:
            raise ValueError(f"its metadata name {n_features!r} features.")
        self.n_features, self.feature_names = n_features, metadata.get("feature_names")
        self.classes = None if classes is None else np.array(classes)
        self.image_shape = self.resize_mode = None
        found = self(np.zeros((1, n_features), np.float32)).shape
        if len(found) != 2 or (classes is not None and found[1] != len(classes)):
            raise ValueError(
                f"its metadata name the classes {classes}, but its output has shape "
                f"{found}."
            )


class OnnxModel(ExportedModel):
    """ONNX file, run by ONNX Runtime on the CPU."""

    backend = "onnx"

    def _open(self, content):
        try:
            import onnxruntime
        except ImportError as error:
            raise ImportError(f"ONNX Runtime {_INSTALL}") from error

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        # one image takes less time than starting other threads
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        (detail,) = self._session.get_inputs()
        self._input, self._input_shape = detail.name, detail.shape
        metadata = self._session.get_modelmeta().custom_metadata_map
        return {name: _parse(metadata[name]) for name in _METADATA if name in metadata}

    def __call__(self, images):
        """Predict probabilities."""
        return self._session.run(None, {self._input: images})[0]


class LitertModel(ExportedModel):
    """LiteRT file, run on one image at a time."""

    backend = "litert"

    def _open(self, content):
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ImportError(f"LiteRT {_INSTALL}") from error

        self._content, self._Interpreter = content, Interpreter
        # interpreters are not thread-safe
        interpreter = self._build()
        (detail,) = interpreter.get_input_details()
        self._input_shape = detail["shape"].tolist()
        self._idle = deque([interpreter], maxlen=os.cpu_count())
        return _read_metadata(content)

    def __call__(self, images):
        """Predict probabilities; see `OnnxModel`."""
        try:
            interpreter = self._idle.pop()
        except IndexError:
            interpreter = self._build()
        try:
            return _run_each(interpreter, images)
        finally:
            self._idle.append(interpreter)

    def _build(self):
        interpreter = self._Interpreter(model_content=self._content, num_threads=1)
        interpreter.allocate_tensors()
        return interpreter


def _run_each(interpreter, images):
    (source,) = (detail["index"] for detail in interpreter.get_input_details())
    (target,) = (detail["index"] for detail in interpreter.get_output_details())
    outputs = []
    for i in range(len(images)):
        interpreter.set_tensor(source, images[i : i + 1])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target))
    return np.concatenate(outputs)


def _parse(text):
    content = text.encode()
    budget = Budget(len(content))
    return parse_json(content, _MAX_METADATA_BYTES, budget, kind=object)


def _read_metadata(content):
    """Read the metadata in the zip at the end of a LiteRT file, if there is one."""
    budget = Budget(len(content))
    try:
        with open_zip(io.BytesIO(content), _MAX_METADATA_BYTES, budget) as opened:
            archive, members = opened
            text = read_member(archive, members[METADATA])
    except (zipfile.BadZipFile, KeyError):
        return {}
    return parse_json(text, _MAX_METADATA_BYTES, budget)
