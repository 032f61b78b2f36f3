"""Letters that hands hold in videos.

A hand holds a letter, or is on its way. The most probable sequence of these states is
found by the Viterbi algorithm [1]_ in a hidden Markov model: a frame is as probable as
its letter, and as its speed is for hands that are still or that move. What the frames
of a hold say is combined by adding their log-probabilities.

References
----------
.. [1] L. R. Rabiner, "A Tutorial on Hidden Markov Models and Selected Applications in
   Speech Recognition", Proceedings of the IEEE 77(2), 257-286, 1989.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

MIN_PRESENCE = 0.5
MAX_GAP = 0.5
"""Seconds between two frames after which nothing is known of the first."""

# Chosen on rendered videos of other signers and words than those measured
_LEAST = 1e-3  # probability of a letter in a frame, which may always be wrong
_TICK = 1 / 15  # seconds of a frame that counts once
_LONGEST_TICK = 3.0
_SPEED_WINDOW = 0.12  # seconds over which the speed is measured
_STILL = (np.log(0.37), 0.8)  # mean and deviation of the logarithm of the speed in
_MOVING = (np.log(1.8), 1.0)  # palm lengths a second
_SPEED_LIMITS = (-2.5, 1.5)  # of the log-likelihood ratio of a frame
_SLIDING, _SLIDE_COST = 0.9, -2.5  # speed of a palm that slides, and its ratio
_UNKNOWN_SPEED = 0.5  # the same where joints are unknown
_ON_ITS_WAY = np.log(0.08)  # log-likelihood of a frame that shows no letter
_ABSENT = -4.0  # log-likelihood of a frame without a hand, in a hold
_BEGIN, _END, _CHANGE = -2.5, -1.5, -5.0  # of the changes between states
_SHARPNESS = 2.0  # by how much a hold is surer than one frame
_SLIDE = 0.14  # palm lengths that the palm moves between doubled letters
_RELEASE = 0.2  # seconds without the letter between doubled letters
_LENGTH_WEIGHT = 0.1  # of a frame in the palm length
_KEPT = 8  # frames at either end of an old hold
_MEMORY = 1.5  # seconds of frames that may still change what they show
_POINTS = (0, 4, 8, 9, 12, 16, 20)  # the wrist, a knuckle and the tips
_PALM = (0, 5, 9, 13, 17)
_WRIST, _MIDDLE_MCP = 0, 9


class Letter(NamedTuple):
    """A letter of a video.

    Read more in the :doc:`User Guide </inference>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    letter : str
        The letter.
    probability : float
        Its probability, 0 to 1.
    start, end : float
        Times of the first and the last frame that show it, in seconds.
    probabilities : dict of str to float
        Probability of each letter.
    """

    letter: str
    probability: float
    start: float
    end: float
    probabilities: dict


class Hold(NamedTuple):
    """A letter that is held: probabilities, times, and the place of the palm."""

    probabilities: np.ndarray
    start: float
    end: float
    palm: np.ndarray | None

    @property
    def best(self):
        """Number of the most probable letter."""
        return int(self.probabilities.argmax())


class _Frame(NamedTuple):
    """A frame: log-probabilities, joints, and where each state came from."""

    time: float
    row: np.ndarray | None
    joints: np.ndarray | None
    back: np.ndarray


class HoldDecoder:
    """Divide the frames of a video into holds.

    Parameters
    ----------
    n_letters : int
        Number of letters.
    hold_time : float
        Time for which a letter is held at least, in seconds.
    """

    def __init__(self, n_letters, hold_time):
        self._n_letters, self._hold_time = n_letters, hold_time
        self.clear()

    @property
    def frames(self):
        """The frames that are not forgotten, with a time and joints or None."""
        return self._frames

    def clear(self):
        """Forget all frames."""
        self._frames, self._length, self._n_measured = [], 0.0, 0
        self._scores = np.full(self._n_letters + 1, _BEGIN)
        self._scores[-1] = 0.0

    def push(self, time, row, joints):
        """Process a frame.

        Parameters
        ----------
        time : float
            In seconds.
        row : ndarray of float, shape (n_letters,), or None
            Log-probabilities of the letters; None without a hand.
        joints : ndarray of float, shape (21, 3), or None
        """
        self._measure(joints)
        tick = self._ticks(time)
        shown = np.full(self._n_letters, _ABSENT) if row is None else row
        stillness = 0.0 if row is None else self._stillness(time, joints)
        back = self._advance()
        self._scores[:-1] += tick * (shown + stillness)
        self._scores[-1] += tick * (0.0 if row is None else _ON_ITS_WAY)
        self._scores -= self._scores.max()
        self._frames.append(_Frame(time, row, joints, back))

    def holds(self):
        """Return the holds, those of the same letter that are one joined."""
        holds, gap = [], []
        for state, frames in self._segments():
            hold = _hold_of(frames) if state < self._n_letters else None
            if hold is None or hold.end - hold.start < self._hold_time - 1e-9:
                gap += frames
                continue
            if holds and self._continues(holds[-1][0], hold, gap):
                before = holds.pop()[1]
                frames = before + frames
                hold = _hold_of(frames)
            holds.append((hold, frames))
            gap = []
        return [hold for hold, _ in holds]

    def now(self):
        """Return the letter that is held now, however shortly, or None."""
        segments = self._segments()
        if not segments or segments[-1][0] == self._n_letters:
            return None
        return _hold_of(segments[-1][1])

    def lock(self, time):
        """Fix the states of the frames until a time, whatever comes later."""
        n = sum(frame.time <= time for frame in self._frames)
        if n == 0:
            return
        state = self._path()[n - 1]
        ancestors = np.arange(self._n_letters + 1)
        for frame in reversed(self._frames[n:]):
            ancestors = frame.back[ancestors]
        self._scores[ancestors != state] = -np.inf

    def forget(self, time):
        """Drop old frames, as many as no hold from now on needs."""
        n = sum(frame.time < time - _MEMORY for frame in self._frames)
        if n < 4 * _KEPT:
            return
        self.lock(self._frames[n - 1].time)
        path = self._path()
        starts = [i for i in range(n) if i == 0 or path[i] != path[i - 1]]
        letters = [i for i in starts if path[i] < self._n_letters]
        first = (letters or starts)[-1]
        kept = {*range(first, len(path))}
        for low, high in pairwise([*(i for i in starts if i >= first), n]):
            kept -= {*range(low + _KEPT, high - _KEPT)}
        self._frames = [self._frames[i] for i in sorted(kept)]

    def _measure(self, joints):
        """Update the palm length; that of a single frame would shake all places."""
        if joints is not None:
            length = np.linalg.norm(joints[_MIDDLE_MCP] - joints[_WRIST])
            self._n_measured += 1
            weight = max(_LENGTH_WEIGHT, 1 / self._n_measured)
            self._length = max(self._length + weight * (length - self._length), 1e-9)

    def _ticks(self, time):
        """Return for how many ticks a frame counts."""
        if not self._frames:
            return 1.0
        return min((time - self._frames[-1].time) / _TICK, _LONGEST_TICK)

    def _stillness(self, time, joints):
        """Return the log-likelihood ratio of the speed: still against moving."""
        before = self._before(time)
        if joints is None or before is None:
            return _UNKNOWN_SPEED
        way = (joints - before.joints)[:, :2] / self._length / (time - before.time)
        speed = np.linalg.norm(way[list(_POINTS)], axis=1).mean()
        speed = max(np.log(max(speed, 1e-3)), _STILL[0])
        ratio = _log_density(speed, *_STILL) - _log_density(speed, *_MOVING)
        ratio = np.clip(ratio, *_SPEED_LIMITS)
        slides = np.linalg.norm(way[list(_PALM)].mean(axis=0)) > _SLIDING
        return ratio + _SLIDE_COST * slides

    def _before(self, time):
        """Return the first frame of the window of the speed, or the last frame."""
        found = None
        for frame in reversed(self._frames):
            if found is not None and time - frame.time > _SPEED_WINDOW + 1e-9:
                break
            if frame.joints is not None and time > frame.time:
                found = frame
        is_near = found is not None and time - found.time <= MAX_GAP
        return found if is_near else None

    def _advance(self):
        """Move the scores of the states to the next frame; return where from."""
        letters, way = self._scores[:-1], self._scores[-1]
        best = int(letters.argmax())
        back = np.arange(self._n_letters + 1)
        entered = np.full(
            (2, self._n_letters), [[way + _BEGIN], [letters[best] + _CHANGE]]
        )
        ways = np.concatenate([letters[None], entered])
        choice = ways.argmax(axis=0)
        back[:-1] = np.choose(choice, [back[:-1], self._n_letters, best])
        if letters[best] + _END > way:
            back[-1] = best
            self._scores[-1] = letters[best] + _END
        self._scores[:-1] = ways.max(axis=0)
        return back

    def _path(self):
        """Return the state of each frame."""
        if not self._frames:
            return []
        state, path = int(self._scores.argmax()), []
        for frame in reversed(self._frames):
            path.append(state)
            state = int(frame.back[state])
        return path[::-1]

    def _segments(self):
        """Return runs of frames of one state: (state, frames)."""
        segments = []
        for state, frame in zip(self._path(), self._frames, strict=True):
            if not segments or segments[-1][0] != state:
                segments.append((state, []))
            segments[-1][1].append(frame)
        return segments

    def _continues(self, last, hold, gap):
        """Return whether a hold is the last one, after a tremble."""
        if hold.best != last.best:
            return False
        without = sum(
            frame.row is None or frame.row[last.best] < np.log(0.2) for frame in gap
        )
        seconds = hold.start - last.end
        if seconds * without / max(len(gap), 1) >= _RELEASE:
            return False
        if last.palm is None or hold.palm is None:
            return True
        places = [_palm_of(frame) for frame in gap if frame.joints is not None]
        ways = np.linalg.norm(np.array([*places, hold.palm]) - last.palm, axis=1)
        return ways.max() < _SLIDE * self._length


def log_probabilities_of(probabilities, letters):
    """Return the log-probabilities of letters, (n_letters,)."""
    row = np.array([probabilities.get(letter, 0.0) for letter in letters], float)
    row = np.maximum(row, _LEAST)
    return np.log(row / row.sum())


def _hold_of(frames):
    """Combine frames of one letter."""
    rows = [frame.row for frame in frames if frame.row is not None]
    if not rows:
        return None
    mean = _SHARPNESS * np.mean(rows, axis=0)
    places = [_palm_of(frame) for frame in frames if frame.joints is not None]
    return Hold(
        np.exp(mean - np.logaddexp.reduce(mean)),
        frames[0].time,
        frames[-1].time,
        np.median(places, axis=0) if places else None,
    )


def _log_density(value, mean, deviation):
    """Return the logarithm of a normal density, without its constant."""
    return -0.5 * ((value - mean) / deviation) ** 2 - np.log(deviation)


def _palm_of(frame):
    return frame.joints[list(_PALM), :2].mean(axis=0)
