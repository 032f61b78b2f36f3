"""Prediction of the letter in one image."""

import os
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from PIL import Image

from skl_signlang._image_shapes import is_one_image
from skl_signlang.inference._calibration import choose_threshold
from skl_signlang.inference._models import open_model
from skl_signlang.inference._prepare_images import read_image

NONE = "none"
"""Label of rejected images."""

_BATCH = 256


class LetterPrediction(NamedTuple):
    """Prediction for one image.

    Read more in the :doc:`User Guide </inference>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    letter : str
        The most probable letter, or ``"none"`` if its probability is below
        `LetterPredictor.rejection_threshold`.
    probability : float
        Probability of the most probable letter, 0 to 1, rejected or not.
    top : list of tuple
        Letters and their probabilities, (str, float), most probable first.
    """

    letter: str
    probability: float
    top: list


class LetterPredictor:
    """Predict the letter in one image.

    The model stays in memory and is run once in the constructor, so that the first
    prediction takes no longer than the others. Thread-safe.

    Read more in the :doc:`User Guide </inference>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    model_or_path : estimator instance, str or path-like
        A fitted classifier, Pipeline or search; or the path of a ``.signlang`` archive,
        or of an ONNX or LiteRT file of `skl_signlang.export.export`.
    backend : {"auto", "keras", "onnx", "litert"}, default="auto"
        Runtime. ``"keras"`` is `predict_proba` of a classifier or an archive; the
        others export it first. Exported files run on their own runtime. ``"auto"``
        does not export.
    rejection_threshold : float, default=None
        Probability, from 0 to 1, below which an image is rejected as ``"none"``; see
        `calibrate`. None rejects nothing.
    saved_model : str or path-like, default=None
        Folder of the SavedModel that an archive needs, as for
        `skl_signlang.persistence.load`.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
        Class labels.
    classifier_ : estimator instance or None
        The fitted classifier; None for an exported file.
    image_shape_ : tuple of int or None
        (height, width, channels) to which images are resized, in pixels; None keeps
        their size, in RGB.
    backend_ : {"keras", "onnx", "litert"}
        Runtime of the model.

    Raises
    ------
    TypeError
        If `model_or_path` is neither a fitted classifier nor a path.
    FileNotFoundError
        If the file does not exist.
    ValueError
        If the file contains no classifier, or does not match `backend`; if the
        classifier does not take images from 0 to 255, or cannot be exported; or if a
        parameter is invalid.
    ImportError
        If ONNX Runtime or LiteRT is required but not installed.

    See Also
    --------
    LetterStream : Convert the frames of a camera to text.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.inference import LetterPredictor
    >>> X = np.zeros((40, 28, 28), np.uint8)
    >>> X[20:] = 255
    >>> y = ["A"] * 20 + ["B"] * 20
    >>> model = DenseClassifier(epochs=30, random_state=0).fit(X, y)
    >>> predictor = LetterPredictor(model)
    >>> predictor.predict(np.full((96, 128, 3), 255, np.uint8)).letter
    'B'
    """

    def __init__(
        self,
        model_or_path,
        *,
        backend="auto",
        rejection_threshold=None,
        saved_model=None,
    ):
        self.rejection_threshold = check_probability(rejection_threshold)
        self._model = open_model(model_or_path, backend, saved_model)
        self.classes_ = self._model.classes
        self.classifier_ = getattr(self._model, "classifier", None)
        self.image_shape_ = self._model.image_shape
        self.backend_ = self._model.backend
        self._letters = [str(label) for label in self.classes_.tolist()]
        channels = 3 if self.image_shape_ is None else self.image_shape_[2]
        if channels not in (1, 3):
            raise ValueError(
                f"The model's images have {channels} channels; expected 1 or 3, for "
                "gray or RGB."
            )
        if self.image_shape_ is not None:
            self._model(np.zeros((1, *self.image_shape_), np.uint8))

    def predict(self, image, *, top=5):
        """Predict the letter in one image.

        Parameters
        ----------
        image : str, path-like, bytes, Pillow image or ndarray of int
            The path of an image file, its bytes, base64 text, a data URL, a Pillow
            image, or pixels from 0 to 255 of shape (height, width) or (height, width,
            channels). Images of other proportions than those of the model are cropped
            around the center, unless an `ImageDecoder` of the model resizes them. A str
            with a dot is a path: pass untrusted images as bytes.
        top : int, default=5
            Number of letters in `top` of the prediction.

        Returns
        -------
        prediction : LetterPrediction
            Letter or ``"none"``, probability, and the most probable letters.

        Raises
        ------
        FileNotFoundError
            If the file does not exist.
        ValueError
            If it is not an image, or too large.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skl_signlang import DenseClassifier
        >>> from skl_signlang.inference import LetterPredictor
        >>> X, y = load_digits(return_X_y=True)
        >>> model = DenseClassifier(epochs=5, random_state=0).fit(X.astype("uint8"), y)
        >>> prediction = LetterPredictor(model).predict(X[0].astype("uint8"))
        >>> prediction.letter, len(prediction.top)
        ('0', 5)
        """
        crop = self.crop(image)
        return self._describe(self._model(crop[np.newaxis])[0], _check_top(top))

    def predict_many(self, images, *, top=5):
        """Predict the letters in several images, faster than one by one.

        Parameters
        ----------
        images : iterable
            Images as for `predict`, such as an array of shape (n, height, width).
        top : int, default=5
            Number of letters in `top` of each prediction.

        Returns
        -------
        predictions : list of LetterPrediction
            Prediction of each image.

        Raises
        ------
        TypeError
            If `images` is a single image.
        FileNotFoundError, ValueError
            As `predict`; the message names the image, counted from 0.
        """
        top = _check_top(top)
        return [self._describe(row, top) for row in self._probabilities(images)]

    def crop(self, image):
        """Return an image as the model receives it.

        Parameters
        ----------
        image : str, path-like, bytes, Pillow image or ndarray of int
            As for `predict`.

        Returns
        -------
        image : ndarray of uint8, shape (height, width, channels)
            The image, cropped around the center or by the decoder of the model, and
            resized.

        Raises
        ------
        FileNotFoundError, ValueError
            As `predict`.
        """
        return read_image(image, self.image_shape_, self._model.resize_mode)

    def calibrate(self, X, y, groups=None, *, error_rate=0.05):
        r"""Choose the probability below which an image is rejected as ``"none"``.

        An image of an unseen group gets a wrong letter with a probability of at most
        `error_rate`; ``"none"`` does not count as wrong. This holds on average over
        groups like those given, for any model.

        Parameters
        ----------
        X : iterable
            Images as for `predict`, on which the model was not trained.
        y : array-like of shape (n,)
            True classes; ``"none"`` for images without a letter.
        groups : array-like of shape (n,), default=None
            Group labels, such as signers, none of them in the training data. None makes
            each image a group.
        error_rate : float, default=0.05
            Maximum error rate, above 0 and below 1; at least 1 / (number of groups +
            1).

        Returns
        -------
        self : LetterPredictor
            This object, with `rejection_threshold` set.

        Raises
        ------
        ValueError
            If there are too few groups for this error rate, y has a label that the
            model does not know, or lengths differ.

        See Also
        --------
        sklearn.model_selection.TunedThresholdClassifierCV : Tune the threshold of a
            binary classifier.

        Notes
        -----
        This is conformal risk control [1]_ with groups as samples: the loss of a group
        is the fraction of its images that get a wrong letter. With the mean loss
        :math:`R(t)` of :math:`n` groups at threshold :math:`t`, the smallest threshold
        with :math:`(n R(t) + 1) / (n + 1) <= error\_rate` is chosen.

        References
        ----------
        .. [1] Angelopoulos, Bates, Fisch, Lei, Schuster, "Conformal Risk Control", ICLR
           2024, theorem 1, https://arxiv.org/abs/2208.02814.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skl_signlang import DenseClassifier
        >>> from skl_signlang.inference import LetterPredictor
        >>> X, y = load_digits(return_X_y=True)
        >>> X = X.astype("uint8")
        >>> model = DenseClassifier(epochs=5, random_state=0).fit(X[:900], y[:900])
        >>> predictor = LetterPredictor(model)
        >>> predictor = predictor.calibrate(X[900:], y[900:], error_rate=0.02)
        >>> 0 < predictor.rejection_threshold < 1
        True
        """
        labels = np.asarray([str(label) for label in np.asarray(y).tolist()])
        unknown = np.setdiff1d(labels, [*self._letters, NONE])
        if unknown.size:
            raise ValueError(
                f"y has labels that the model does not know: {unknown[:5].tolist()}; "
                f"expected {self._letters[:30]} or {NONE!r}."
            )
        probabilities = self._probabilities(X)
        if len(probabilities) != len(labels):
            raise ValueError(
                f"X holds {len(probabilities)} images and y {len(labels)} labels."
            )
        groups = np.arange(len(labels)) if groups is None else np.asarray(groups)
        if groups.shape != labels.shape:
            raise ValueError(
                f"y holds {len(labels)} labels and groups has shape {groups.shape}; "
                "expected one group for each image."
            )
        best = probabilities.argmax(axis=1)
        wrong = np.asarray(self._letters)[best] != labels
        self.rejection_threshold = choose_threshold(
            probabilities.max(axis=1), wrong, groups, error_rate
        )
        return self

    def _probabilities(self, images):
        """Run the model in batches."""
        crops = self._crop_all(images)
        if self.image_shape_ is None:
            rows = [self._model(crop[np.newaxis]) for crop in crops]
        else:
            rows = [
                self._model(np.stack(crops[start : start + _BATCH]))
                for start in range(0, len(crops), _BATCH)
            ]
        return np.concatenate(rows) if rows else np.empty((0, len(self._letters)))

    def _crop_all(self, images):
        one = str | bytes | bytearray | memoryview | os.PathLike | Image.Image | dict
        if isinstance(images, one) or not hasattr(images, "__iter__"):
            raise TypeError(
                "expected several images, such as a list or an array of shape (n, "
                f"height, width); got one object of type {type(images).__name__}. Use "
                "predict for one image."
            )
        if self._is_one_image(images):
            raise TypeError(
                f"expected several images; got an array of shape {images.shape}, "
                "which looks like one image. Use predict(image), or pass image[None]."
            )
        crops = []
        for i, image in enumerate(images):
            try:
                crops.append(self.crop(image))
            except (ValueError, FileNotFoundError) as error:
                raise type(error)(f"Image {i}: {error}") from error
        return crops

    def _is_one_image(self, images):
        if not isinstance(images, np.ndarray) or images.dtype.kind not in "biuf":
            return False
        if images.ndim != 2:
            return is_one_image(images.shape)
        return images.shape[1] != np.prod(self.image_shape_ or 0)

    def _describe(self, probabilities, top):
        order = np.argsort(-probabilities, kind="stable")[:top]
        best = [(self._letters[i], float(probabilities[i])) for i in order.tolist()]
        letter, probability = best[0]
        is_rejected = (
            self.rejection_threshold is not None
            and probability < self.rejection_threshold
        )
        return LetterPrediction(NONE if is_rejected else letter, probability, best)


def check_probability(rejection_threshold):
    if rejection_threshold is None:
        return None
    is_number = isinstance(rejection_threshold, Real) and not isinstance(
        rejection_threshold, bool
    )
    if not is_number or not 0 <= rejection_threshold <= 1:
        raise ValueError(
            f"rejection_threshold must be a probability from 0 to 1, or None; got "
            f"{rejection_threshold!r}."
        )
    return float(rejection_threshold)


def _check_top(top):
    if not isinstance(top, Integral) or isinstance(top, bool) or top < 1:
        raise ValueError(f"top must be an integer, 1 or more; got {top!r}.")
    return int(top)
