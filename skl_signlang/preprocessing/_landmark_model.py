"""MediaPipe's hand landmark model, run by LiteRT on one image at a time."""

import os
from collections import deque
from typing import NamedTuple

import numpy as np

from skl_signlang.preprocessing._landmark_files import FILES, find_model

SIDE = 224
"""Height and width of the images that the model takes, in pixels."""

# Idle interpreters. One serves one thread at a time, takes 50 ms and 18 MB, and cannot
# be pickled: they belong to the process
_idle = {name: deque(maxlen=os.cpu_count()) for name in FILES}


class Hand(NamedTuple):
    """The outputs of the model: points and joints (21, 3), two probabilities."""

    points: np.ndarray
    presence: float
    right: float
    joints: np.ndarray


class LandmarkModel:
    """A thread-safe landmark model."""

    def __init__(self, model):
        self._Interpreter = _import_interpreter()
        self._name, self._content = find_model(model)

    def __call__(self, image):
        """Run the model on an image, (224, 224, 3) float32 from 0 to 1."""
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
    """Run the interpreter; outputs are in the order of their names."""
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
