"""Histograms of oriented gradients."""

from numbers import Integral

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils._param_validation import StrOptions

from skl_signlang._docstrings import fill_docstring
from skl_signlang._image_shapes import height_and_width
from skl_signlang._intervals import Interval
from skl_signlang.preprocessing._image_transformer import StatelessTransformer
from skl_signlang.preprocessing._transformer_entries import ENTRIES

_CHUNK_SIZE = 512  # images, as many as one process computes for half a second


@fill_docstring(ENTRIES)
class HOGTransformer(ClassNamePrefixFeaturesOutMixin, StatelessTransformer):
    r"""Compute histograms of oriented gradients (HOG).

    Each cell of an image gets a histogram of gradient orientations, weighted by
    magnitude; blocks of neighboring cells are normalized, so that the features are
    robust to illumination [1]_. A linear classifier on them is accurate and fits in
    seconds. scikit-image computes them [2]_: ``pip install "skl_signlang[hog]"``.

    This transformer is stateless: `fit` is optional, and stores the shape of images.

    .. versionadded:: 0.1

    Parameters
    ----------
    orientations : int, default=12
        Number of bins of a histogram, over 180 degrees.
    pixels_per_cell : int or tuple of int, default=4
        Height and width of a cell, in pixels; an integer is both. Pixels at the lower
        and right edge that fill no cell are ignored.
    cells_per_block : int or tuple of int, default=2
        Height and width of a block, in cells; an integer is both. Blocks overlap: one
        begins at each cell with enough others below and to its right.
    block_norm : {"L1", "L1-sqrt", "L2", "L2-Hys"}, default="L2"
        Normalization of a block, see the notes.
    {image_shape}
    n_jobs : int, default=None
        Number of processes. None means 1 unless in a :obj:`joblib.parallel_backend`
        context, -1 all processors.

    Attributes
    ----------
    {image_shape_}
    {n_features_in_}
    {feature_names_in_}

    See Also
    --------
    ImageResizer : Resize images.
    skl_signlang.estimators.CNNClassifier : Learn features from the data.
    skimage.feature.hog : Compute the histograms of one image.

    Notes
    -----
    With the histograms :math:`v` of a block, "L2" is :math:`v / \sqrt{|v|_2^2 + e^2}`
    with a small constant :math:`e`; "L1" is :math:`v / (|v|_1 + e)` and "L1-sqrt" its
    square root; "L2-Hys" is "L2", clipped at 0.2 and normalized again ([1]_, section
    6.4).

    In color images each pixel uses the channel of its largest gradient. A second or
    fourth channel is dropped as alpha.

    An image smaller than a cell is one cell, and an image with fewer cells than a block
    is one block.

    The defaults were chosen on the training images of Sign Language MNIST, by
    cross-validation that keeps near-duplicates together (``benchmarks/hog.py``).

    References
    ----------
    .. [1] N. Dalal, B. Triggs, "Histograms of Oriented Gradients for Human
       Detection", CVPR 2005.
    .. [2] `scikit-image, skimage.feature.hog
       <https://scikit-image.org/docs/stable/api/skimage.feature.html>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.preprocessing import HOGTransformer
    >>> images = np.zeros((10, 28, 28), dtype=np.uint8)
    >>> HOGTransformer().fit_transform(images).shape  # 6 * 6 blocks, 4 * 12 values
    (10, 1728)
    """

    _parameter_constraints = {
        "orientations": [Interval(Integral, 1, None, closed="left")],
        "pixels_per_cell": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "cells_per_block": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "block_norm": [StrOptions({"L1", "L1-sqrt", "L2", "L2-Hys"})],
        "image_shape": [tuple, list, None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        orientations=12,
        pixels_per_cell=4,
        cells_per_block=2,
        block_norm="L2",
        image_shape=None,
        n_jobs=None,
    ):
        self.orientations = orientations
        self.pixels_per_cell = pixels_per_cell
        self.cells_per_block = cells_per_block
        self.block_norm = block_norm
        self.image_shape = image_shape
        self.n_jobs = n_jobs

    def transform(self, X):
        """Compute the histograms.

        Parameters
        ----------
        {X}

        Returns
        -------
        X_out : ndarray of float32, shape (n, n_features_out)
            Blocks row by row, their cells row by row, and the bins of each cell.
        """
        fitted = self._fitted(X)
        images = fitted._check_images(X, reset=False)
        cell, block, _ = fitted._layout()
        options = {
            "orientations": self.orientations,
            "pixels_per_cell": cell,
            "cells_per_block": block,
            "block_norm": self.block_norm,
        }
        n_jobs = effective_n_jobs(self.n_jobs)
        size = min(_CHUNK_SIZE, -(-len(images) // n_jobs))
        chunks = (images[start : start + size] for start in range(0, len(images), size))
        # one chunk is not worth a process
        parallel = Parallel(n_jobs=n_jobs if len(images) > size else 1)
        return np.concatenate(
            parallel(delayed(_describe)(chunk, options) for chunk in chunks)
        )

    def _check_parameters(self):
        _import_hog()
        self._layout()

    def _layout(self):
        """Return (height, width) of a cell, of a block, and how many blocks fit."""
        sides = self.image_shape_[:2]
        cell = height_and_width(self.pixels_per_cell, "pixels_per_cell")
        cell = tuple(map(min, cell, sides))
        n_cells = tuple(side // size for side, size in zip(sides, cell, strict=True))
        block = height_and_width(self.cells_per_block, "cells_per_block", "cells")
        block = tuple(map(min, block, n_cells))
        n_blocks = tuple(n - size + 1 for n, size in zip(n_cells, block, strict=True))
        return cell, block, n_blocks

    @property
    def _n_features_out(self):
        _, block, n_blocks = self._layout()
        return int(np.prod(block) * np.prod(n_blocks)) * self.orientations


def _import_hog():
    """Import late: scikit-image is optional, and slow to load."""
    try:
        from skimage.feature import hog
    except ImportError as error:
        raise ImportError(
            "HOGTransformer needs scikit-image, which is not installed; run pip "
            'install "skl_signlang[hog]".'
        ) from error
    return hog


def _describe(images, options):
    """Compute the features of some images (n, h, w, c)."""
    hog = _import_hog()
    # a last channel beside gray or RGB is alpha
    colors = images[..., : 3 if images.shape[3] > 2 else 1].astype(np.float32)
    return np.array(
        [hog(image, channel_axis=-1, **options) for image in colors], np.float32
    )
