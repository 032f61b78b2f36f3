"""Conversion of the letters in video frames to text."""

from collections.abc import Mapping
from math import inf

from skl_signlang._letters import DELETE, LETTERS, MOVING_LETTERS, NOTHING, SPACE
from skl_signlang._times import check_seconds, check_time
from skl_signlang.inference._hand_predictor import HandPredictor
from skl_signlang.inference._holds import (
    MAX_GAP,
    MIN_PRESENCE,
    HoldDecoder,
    Letter,
    log_probabilities_of,
)
from skl_signlang.inference._letter_frame import LetterFrame
from skl_signlang.inference._letter_predictor import (
    NONE,
    LetterPredictor,
    check_probability,
)
from skl_signlang.inference._lexicon import Lexicon, open_words
from skl_signlang.inference._movements import PROBABILITY, SHAPES, find_movements

_SETTLE_TIME = 0.6  # seconds after the beginning of a letter
_SIGNS = [*sorted(LETTERS + MOVING_LETTERS), SPACE, DELETE, NOTHING]


class LetterStream:
    """Convert the frames of a camera to text.

    A letter is written once the hand has held it for `hold_time`: while the joints are
    still and the letter stays the same, the log-probabilities of frames are added. It
    is written again after a small slide or bounce of the hand, or after it was
    released. J and Z are recognized by the path of the finger that draws them, where
    joints are known. After `pause` seconds without a letter a space is written. Nothing
    is written where there is no hand, and where no letter is probable.

    The text depends only on frames and times, not on a clock.

    Read more in the :doc:`User Guide </inference>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    predictor : HandPredictor or LetterPredictor, default=None
        Predictor of the letters in frames. `HandPredictor` follows the hand.
        `LetterPredictor` takes the whole frame, and knows nothing of movement: it
        should reject images (see `LetterPredictor.calibrate`). None takes `LetterFrame`
        as frames.
    words : list of str, path-like or str, default=None
        Lexicon that words are corrected with: a list, the most frequent words first;
        the path of a text file with a word in each line; or the language of a frequency
        list of the package wordfreq, such as "en", which needs ``pip install
        "skl_signlang[words]"``. Words that are not in it remain where their letters are
        certain. None corrects nothing.
    hold_time : float, default=0.2
        Time that a letter must be held, in seconds.
    rejection_threshold : float, default=0.3
        Probability of a letter, 0 to 1, below which it is not written. Frames of a
        `LetterPredictor` below it show no letter.
    pause : float, default=1.5
        Time without a letter after which a space is written, in seconds; longer than
        `hold_time`.

    Attributes
    ----------
    text : str
        The text so far, provisional letters included.
    settled : str
        The beginning of the text that later frames do not change.
    letter : str
        The letter that is shown now, or ``"none"``.
    probability : float
        Its probability, 0 to 1.
    letters : list of Letter
        The letters of the current word.
    frame : LetterFrame or None
        What the last frame shows.
    newly_settled : list of Letter
        The letters that the last frame, or `finish`, settled.
    candidates : list of tuple
        Words and their probabilities, (str, float), the most probable first: of the
        current word, or after a pause of the last. Without `words` an empty list.

    See Also
    --------
    HandPredictor : Predict the letter of the hand in each frame of a video.

    Notes
    -----
    The classes ``"space"``, ``"del"`` and ``"nothing"`` of some data sets write a
    space, delete a letter, and count as no letter.

    Examples
    --------
    >>> from skl_signlang.inference import LetterFrame, LetterStream
    >>> stream = LetterStream(pause=1)
    >>> frames = "HHHHH.....IIIII...............AAAAA"
    >>> for i, letter in enumerate(frames):
    ...     frame = LetterFrame({letter: 1.0})
    ...     if letter == ".":
    ...         frame = LetterFrame({"A": 1.0}, presence=0.0)
    ...     text = stream.push(frame, time=i / 10)
    >>> text
    'HI A'
    """

    def __init__(
        self,
        predictor=None,
        *,
        words=None,
        hold_time=0.2,
        rejection_threshold=0.3,
        pause=1.5,
    ):
        check_seconds(hold_time, "hold_time")
        check_seconds(pause, "pause")
        if pause <= hold_time:
            raise ValueError(
                f"pause must be longer than hold_time; got {pause!r} and {hold_time!r}."
            )
        kinds = HandPredictor | LetterPredictor | None
        if not isinstance(predictor, kinds):
            raise TypeError(
                "predictor must be a HandPredictor, a LetterPredictor or None; got "
                f"{predictor!r}."
            )
        self.predictor = predictor
        self.words = words
        self.hold_time = hold_time
        self.rejection_threshold = check_probability(rejection_threshold)
        self.pause = pause
        self._lexicon = None if words is None else Lexicon(open_words(words))
        self._names = _SIGNS
        if predictor is not None:
            self._names = [str(label) for label in predictor.classes_.tolist()]
        self.clear()

    @property
    def text(self):
        """The text so far, provisional letters included."""
        return self._before + "".join(letter.letter for letter in self.letters)

    @property
    def settled(self):
        """The beginning of the text that later frames do not change."""
        if self._lexicon is not None:
            return self._before
        return self._before + "".join(letter.letter for letter in self._kept)

    @property
    def candidates(self):
        """Words and their probabilities, the most probable first."""
        if self._lexicon is None:
            return []
        if self.letters:
            return self._lexicon.complete(self.letters)
        return self._candidates

    def push(self, frame, time):
        """Process the next frame.

        Parameters
        ----------
        frame : str, path-like, bytes, Pillow image, ndarray of int or LetterFrame
            An image as for `LetterPredictor.predict`; without a predictor a
            `LetterFrame`.
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
            If time is not a number, or the frame is not a `LetterFrame` where one is
            expected.
        """
        time = check_time(time, self._time)
        seen = self._look(frame, time)
        self.frame, self.newly_settled = seen, []
        if self._time is not None and time - self._time > MAX_GAP:
            self._settle(inf)
            self._decoder.clear()
        self._time = time
        row = None
        if seen.presence >= MIN_PRESENCE:
            row = log_probabilities_of(seen.probabilities, self._names)
            if self._names[row.argmax()] == NOTHING:
                row = None
        self._decoder.push(time, row, seen.joints)
        self._update(row)
        # a letter that is not settled would be written again
        if self._is_pause() and len(self.letters) == len(self._kept):
            self._end_word()
        return self.text

    def finish(self):
        """Settle the text at the end of the video.

        Returns
        -------
        text : str
            The text, without the space that a pause writes.
        """
        self.newly_settled = []
        self._settle(inf)
        self._end_word()
        self._before = self._before.rstrip(" ")
        return self.text

    def delete(self):
        """Delete the last character.

        The current letter is not written again before it is released.

        Returns
        -------
        text : str
            The remaining text.
        """
        self._settle(inf)
        if self._time is not None:
            self._ignored = self._time
            self._decoder.lock(self._time)
        if self._kept:
            self._kept.pop()
        else:
            self._before = self._before[:-1]
        self.letters = [*self._kept]
        return self.text

    def clear(self):
        """Delete all text; the next frame may have any time."""
        self._before, self._kept, self._candidates = "", [], []
        self.letters, self.letter, self.probability = [], NONE, 0.0
        self.frame, self.newly_settled = None, []
        self._time = self._last_seen = None
        self._ignored, self._undecided = -inf, inf
        self._decoder = HoldDecoder(len(self._names), self.hold_time)
        if isinstance(self.predictor, HandPredictor):
            self.predictor.reset()

    def _look(self, frame, time):
        """Return a frame as letters and joints."""
        if isinstance(self.predictor, HandPredictor):
            return self.predictor.predict(frame, time)
        if self.predictor is not None:
            found = self.predictor.predict(frame, top=len(self._names))
            # alike frames of a wall add up to a letter that none of them shows
            is_letter = found.letter != NONE and self._is_sure(found.probability)
            return LetterFrame(dict(found.top), float(is_letter))
        if not isinstance(frame, LetterFrame) or not self._is_probable(frame):
            raise TypeError(
                "without a predictor a frame must be a LetterFrame with probabilities "
                f"of {', '.join(self._names)}; got {frame!r}."
            )
        return frame

    def _is_probable(self, frame):
        """Return whether a frame maps letters to probabilities."""
        known = isinstance(frame.probabilities, Mapping) and {*frame.probabilities} <= {
            *self._names
        }
        return known and sum(frame.probabilities.values()) > 0

    def _is_pause(self):
        """Return whether no letter was shown for long, and no finger draws one."""
        if self._last_seen is None:
            return False
        begun = -inf if self._undecided == inf else self._undecided
        return self._time - max(self._last_seen, begun) >= self.pause

    def _is_sure(self, probability):
        return probability >= self.rejection_threshold

    def _update(self, row):
        """Update the letters by the frames so far."""
        now = None if row is None else self._decoder.now()
        self.letter, self.probability = NONE, 0.0
        if now is not None:
            self.probability = float(now.probabilities.max())
            if self._is_sure(self.probability):
                self.letter = self._names[now.best]
        letters = self._open_letters()
        self.letters = [*self._kept, *letters]
        if self.letters:
            self._last_seen = self.letters[-1].end
        for letter in letters:
            if letter.letter in (SPACE, DELETE):
                self._settle(inf)
                self._obey(letter.letter)
                return
        self._settle(self._time - _SETTLE_TIME)
        self._decoder.forget(self._time)

    def _open_letters(self):
        """Return the letters that are not settled yet."""
        movements = find_movements(self._decoder.frames)
        drawn = [movement for movement in movements if movement.letter]
        self._undecided = min(
            (one.start for one in movements if not one.letter), default=inf
        )
        letters = [
            _describe_movement(one) for one in drawn if one.start > self._ignored
        ]
        for hold in self._decoder.holds():
            if self._kept and hold.start == self._ignored:
                self._kept[-1] = self._kept[-1]._replace(end=hold.end)
            is_drawn = any(
                one.start <= hold.end and hold.start <= one.end for one in drawn
            )
            probability = float(hold.probabilities.max())
            is_sure = self._is_sure(probability)
            if hold.start > self._ignored and is_sure and not is_drawn:
                rows = zip(self._names, hold.probabilities.tolist(), strict=True)
                name, times = self._names[hold.best], (hold.start, hold.end)
                letters.append(Letter(name, probability, *times, dict(rows)))
        return sorted(letters, key=lambda letter: letter.start)

    def _settle(self, time):
        """Keep the letters that began before a time as they are."""
        for letter in self.letters[len(self._kept) :]:
            is_decided = time == inf or letter.end < self._undecided
            if letter.start > time or not is_decided:
                break
            self._kept.append(letter)
            self.newly_settled.append(letter)
            is_drawn = letter.letter in MOVING_LETTERS
            self._ignored = letter.end if is_drawn else letter.start
            self._decoder.lock(min(time + _SETTLE_TIME / 2, self._time))

    def _obey(self, sign):
        """Execute a sign that is not a letter."""
        self._kept = [one for one in self._kept if one.letter != sign]
        self.letters = [*self._kept]
        if sign == SPACE:
            self._end_word()
        else:
            self.delete()

    def _end_word(self):
        """Correct the word, and write a space."""
        if self.letters and self._lexicon is not None:
            self._candidates = self._lexicon.decode(self.letters)
            self._before += self._candidates[0][0]
        elif self.letters:
            self._before = self.text
        self._kept, self.letters = [], []
        if self._before and not self._before.endswith(" "):
            self._before += " "


def _describe_movement(movement):
    """Return a drawn letter; what is nearest to it is the letter of its handshape."""
    letter, shape = movement.letter, SHAPES[movement.letter]
    probabilities = {letter: PROBABILITY, shape: 1 - PROBABILITY}
    return Letter(letter, PROBABILITY, movement.start, movement.end, probabilities)
