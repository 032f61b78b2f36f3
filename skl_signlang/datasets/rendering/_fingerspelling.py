"""Rendered hands that form the letters of the American manual alphabet."""

from collections.abc import Iterable
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import validate_params

from skl_signlang._intervals import Interval
from skl_signlang._letters import LETTERS, MOVING_LETTERS
from skl_signlang._numbers import python_arguments
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.rendering._hand_poses import draw_signers, pose
from skl_signlang.datasets.rendering._hand_scene import draw_views, render_images

_MAX_SEED = np.iinfo(np.int32).max

_DESCR = """\
Rendered hands of the American manual alphabet

{n} images, {shape}, of the letters {letters} by {n_signers} signers.

A kinematic hand (wrist, palm, four fingers, thumb) forms each letter as Tennant and
Gluszak Brown, "The American Sign Language Handshape Dictionary" (1998), describe it.
A signer has own proportions, skin and habits; each image has own joint noise,
viewpoint, distance, handedness, lamp, background, blur and sensor noise. Half of
the signers form T with a level index finger and the thumb upright behind it.
No photograph went into them; poses and views were shaped by looking at the train
file of Sign Language MNIST.

images      uint8, {shape}
data        the same as flat rows
target      the letter
groups      the signer, 0 to {last}
handedness  'right' or 'left'
joints      float32, (n, 21, 3): the joints in the order of MediaPipe (wrist; CMC, MCP,
            IP and tip of the thumb; MCP, PIP, DIP and tip of index, middle, ring and
            little finger), as the camera sees them but without its perspective:
            x to the right, y down, z away from the viewer. The origin is the wrist,
            the unit the distance from there to the MCP of the middle finger.
"""


@validate_params(
    {
        "n_samples": [Interval(Integral, 1, None, closed="left")],
        "image_size": [Interval(Integral, 16, 256, closed="both")],
        "color": ["boolean"],
        "letters": "no_validation",
        "n_signers": [Interval(Integral, 1, None, closed="left")],
        "mirror": [Interval(Real, 0, 1, closed="both")],
        "max_rotation": "no_validation",
        "progress": ["boolean"],
        "random_state": ["random_state"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
@python_arguments
def make_fingerspelling(
    n_samples=2400,
    *,
    image_size=28,
    color=False,
    letters=None,
    n_signers=60,
    mirror=0.5,
    max_rotation=(0, 0, 0),
    progress=False,
    random_state=None,
    return_X_y=False,
):
    """Render hands that form the letters of the American manual alphabet.

    .. versionadded:: 0.1

    Parameters
    ----------
    n_samples : int, default=2400
        Number of images, spread evenly over the letters and the signers.
    image_size : int, default=28
        Height and width in pixels, 16 to 256.
    color : bool, default=False
        Whether to render RGB rather than gray images.
    letters : iterable of str, default=None
        Letters, such as ``"ABC"``; None means all 24 static letters.
    n_signers : int, default=60
        Number of signers, at most `n_samples`. They differ in proportions, skin and
        habits.
    mirror : float, default=0.5
        Probability of a left hand, 0 to 1.
    max_rotation : tuple of 3 floats, default=(0, 0, 0)
        Largest rotation of the hand from the usual view, in degrees from 0 to 180: yaw
        about the vertical, pitch towards the viewer, roll in the image plane. Angles
        are drawn for each image, in both directions.
    progress : bool, default=False
        Whether to show a progress bar on standard error.
    random_state : int, RandomState instance or None, default=None
        Random state. Pass an int for reproducible images across calls.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the entries:

        images : ndarray of uint8, shape (n_samples, image_size, image_size) or \
                (n_samples, image_size, image_size, 3)
            The images.
        data : ndarray of uint8, shape (n_samples, n_features)
            Flattened pixels, a view of ``images``.
        target : ndarray of str, shape (n_samples,)
            The letters.
        target_names : ndarray of str, shape (n_letters,)
            The distinct letters, sorted.
        groups : ndarray of int, shape (n_samples,)
            The signer of each image, as group labels.
        handedness : ndarray of str, shape (n_samples,)
            'right' or 'left'.
        joints : ndarray of float32, shape (n_samples, 21, 3)
            Joints in MediaPipe's order: x to the right, y down, z away from the
            viewer; origin at the wrist, in units of the distance from there to the
            MCP joint of the middle finger.
        DESCR : str
            Description of the data.
    (data, target) : tuple of ndarray
        If `return_X_y` is True.

    See Also
    --------
    fetch_sign_mnist : Photographs of hands.
    skl_signlang.preprocessing.HandLandmarks : Find the joints in images.

    Notes
    -----
    Each letter has the joint angles of [1]_ for a kinematic hand, whose bone lengths
    are those of [2]_. A ray caster draws the hand as round cones.

    References
    ----------
    .. [1] R. A. Tennant and M. Gluszak Brown, "The American Sign Language Handshape
       Dictionary", Clerc Books, Gallaudet University Press, 1998.
    .. [2] A. Buryanov and V. Kotiuk, "Proportions of hand segments", International
       Journal of Morphology 28(3), 755-758, 2010.

    Examples
    --------
    >>> from skl_signlang.datasets import make_fingerspelling
    >>> hands = make_fingerspelling(48, random_state=0)
    >>> hands.images.shape, hands.joints.shape
    ((48, 28, 28), (48, 21, 3))
    >>> X, y = make_fingerspelling(6, letters="ABC", random_state=0, return_X_y=True)
    >>> X.shape, sorted(y.tolist())
    ((6, 784), ['A', 'A', 'B', 'B', 'C', 'C'])
    """
    alphabet = _check_letters(letters)
    # Separate generators, so that color and size do not change poses
    rng = check_random_state(random_state)
    people, casting, posing, viewing, sensor, turning = (
        np.random.RandomState(seed) for seed in rng.randint(_MAX_SEED, size=6)
    )
    n_signers = min(n_signers, n_samples)
    letter = alphabet[casting.permutation(np.arange(n_samples) % len(alphabet))]
    signer = casting.permutation(np.arange(n_samples) % n_signers)
    signers = draw_signers(n_signers, people)
    turns = turning.uniform(-1, 1, (n_samples, 3)) * _check_max_rotation(max_rotation)
    skeleton = pose(signers, signer, letter, turns, posing)
    views = draw_views(n_samples, mirror, viewing)
    look = signers.thickness[signer], signers.tone[signer]
    images, joints, _ = render_images(
        *skeleton, look, views, image_size, color, sensor, progress=progress
    )
    bunch = image_bunch(
        images,
        letter,
        groups=signer,
        descr=_describe(images, alphabet, n_signers),
        handedness=np.where(views.left, "left", "right"),
        joints=joints,
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


def _check_letters(letters):
    """Return the distinct letters in alphabetical order."""
    if letters is None:
        return np.array(LETTERS)
    if not isinstance(letters, Iterable):
        raise TypeError(
            "letters must be None, a string or an iterable of letters; got "
            f"{letters!r}."
        )
    selected = sorted({str(letter) for letter in letters})
    unknown = [letter for letter in selected if letter not in LETTERS]
    if unknown or not selected:
        raise ValueError(
            f"letters must be one or more of {''.join(LETTERS)}; got "
            f"{unknown or selected}. {' and '.join(MOVING_LETTERS)} are signed with a "
            "motion, which an image cannot show."
        )
    return np.array(selected)


def _check_max_rotation(max_rotation):
    try:
        angles = np.array(max_rotation, dtype=float)
    except (TypeError, ValueError):
        angles = np.empty(0)
    if angles.shape != (3,) or not ((angles >= 0) & (angles <= 180)).all():
        raise ValueError(
            "max_rotation must be three angles from 0 to 180 degrees, yaw, pitch and "
            f"roll; got {max_rotation!r}."
        )
    return angles


def _describe(images, alphabet, n_signers):
    return _DESCR.format(
        n=len(images),
        shape=images.shape,
        letters="".join(alphabet),
        n_signers=n_signers,
        last=n_signers - 1,
    )
