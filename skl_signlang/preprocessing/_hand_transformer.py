"""The base of transformers that look for hands."""

import os
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral, Real

import numpy as np
from joblib import cpu_count
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context

from skl_signlang._docstrings import fill_docstring
from skl_signlang._image_shapes import check_range
from skl_signlang._images import check_images
from skl_signlang._intervals import Interval
from skl_signlang._plain import default_parameters
from skl_signlang._untrusted import is_archiving
from skl_signlang.preprocessing._hand_model_files import (
    LANDMARK_MODELS,
    OWN,
    find_model,
)
from skl_signlang.preprocessing._transformer_entries import ENTRIES


@fill_docstring(ENTRIES)
class HandTransformer(TransformerMixin, BaseEstimator):
    """Stateless transformer of images of hands."""

    _parameter_constraints = {
        "model": [str, os.PathLike],
        "padding": [Interval(Real, 0, 1, closed="both")],
        "pixel_range": [tuple, list],
        "image_shape": [tuple, list, None],
        "n_jobs": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Integral, None, -1, closed="right"),
            None,
        ],
    }

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the parameters and the images, and load the models.

        Parameters
        ----------
        {images}
        y : None
            Ignored.

        Returns
        -------
        {self}

        Raises
        ------
        ImportError
            If LiteRT is not installed.
        FileNotFoundError
            If a model is missing and cannot be downloaded.
        ValueError
            If a model file is unknown or damaged, or X holds no images.
        """
        self._check_parameters()
        check_images(self, X, image_shape=self.image_shape, reset=True)
        self._make_search()
        return self

    def _check_parameters(self):
        """Check what the parameter constraints cannot express."""
        check_range(self.pixel_range, "pixel_range")

    def _make_search(self):
        """Load the models."""
        raise NotImplementedError

    def _map_images(self, function, X):
        """Call a function with a search and each image, in threads."""
        self._validate_params()
        self._check_parameters()
        images = check_images(self, X, image_shape=self.image_shape, reset=False)
        search = self._make_search()

        def call(pixels):
            return function(search, as_image(pixels, self.pixel_range))

        n_threads = min(_count_threads(self.n_jobs), len(images))
        if n_threads == 1:
            return [call(pixels) for pixels in images]
        with ThreadPoolExecutor(n_threads) as pool:
            return list(pool.map(call, images))

    def __getstate__(self):
        state = dict(super().__getstate__())
        if is_archiving() and self.model != OWN:
            # any file of the same model will do, whatever its path
            state["model"] = find_model(self.model)[0]
        return state

    def __setstate__(self, state):
        known = (*LANDMARK_MODELS, OWN)
        if is_archiving() and state.get("model", "full") not in known:
            raise ValueError(
                f"{type(self).__name__} in it contains a path, and paths in archives "
                "are never opened; expected model 'full', 'lite' or 'own'."
            )
        # an older archive lacks newer parameters
        super().__setstate__({**default_parameters(type(self)), **state})

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags


def _count_threads(n_jobs):
    """Return the number of threads, within the share of a joblib worker."""
    if n_jobs is None or n_jobs > 0:
        return n_jobs or 1
    share = os.environ.get("OMP_NUM_THREADS", "")
    n_processors = cpu_count()
    if share.isdecimal() and int(share) > 0:
        n_processors = min(n_processors, int(share))
    return max(1, n_processors + 1 + n_jobs)


def as_image(image, pixel_range):
    """Return pixels (h, w, c) of any range as a Pillow image, gray or RGB."""
    colors = image[..., :3] if image.shape[2] > 2 else image[..., 0]
    if colors.dtype != np.uint8 or tuple(pixel_range) != (0, 255):
        black, white = map(float, pixel_range)
        colors = np.clip(colors, black, white, dtype=np.float32) - np.float32(black)
        colors = (colors * np.float32(255 / (white - black)) + 0.5).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(colors))
