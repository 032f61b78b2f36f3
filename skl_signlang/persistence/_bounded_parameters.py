"""Bounds of parameters by which `predict` would allocate memory without limit."""

from math import comb

MAX_SIDE = 8192  # pixels
MAX_FEATURES = 1 << 20

_BOUNDS = {
    "AdditiveChi2Sampler": {"sample_steps": 16},
    "BackboneFeatures": {"image_size": MAX_SIDE},
    "CNNClassifier": {"image_shape": MAX_SIDE},
    "FeatureHasher": {"n_features": 1 << 24},
    "HOGTransformer": {"orientations": 360},
    "HandLandmarks": {"image_shape": MAX_SIDE, "padding": 16},
    "HashingVectorizer": {"n_features": 1 << 24},
    "ImageDecoder": {"image_size": MAX_SIDE},
    "ImageReshaper": {"image_shape": MAX_SIDE},
    "ImageResizer": {"image_size": MAX_SIDE},
    "IterativeImputer": {"max_iter": 10_000},
    "PolynomialCountSketch": {"n_components": MAX_FEATURES, "degree": 16},
    "PolynomialFeatures": {"degree": 64},
    "SplineTransformer": {"n_knots": 10_000, "degree": 16},
    "TransferLearningClassifier": {"image_size": MAX_SIDE, "image_shape": MAX_SIDE},
}


def check_parameters(name, attributes, numbers_of):
    """Raise ValueError for parameters of a class in an archive that are too large.

    `attributes` are nodes by name; `numbers_of` returns the numbers of a node.
    """
    kind = name.rpartition(".")[2]
    values = {
        parameter: numbers_of(attributes[parameter])
        for parameter in _BOUNDS.get(kind, ())
        if parameter in attributes
    }
    for parameter, numbers in values.items():
        most = _BOUNDS[kind][parameter]
        if any(number > most for number in numbers):
            raise ValueError(
                f"{parameter} of {kind} in it is {max(numbers)}; expected at most "
                f"{most}."
            )
    if kind == "PolynomialFeatures" and "n_features_in_" in attributes:
        degree = max(values.get("degree", [0]), default=0)
        n = max(numbers_of(attributes["n_features_in_"]), default=0)
        n_made = comb(int(n + degree), int(degree))
        if n_made > MAX_FEATURES:
            raise ValueError(
                f"{kind} in it makes {n_made:,} features; expected at most "
                f"{MAX_FEATURES:,}."
            )
