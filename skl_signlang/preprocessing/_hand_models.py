"""MediaPipe's hand models, run by LiteRT on one image at a time."""

import os
from collections import deque
from typing import NamedTuple

import numpy as np

from skl_signlang.preprocessing._hand_model_files import (
    FILES,
    find_model,
    find_palm_model,
)

SIDE, PALM_SIDE = 224, 192
"""Height and width of the images that the models take, in pixels."""

# Idle interpreters. One serves one thread at a time, takes 50 ms and 18 MB, and cannot
# be pickled: they belong to the process
_idle = {name: deque(maxlen=os.cpu_count()) for name in FILES}


class Hand(NamedTuple):
    """The outputs of a landmark model: points and joints (21, 3), probabilities.

    The package's own network adds log-probabilities of the letters, and of none.
    """

    points: np.ndarray
    presence: float
    right: float
    joints: np.ndarray
    letters: np.ndarray | None = None


class _Model:
    """A thread-safe model."""

    def __init__(self, find, model):
        self._Interpreter = _import_interpreter()
        self._name, self._content = find(model)

    def _run(self, image):
        """Return the outputs for an image, in the order of their names."""
        idle = _idle[self._name]
        try:
            interpreter = idle.pop()
        except IndexError:
            interpreter = self._build()
        try:
            place = interpreter.get_input_details()[0]["index"]
            interpreter.set_tensor(place, image[None])
            interpreter.invoke()
            return [
                interpreter.get_tensor(output["index"])[0]
                for output in interpreter.get_output_details()
            ]
        finally:
            idle.append(interpreter)

    def _build(self):
        interpreter = self._Interpreter(model_content=self._content, num_threads=1)
        interpreter.allocate_tensors()
        return interpreter


class LandmarkModel(_Model):
    """The landmark model."""

    side = SIDE

    def __init__(self, model):
        super().__init__(find_model, model)

    def __call__(self, image, down=None):
        """Run the model on an image, (224, 224, 3) float32 from 0 to 1.

        Where down is makes no difference to this model.
        """
        points, presence, right, joints = self._run(image)
        return Hand(
            points.reshape(21, 3), presence.item(), right.item(), joints.reshape(21, 3)
        )


class PalmModel(_Model):
    """The palm detector; `model` is the landmark model that it is used with."""

    def __init__(self, model):
        super().__init__(find_palm_model, model)

    def __call__(self, image):
        """Run the model on an image, (192, 192, 3) float32 from 0 to 1.

        Returns boxes and key points (2016, 18) relative to anchors, and logits (2016,).
        """
        boxes, logits = self._run(image)
        return boxes, logits[:, 0]


def _import_interpreter():
    """Import late: LiteRT is optional."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ImportError(
            "Hand landmarks need LiteRT, which is not installed; run pip install "
            '"skl_signlang[landmarks]".'
        ) from error
    return Interpreter
