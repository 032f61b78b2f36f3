"""The manifest of an archive: its content and versions."""

import hashlib
import math
import platform
from datetime import UTC, datetime
from importlib import import_module
from numbers import Real

import numpy as np

from skl_signlang._pipelines import image_shape_of
from skl_signlang._plain import plain_value
from skl_signlang._untrusted import is_local_path, parse_json
from skl_signlang.persistence._class_names import rename_parameters

FORMAT_VERSION = 2
_KNOWN_VERSIONS = 1, 2
MANIFEST = "manifest.json"
ESTIMATOR = "estimator.skops"
CARD = "card.md"
NETWORK = ".keras"
MAX_MANIFEST_BYTES = 1 << 20
MAX_BYTES = {CARD: 16 << 20, ESTIMATOR: 512 << 20}

LIBRARIES = (
    ("keras", "keras"),
    ("numpy", "numpy"),
    ("scikit-learn", "sklearn"),
    ("skl_signlang", "skl_signlang"),
    ("skops", "skops"),
    ("tensorflow", "tensorflow"),
)
_MAX_VALUES = 50
_LOCAL_PATHS = ("checkpoint_dir", "memory", "resume_dir", "log_dir")  # as LOCAL_PATHS


def make_manifest(estimator, metrics=None, data=None, groups=None):
    """Return the manifest of an estimator."""
    return {
        "format_version": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "python": platform.python_version(),
            **{name: import_module(module).__version__ for name, module in LIBRARIES},
        },
        **metadata_of(estimator),
        "search": _search(estimator),
        "metrics": _check_metrics(metrics),
        "data": _check_text(data, "data"),
        "groups": _check_text(groups, "groups"),
    }


def metadata_of(estimator):
    """Return the entries of the manifest that are verified against the estimator."""
    shape = image_shape_of(estimator)
    return {
        "estimator": type(estimator).__name__,
        "classes": _classes(estimator),
        "image_shape": None if shape is None else [int(side) for side in shape],
        "parameters": {
            name: _without_local_path(name, _plain(value))
            for name, value in estimator.get_params(deep=True).items()
        },
    }


def check_manifest(content, budget):
    """Parse a manifest, and check its format."""
    manifest = parse_json(content, MAX_MANIFEST_BYTES, budget)
    version = manifest.get("format_version")
    if type(version) is not int or version not in _KNOWN_VERSIONS:
        raise ValueError(
            f"its format version is {repr(version)[:80]}; this skl_signlang reads 1 "
            f"to {FORMAT_VERSION}. Update the older one."
        )
    try:
        _check_metrics(manifest.get("metrics"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"its manifest is malformed: {error}") from None
    if version == 1:
        manifest["parameters"] = rename_parameters(manifest.get("parameters"))
    members = manifest.get("members")
    if not isinstance(members, dict) or ESTIMATOR not in members:
        raise ValueError(f"its manifest does not list {ESTIMATOR}.")
    return manifest


def check_metadata(manifest, estimator):
    """Compare the manifest with the loaded estimator."""
    current = metadata_of(estimator)
    stored = {name: manifest.get(name) for name in current}
    # parameters may differ between versions of a library
    if isinstance(stored["parameters"], dict):
        both = stored["parameters"].keys() & current["parameters"].keys()
        # archives hold the name of the landmark model instead of its path
        both = {
            name
            for name in both
            if stored["parameters"][name] is not None or not name.endswith("model")
        }
        for side in (stored, current):
            kept = {name: side["parameters"][name] for name in both}
            side["parameters"] = {n: _without_local_path(n, v) for n, v in kept.items()}
    for name, value in current.items():
        if stored[name] != value:
            raise ValueError(
                f"its manifest has {name} {str(stored[name])[:200]}, but the estimator "
                f"in it has {str(value)[:200]}."
            )


def _without_local_path(name, value):
    """Remove paths of this machine."""
    is_function = name.endswith("model") and ":" in str(value)
    is_private = (
        name.endswith(_LOCAL_PATHS) or is_local_path(name, value) or is_function
    )
    return None if is_private else value


def describe(content):
    """Return the size and the hash of a member."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _classes(estimator):
    """List the classes of a classifier as plain data."""
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        return None
    plain = [c.item() if isinstance(c, np.generic) else c for c in classes]
    return [c if isinstance(c, str | int | float) else str(c) for c in plain]


def _search(estimator):
    """Return the results of a search: parameters and score."""
    known = ("best_score_", "cv", "cv_results_", "n_splits_", "refit", "scoring")
    if not all(hasattr(estimator, name) for name in known):
        return None
    cv = estimator.cv
    return {
        "best_score": _plain(estimator.best_score_),
        "scoring": _plain(estimator.scoring),
        "refit": _plain(estimator.refit),
        "cv": _plain(cv) if hasattr(cv, "get_n_splits") else None,
        "n_splits": int(estimator.n_splits_),
        "n_candidates": len(estimator.cv_results_["params"]),
    }


def _plain(value):
    """Convert a value to JSON, other objects to their names."""
    return plain_value(value, _name_of, _MAX_VALUES)


def _name_of(value):
    from skl_signlang.callbacks import TensorBoard

    if isinstance(value, TensorBoard):
        return None  # the path of a folder on one machine
    return getattr(value, "__name__", type(value).__name__)


def _check_metrics(metrics):
    if metrics is None:
        return None
    if not isinstance(metrics, dict) or not all(isinstance(m, str) for m in metrics):
        raise TypeError(f"metrics must be a dict of names and scores; got {metrics!r}.")
    for name, score in metrics.items():
        if isinstance(score, bool | np.bool_) or not isinstance(score, Real):
            raise TypeError(f"metrics[{name!r}] must be a number; got {score!r}.")
        if not math.isfinite(score):
            raise ValueError(f"metrics[{name!r}] must be finite; got {score!r}.")
    return {name: float(score) for name, score in metrics.items()}


def _check_text(text, name):
    if text is not None and not isinstance(text, str):
        raise TypeError(f"{name} must be a string; got {text!r}.")
    return text
