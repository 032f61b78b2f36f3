"""Data of a report and the predictions of its estimator."""

from dataclasses import dataclass
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
)

from skl_signlang._image_shapes import MAX_CHANNELS, infer_image_shape
from skl_signlang._letters import LETTERS
from skl_signlang._pipelines import (
    check_exclusive_classes,
    decodes,
    image_shape,
    list_steps,
)
from skl_signlang.inspection import as_images
from skl_signlang.model_selection import near_duplicate_groups

MIN_SIDE = 8  # pixels; smaller squares are taken for tables
MAX_COMPARED_VALUES = 2**26  # searched for near-duplicates: a minute at most


@dataclass
class Predictions:
    """Data and the predictions of an estimator."""

    estimator: Any
    X: Any
    y: np.ndarray
    y_pred: np.ndarray
    probabilities: np.ndarray | None
    images: np.ndarray | None
    groups: np.ndarray | None
    groups_are_given: bool

    @cached_property
    def is_correct(self):
        """Correct predictions, ndarray of bool, shape (n,)."""
        return self.y_pred == self.y

    @cached_property
    def labels(self):
        """Sorted true and predicted labels."""
        return np.unique(np.concatenate([self.y, self.y_pred]))

    @cached_property
    def steps(self):
        """Steps of the Pipeline, the classifier last; searches are unwrapped."""
        return list_steps(self.estimator)

    @cached_property
    def drawable_images(self):
        """Drawable images, (n, h, w) or (n, h, w, 3), or None."""
        return None if self.images is None else as_images(self.images)

    @property
    def are_letters(self):
        """Whether all classes are letters of the alphabet."""
        return {str(label) for label in self.estimator.classes_} <= set(LETTERS)

    @property
    def noun(self):
        """Plural noun for the samples in texts."""
        return "samples" if self.images is None else "images"

    def take(self, rows):
        """Return some rows of X."""
        if hasattr(self.X, "iloc"):
            return self.X.iloc[rows]
        if hasattr(self.X, "shape"):
            return self.X[rows]
        return [self.X[row] for row in rows]

    def predict_images(self, images):
        """Predict labels of transformed images (n, h, w, c) in the format of X."""
        n_dimensions = 3 if decodes(self.steps[0]) else np.ndim(self.X)
        if n_dimensions == 2:
            images = images.reshape(len(images), -1)
        elif n_dimensions == 3 and images.shape[3] == 1:
            images = images[..., 0]
        if n_dimensions == 2 and hasattr(self.X, "columns"):
            images = type(self.X)(images, columns=self.X.columns)
        return self.estimator.predict(images)


def compute_predictions(estimator, X, y, groups=None):
    """Check the data and predict their labels."""
    _check_classifier(estimator)
    y = column_or_1d(y)
    check_consistent_length(X, y)
    if not len(y):
        raise ValueError("X must contain at least one sample; it is empty.")
    groups = None if groups is None else _check_groups(groups, len(y))
    _check_labels(estimator, y)
    y_pred = np.asarray(estimator.predict(X))
    images = _images_of(estimator, X)
    return Predictions(
        estimator,
        X,
        y,
        y_pred,
        _probabilities_of(estimator, X),
        images,
        _group_near_duplicates(images) if groups is None else groups,
        groups is not None,
    )


def _check_classifier(estimator):
    if isinstance(estimator, type) or not hasattr(estimator, "predict"):
        raise TypeError(
            "estimator must be a fitted classifier, or a Pipeline or search that ends "
            f"in one; got {estimator!r}."
        )
    if not is_classifier(estimator):
        raise TypeError(
            "estimator must be a classifier; "
            f"{type(estimator).__name__} is not a classifier. For a regressor use "
            "sklearn.metrics and sklearn.metrics.PredictionErrorDisplay."
        )
    check_is_fitted(estimator)
    check_exclusive_classes(estimator, "write_report")


def _check_groups(groups, n_samples):
    groups = np.asarray(groups)
    if groups.shape != (n_samples,):
        raise ValueError(
            f"groups must be one group for each of the {n_samples} samples; got shape "
            f"{groups.shape}."
        )
    return groups


def _check_labels(estimator, y):
    known, shown = (set(map(_comparable, labels)) for labels in (estimator.classes_, y))
    if not known & shown:
        raise ValueError(
            f"y has the labels {sorted(map(str, shown))[:24]}; the model knows none of "
            f"them. Its classes are {list(map(str, estimator.classes_[:5]))} ..."
        )


def _comparable(label):
    """Return a label such that equal numbers compare equal."""
    return float(label) if isinstance(label, Number) else str(label)


def _probabilities_of(estimator, X):
    if not hasattr(estimator, "predict_proba"):
        return None
    return np.clip(np.asarray(estimator.predict_proba(X), np.float64), 0, 1)


def _images_of(estimator, X):
    """Return the images of X after decoding, (n, h, w, c), or None for a table."""
    first = list_steps(estimator)[0]
    if decodes(first):
        X = first.transform(X)
    try:
        X = np.asarray(X)
    except ValueError:  # images of different sizes
        return None
    if X.dtype.kind not in "buif" or X.ndim not in (2, 3, 4):
        return None
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        return None
    if X.ndim > 2:
        return X.reshape((*X.shape, 1)[:4]) if X.shape[3:] <= (MAX_CHANNELS,) else None
    shape = image_shape(estimator)
    if shape is None or np.prod(shape) != X.shape[1]:
        shape = infer_image_shape(X.shape[1])
    return X.reshape(len(X), *shape) if min(shape[:2]) >= MIN_SIDE else None


def _group_near_duplicates(images):
    if images is None or images.size > MAX_COMPARED_VALUES:
        return None
    return near_duplicate_groups(images)


def evenly(rows, most):
    """Return at most `most` rows, evenly spaced."""
    rows = np.arange(rows) if isinstance(rows, int) else rows
    places = np.linspace(0, len(rows) - 1, min(most, len(rows)))
    return rows[places.round().astype(int)]
