"""What of a fit TensorBoard shows."""

from contextlib import contextmanager

import keras
import numpy as np

from skl_signlang.callbacks._tensorboard_run import TensorBoardRun
from skl_signlang.networks._variables import read
from skl_signlang.training._checkpoints import describe

N_POINTS = 500
"""Samples in the projector at most; mistakes are looked for among these."""

N_MISTAKES = 12
"""Pictures of mistakes at most."""

_NOT_SHOWN = ("checkpoint_dir", "tensorboard_dir", "verbose")
_CHANNELS = (1, 3, 4)


class Board:
    """Tell TensorBoard of one fit.

    Parameters
    ----------
    estimator : NetworkEstimator
        Being fitted, with ``tensorboard_dir``.
    """

    def __init__(self, estimator):
        self.run = TensorBoardRun(estimator.tensorboard_dir)
        self.run.begin(_hyperparameters(estimator))

    def end(self, estimator, samples):
        """Show the network, and what it makes of samples.

        Parameters
        ----------
        estimator : NetworkEstimator
            Trained.
        samples : Samples
            Those that were validated on, or trained on where there are none.
        """
        rng = np.random.default_rng(estimator._seed)
        rows = np.sort(rng.permutation(samples.rows)[:N_POINTS])
        X, y = samples.X[rows], samples.y[rows]
        network, epoch = estimator._network, estimator.n_iter_ - 1
        outputs = network.predict(X)
        self.run.write_graph(network.graph.traced)
        pictures = _pictures(X, estimator._value_range(samples.X))
        columns = _labels(estimator, y, outputs)
        if pictures is not None and len(columns) == 2:
            self.run.write_pictures(epoch, _examples(pictures, *columns.values()))
        self.run.write_embedding(network.last_hidden(X), columns, pictures)
        self.run.end()


@contextmanager
def open_board(estimator):
    """Begin to tell TensorBoard of a fit.

    Parameters
    ----------
    estimator : NetworkEstimator or None
        Being fitted; None if nobody is to hear of it.

    Yields
    ------
    board : Board or None
        None without ``tensorboard_dir``.

    Raises
    ------
    ImportError
        If TensorBoard is not installed.
    OSError
        If the folder cannot be written.
    """
    if estimator is None or estimator.tensorboard_dir is None:
        yield None
        return
    board = Board(estimator)
    try:
        yield board
    finally:
        board.run.close()


class WriteEpochs(keras.callbacks.Callback):
    """Write the logs and the weights of each epoch.

    Parameters
    ----------
    run : TensorBoardRun
        Where to.
    average : WeightAverage or None
        It has what will predict, if that is an average.
    """

    def __init__(self, run, average):
        super().__init__()
        self._run, self._average = run, average

    def on_epoch_end(self, epoch, logs=None):
        """Write.

        Parameters
        ----------
        epoch : int
            From 0, over all trainings.
        logs : dict
            Scalars by name.
        """
        model = self.model
        values = read(model.variables) if self._average is None else None
        values = self._average.values if values is None else values
        trained = {id(variable) for variable in model.trainable_variables}
        weights = {
            variable.path: value
            for variable, value in zip(model.variables, values, strict=True)
            if id(variable) in trained
        }
        self._run.write_histograms(epoch, weights)
        self._run.write_scalars(epoch, {k: float(logs[k]) for k in logs})


def _hyperparameters(estimator):
    """List the parameters that are numbers or words, others as words."""
    found = {}
    for name, value in estimator.get_params().items():
        value = describe(value)
        is_plain = isinstance(value, bool | int | float | str)
        if name.endswith(_NOT_SHOWN) or (name.startswith("callbacks") and not is_plain):
            continue
        found[name] = value if is_plain else str(value)
    return found


def _pictures(X, value_range):
    """Bring inputs to pictures of uint8, or None if they are none."""
    if X.ndim != 4 or X.shape[3] not in _CHANNELS:
        return None
    low, high = value_range
    shares = (X.astype(np.float32) - low) / max(high - low, 1e-12)
    return np.rint(255 * np.clip(shares, 0, 1)).astype(np.uint8)


def _labels(estimator, y, outputs):
    """Name what samples are and what they are read as, as texts."""
    if not hasattr(estimator, "classes_"):
        return {"target": [str(value) for value in y.reshape(len(y), -1)[:, 0]]}
    names = [str(name) for name in estimator.classes_]
    binary = len(names) == 2
    read_as = outputs[:, 0] > 0.5 if binary else outputs.argmax(axis=1)
    return {
        "letter": [names[int(code)] for code in y.ravel()],
        "read as": [names[int(code)] for code in read_as],
    }


def _examples(pictures, letters, read_as):
    """Choose one picture of each letter, and mistakes."""
    first = {f"samples/{name}": i for i, name in reversed([*enumerate(letters)])}
    wrong = {}
    for i, (letter, other) in enumerate(zip(letters, read_as, strict=True)):
        if letter != other and len(wrong) < N_MISTAKES:
            wrong.setdefault(f"mistakes/{letter} read as {other}", i)
    return {name: pictures[i] for name, i in {**first, **wrong}.items()}
