"""Videos of rendered hands that spell words."""

from collections.abc import Iterable
from dataclasses import fields, replace
from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import validate_params

from skl_signlang._intervals import Interval
from skl_signlang._letters import LETTERS, MOVING_LETTERS
from skl_signlang._numbers import python_arguments
from skl_signlang.datasets.rendering._hand_motion import draw_habits, spell
from skl_signlang.datasets.rendering._hand_poses import draw_signers
from skl_signlang.datasets.rendering._hand_scene import (
    Framing,
    draw_views,
    render_images,
)

_MAX_SEED = np.iinfo(np.int32).max
_LONGEST_WORD = 40
_SHORTEST, _LONGEST = 0.05, 10.0  # seconds
_RAYS = 1  # on a side of a pixel: a camera's images of hands in motion are not sharp

_DESCR = """\
Videos of rendered hands that spell words

{n} videos at {rate:g} frames a second, each of a word by another signer. Hands are
those of make_fingerspelling; between letters they move, they tremble, and the fingers
draw J and Z.

videos      list of uint8, (n_frames, {size}, {size}{channels})
target      the word
letters     list of str, (n_frames,): the letter that is held or drawn, or 'none'
groups      the signer, 0 to {last}
handedness  'right' or 'left'
joints      list of float32, (n_frames, 21, 3): as of make_fingerspelling
points      list of float32, (n_frames, 21, 2): x and y of the joints in pixels
frame_rate  frames a second
"""


@validate_params(
    {
        "words": "no_validation",
        "image_size": [Interval(Integral, 16, 256, closed="both")],
        "color": ["boolean"],
        "frame_rate": [Interval(Real, 1, 120, closed="both")],
        "hold_time": "no_validation",
        "move_time": "no_validation",
        "mirror": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
@python_arguments
def make_fingerspelling_videos(
    words,
    *,
    image_size=192,
    color=False,
    frame_rate=15,
    hold_time=(0.4, 0.75),
    move_time=(0.15, 0.3),
    mirror=0.5,
    random_state=None,
):
    """Render videos of hands that spell words.

    J and Z are drawn with the finger, as signers do. A doubled letter slides to the
    side, bounces, or is opened and closed again, depending on the signer. The hand is
    raised into the image before the word, and lowered after it.

    .. versionadded:: 0.1

    Parameters
    ----------
    words : iterable of str
        Words of the letters A to Z, each of up to 40 letters.
    image_size : int, default=192
        Height and width in pixels, 16 to 256.
    color : bool, default=False
        Whether to render RGB rather than gray images.
    frame_rate : float, default=15
        Frames a second, 1 to 120.
    hold_time : tuple of two floats, default=(0.4, 0.75)
        Shortest and longest time for which signers hold a letter, in seconds.
    move_time : tuple of two floats, default=(0.15, 0.3)
        Shortest and longest time from one letter to the next, in seconds.
    mirror : float, default=0.5
        Probability of a left hand, 0 to 1.
    random_state : int, RandomState instance or None, default=None
        Random state. Pass an int for reproducible videos across calls.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With an entry for each video in:

        videos : list of ndarray of uint8, shape (n_frames, image_size, image_size) \
                or (n_frames, image_size, image_size, 3)
            The frames.
        target : ndarray of str, shape (n_words,)
            The words.
        letters : list of ndarray of str, shape (n_frames,)
            The letter that is held or drawn in each frame, or ``"none"``.
        groups : ndarray of int, shape (n_words,)
            The signer, another one for each word.
        handedness : ndarray of str, shape (n_words,)
            'right' or 'left'.
        joints : list of ndarray of float32, shape (n_frames, 21, 3)
            Joints as of `make_fingerspelling`.
        points : list of ndarray of float32, shape (n_frames, 21, 2)
            x and y of the joints in the image, in pixels.
        frame_rate : float
            Frames a second.
        DESCR : str
            Description of the data.

    Raises
    ------
    TypeError
        If `words` is a string or not iterable.
    ValueError
        If a word has other characters, or a parameter is invalid.

    See Also
    --------
    make_fingerspelling : Images of single letters.
    skl_signlang.inference.LetterStream : Convert frames to text.

    Examples
    --------
    >>> from skl_signlang.datasets import make_fingerspelling_videos
    >>> spelled = make_fingerspelling_videos(["HI"], image_size=32, random_state=0)
    >>> spelled.videos[0].shape[1:], set(spelled.letters[0].tolist()) >= {"H", "I"}
    ((32, 32), True)
    """
    words = _check_words(words)
    hold_time = _check_times(hold_time, "hold_time")
    move_time = _check_times(move_time, "move_time")
    rng = check_random_state(random_state)
    people, viewing, moving, sensor = (
        np.random.RandomState(seed) for seed in rng.randint(_MAX_SEED, size=4)
    )
    signers = draw_signers(len(words), people)
    views = draw_views(len(words), mirror, viewing)
    habits = draw_habits(len(words), hold_time, move_time, views.left, moving)
    motion = spell(words, signers, habits, frame_rate, moving)
    place = draw_framing(motion, views.left, viewing)
    of_frames = {f.name: getattr(views, f.name)[motion.video] for f in fields(views)}
    images, joints, points = render_images(
        motion.joints,
        motion.rotation,
        motion.forearm,
        (signers.thickness[motion.video], signers.tone[motion.video]),
        replace(views, **of_frames),
        image_size,
        color,
        sensor,
        place,
        _RAYS,
    )
    ends = np.flatnonzero(np.diff(motion.video)) + 1
    return Bunch(
        videos=np.split(images, ends),
        target=np.array(words),
        letters=np.split(motion.label, ends),
        groups=np.arange(len(words)),
        handedness=np.where(views.left, "left", "right"),
        joints=np.split(joints, ends),
        points=np.split(points, ends),
        frame_rate=frame_rate,
        DESCR=_DESCR.format(
            n=len(words),
            rate=frame_rate,
            size=image_size,
            channels=", 3" if color else "",
            last=len(words) - 1,
        ),
    )


def draw_framing(motion, left, rng):
    """Draw where each video shows its hand; return that of each frame."""
    n = len(left)
    unit = rng.uniform(0.2, 0.28, n)[motion.video]
    rest = [0.5, 0.58] + [0.06, 0.03] * rng.standard_normal((n, 2))
    side = np.where(left, -1, 1)[motion.video]
    moved = motion.place * np.stack([side, np.ones_like(side)], axis=1)
    return Framing(rest[motion.video] + unit[:, None] * moved, unit)


def _check_words(words):
    if isinstance(words, str) or not isinstance(words, Iterable):
        raise TypeError(f"words must be several words, such as a list; got {words!r}.")
    words = [str(word).upper() for word in words]
    alphabet = {*LETTERS, *MOVING_LETTERS}
    wrong = [
        word
        for word in words
        if not 0 < len(word) <= _LONGEST_WORD or not alphabet.issuperset(word)
    ]
    if wrong or not words:
        raise ValueError(
            f"words must be one or more words of 1 to {_LONGEST_WORD} letters from A "
            f"to Z; got {wrong[:5] or words}."
        )
    return words


def _check_times(times, name):
    try:
        low, high = (float(time) for time in times)
    except (TypeError, ValueError):
        low, high = np.nan, np.nan
    if not _SHORTEST <= low <= high <= _LONGEST:
        raise ValueError(
            f"{name} must be the shortest and the longest time in seconds, from "
            f"{_SHORTEST} to {_LONGEST:g}; got {times!r}."
        )
    return low, high
