"""Features of a pretrained network."""

import os
from numbers import Integral

from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions

from skl_signlang._docstrings import fill_docstring
from skl_signlang._image_shapes import check_range
from skl_signlang._intervals import Interval
from skl_signlang._untrusted import (
    explain_saved_model,
    is_archiving,
    is_local_path,
    restore_local_paths,
)
from skl_signlang.preprocessing._image_transformer import StatelessTransformer
from skl_signlang.preprocessing._transformer_entries import ENTRIES

_LOCAL_PATHS = ("backbone", "weights")


@fill_docstring(ENTRIES)
class BackboneFeatures(ClassNamePrefixFeaturesOutMixin, StatelessTransformer):
    """Extract features with a pretrained network.

    Any scikit-learn classifier can use these features, and a Pipeline with ``memory``
    computes them once for all candidates of a search. Images of any size, gray or
    color, are converted to the input of the network.

    `fit` is optional unless the weights are random. It stores the shape of images and
    a hash of the weights; other shapes or weights then raise an error.

    Read more in the :doc:`User Guide </transfer_learning>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    backbone : str, path-like or callable, default="MobileNet"
        A name of `keras.applications`; the path of a ``.keras`` file; the path of a
        folder with a SavedModel, such as those of TF-Hub; or a function of an input
        shape (height, width, 3) that returns a functional `keras.Model`.
    weights : str, path-like or None, default="imagenet"
        "imagenet" for ImageNet's weights, the path of a file of weights
        (``NAME.weights.h5``), or None for random ones. Files, folders and functions
        have their own weights, which "imagenet" and None keep.
    backbone_layer : str, default=None
        Layer whose output is used, or output of a SavedModel. None is the last layer
        before the classifier.
    pooling : {"avg", "max", "flatten"}, default="avg"
        Pooling of the feature maps: mean, maximum, or all values.
    image_size : int or tuple of int, default=None
        (height, width) to which images are resized, in pixels; an integer is both.
        None is the size at which a named network was trained (MobileNet: 224), the
        input size of a file, or else the size of the images.
    pixel_range : tuple of float, default=(0, 255)
        Values of black and white in `X`.
    preprocessing : {"auto", "0-1", "0-255", "caffe", "tf", "torch"}, default="auto"
        Values that the backbone expects. "auto" is that of the family of a named
        network, "0-1" for a SavedModel, and "0-255" for files and functions.
    backbone_params : dict, default=None
        Further arguments of the named network, such as ``{"alpha": 0.25}``, or of the
        function.
    {image_shape}
    random_state : int, RandomState instance or None, default=None
        Determines random weights. Pass an int for reproducible output.

    Attributes
    ----------
    {image_shape_}
    {n_features_in_}
    {feature_names_in_}

    See Also
    --------
    skl_signlang.estimators.TransferLearningClassifier : Classifier on a backbone,
        which may be fine-tuned.
    HOGTransformer : Features without a pretrained network.

    Notes
    -----
    Features are computed in batches of bounded memory. Each process caches the features
    that it used last, up to 256 MiB.

    Pickles and archives contain the name of the backbone and a hash of its weights, but
    not the backbone: it must exist, unchanged, when they are used. A SavedModel can run
    code, so it must be trusted. Paths in archives are never opened: if the backbone is
    a file or a folder, pass its path: ``load(path, saved_model=FOLDER)``.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.preprocessing import BackboneFeatures
    >>> images = np.zeros((10, 28, 28), dtype=np.uint8)
    >>> features = BackboneFeatures(
    ...     weights=None, backbone_params={"alpha": 0.25}, image_size=32
    ... )
    >>> features.fit_transform(images).shape
    (10, 256)
    """

    _parameter_constraints = {
        "backbone": [str, os.PathLike, callable],
        "weights": [str, os.PathLike, None],
        "backbone_layer": [str, None],
        "pooling": [StrOptions({"avg", "max", "flatten"})],
        "image_size": [Interval(Integral, 1, None, closed="left"), tuple, list, None],
        "pixel_range": [tuple, list],
        "preprocessing": [StrOptions({"auto", "0-1", "0-255", "caffe", "tf", "torch"})],
        "backbone_params": [dict, None],
        "image_shape": [tuple, list, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        backbone="MobileNet",
        weights="imagenet",
        backbone_layer=None,
        pooling="avg",
        image_size=None,
        pixel_range=(0, 255),
        preprocessing="auto",
        backbone_params=None,
        image_shape=None,
        random_state=None,
    ):
        self.backbone = backbone
        self.weights = weights
        self.backbone_layer = backbone_layer
        self.pooling = pooling
        self.image_size = image_size
        self.pixel_range = pixel_range
        self.preprocessing = preprocessing
        self.backbone_params = backbone_params
        self.image_shape = image_shape
        self.random_state = random_state

    def transform(self, X):
        """Compute the features.

        Parameters
        ----------
        {X}

        Returns
        -------
        X_out : ndarray of float32, shape (n, n_features_out)
            The features of each image.

        Raises
        ------
        FileNotFoundError
            If the backbone does not exist.
        ValueError
            If images or weights differ from those of `fit`.
        """
        fitted = self._fitted(X)
        images = fitted._check_images(X, reset=False)
        return fitted._find_same_extractor().of_few(images)

    def _check_images(self, X, *, reset):
        # Keras is slow to import, and most transformers do without
        from skl_signlang.networks import warn_of_other_range

        images = super()._check_images(X, reset=reset)
        if reset:
            warn_of_other_range(images, check_range(self.pixel_range, "pixel_range"))
        return images

    def _check_parameters(self):
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        extractor = self._find_extractor()
        self._weights_hash = extractor.weights_hash
        self._n_features_out = extractor.n_features

    def __setstate__(self, state):
        state, named = dict(state), []
        if is_archiving():
            named = [
                name for name in _LOCAL_PATHS if is_local_path(name, state.get(name))
            ]
        missing, is_fitted = restore_local_paths(state, named), "_weights_hash" in state
        if missing and is_fitted:
            raise ValueError(explain_saved_model(state[missing[0]]))
        super().__setstate__(state)
        if named and is_fitted:
            self._find_same_extractor()

    def _find_same_extractor(self):
        """Return the extractor of `fit`; raise if its weights have changed."""
        extractor = self._find_extractor(self._weights_hash)
        if extractor.weights_hash != self._weights_hash:
            raise ValueError(
                f"The weights of backbone={self.backbone!r} differ from those in fit: "
                "the file was replaced, or the function returns others. Restore them "
                "or fit again."
            )
        return extractor

    def _find_extractor(self, expected=None):
        """Return the extractor, cached in the process."""
        from skl_signlang.networks import find_extractor

        return find_extractor(
            self.image_shape_,
            seed=self._seed,
            expected=expected,
            backbone=self.backbone,
            weights=self.weights,
            backbone_layer=self.backbone_layer,
            pooling=self.pooling,
            image_size=self.image_size,
            pixel_range=self.pixel_range,
            preprocessing=self.preprocessing,
            backbone_params=self.backbone_params,
        )
