"""Validation of images: any shape and dtype in, one form out.

Images come as rows (n, features), gray (n, height, width) or with channels last
(n, height, width, channels). Inside the package they are always the last of these,
and their values are either uint8 or float32.
"""

import warnings

import numpy as np
from sklearn.utils.validation import check_array, validate_data

from skl_signlang._image_shapes import (
    MAX_CHANNELS,
    infer_image_shape,
    is_one_image,
    shape_of_images,
)
from skl_signlang._input_errors import explains_input, refuse_objects

_WIDE = 48  # narrower rows are tables; no warning for these


def as_pixels(X, name="X"):
    """Convert checked numbers to uint8 or float32."""
    if X.dtype in (np.uint8, np.float32):
        return X
    if X.dtype == np.bool_:
        return X.astype(np.uint8)
    with np.errstate(over="ignore"):
        pixels = X.astype(np.float32)
    if X.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise ValueError(
            f"{name} holds values up to {np.abs(X).max():.3g}, too large for float32."
        )
    return pixels


def validate_pixels(estimator, X, *, reset, convert=True):
    """Check rows or images as scikit-learn's `validate_data` checks rows.

    Sets ``n_features_in_`` (number of values in an image) and
    ``feature_names_in_`` on `estimator` if `reset`, else compares with them.
    """
    if not reset and _needs_no_check(estimator, X):
        return X
    # validate_data would take the height of an image for its number of features
    with explains_input(X):
        X, shape = _as_rows(X)
        if not reset:
            _check_size(estimator, X, shape)
        X = validate_data(estimator, X, reset=reset, dtype="numeric")
        X = X.astype(float) if X.dtype == object else X  # of categorical columns
    X = as_pixels(X) if convert else X
    return X.reshape(shape or X.shape)


def validate_samples(estimator, X, *, reset):
    """Validate samples of any shape, each the same, as `validate_pixels` rows."""
    # tables are compared by validate_data
    if not reset and len(estimator._sample_shape) > 1 and len(np.shape(X)) > 1:
        _check_samples(estimator, np.shape(X))
    if reset or not _needs_no_check(estimator, X):
        with explains_input(X):
            X = np.asarray(X) if isinstance(X, list | tuple) else X
            shape = X.shape if getattr(X, "ndim", 0) > 2 else None
            if shape is not None:
                X = np.asarray(X).reshape(len(X), int(np.prod(shape[1:])))
            X = validate_data(estimator, X, reset=reset, dtype="numeric")
            X = X.astype(float) if X.dtype == object else X  # of categorical columns
        X = X.reshape(shape or X.shape)
    if not reset:
        _check_samples(estimator, X.shape)
    return X


def _check_samples(estimator, shape):
    """Raise ValueError for samples of another shape than those of `fit`."""
    expected = estimator._sample_shape
    if shape[1:] == expected:
        return
    found, hint = shape[1:], ""
    if len(expected) > 1 and (len(shape) == len(expected) or is_one_image(shape)):
        hint = " For one sample, such as an image, pass image[None]."
    elif _may_be_image(expected) and _may_be_image(found):
        pairs = ((*one, 1)[:3] for one in (found, expected))
        hint = f" If these are images: {_bring_to(*pairs)}."
    raise ValueError(
        f"X holds samples of shape {found}, but {type(estimator).__name__} is "
        f"expecting {expected}.{hint}"
    )


def _may_be_image(shape):
    return len(shape) == 2 or (len(shape) == 3 and shape[2] <= MAX_CHANNELS)


def validate_images(estimator, X, *, image_shape=None, reset, convert=True):
    """Validate images in any form, and return them as (n, h, w, c).

    Like `validate_pixels`; sets ``image_shape_`` too if `reset`, else compares.
    """
    if not reset and hasattr(X, "shape"):
        _check_shape(estimator, X.shape)
    X = validate_pixels(estimator, X, reset=reset, convert=convert)
    if reset:
        estimator.image_shape_ = shape_of_images(X.shape, image_shape)
    _check_shape(estimator, X.shape)
    return X.reshape(len(X), *estimator.image_shape_)


def check_images(estimator, X, *, image_shape=None, reset):
    """Validate images of any size, which may differ between images.

    Rows are compared with those of `fit`, as in `validate_pixels`; images are not, and
    do not set ``n_features_in_``.
    """
    refuse_objects(X)
    images = _list_of_images(X)
    rows, shape = _as_rows(X) if images is None else (None, None)
    if images is None and image_shape is None:
        refuse_one_image(shape or rows)
    if images is None and shape is None:
        if reset or hasattr(estimator, "n_features_in_"):
            rows = validate_pixels(estimator, rows, reset=reset)
        else:
            rows = as_pixels(check_array(rows, dtype="numeric", estimator=estimator))
        return rows.reshape(len(rows), *shape_of_images(rows.shape, image_shape))
    if reset:
        for name in ("n_features_in_", "feature_names_in_"):
            vars(estimator).pop(name, None)
    if images is None:
        rows = as_pixels(check_array(rows, dtype="numeric", estimator=estimator))
        return rows.reshape((*shape, 1)[:4])
    return [_check_image(row, image) for row, image in enumerate(images)]


def warn_of_strips(name, shape):
    """Warn about wide rows that are not square images."""
    if len(shape) != 2 or infer_image_shape(shape[1])[0] > 1 or shape[1] < _WIDE:
        return
    near = [n for n in (shape[1] - 1, shape[1] + 1) if infer_image_shape(n)[0] > 1]
    hint = "For a table without neighborhoods use a dense network."
    if near:
        sides = "x".join(map(str, infer_image_shape(near[0])[:2]))
        hint = (
            f"{near[0]} values would be images of {sides}: is there a column too many "
            "or too few, such as the label?"
        )
    warnings.warn(
        f"X holds rows of {shape[1]} values, which are not square images: {name} takes "
        f"them as images 1 pixel high. Set image_shape if they are images. {hint}",
        stacklevel=3,
    )


def refuse_one_image(X):
    """Raise ValueError for an array that looks like one image without batch axis."""
    shape = X if isinstance(X, tuple) else getattr(X, "shape", ())
    if is_one_image(shape):
        raise ValueError(_one_image(shape))
    if getattr(X, "dtype", None) != np.uint8 or len(shape) != 2 or min(shape) < 16:
        return
    if infer_image_shape(shape[1])[0] == 1:
        raise ValueError(
            f"X has shape {shape}, and rows of {shape[1]} values are not square "
            "images. If it is one gray image, pass image[None]; if these are rows, set "
            "image_shape."
        )


def _one_image(shape):
    return (
        f"X has shape {tuple(shape)}, which looks like one image. Expected images "
        "(n, height, width) or (n, height, width, channels): pass image[None]."
    )


def _check_size(estimator, X, shape):
    """Raise ValueError for one sample, or for images with another number of values."""
    found = tuple(shape or getattr(X, "shape", ()))
    expected = getattr(estimator, "n_features_in_", None)
    if expected is None or len(found) < 2 or hasattr(X, "columns"):
        return
    n_values = int(np.prod(found[1:]))
    if n_values == expected or 0 in found:
        return
    name = type(estimator).__name__
    if len(found) == 2:
        hint = _hint_of_rows(estimator, found, expected)
        if not hint and getattr(X, "dtype", None) == np.uint8 and min(found) >= 16:
            hint = "If X is one gray image, pass image[None]."
        if hint:
            raise ValueError(
                f"X has {n_values} features, but {name} is expecting {expected} "
                f"features as input. {hint}"
            )
    elif np.prod(found) == expected:
        raise ValueError(_one_image(found))
    else:
        _check_shape(estimator, found)
        what = f"X has shape {found}: images of {n_values} values"
        if is_one_image(found):
            what = _one_image(found).removesuffix(".")
        raise ValueError(f"{what}, but {name} is expecting {expected} features.")


def _hint_of_rows(estimator, found, expected):
    """Describe what rows with another number of values may be."""
    if np.prod(found) == expected:
        return f"X has shape {found}; for one image, pass image[None]."
    image_shape = getattr(estimator, "image_shape_", None)
    if image_shape is None or image_shape[0] == 1:
        return ""
    rows = infer_image_shape(found[1])
    if rows[0] > 1:
        return (
            f"Images of shape {rows}? {_bring_to(rows, image_shape)}. If X is one gray "
            "image, pass image[None]."
        )
    if found[0] == 1:
        return ""
    return (
        f"Rows of {found[1]} values are not square images; if X is one gray image, "
        f"pass image[None]. {_bring_to((*found, 1), image_shape)}."
    )


def _check_shape(estimator, shape):
    """Raise ValueError for images of another shape than those of `fit`."""
    found, expected = (*shape[1:], 1)[:3], getattr(estimator, "image_shape_", None)
    if len(shape) not in (3, 4) or expected in (None, found) or 0 in shape:
        return
    if found[2] > MAX_CHANNELS:
        return
    if shape == expected or is_one_image(shape):
        raise ValueError(
            f"{_one_image(shape)} {type(estimator).__name__} is expecting {expected}."
        )
    raise ValueError(
        f"X holds images of shape {found}, but {type(estimator).__name__} is expecting "
        f"{expected}. {_bring_to(found, expected)}."
    )


def _bring_to(found, expected):
    """Describe which transformers produce images of the expected shape."""
    steps = []
    if found[:2] != expected[:2]:
        steps.append(f"ImageResizer({expected[:2]})")
    if found[2] != expected[2]:
        mode = "gray" if expected[2] == 1 else "rgb"
        steps.append(f'ColorConverter("{mode}")')
    if not steps:
        return "Pass X in the form of fit"
    return f"Bring X to that shape with preprocessing.{' and '.join(steps)}"


def _needs_no_check(estimator, X):
    """Check quickly whether X is valid, so that one image costs microseconds."""
    return (
        type(X) is np.ndarray
        and X.dtype in (np.uint8, np.float32)
        and 1 < X.ndim < 5
        and len(X) > 0
        and X.size == len(X) * estimator.n_features_in_
        and not hasattr(estimator, "feature_names_in_")
        and (X.dtype == np.uint8 or bool(np.isfinite(X).all()))
    )


def _as_rows(X):
    """Flatten images; return rows and image shape, or other input unchanged."""
    if isinstance(X, list | tuple):
        try:
            X = np.asarray(X)
        except ValueError as error:
            raise ValueError(
                "X does not form one array: images must all have the same shape."
            ) from error
    if getattr(X, "ndim", 0) <= 2:
        return X, None
    X = np.asarray(X)
    shape_of_images(X.shape)
    return X.reshape(len(X), int(np.prod(X.shape[1:]))), X.shape


def _list_of_images(X):
    """Return the images in a list of arrays, or None for any other X."""
    if isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1:
        X = list(X)
    if not isinstance(X, list | tuple) or not X:
        return None
    # A Pillow image is array-like, but not supported
    is_image = hasattr(X[0], "__array_interface__") and getattr(X[0], "ndim", 2) > 1
    return X if is_image else None


def _check_image(row, image):
    """Check one image of a list, and append its channel."""
    if getattr(image, "ndim", 0) not in (2, 3):
        shape = f" of shape {image.shape}" if hasattr(image, "shape") else ""
        raise ValueError(
            f"Row {row} of X is a {type(image).__name__}{shape}; expected an array "
            "(height, width) or (height, width, channels). ImageDecoder makes arrays "
            "of image files and Pillow images."
        )
    try:
        pixels, shape = _as_rows(image[np.newaxis])
        pixels = as_pixels(check_array(pixels, dtype="numeric"))
    except ValueError as error:
        raise ValueError(f"Row {row} of X: {error}") from error
    return pixels.reshape((*shape[1:], 1)[:3])
