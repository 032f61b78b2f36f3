"""The search for hands in one image: the squares looked at, and the look that is kept.

A square is that of a hand where the detector finds one, or the whole image. MediaPipe's
palm detector misses hands that fill the image, and finds more of them with room around.
"""

from functools import cache, partial
from typing import NamedTuple

import numpy as np

from skl_signlang._hand_detector import detect_hands
from skl_signlang.preprocessing._hand_crops import (
    Square,
    look_at,
    square_of_all,
    square_of_hand,
)
from skl_signlang.preprocessing._hand_model_files import OWN
from skl_signlang.preprocessing._hand_models import Hand, LandmarkModel, PalmModel
from skl_signlang.preprocessing._hand_network import HandNetwork
from skl_signlang.preprocessing._palms import find_palms, square_of_palm

# Chosen on rendered hands: with more looks, joints come hardly nearer
_SURE = 0.9
_TURNS = (0.5 * np.pi, -0.5 * np.pi, np.pi)
_CLOSER_LOOKS = 2
# 0.9 distinguishes hands from walls
_MIN_PRESENCE, _MIN_PRESENCE_OF_OWN = 0.5, 0.9
# Chosen on the photographs to learn from
_MIN_PALM = 0.5
_PALM_PADDINGS = (0.0, 0.25)
_APART = 0.25  # hands nearer than this share of their squares are one


class FoundHand(NamedTuple):
    """A hand, and the square that it was seen in, in the mirror image if `mirrored`."""

    hand: Hand
    square: Square
    mirrored: bool
    score: float


def open_models(model, find=True):
    """Return the landmark model, and its detector or None.

    A detector returns scores and squares of hands in an image, the surest first.
    """
    if model == OWN:
        return HandNetwork(), own_places if find else None
    return LandmarkModel(model), PalmPlaces(model) if find else None


def min_presence_of(model):
    """Return the probability below which a landmark model sees no hand."""
    return _MIN_PRESENCE_OF_OWN if model == OWN else _MIN_PRESENCE


class PalmPlaces:
    """MediaPipe's palm detector."""

    def __init__(self, model):
        self._model = PalmModel(model)

    def __call__(self, image, padding=0.0):
        palms = find_palms(image, self._model, _MIN_PALM, padding)
        return [(square_of_palm(palm), palm.score) for palm in palms]


def own_places(image, padding=0.0):
    """Run the package's own detector."""
    return [
        (Square(found.center, found.side, found.angle), found.score)
        for found in detect_hands(image, padding=padding)
    ]


class HandSearch:
    """The search for hands in an image; thread-safe."""

    def __init__(self, model, *, find, refine, both_hands, padding, handedness=None):
        self._model, self._detect = open_models(model, find)
        self._refine, self._both_hands = refine, both_hands
        self._padding, self._handedness = padding, handedness

    def __call__(self, image):
        """Return the hand of greatest presence, seen as a right hand if asked for."""
        return self._choose_side(image, self._all_squares(image))

    def each(self, image):
        """Return the hand seen as a right hand, and seen as a left hand."""
        squares = self._all_squares(image)
        return [self._look(image, squares, mirrored) for mirrored in (False, True)]

    def find_all(self, image, max_hands, min_presence):
        """Return the hands in an image, the surest first, each once."""
        for squares in self._places(image):
            hands = []
            for found in (self._choose_side(image, place) for place in squares):
                is_new = not any(_is_same(found, other, image) for other in hands)
                if found.hand.presence >= min_presence and is_new:
                    hands.append(found)
                if len(hands) == max_hands:
                    break
            if hands:
                break
        return hands

    def _places(self, image):
        """Yield lists of places where hands may be, until one of them has hands."""
        for padding in _PALM_PADDINGS:
            places = self._detect(image, padding)
            yield [partial(_places_of, [place]) for place in places]

    def _choose_side(self, image, squares):
        """Run the model on an image and its mirror image; return the right hand."""
        found = self._look(image, squares, mirrored=self._handedness == "left")
        if self._handedness is not None or not self._both_hands:
            return found
        mirrored = self._look(image, squares, mirrored=True)
        return mirrored if mirrored.hand.right > found.hand.right else found

    def _look(self, image, squares, mirrored):
        """Search squares until a hand is certain, then run on a close crop of it."""
        look = partial(look_at, image, model=self._model, mirrored=mirrored)
        looks = []
        for square, score in squares(image, mirrored):
            looks.append(FoundHand(look(square), square, mirrored, score))
            if looks[-1].hand.presence >= _SURE:
                break
        found = max(looks, key=_presence)
        if not self._refine:
            return found
        for _ in range(1 if found.score else _CLOSER_LOOKS):
            square = square_of_hand(found.hand.points)
            found = found._replace(hand=look(square), square=square)
            looks.append(found)
        return max(looks, key=_presence)

    def _all_squares(self, image):
        """Return the function of the squares of an image, for either side."""
        # hands are detected once for both sides, and only as far as they are needed
        detect = self._detect and cache(partial(self._detect, image))
        return partial(self._squares, detect)

    def _squares(self, detect, image, mirrored):
        """Yield squares that may show the hand upright, and scores of the detector."""
        for padding in _PALM_PADDINGS if detect else ():
            yield from _places_of(detect(padding)[:1], image, mirrored)
        square = square_of_all(image, self._padding)
        yield square, 0.0
        if self._refine:
            for angle in _TURNS:
                yield square._replace(angle=angle), 0.0


def _places_of(places, image, mirrored):
    """Yield squares, in the mirror image if `mirrored`, and scores."""
    for square, score in places:
        yield square.mirror(image.width) if mirrored else square, score


def points_of(found, image):
    """Return the joints of a hand in the image, (21, 2)."""
    points = found.hand.points
    return np.array([image.width, 0]) + [-1, 1] * points if found.mirrored else points


def _is_same(found, other, image):
    """Return whether two found hands are one."""
    apart = points_of(found, image).mean(axis=0) - points_of(other, image).mean(axis=0)
    return np.linalg.norm(apart) < _APART * min(found.square.side, other.square.side)


def _presence(found):
    return found.hand.presence
