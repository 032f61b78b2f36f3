"""Groups of near-duplicates: pairs that correlate, joined into components.

No pair is left out for speed. Every image, brought to mean 0 and length 1, is
sketched by its coordinates on a few orthonormal axes and the length of what they do
not see. The scalar product of two sketches is never below the correlation of the
images (Cauchy and Schwarz), so only pairs whose sketches are close need a look at
their pixels, and boxes of sketches that lie far apart are passed over as a whole.
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
MAX_SAMPLE = 1024  # images that the axes are fitted on
MAX_SAMPLE_VALUES = 2**20
BOX_SIZE = 128  # images
MAX_NEAR = 2**14  # images that a box is compared with at a time
SLACK = 1e-5  # of a float32 product of sketches, whose error stays below 1e-6
CROWD = 1  # candidates an image above which a matrix product is cheaper than looks
BATCH_SIZE = 2**16  # candidates
ROUNDS = 4
CHUNK_VALUES = 2**18  # float64: 2 MiB, which a processor's cache holds


class _Sketches(NamedTuple):
    """Sketches of images, those of a box next to each other."""

    rows: np.ndarray  # (n,) int, which image each is
    points: np.ndarray  # (n, axes + 1) float32, of length 1
    starts: np.ndarray  # (boxes + 1,) int, where each box begins in `rows`
    low: np.ndarray  # (boxes, axes + 1) float32, the least corner of each box
    high: np.ndarray  # (boxes, axes + 1) float32, the greatest


@python_arguments
def near_duplicate_groups(X, *, threshold=0.98, shift=0, image_shape=None):
    """Tell which images are near-duplicates of each other.

    Two images are linked when the Pearson correlation of their pixels exceeds
    `threshold`, whatever the brightness and contrast of either; a group is all that
    links connect, directly or through others. Splitting a data set by these groups
    keeps copies of one photograph on one side.

    Parameters
    ----------
    X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
        Images: numbers of any dtype, without missing values.
    threshold : float, default=0.98
        Correlation above which two images are linked, between 0 and 1, both
        excluded. A higher one splits groups and never merges any.
    shift : int, default=0
        Pixels by which one image may be displaced against the other, up or down
        and left or right: the best correlation over all such displacements counts,
        each taken over the pixels where the two overlap. Less than half the shorter
        side. Time grows with ``(2 * shift + 1) ** 2``.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, channels) of the images that rows hold;
        None infers a square, grey or RGB. It matters only for `shift`.

    Returns
    -------
    groups : ndarray of int64, shape (n,)
        The group of each image, from 0 in the order of first appearance.

    Raises
    ------
    ValueError
        If X holds no images, or a parameter is out of its range.

    See Also
    --------
    skl_signlang.model_selection.split_samples : Split a data set by its groups.
    sklearn.model_selection.StratifiedGroupKFold : Cross-validation by groups.

    Notes
    -----
    An image of a single value has no correlation; all of these form one group. A
    displaced part of a single value is linked with nothing.

    The result is exact at every number of images: the index that saves time bounds
    correlations from above and so dismisses no pair falsely [1]_; what it leaves is
    correlated in float64. On one core 27,455 hands of 28x28 take 3 s and 100,000
    images in groups of twenty 10 s (``benchmarks/near_duplicates.py``). Where few
    axes say little about the images, as of noise, time grows with their square.

    Beyond X as an array of uint8 or float32, memory is about 300 bytes an image and
    a constant below 200 MB.

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
    # the products are small: threads of BLAS would wait for each other, not help
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
    """The same part of every image, standardized as it is taken."""

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
        """Tell which images have more than one value in the window."""
        values = self.images[self.part]
        return values.max(axis=(1, 2, 3)) > values.min(axis=(1, 2, 3))

    def take(self, rows):
        """Give the pixels of some images mean 0 and length 1, in float64."""
        # whole images first: NumPy gathers flat rows much faster than their parts
        flat = self.images.reshape(len(self.images), -1)[rows]
        values = flat.reshape(-1, *self.images.shape[1:])[self.part]
        values = values.reshape(len(values), -1).astype(np.float64)
        values -= values.mean(axis=1, keepdims=True)
        length = np.sqrt(np.vecdot(values, values))
        values /= np.where(length > 0, length, 1)[:, None]
        return values


def _window_pairs(images, shift):
    """Yield where images overlap, once for each displacement and its opposite."""
    whole = _Window(images)
    yield whole, whole
    for down, right in product(range(shift + 1), range(-shift, shift + 1)):
        if (down, right) > (0, 0):
            yield _Window(images, down, right), _Window(images, -down, -right)


def _link_all(here, there, threshold, labels):
    """Join the labels, in place, of all images whose windows correlate."""
    axes = _principal_axes(here)
    left = _sketch(here, axes)
    right = left if there is here else _sketch(there, axes)
    candidates = _candidates(here, there, left, right, threshold - SLACK, labels)
    for batch in _in_batches(candidates, BATCH_SIZE):
        _link_batch(here, there, *batch, threshold, labels)


def _principal_axes(window):
    """Fit orthonormal axes on a sample; the bound holds whatever they are."""
    most = np.clip(MAX_SAMPLE_VALUES // window.n_values, N_AXES, MAX_SAMPLE)
    places = np.linspace(0, len(window) - 1, min(most, len(window)))
    sample = window.take(places.astype(int))
    return randomized_svd(sample, min(N_AXES, *sample.shape), random_state=0)[2].T


def _sketch(window, axes):
    """Sketch the images that have contrast, and sort them into boxes."""
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
    """Halve the points along their widest axis until each part fits a box."""
    if len(index) <= BOX_SIZE:
        return [index]
    half = len(index) // 2
    inside = points[index]
    widest = inside.var(axis=0).argmax()
    order = np.argpartition(inside[:, widest], half)
    return _boxes(points, index[order[:half]]) + _boxes(points, index[order[half:]])


def _candidates(here, there, left, right, floor, labels):
    """Yield pairs not yet of one label that may correlate above `floor`.

    Each yield holds the bounds of their correlations and the two images of each.
    """
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
    """Yield, in parts, the places in `right` that boxes near one of `left` hold."""
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
    """Correlate all pairs of some images; float32, so good to about 1e-6."""
    pixels = here.take(rows).astype(np.float32)
    correlations = np.empty((len(rows), len(others)), dtype=np.float32)
    for start in range(0, len(others), there.rows_in_chunk):
        chunk = slice(start, start + there.rows_in_chunk)
        correlations[:, chunk] = pixels @ there.take(others[chunk]).astype("f4").T
    return correlations


def _in_batches(parts, size):
    """Join tuples of arrays to ones of `size` entries or a little more."""
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
    """Join the labels, in place, of those candidates that do correlate."""
    order = np.argsort(-bounds)
    first, second = first[order], second[order]
    for _ in range(ROUNDS):
        # the surest of each label; what they bring together needs no look any more
        surest = np.union1d(_first_places(labels[first]), _first_places(labels[second]))
        _look(here, there, first[surest], second[surest], threshold, labels)
        apart = labels[first] != labels[second]
        apart[surest] = False
        first, second = first[apart], second[apart]
    _look(here, there, first, second, threshold, labels)


def _first_places(values):
    return np.unique(values, return_index=True)[1]


def _look(here, there, first, second, threshold, labels):
    """Correlate pairs of images and join the labels of those above threshold."""
    linked = np.empty(len(first), dtype=bool)
    for start in range(0, len(first), here.rows_in_chunk):
        chunk = slice(start, start + here.rows_in_chunk)
        product = np.vecdot(here.take(first[chunk]), there.take(second[chunk]))
        linked[chunk] = product > threshold
    _join(labels, first[linked], second[linked])


def _join(labels, first, second):
    """Give each connected component of labels one label, in place."""
    n_labels = len(labels) + 1
    links = coo_array(
        (np.ones(len(first), dtype=bool), (labels[first], labels[second])),
        shape=(n_labels, n_labels),
    )
    labels[:] = connected_components(links, directed=False)[1][labels]


def _number_by_appearance(labels):
    _, appearance, groups = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(appearance))[groups]
