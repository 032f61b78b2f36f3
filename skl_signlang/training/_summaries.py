"""Summaries of a fit for TensorBoard."""

from contextlib import contextmanager

import numpy as np

from skl_signlang.callbacks import WriteRun
from skl_signlang.training._checkpoints import describe

N_POINTS = 500
"""Most samples in the projector and in the search for misclassified ones."""

N_MISTAKES = 12
"""Most images of misclassified samples."""

_NOT_SHOWN = ("_dir", "verbose")
_CHANNELS = (1, 3, 4)


@contextmanager
def write_runs(estimator, callbacks):
    """Open a run of each TensorBoard callback, and close them after the fit."""
    writers = [one for _, one in callbacks if isinstance(one, WriteRun)]
    try:
        for writer in writers:
            writer.open(_hyperparameters(estimator))
        yield [writer.run for writer in writers]
    finally:
        for writer in writers:
            writer.close()


def write_summaries(estimator, runs, samples):
    """Write the network of a fit, and its predictions of samples."""
    if not runs:
        return
    rng = np.random.default_rng(estimator._seed)
    rows = np.sort(rng.permutation(samples.rows)[:N_POINTS])
    X, y = samples.X[rows], samples.y[rows]
    network, epoch = estimator._network, estimator.n_iter_ - 1
    outputs = network.predict(X)
    images = _images(X, estimator._value_range(samples.X))
    columns = _labels(estimator, y, outputs)
    for run in runs:
        run.write_graph(network.compiled.traced)
        if images is not None and len(columns) == 2:
            run.write_images(epoch, _examples(images, *columns.values()))
        run.write_embedding(network.last_hidden(X), columns, images)
        run.end()


def _hyperparameters(estimator):
    """Return the parameters as numbers and strings."""
    found = {}
    for name, value in estimator.get_params().items():
        value = describe(value)
        is_plain = isinstance(value, bool | int | float | str)
        if name.endswith(_NOT_SHOWN) or (name.startswith("callbacks") and not is_plain):
            continue
        found[name] = value if is_plain else str(value)
    return found


def _images(X, value_range):
    """Return inputs as uint8 images, or None if they are not images."""
    if X.ndim != 4 or X.shape[3] not in _CHANNELS:
        return None
    low, high = value_range
    shares = (X.astype(np.float32) - low) / max(high - low, 1e-12)
    return np.rint(255 * np.clip(shares, 0, 1)).astype(np.uint8)


def _labels(estimator, y, outputs):
    """Return the labels and predictions of samples as strings."""
    if not hasattr(estimator, "classes_"):
        return {"target": [str(value) for value in y.reshape(len(y), -1)[:, 0]]}
    codes = estimator._codes(y)
    if codes is None:  # several labels
        return {"target": [" ".join(f"{value:g}" for value in row) for row in y]}
    names = [str(name) for name in estimator.classes_]
    binary = len(names) == 2
    predicted = outputs[:, 0] > 0.5 if binary else outputs.argmax(axis=1)
    return {
        "letter": [names[code] for code in codes],
        "predicted": [names[int(code)] for code in predicted],
    }


def _examples(images, letters, predicted):
    """Return one image of each letter, and misclassified ones."""
    first = {f"samples/{name}": i for i, name in reversed([*enumerate(letters)])}
    wrong = {}
    for i, (letter, other) in enumerate(zip(letters, predicted, strict=True)):
        if letter != other and len(wrong) < N_MISTAKES:
            wrong.setdefault(f"mistakes/{letter} predicted as {other}", i)
    return {name: images[i] for name, i in {**first, **wrong}.items()}
