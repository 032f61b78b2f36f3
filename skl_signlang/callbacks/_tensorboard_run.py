"""Runs in the format of TensorBoard."""

import csv
import io
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from skl_signlang._files import write_whole
from skl_signlang._keras import read_variables

_TENSORS, _METADATA, _SPRITE = "embedding.tsv", "labels.tsv", "sprite.png"
_SIDE = 64  # pixels, maximum side of an image in the projector


class TensorBoardRun:
    """Write one run into a folder of its own."""

    def __init__(self, directory):
        check_installed()
        directory = Path(directory).expanduser()
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self.path = _next_run(directory)
        except OSError as error:
            raise OSError(
                error.errno,
                f"log_dir={str(directory)!r} cannot be written: {error.strerror}. "
                "Choose another folder",
            ) from error
        with _errors_named(self.path):
            self._writer = tf.summary.create_file_writer(str(self.path))

    def begin(self, parameters):
        """Write hyperparameters; runs with equal ones are one candidate."""
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        self._write_raw(hparams_pb(parameters))

    def end(self):
        """Mark the run as finished."""
        from tensorboard.plugins.hparams.api_pb2 import STATUS_SUCCESS
        from tensorboard.plugins.hparams.summary import session_end_pb

        self._write_raw(session_end_pb(STATUS_SUCCESS))

    def write_graph(self, graph):
        """Write a traced graph."""
        with self._at(0):
            tf.summary.graph(graph)

    def write_scalars(self, step, scalars):
        """Write scalars."""
        with self._at(step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)
            self._writer.flush()

    def write_histograms(self, step, arrays):
        """Write histograms."""
        with self._at(step):
            for name, array in arrays.items():
                tf.summary.histogram(name, array)

    def write_images(self, step, images):
        """Write images."""
        with self._at(step):
            for name, image in images.items():
                tf.summary.image(name, image[np.newaxis])

    def write_embedding(self, vectors, labels, images=None):
        """Write an embedding for the projector."""
        from tensorboard.plugins import projector

        config = projector.ProjectorConfig()
        embedding = config.embeddings.add()
        embedding.tensor_name = "last hidden layer"
        embedding.tensor_path, embedding.metadata_path = _TENSORS, _METADATA
        self._write_table(_TENSORS, vectors.tolist())
        columns = list(labels)
        rows = list(zip(*labels.values(), strict=True))
        # the projector expects a header only with several columns
        self._write_table(_METADATA, rows if len(columns) == 1 else [columns, *rows])
        if images is not None:
            step = -(-max(images.shape[1:3]) // _SIDE)
            images = images[:, ::step, ::step]
            embedding.sprite.image_path = _SPRITE
            height, width = images.shape[1:3]
            embedding.sprite.single_image_dim.extend([width, height])
            with write_whole(self.path / _SPRITE) as file:
                _sprite(images).save(file, "PNG")
        projector.visualize_embeddings(str(self.path), config)

    def close(self):
        """Flush and close."""
        with _errors_named(self.path):
            self._writer.close()

    @contextmanager
    def _at(self, step):
        with _errors_named(self.path), self._writer.as_default(step=step):
            yield

    def _write_raw(self, summary):
        with self._at(0):
            tf.summary.experimental.write_raw_pb(summary.SerializeToString())

    def _write_table(self, name, rows):
        text = io.StringIO()
        csv.writer(text, "excel-tab", lineterminator="\n").writerows(rows)
        with write_whole(self.path / name) as file:
            file.write(text.getvalue().encode())


class WriteRun(keras.callbacks.Callback):
    """Write the logs and weights of each epoch while a run is open."""

    def __init__(self, log_dir):
        super().__init__()
        self.log_dir = log_dir
        self.run = None

    def open(self, parameters):
        """Begin a run with hyperparameters, a dict of plain values."""
        self.run = TensorBoardRun(self.log_dir)
        self.run.begin(parameters)

    def close(self):
        """End the run."""
        if self.run is not None:
            self.run.close()
            self.run = None

    def on_epoch_end(self, epoch, logs=None):
        """Write one epoch, counted from 0 over all trainings."""
        if self.run is None:
            return
        weights = self.model.trainable_variables
        paths = [variable.path for variable in weights]
        self.run.write_histograms(
            epoch, dict(zip(paths, read_variables(weights), strict=True))
        )
        self.run.write_scalars(epoch, {k: float(logs[k]) for k in logs})


def check_installed():
    """Raise ImportError if TensorBoard is not installed."""
    try:
        import tensorboard  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "callbacks.TensorBoard needs TensorBoard, which is not installed: pip "
            'install "skl_signlang[tensorboard]".'
        ) from error


@contextmanager
def _errors_named(path):
    """Raise TensorFlow's errors, such as of a full disk, as OSError."""
    try:
        yield
    except tf.errors.OpError as error:
        reason = error.message.splitlines()[0].rpartition("; ")[2]
        raise OSError(f"{path} cannot be written: {reason}.") from error


def _next_run(directory):
    """Create and return the next free folder."""
    for number in count(1 + sum(1 for _ in directory.glob("run-*"))):
        path = directory / f"run-{number:04d}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path


def _sprite(images):
    """Tile images in a square."""
    n, height, width, channels = images.shape
    side = int(np.ceil(np.sqrt(n)))
    square = np.zeros((side * side, height, width, channels), np.uint8)
    square[:n] = images
    square = square.reshape(side, side, height, width, channels).swapaxes(1, 2)
    square = square.reshape(side * height, side * width, channels)
    return Image.fromarray(square[..., 0] if channels == 1 else square)
