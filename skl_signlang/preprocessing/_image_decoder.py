"""Decoding of image files and base64 strings."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import validate_data

from skl_signlang._docstrings import fill_docstring
from skl_signlang._image_entries import decode_entry, name_entry
from skl_signlang._image_files import (
    check_size,
    describe_sizes,
    name_resize_mode,
)
from skl_signlang._images import refuse_one_image
from skl_signlang._intervals import Interval
from skl_signlang._plain import default_parameters
from skl_signlang.preprocessing._image_transformer import ArraysOnlyMixin
from skl_signlang.preprocessing._transformer_entries import ENTRIES


@fill_docstring(ENTRIES)
class ImageDecoder(ArraysOnlyMixin, TransformerMixin, BaseEstimator):
    """Decode image files from paths, bytes or text.

    Each entry of X may be a path (str or path-like), the bytes of an image file, base64
    text, a data URL, a Pillow image, or an array of uint8. The output is upright, gray
    or RGB; transparent pixels are white.

    A string that starts with ``data:`` is a data URL; one that names a file is its
    path; any other must be base64 text.

    This transformer is stateless: `fit` is optional.

    Read more in the :doc:`User Guide </inference>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    image_size : int or tuple of int, default=None
        Height and width in pixels to resize the images to; an integer is both. None
        keeps their size, which must be the same for all images.
    color : bool, default=False
        Whether to convert images to RGB rather than gray.
    pad_to_aspect_ratio : bool, default=False
        Whether images of other proportions than `image_size` are padded by repeating
        their edges, rather than stretched.
    find_hand : bool, default=False
        Whether images larger than `image_size` are cropped to the square around the
        hand, which the package's own detector finds. Images without a hand, or that a
        hand fills, are kept whole. Either is padded as by `pad_to_aspect_ratio`.
    n_jobs : int, default=None
        Number of threads. None means 1, -1 all processors.

    Attributes
    ----------
    n_features_in_ : int
        1, if X was a table of one column.
    feature_names_in_ : ndarray of str, shape (1,)
        Name of the column, if X was a DataFrame.

    See Also
    --------
    ImageReshaper : Reshape rows of pixels to images, and back.
    ImageResizer : Resize images.

    Notes
    -----
    A string can name any file that the process may read. If X is untrusted, do not pass
    strings: pass bytes, or open the files yourself. Images are decoded in bounded
    memory, at most 64 MiB and 50 million pixels each.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> from skl_signlang.preprocessing import ImageDecoder
    >>> image = Image.new("RGB", (40, 30), "white")
    >>> file = io.BytesIO()
    >>> image.save(file, "PNG")
    >>> ImageDecoder(image_size=28).transform([image, file.getvalue()]).shape
    (2, 28, 28)
    >>> ImageDecoder(color=True).transform([image, file.getvalue()]).shape
    (2, 30, 40, 3)
    """

    _parameter_constraints = {
        "image_size": [Interval(Integral, 1, None, closed="left"), tuple, list, None],
        "color": ["boolean"],
        "pad_to_aspect_ratio": ["boolean"],
        "find_hand": ["boolean"],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        image_size=None,
        color=False,
        pad_to_aspect_ratio=False,
        find_hand=False,
        n_jobs=None,
    ):
        self.image_size = image_size
        self.color = color
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.find_hand = find_hand
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the parameters and the type of X, without decoding.

        Parameters
        ----------
        {entries}
        y : None
            Ignored.

        Returns
        -------
        {self}
        """
        self._check_parameters()
        self._check_entries(X, reset=True)
        return self

    def transform(self, X):
        """Decode the images.

        Parameters
        ----------
        {entries}

        Returns
        -------
        images : ndarray of uint8, shape (n, h, w) or (n, h, w, 3)
            Images, 0 to 255.

        Raises
        ------
        ValueError
            If X is not a sequence or has several columns, an entry is not an image, or
            images differ in size and `image_size` is None. The message names the row,
            counted from 0, and the entry.
        """
        self._validate_params()
        image_size = self._check_parameters()
        entries = self._check_entries(X, reset=False)
        form = {
            "color": self.color,
            "image_size": image_size,
            "resize_mode": name_resize_mode(self.pad_to_aspect_ratio, self.find_hand),
        }
        images = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(_decode_row)(row, entry, form) for row, entry in enumerate(entries)
        )
        for row, image in enumerate(images):
            if image.shape != images[0].shape:
                sizes = "row 0", images[0].shape, f"row {row}", image.shape
                raise ValueError(f"X: {describe_sizes(*sizes)}.")
        return np.stack(images)

    def _check_parameters(self):
        """Return the height and width, or None."""
        if self.find_hand and self.image_size is None:
            raise ValueError(
                "find_hand=True needs the size of the crops; got image_size=None."
            )
        return check_size(self.image_size)

    def _check_entries(self, X, *, reset):
        """Return the entries of X; raise ValueError if it is empty."""
        entries, is_table = _entries_of(X)
        # An unfitted decoder has no shape to compare with
        if is_table and (reset or hasattr(self, "n_features_in_")):
            validate_data(self, X, reset=reset, skip_check_array=True)
        elif reset:
            for name in ("n_features_in_", "feature_names_in_"):
                self.__dict__.pop(name, None)
        if not len(entries):
            raise ValueError(
                "Found array with 0 sample(s) while a minimum of 1 is required by "
                f"{type(self).__name__}."
            )
        return entries

    def __setstate__(self, state):
        # an older archive lacks newer parameters
        super().__setstate__({**default_parameters(type(self)), **state})

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags


def _entries_of(X):
    """Return the entries of X, and whether X is a table of one column."""
    if isinstance(X, list | tuple):
        is_table = bool(X) and all(
            isinstance(row, list | tuple) and len(row) == 1 for row in X
        )
        return [row[0] for row in X] if is_table else list(X), is_table
    if isinstance(X, Sequence) and not isinstance(X, str | bytes | bytearray):
        return X, False  # such as a column of Hugging Face's datasets, read row by row
    if not hasattr(X, "__array__") or isinstance(X, Image.Image) or np.ndim(X) == 0:
        raise ValueError(
            f"Expected a sequence of images, one entry each; got {name_entry(X)}."
        )
    if hasattr(X, "iloc"):
        columns = X.shape[1:]
        values = X.iloc[:, 0] if columns == (1,) else X
    else:
        values = np.asarray(X)
        if values.dtype.kind in "biuf":
            refuse_one_image(values.shape)
        columns = values.shape[1:] if values.ndim == 2 else ()
        values = values[:, 0] if columns == (1,) else values
    if columns not in ((), (1,)):
        raise ValueError(
            f"Expected one column of images; got {columns[0]} columns. Select one; "
            "one gray image is image[None]."
        )
    if getattr(values.dtype, "kind", "O") == "S":
        raise ValueError(
            f"X is an array of dtype {values.dtype}, which truncates zero bytes at "
            "the end; expected dtype object for the bytes of image files."
        )
    return list(values), columns == (1,)


def _decode_row(row, entry, form):
    """Decode one entry; errors name its row."""
    try:
        return decode_entry(entry, **form)
    except ValueError as error:
        raise ValueError(f"Row {row}, {error}") from error
