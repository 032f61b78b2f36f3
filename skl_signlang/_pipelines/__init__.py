"""Input of fitted estimators and Pipelines: steps, image shape, decoder."""

from skl_signlang._pipelines._fitted_model import FittedModel
from skl_signlang._pipelines._steps import (
    check_exclusive_classes,
    check_pipelines,
    check_takes_bytes,
    check_takes_numbers,
    decodes,
    image_shape,
    image_shape_of,
    inner_estimators,
    is_passthrough,
    list_steps,
    only_decodes,
    resize_mode_of,
    takes_images,
)

__all__ = [
    "FittedModel",
    "check_exclusive_classes",
    "check_pipelines",
    "check_takes_bytes",
    "check_takes_numbers",
    "decodes",
    "image_shape",
    "image_shape_of",
    "inner_estimators",
    "is_passthrough",
    "list_steps",
    "only_decodes",
    "resize_mode_of",
    "takes_images",
]
