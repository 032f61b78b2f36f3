"""Export of image classifiers, and the data that exports are tested on."""

import numpy as np

from skl_signlang._image_shapes import to_uint8
from skl_signlang._pipelines import (
    FittedModel,
    check_takes_bytes,
    decodes,
    image_shape,
    list_steps,
    resize_mode_of,
)
from skl_signlang.export._pixel_function import pixel_function
from skl_signlang.persistence import metadata_of

_MAX_REPRESENTATIVE = 500


class ImageExport:
    """Fitted image classifier to export."""

    tolerance = 1e-5
    """Largest difference of a probability in float formats from the estimator's."""

    result, data = "probability", "images"

    def __init__(self, estimator):
        check_takes_bytes(estimator)
        self._estimator = estimator
        self._shape = image_shape(estimator)

    def function(self):
        """Return the function to export; see `pixel_function`."""
        return pixel_function(self._estimator)

    def describe(self):
        """Return the metadata, as plain data."""
        return {
            "letters": metadata_of(self._estimator)["classes"],
            "image_shape": list(self._shape),
            "fit": resize_mode_of(self._estimator),
        }

    def check_data(self, data):
        """Validate representative images, and reshape them for the estimator."""
        first, shape = list_steps(self._estimator)[0], self._shape
        pixels = first.transform(list(data)) if decodes(first) else np.asarray(data)
        fits = pixels.ndim > 1 and pixels.size == len(pixels) * np.prod(shape) > 0
        if not fits or pixels.dtype.kind not in "buif":
            raise ValueError(
                f"representative_data must hold images of shape {shape}, as arrays; "
                f"got shape {pixels.shape}, dtype {pixels.dtype}."
            )
        pixels = to_uint8(pixels, "representative_data: got")
        return pixels.reshape(-1, *shape)

    def calibration(self, images):
        """Choose the images for the calibration of 8-bit scales."""
        chosen = np.linspace(0, len(images) - 1, _MAX_REPRESENTATIVE).astype(int)
        return images[np.unique(chosen)]

    def samples(self):
        """Generate images: noise of several contrasts, patches, black and white."""
        shape = self._shape
        random_state = np.random.RandomState(0)
        noise = random_state.randint(256, size=(16, *shape))
        contrast = np.linspace(0.1, 1, 16).reshape(16, 1, 1, 1)
        grid = random_state.randint(256, size=(16, 4, 4, shape[2]))
        rows, columns = (np.arange(side) * 4 // side for side in shape[:2])
        patches = grid[:, rows][:, :, columns]
        flat = np.zeros((2, *shape))
        flat[1] = 255
        return np.concatenate([noise * contrast, patches, flat]).astype(np.uint8)

    def expected(self, images):
        """Return the estimator's probabilities for images, (n, n_classes)."""
        return FittedModel(self._estimator)(images)

    def difference(self, found, expected):
        """Return the largest difference between probabilities."""
        return np.abs(found - expected).max()

    def loss(self, found, expected):
        """Return the fraction of images with another predicted class."""
        return np.mean(found.argmax(axis=1) != expected.argmax(axis=1))

    def describe_loss(self, loss):
        """Describe a loss."""
        return (
            f"{loss:.1%} of the representative images are predicted as another letter "
            "than by the estimator"
        )
