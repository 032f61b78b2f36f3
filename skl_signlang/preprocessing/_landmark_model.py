"""MediaPipe's hand landmark model, run by LiteRT on one image at a time."""

import os
from collections import deque
from typing import NamedTuple

import numpy as np

from skl_signlang.preprocessing._landmark_files import FILES, find_model

SIDE = 224
"""Height and width of the images that the model takes, in pixels."""

# Interpreters that nobody uses now. One serves one thread at a time, takes 50 ms to
# build and 18 MB, and cannot be pickled: they belong to the process
_idle = {name: deque(maxlen=os.cpu_count()) for name in FILES}


class Hand(NamedTuple):
    """What the model says of an image."""

    points: np.ndarray
    presence: float
    right: float
    joints: np.ndarray


class LandmarkModel:
    """A model that may be called in several threads at once."""

    def __init__(self, model):
        self._Interpreter = _import_interpreter()
        self._name, self._content = find_model(model)

    def __call__(self, image):
        """Find the hand in an image."""
        idle = _idle[self._name]
        try:
            interpreter = idle.pop()
        except IndexError:
            interpreter = self._build()
        try:
            return _run(interpreter, image)
        finally:
            idle.append(interpreter)

    def _build(self):
        interpreter = self._Interpreter(model_content=self._content, num_threads=1)
        interpreter.allocate_tensors()
        return interpreter


def _run(interpreter, image):
    """Run the model, whose outputs come in the order of their names."""
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
    interpreter.invoke()
    points, presence, right, joints = (
        interpreter.get_tensor(output["index"])
        for output in interpreter.get_output_details()
    )
    return Hand(
        points.reshape(21, 3), presence.item(), right.item(), joints.reshape(21, 3)
    )


def _import_interpreter():
    """Import late: LiteRT is optional."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ImportError(
            "HandLandmarks needs LiteRT, which is not installed; run pip install "
            '"skl_signlang[landmarks]".'
        ) from error
    return Interpreter
