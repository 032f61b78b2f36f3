"""Groups of near-duplicates: connected components of correlated pairs.

Each image, scaled to mean 0 and norm 1, has a sketch: its coordinates on a few
orthonormal axes and the norm of the residual. The dot product of two sketches is an
upper bound of the correlation (Cauchy-Schwarz), so only pairs with similar sketches are
compared, and boxes of sketches that are far apart are skipped.
"""

from itertools import product
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.base import BaseEstimator
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from skl_signlang._images import refuse_one_image, validate_images
from skl_signlang._numbers import python_arguments

N_AXES = 32
MAX_SAMPLE = 1024  # images to fit the axes on
MAX_SAMPLE_VALUES = 2**20
BOX_SIZE = 128  # images
MAX_NEAR = 2**14  # images that a box is compared with at a time
SLACK = 1e-5  # of a float32 product of sketches, whose error stays below 1e-6
CROWD = 1  # candidates per image above which a matrix product is faster
BATCH_SIZE = 2**16  # candidates
ROUNDS = 4
CHUNK_VALUES = 2**18  # float64: 2 MiB, which a processor's cache holds


class _Sketches(NamedTuple):
    """Sketches of images, sorted by box."""

    rows: np.ndarray  # (n,) int, indices of images
    points: np.ndarray  # (n, axes + 1) float32, of length 1
    starts: np.ndarray  # (boxes + 1,) int, where each box begins in `rows`
    low: np.ndarray  # (boxes, axes + 1) float32, the least corner of each box
    high: np.ndarray  # (boxes, axes + 1) float32, the greatest


@python_arguments
def near_duplicate_groups(X, *, threshold=0.98, shift=0, image_shape=None):
    """Group images that are near-duplicates of each other.

    Two images are linked if the Pearson correlation of their pixels exceeds
    `threshold`, which is invariant to brightness and contrast. Groups are the
    connected components. Splitting a data set by these groups keeps copies of one
    photograph in one part.

    .. versionadded:: 0.1

    Parameters
    ----------
    X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
        Images of any numeric dtype, without missing values.
    threshold : float, default=0.98
        Correlation above which two images are linked, in the open interval (0, 1).
    shift : int, default=0
        Maximum displacement between two images, vertically and horizontally, in
        pixels: the highest correlation over all displacements counts, each computed on
        the overlap. Less than half the shorter side. Time grows with
        ``(2 * shift + 1) ** 2``.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, channels) of the images that rows hold;
        None infers a square, gray or RGB. Only used with `shift`.

    Returns
    -------
    groups : ndarray of int64, shape (n,)
        Group of each image, numbered from 0 in order of first appearance.

    Raises
    ------
    ValueError
        If X holds no images, or a parameter is out of range.

    See Also
    --------
    split_samples : Split a data set by group.
    sklearn.model_selection.StratifiedGroupKFold : Cross-validation by group.

    Notes
    -----
    Constant images have no correlation; all of them form one group. A constant
    overlap of displaced images is not linked.

    The result is exact: the index uses upper bounds of the correlation and dismisses
    no pair falsely [1]_; the remaining pairs are correlated in float64. On one core,
    27,455 images of 28x28 pixels take 3 s, and 100,000 in groups of twenty 10 s
    (``benchmarks/near_duplicates.py``). For images without low-rank structure, such
    as noise, time is quadratic. Besides X as uint8 or float32, memory is about 300
    bytes per image plus less than 200 MB.

    References
    ----------
    .. [1] C. Faloutsos, M. Ranganathan, Y. Manolopoulos, "Fast Subsequence Matching
       in Time-Series Databases", SIGMOD 1994, section 3: bounds from orthonormal
       coordinates, without false dismissals.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.model_selection import near_duplicate_groups
    >>> hand, other = np.random.default_rng(0).integers(0, 100, (2, 28, 28))
    >>> near_duplicate_groups([hand, other, 2 * hand + 30, 255 - hand]).tolist()
    [0, 1, 0, 2]
    """
    if image_shape is None:
        refuse_one_image(X)
    images = validate_images(BaseEstimator(), X, image_shape=image_shape, reset=True)
    _check_threshold(threshold)
    _check_shift(shift, images.shape)
    labels = np.arange(len(images))
    labels[~_Window(images).has_contrast()] = len(images)
    # the products are small: threads of BLAS only add overhead
    with threadpool_limits(1, user_api="blas"):
        for here, there in _window_pairs(images, shift):
            _link_all(here, there, threshold, labels)
    return _number_by_appearance(labels)


def _check_threshold(threshold):
    if not isinstance(threshold, Real) or not 0 < threshold < 1:
        raise ValueError(
            "threshold must be a correlation between 0 and 1, both excluded; got "
            f"{threshold!r}."
        )


def _check_shift(shift, shape):
    most = (min(shape[1:3]) - 1) // 2
    if not isinstance(shift, Integral) or not 0 <= shift <= most:
        raise ValueError(
            f"shift must be an integer of pixels from 0 to {most}, less than half "
            f"the shorter side of images of shape {shape[1:]}; got {shift!r}."
        )


class _Window:
    """A window of all images, standardized on access."""

    def __init__(self, images, down=0, right=0):
        height, width = images.shape[1:3]
        self.images = images
        self.part = (
            slice(None),
            slice(max(down, 0), height + min(down, 0)),
            slice(max(right, 0), width + min(right, 0)),
        )
        self.n_values = images[:1][self.part].size
        self.rows_in_chunk = max(1, CHUNK_VALUES // self.n_values)

    def __len__(self):
        return len(self.images)

    def has_contrast(self):
        """Return which images are not constant in the window, (n,) bool."""
        values = self.images[self.part]
        return values.max(axis=(1, 2, 3)) > values.min(axis=(1, 2, 3))

    def take(self, rows):
        """Return the pixels of some images with mean 0 and norm 1, float64."""
        # whole images first: NumPy indexes flat rows much faster
        flat = self.images.reshape(len(self.images), -1)[rows]
        values = flat.reshape(-1, *self.images.shape[1:])[self.part]
        values = values.reshape(len(values), -1).astype(np.float64)
        values -= values.mean(axis=1, keepdims=True)
        length = np.sqrt(np.vecdot(values, values))
        values /= np.where(length > 0, length, 1)[:, None]
        return values


def _window_pairs(images, shift):
    """Yield pairs of overlapping windows, once per displacement and its opposite."""
    whole = _Window(images)
    yield whole, whole
    for down, right in product(range(shift + 1), range(-shift, shift + 1)):
        if (down, right) > (0, 0):
            yield _Window(images, down, right), _Window(images, -down, -right)


def _link_all(here, there, threshold, labels):
    """Merge the labels of all images whose windows correlate, in place."""
    axes = _principal_axes(here)
    left = _sketch(here, axes)
    right = left if there is here else _sketch(there, axes)
    candidates = _candidates(here, there, left, right, threshold - SLACK, labels)
    for batch in _in_batches(candidates, BATCH_SIZE):
        _link_batch(here, there, *batch, threshold, labels)


def _principal_axes(window):
    """Fit orthonormal axes on a sample; the bound holds for any axes."""
    most = np.clip(MAX_SAMPLE_VALUES // window.n_values, N_AXES, MAX_SAMPLE)
    places = np.linspace(0, len(window) - 1, min(most, len(window)))
    sample = window.take(places.astype(int))
    return randomized_svd(sample, min(N_AXES, *sample.shape), random_state=0)[2].T


def _sketch(window, axes):
    """Compute the sketches of images that are not constant, sorted into boxes."""
    rows = np.flatnonzero(window.has_contrast())
    points = np.empty((len(rows), axes.shape[1] + 1), dtype=np.float32)
    for start in range(0, len(rows), window.rows_in_chunk):
        chunk = slice(start, start + window.rows_in_chunk)
        seen = window.take(rows[chunk]) @ axes
        points[chunk, :-1] = seen
        points[chunk, -1] = np.sqrt(np.maximum(0, 1 - np.vecdot(seen, seen)))
    boxes = _boxes(points, np.arange(len(rows)))
    order = np.concatenate(boxes)
    return _Sketches(
        rows[order],
        points[order],
        np.cumsum([0, *map(len, boxes)]),
        np.array([points[box].min(axis=0, initial=np.inf) for box in boxes]),
        np.array([points[box].max(axis=0, initial=-np.inf) for box in boxes]),
    )


def _boxes(points, index):
    """Split points recursively at the median of the axis of greatest variance."""
    if len(index) <= BOX_SIZE:
        return [index]
    half = len(index) // 2
    inside = points[index]
    widest = inside.var(axis=0).argmax()
    order = np.argpartition(inside[:, widest], half)
    return _boxes(points, index[order[:half]]) + _boxes(points, index[order[half:]])


def _candidates(here, there, left, right, floor, labels):
    """Yield (bounds, first, second) of pairs that may correlate above `floor`."""
    for box, rows in enumerate(np.split(left.rows, left.starts[1:-1])):
        points = left.points[left.starts[box] : left.starts[box + 1]]
        for near in _near_places(left, right, box, floor):
            others = right.rows[near]
            bounds = points @ right.points[near].T
            if _is_crowded(bounds, floor):
                bounds[labels[rows][:, None] == labels[others]] = -1
            if _is_crowded(bounds, floor):
                bounds = _correlate_all(here, there, rows, others)
            found = np.flatnonzero(bounds > floor)
            first, second = np.divmod(found, len(others))
            first, second = rows[first], others[second]
            apart = labels[first] != labels[second]
            yield bounds.ravel()[found[apart]], first[apart], second[apart]


def _near_places(left, right, box, floor):
    """Yield positions in `right` of boxes near a box of `left`, in chunks."""
    gap = np.maximum(right.low - left.high[box], left.low[box] - right.high)
    distance = np.square(np.maximum(gap, 0)).sum(axis=1)
    # of points of length 1 the squared distance is 2 - 2 * product
    near = distance <= 2 - 2 * (floor - SLACK)
    if left is right:
        near[:box] = False
    places = np.flatnonzero(np.repeat(near, np.diff(right.starts)))
    for start in range(0, len(places), MAX_NEAR):
        yield places[start : start + MAX_NEAR]


def _is_crowded(bounds, floor):
    return np.count_nonzero(bounds > floor) > CROWD * bounds.shape[1]


def _correlate_all(here, there, rows, others):
    """Correlate all pairs of some images; float32, error about 1e-6."""
    pixels = here.take(rows).astype(np.float32)
    correlations = np.empty((len(rows), len(others)), dtype=np.float32)
    for start in range(0, len(others), there.rows_in_chunk):
        chunk = slice(start, start + there.rows_in_chunk)
        correlations[:, chunk] = pixels @ there.take(others[chunk]).astype("f4").T
    return correlations


def _in_batches(parts, size):
    """Concatenate tuples of arrays to batches of at least `size` entries."""
    waiting, n_waiting = [], 0
    for part in parts:
        waiting.append(part)
        n_waiting += len(part[0])
        if n_waiting >= size:
            yield map(np.concatenate, zip(*waiting, strict=True))
            waiting, n_waiting = [], 0
    if n_waiting:
        yield map(np.concatenate, zip(*waiting, strict=True))


def _link_batch(here, there, bounds, first, second, threshold, labels):
    """Merge the labels of the candidates that correlate, in place."""
    order = np.argsort(-bounds)
    first, second = first[order], second[order]
    for _ in range(ROUNDS):
        # the most similar pair of each label; pairs that it merges are skipped
        best = np.union1d(_first_places(labels[first]), _first_places(labels[second]))
        _link_pairs(here, there, first[best], second[best], threshold, labels)
        apart = labels[first] != labels[second]
        apart[best] = False
        first, second = first[apart], second[apart]
    _link_pairs(here, there, first, second, threshold, labels)


def _first_places(values):
    return np.unique(values, return_index=True)[1]


def _link_pairs(here, there, first, second, threshold, labels):
    """Correlate pairs of images and merge the labels of those above threshold."""
    linked = np.empty(len(first), dtype=bool)
    for start in range(0, len(first), here.rows_in_chunk):
        chunk = slice(start, start + here.rows_in_chunk)
        product = np.vecdot(here.take(first[chunk]), there.take(second[chunk]))
        linked[chunk] = product > threshold
    _merge(labels, first[linked], second[linked])


def _merge(labels, first, second):
    """Merge the labels of linked images, in place."""
    n_labels = len(labels) + 1
    links = coo_array(
        (np.ones(len(first), dtype=bool), (labels[first], labels[second])),
        shape=(n_labels, n_labels),
    )
    labels[:] = connected_components(links, directed=False)[1][labels]


def _number_by_appearance(labels):
    _, appearance, groups = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(appearance))[groups]
