"""The manifest of an archive: what it holds, and by whom it was written."""

import hashlib
import platform
from datetime import UTC, datetime
from importlib import import_module

import numpy as np

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
ESTIMATOR = "estimator.skops"

LIBRARIES = (
    ("keras", "keras"),
    ("numpy", "numpy"),
    ("scikit-learn", "sklearn"),
    ("skl_signlang", "skl_signlang"),
    ("skops", "skops"),
    ("tensorflow", "tensorflow"),
)


def make_manifest(estimator, members):
    """Describe an archive.

    Parameters
    ----------
    estimator : estimator instance
        What it holds, fitted.
    members : dict of str to bytes
        The members by name.

    Returns
    -------
    manifest : dict
        Plain data, for JSON.
    """
    return {
        "format_version": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "python": platform.python_version(),
            **{name: import_module(module).__version__ for name, module in LIBRARIES},
        },
        "estimator": type(estimator).__name__,
        "classes": _classes(estimator),
        "image_shape": image_shape_of(estimator),
        "members": {name: describe(content) for name, content in members.items()},
    }


def describe(content):
    """Give the size and the hash of a member.

    Parameters
    ----------
    content : bytes
        All of it.

    Returns
    -------
    description : dict
        Number of ``bytes``, and ``sha256`` in hexadecimal.
    """
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def image_shape_of(estimator):
    """Tell the shape of the pictures that come in, through Pipelines and searches.

    Parameters
    ----------
    estimator : estimator instance
        Fitted.

    Returns
    -------
    image_shape : tuple of int or None
        (height, width, channels) in pixels; None for an estimator of rows.
    """
    while not hasattr(estimator, "image_shape_"):
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "steps"):
            estimator = estimator.steps[0][1]
        else:
            return None
    return estimator.image_shape_


def _classes(estimator):
    """List the classes of a classifier, each as JSON writes it or else as text."""
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        return None
    plain = [c.item() if isinstance(c, np.generic) else c for c in classes]
    return [c if isinstance(c, str | int | float) else str(c) for c in plain]
