"""Classifiers and exported files as functions from images to probabilities.

What an exported file does not need is imported late: scikit-learn, Keras, TensorFlow.
"""

import os
import tempfile
from pathlib import Path

from skl_signlang._files import check_path
from skl_signlang.export import detect_exported, open_exported

BACKENDS = ("auto", "keras", "litert", "onnx")


def open_model(source, backend="auto", saved_model=None):
    """Return a function from images to probabilities."""
    if backend not in BACKENDS:
        raise ValueError(
            f"backend must be one of {', '.join(map(repr, BACKENDS))}; got {backend!r}."
        )
    name = type(source).__name__
    if isinstance(source, str | os.PathLike):
        path = check_path(source)
        exported = path.is_file() and detect_exported(path)
        if exported:
            return _open_exported(path, exported, backend)
        from skl_signlang.persistence import load

        source, name = load(path, saved_model=saved_model), str(path)
    from skl_signlang._pipelines import FittedModel

    _check_classifier(source, name)
    if backend in ("auto", "keras"):
        return FittedModel(source)
    from skl_signlang.export import export

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model")
        export(source, path, format=backend)
        return _of_images(open_exported(path, trusted=True), name)


def _open_exported(path, exported, backend):
    if backend not in ("auto", exported):
        raise ValueError(
            f"{path} is a file for {exported}; backend={backend!r} cannot run it. "
            f"Pass backend='auto' or {exported!r}."
        )
    return _of_images(open_exported(path), path)


def _of_images(model, name):
    if model.n_features is not None:
        raise ValueError(
            f"{name} takes rows of {model.n_features} features, not images: run it "
            "with ONNX Runtime or LiteRT itself, or the estimator with predict."
        )
    return model


def _check_classifier(source, name):
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import check_is_fitted

    from skl_signlang._pipelines import check_takes_bytes, list_steps, takes_images

    if isinstance(source, type) or not isinstance(source, BaseEstimator):
        raise TypeError(
            "expected a fitted classifier, or the path of a .signlang archive or of an "
            f"exported .onnx or .tflite file; got {source!r}."
        )
    check_is_fitted(source)
    if not hasattr(source, "predict_proba"):
        kind = type(source).__name__
        what = f"A {kind}" if kind == name else f"{name} holds a {kind}, which"
        raise ValueError(f"{what} gives no probabilities; expected a classifier.")
    check_takes_bytes(source)
    # the input of a network after other steps is unknown
    *before, last = list_steps(source)
    if before or getattr(last, "_of_bytes", True) or takes_images(source):
        return
    raise ValueError(
        f"{name} was fitted on rows of numbers that are not pixels from 0 to 255; "
        "expected a classifier of images."
    )
