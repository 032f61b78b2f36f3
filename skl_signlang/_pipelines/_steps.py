"""Steps of a fitted classifier from image to prediction."""

import numpy as np

from skl_signlang._image_files import check_size, name_resize_mode
from skl_signlang._image_shapes import infer_image_shape
from skl_signlang.preprocessing import (
    ColorConverter,
    HandTransformer,
    ImageDecoder,
    ImageReshaper,
    ImageResizer,
    ImageScaler,
    StatelessTransformer,
)

_OF_IMAGES = (HandTransformer, ImageDecoder, StatelessTransformer)
_LEAST_SIDE = 5  # pixels; smaller squares are tables

_KEEP_RANGE = (ColorConverter, ImageDecoder, ImageReshaper, ImageResizer)


def list_steps(estimator):
    """List the steps of an estimator, through Pipelines and searches."""
    if hasattr(estimator, "best_estimator_"):
        return list_steps(estimator.best_estimator_)
    if not hasattr(estimator, "steps"):
        return [estimator]
    steps = [step for _, step in estimator.steps if not is_passthrough(step)]
    return [inner for step in steps for inner in list_steps(step)]


def check_pipelines(estimator):
    """Raise an error for a decoder that takes paths from an earlier step."""
    for step in inner_estimators(estimator):
        later = [inner for _, inner in getattr(step, "steps", ())[1:]]
        # a final estimator gets predictions, which may be strings
        later.append(getattr(step, "final_estimator_", None))
        if any(decodes(inner) for inner in inner_estimators(later)):
            raise ValueError(
                "an ImageDecoder in it is not the first step of its Pipeline."
            )


def inner_estimators(estimator):
    """List an estimator and its nested estimators."""
    found, waiting, seen = [], [estimator], set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, list | tuple):
            waiting += thing
        elif isinstance(thing, np.ndarray) and thing.dtype == object:
            waiting += thing.ravel().tolist()
        elif hasattr(thing, "get_params") and not isinstance(thing, type):
            found.append(thing)
            waiting += vars(thing).values()
        # such as what calibrated classifiers hold
        elif type(thing).__module__.startswith("sklearn."):
            waiting += getattr(thing, "__dict__", {}).values()
    return found


def image_shape(estimator):
    """Return the shape of the images that an estimator takes."""
    steps = list_steps(estimator)
    if only_decodes(steps[0]):
        if steps[0].image_size is not None:
            return *check_size(steps[0].image_size), 3 if steps[0].color else 1
        steps = steps[1:]
    for step in steps:
        if hasattr(step, "image_shape_"):
            return tuple(int(side) for side in step.image_shape_)
        if not isinstance(step, ImageScaler):
            break
    n_features = getattr(steps[0], "n_features_in_", None)
    return None if n_features is None else infer_image_shape(n_features)


def resize_mode_of(estimator):
    """Return how an estimator treats images of other proportions."""
    first = list_steps(estimator)[0]
    if not only_decodes(first) or first.image_size is None:
        return "crop"
    return name_resize_mode(first.pad_to_aspect_ratio, first.find_hand)


def decodes(step):
    """Check whether a step decodes files to pixels."""
    return isinstance(step, ImageDecoder)


def only_decodes(step):
    """Check whether a step is redundant for decoded images."""
    return _transforms_as(step, ImageDecoder)


def _transforms_as(step, *kinds):
    """Check whether a step is of a class and inherits its transform."""
    own = [kind for kind in kinds if isinstance(step, kind)]
    return any(type(step).transform is kind.transform for kind in own)


def takes_images(estimator):
    """Check whether an estimator takes images rather than rows of a table."""
    *transformers, last = list_steps(estimator)
    if not hasattr(last, "classes_"):
        return False
    if transformers:
        return any(_is_of_images(step) for step in transformers)
    scale = getattr(last, "_scale", "0-255")
    # networks saved by older versions
    of_bytes = getattr(last, "_of_bytes", scale == "0-255")
    if _is_of_images(last):
        return of_bytes or scale == "0-1"
    height, _, _ = infer_image_shape(last.n_features_in_)
    return of_bytes and scale != "0-1" and height >= _LEAST_SIDE


def _is_of_images(step):
    return hasattr(step, "image_shape_") or isinstance(step, _OF_IMAGES)


def check_takes_bytes(estimator):
    """Raise an error for a network fitted on 0 to 1 without a scaling step."""
    *transformers, last = list_steps(estimator)
    kept = all(_transforms_as(step, *_KEEP_RANGE) for step in transformers)
    if kept and getattr(last, "_scale", None) == "0-1":
        raise ValueError(
            f"This {type(last).__name__} was fitted on values in 0-1, but images have "
            "values from 0 to 255. Fit it on bytes (it standardizes them), or put "
            "preprocessing.ImageScaler before it in a Pipeline."
        )


def check_exclusive_classes(estimator, user):
    """Raise ValueError for a classifier of several labels for one sample."""
    last = list_steps(estimator)[-1]
    kind = getattr(last, "_target_type", str)()
    if kind in ("multilabel-indicator", "multiclass-multioutput"):
        raise ValueError(
            f"{user} takes classifiers of one label for each sample; this "
            f"{type(last).__name__} was fitted on {kind} y. Use its predict and "
            "predict_proba."
        )


def check_takes_numbers(estimator, user):
    """Raise ValueError for a network that takes text."""
    last = list_steps(estimator)[-1]
    if getattr(last, "_texts", ()):
        raise ValueError(
            f"{user} takes models of numbers; this {type(last).__name__} was fitted on "
            "text, which the vocabulary in its network splits. Use its predict, or "
            "model_.export(FOLDER) of Keras."
        )


def is_passthrough(step):
    """Check whether a step is the identity."""
    return step is None or (isinstance(step, str) and step == "passthrough")


def image_shape_of(estimator):
    """Return the shape of input images, through Pipelines and searches."""
    while not hasattr(estimator, "image_shape_"):
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "steps"):
            estimator = estimator.steps[0][1]
        else:
            return None
    return estimator.image_shape_
