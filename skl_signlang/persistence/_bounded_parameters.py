"""Bounds of parameters by which `predict` would allocate memory without limit."""

from math import comb, prod

MAX_SIDE = 8192  # pixels
MAX_PIXELS = 1 << 22
MAX_FEATURES = 1 << 20
_MAX_STEPS = 100_000

_BOUNDS = {
    "AdditiveChi2Sampler": {"sample_steps": 16},
    "BackboneFeatures": {"image_size": MAX_SIDE},
    "CNNClassifier": {"image_shape": MAX_SIDE},
    "CNNRegressor": {"image_shape": MAX_SIDE},
    "DictionaryLearning": {"transform_max_iter": _MAX_STEPS},
    "FeatureHasher": {"n_features": 1 << 24},
    "HOGTransformer": {"orientations": 360, "cells_per_block": 64},
    "HandCropper": {"size": 4096, "image_shape": MAX_SIDE, "padding": 16},
    "HandFinder": {"image_shape": MAX_SIDE},
    "HandLandmarks": {"image_shape": MAX_SIDE, "padding": 16},
    "HashingVectorizer": {"n_features": 1 << 24},
    "ImageDecoder": {"image_size": MAX_SIDE},
    "ImageReshaper": {"image_shape": MAX_SIDE},
    "ImageResizer": {"image_size": MAX_SIDE},
    "IterativeImputer": {"max_iter": 10_000},
    "LatentDirichletAllocation": {"max_doc_update_iter": _MAX_STEPS},
    "MiniBatchDictionaryLearning": {"transform_max_iter": _MAX_STEPS},
    "MiniBatchNMF": {"max_iter": _MAX_STEPS, "_transform_max_iter": _MAX_STEPS},
    "NMF": {"max_iter": _MAX_STEPS},
    "NetworkClassifier": {"image_shape": MAX_SIDE},
    "NetworkRegressor": {"image_shape": MAX_SIDE},
    "PolynomialCountSketch": {"n_components": MAX_FEATURES, "degree": 16},
    "PolynomialFeatures": {"degree": 64},
    "SparseCoder": {"transform_max_iter": _MAX_STEPS},
    "SplineTransformer": {"n_knots": 10_000, "degree": 16},
    "TransferLearningClassifier": {"image_size": MAX_SIDE, "image_shape": MAX_SIDE},
}
# Fitted attributes of scikit-learn by which `transform` and `predict` allocate
_COUNTS = (
    *("_n_components", "_n_features_out", "_n_out_full", "n_classes_", "n_components_"),
    *("n_features_out_", "n_output_features_", "n_outputs_"),
)
_MAX_BLOCK = 4096  # values of a block of HOG


def check_parameters(kinds, attributes, numbers_of, budget):
    """Raise ValueError for parameters of a class in an archive that are too large.

    `kinds` are the names of the class and of its bases; `attributes` are nodes by name;
    `numbers_of` returns the numbers of a node.
    """
    kind = next((name for name in kinds if name in _BOUNDS), kinds[0])
    bounds = {**dict.fromkeys(_COUNTS, MAX_FEATURES), **_BOUNDS.get(kind, {})}
    values = {
        parameter: numbers_of(attributes[parameter])
        for parameter in bounds
        if parameter in attributes
    }
    for parameter, numbers in values.items():
        _check(kind, parameter, max(numbers, default=0), bounds[parameter])
        if parameter in ("image_shape", "image_size"):
            sides = [abs(number) for number in (numbers * 2)[:2]]
            _check(kind, f"{parameter}, in pixels,", prod(sides), MAX_PIXELS)
    is_fitted = any(key.endswith("_") for key in attributes)
    if kind == "PolynomialFeatures" and is_fitted:
        n_made = _n_polynomials(attributes, numbers_of)
        if n_made > MAX_FEATURES:
            raise ValueError(
                f"{kind} in it makes {n_made:,} features; expected at most "
                f"{MAX_FEATURES:,}."
            )
        budget.spend("features made", n_made)
    if kind == "HOGTransformer":
        cells = (values.get("cells_per_block", []) * 2)[:2]
        n_values = prod([*cells, *values.get("orientations", [])])
        _check(kind, "block, in values,", n_values, _MAX_BLOCK)


def _check(kind, what, number, most):
    if not number <= most:
        raise ValueError(
            f"{what} of {kind} in it is {number:,}; expected at most {most:,}."
        )


def _n_polynomials(attributes, numbers_of):
    """Count what a fitted PolynomialFeatures makes."""
    n, degree = (
        max(numbers_of(attributes[name]), default=0)
        for name in ("n_features_in_", "degree")
    )
    return comb(int(n + degree), int(degree))
