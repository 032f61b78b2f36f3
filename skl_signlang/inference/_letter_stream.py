"""Conversion of the letters in video frames to text."""

from collections import Counter, deque
from math import isfinite
from numbers import Real

from skl_signlang._letters import DELETE, NOTHING, SPACE
from skl_signlang.inference._letter_predictor import NONE


class LetterStream:
    """Convert the frames of a camera to text.

    A letter is written once it has the majority of the frames of the last `hold_time`
    seconds. It is not written again before it is released: another letter is written,
    or fewer than ``1 - majority`` of these frames show it. To double a letter, relax
    the hand in between. After `pause` seconds without a letter a space is written.

    The text depends only on frames and times, not on a clock.

    .. versionadded:: 0.1

    Parameters
    ----------
    predictor : LetterPredictor, default=None
        Predictor of the letters in frames. It should reject images (see
        `LetterPredictor.calibrate`), because hands pass through other letters. None
        takes letters as frames.
    hold_time : float, default=0.5
        Time that a letter must be held, in seconds.
    majority : float, default=0.6
        Fraction of the frames of this time that must show it; above 0.5, below 1.
    pause : float, default=1.5
        Time without a letter after which a space is written, in seconds; longer than
        `hold_time`.

    Attributes
    ----------
    text : str
        The text so far.
    letter : str
        The letter that has the majority now, or ``"none"``.

    See Also
    --------
    LetterPredictor : Predict the letter in one image.

    Notes
    -----
    The classes ``"space"``, ``"del"`` and ``"nothing"`` of some data sets write a
    space, delete a letter, and count as no letter.

    Examples
    --------
    >>> from skl_signlang.inference import LetterStream
    >>> stream = LetterStream(hold_time=0.3, pause=1)
    >>> frames = ["H"] * 5 + ["none"] * 5 + ["I"] * 5 + ["none"] * 15 + ["A"] * 5
    >>> for i, frame in enumerate(frames):
    ...     text = stream.push(frame, time=i / 10)
    >>> text
    'HI A'
    """

    def __init__(self, predictor=None, *, hold_time=0.5, majority=0.6, pause=1.5):
        _check_seconds(hold_time, "hold_time")
        _check_seconds(pause, "pause")
        if pause <= hold_time:
            raise ValueError(
                f"pause must be longer than hold_time; got {pause!r} and {hold_time!r}."
            )
        if not isinstance(majority, Real) or not 0.5 < majority < 1:
            raise ValueError(
                f"majority must be a fraction above 0.5 and below 1; got {majority!r}."
            )
        if predictor is not None and not hasattr(predictor, "predict"):
            raise TypeError(
                f"predictor must be a LetterPredictor or None; got {predictor!r}."
            )
        self.predictor = predictor
        self.hold_time = hold_time
        self.majority = majority
        self.pause = pause
        self.clear()

    def push(self, frame, time):
        """Process the next frame.

        Parameters
        ----------
        frame : str, path-like, bytes, Pillow image or ndarray of int
            An image as for `LetterPredictor.predict`; without a predictor a letter,
            ``"none"``, or a `LetterPrediction`.
        time : float
            Time of the frame, in seconds from any origin; not before that of the last
            frame.

        Returns
        -------
        text : str
            The text so far.

        Raises
        ------
        ValueError
            If time goes backwards, or the frame is not an image.
        TypeError
            If time is not a number, or the frame is not a letter where one is expected.
        """
        time = self._check_time(time)
        letter = self._letter_of(frame)
        if self._frames and time - self._frames[-1][0] > self.hold_time:
            # frames before a gap are no longer valid
            self._frames.clear()
            self._settle(NONE, time)
        if not self._frames:
            self._start = time
        self._frames.append((time, letter))
        while time - self._frames[0][0] > self.hold_time:
            self._frames.popleft()
        self._last_time = time
        # tolerance for rounded times
        if time - self._start >= self.hold_time - 1e-9:
            self._vote(time)
        return self.text

    def delete(self):
        """Delete the last character.

        The current letter is not written again before it is released.

        Returns
        -------
        text : str
            The remaining text.
        """
        self.text = self.text[:-1]
        return self.text

    def clear(self):
        """Delete all text; the next frame may have any time."""
        self.text, self.letter = "", NONE
        self._frames, self._start = deque(), 0.0
        self._last_time = self._last_seen = None

    def _check_time(self, time):
        if not isinstance(time, Real) or isinstance(time, bool):
            raise TypeError(f"time must be a number of seconds; got {time!r}.")
        if not isfinite(time):
            raise ValueError(f"time must be finite; got {time!r}.")
        if self._last_time is not None and time < self._last_time:
            raise ValueError(
                f"time must not go backwards; got {time!r} after {self._last_time!r}."
            )
        return float(time)

    def _letter_of(self, frame):
        if self.predictor is not None:
            frame = self.predictor.predict(frame, top=1)
        letter = getattr(frame, "letter", frame)
        if not isinstance(letter, str):
            raise TypeError(
                "without a predictor a frame must be a letter, 'none' or a "
                f"LetterPrediction; got {letter!r}."
            )
        return NONE if letter == NOTHING else letter

    def _vote(self, time):
        """Return the letter with a majority, or None."""
        counts = Counter(letter for _, letter in self._frames)
        letter, n = counts.most_common(1)[0]
        if n >= self.majority * len(self._frames):
            self._settle(letter, time)
        elif counts[self.letter] < (1 - self.majority) * len(self._frames):
            self._settle(NONE, time)

    def _settle(self, letter, time):
        """Write the letter that gains the majority."""
        if letter == NONE:
            is_pause = self._last_seen is not None
            if is_pause and time - self._last_seen >= self.pause:
                self._write_space()
        elif letter != self.letter:
            self._write(letter)
        if letter != NONE:
            self._last_seen = time
        self.letter = letter

    def _write(self, letter):
        if letter == SPACE:
            self._write_space()
        elif letter == DELETE:
            self.delete()
        else:
            self.text += letter

    def _write_space(self):
        if self.text and not self.text.endswith(" "):
            self.text += " "


def _check_seconds(seconds, name):
    is_number = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if not is_number or not isfinite(seconds) or seconds <= 0:
        raise ValueError(
            f"{name} must be a number of seconds above 0; got {seconds!r}."
        )
