"""What a frame of a video shows."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class LetterFrame(NamedTuple):
    """What a frame of a video shows: letters, and the hand.

    Read more in the :doc:`User Guide </inference>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    probabilities : dict of str to float
        Probability of each letter if the frame shows one.
    presence : float, default=1.0
        Probability that the frame shows a hand, 0 to 1.
    joints : ndarray of float, shape (21, 3), default=None
        Joints in MediaPipe's order: x to the right of the image, y down, z away from
        the camera, of any unit that is the same for all frames; mirrored if it is a
        left hand. None where joints are unknown.
    """

    probabilities: Mapping
    presence: float = 1.0
    joints: np.ndarray | None = None
