"""Others who could read the letters, beside ours: score, time to fit, time to predict.

``python -m benchmarks.peers [NAME ...] [--sign-mnist PATH] [--quick]``

All learn Sign Language MNIST's train file and read its official test, once. The first
five are one network, that of `CNNClassifier()` without its averaging, for the same
epochs: in raw Keras, in SciKeras, in Keras' own wrapper, in skorch with PyTorch, and
ours. The others are as their users would begin with them. Each runs in a process of its
own, and what it imports does not count; who cannot run here says why. Others have
TensorFlow as it comes, the courses' networks as ours. skorch, PyTorch
and AutoKeras come with ``pip install ".[peers]"``. ``--quick`` takes rendered hands and
an epoch of each.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks import _plain_tensorflow

if "--others" in sys.argv:
    _plain_tensorflow.start()

import numpy as np
from sklearn.utils import Bunch

from benchmarks._report import SIGN_MNIST, print_table, save

EPOCHS = {False: 3, True: 1}
BATCH_SIZE = 128
FILTERS, HIDDEN, CONV_DROPOUT, DROPOUT = (16, 24, 48), 128, 0.3, 0.4
MOST_SECONDS = {False: 600, True: 120}
"""For one peer, everything included."""


def keras_network(n_classes):
    import keras
    from keras import layers

    body = [keras.Input((28, 28, 1))]
    for filters in FILTERS:
        body += [
            layers.Conv2D(filters, 5, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Dropout(CONV_DROPOUT),
        ]
    body += [
        layers.Flatten(),
        layers.Dense(HIDDEN, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(DROPOUT),
        layers.Dense(n_classes, activation="softmax"),
    ]
    return keras.Sequential(body)


class RawKeras:
    """The network as the courses use it."""

    def __init__(self, epochs):
        self.epochs = epochs

    def fit(self, X, y):  # noqa: D102
        self.network = keras_network(24)
        # its default, XLA where a network can have it, is slower on a CPU
        self.network.compile(
            "adam", "sparse_categorical_crossentropy", jit_compile=False
        )
        self.network.fit(X, y, batch_size=BATCH_SIZE, epochs=self.epochs, verbose=0)

    def predict(self, X):  # noqa: D102
        return self.network.predict(X, verbose=0).argmax(axis=1)


def raw_keras(epochs):
    return RawKeras(epochs), "scaled pictures"


def scikeras(epochs):
    from scikeras.wrappers import KerasClassifier

    model = KerasClassifier(
        lambda: keras_network(24),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        epochs=epochs,
        batch_size=BATCH_SIZE,
        verbose=0,
    )
    return model, "scaled pictures"


def keras_wrapper(epochs):
    import keras
    from keras.wrappers import SKLearnClassifier

    def build(X, y):
        # it refuses pictures, so the rows are made pictures inside
        inputs = keras.Input((784,))
        outputs = keras_network(24)(keras.layers.Reshape((28, 28, 1))(inputs))
        network = keras.Model(inputs, outputs)
        network.compile("adam", "categorical_crossentropy", jit_compile=False)
        return network

    settings = {"epochs": epochs, "batch_size": BATCH_SIZE, "verbose": 0}
    return SKLearnClassifier(build, fit_kwargs=settings), "scaled rows"


def skorch(epochs):
    import torch
    from skorch import NeuralNetClassifier
    from torch import nn

    torch.manual_seed(0)
    widths = 1, *FILTERS
    body = []
    for before, after in itertools.pairwise(widths):
        body += [
            nn.Conv2d(before, after, 5, padding=2, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(CONV_DROPOUT),
        ]
    body += [
        nn.Flatten(),
        nn.Linear(3 * 3 * FILTERS[-1], HIDDEN, bias=False),
        nn.BatchNorm1d(HIDDEN),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(HIDDEN, 24),
    ]
    model = NeuralNetClassifier(
        nn.Sequential(*body),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=1e-3,
        max_epochs=epochs,
        batch_size=BATCH_SIZE,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )
    return model, "channels first"


def ours(epochs):
    from skl_signlang import CNNClassifier

    return CNNClassifier(average=False, epochs=epochs, random_state=0), "pictures"


def ours_as_it_comes(epochs):
    from skl_signlang import CNNClassifier

    return CNNClassifier(epochs=epochs, random_state=0), "pictures"


def course_dense(epochs):
    from benchmarks.accuracy import COURSE_DENSE
    from skl_signlang import DenseClassifier

    model = DenseClassifier(**COURSE_DENSE, epochs=4 * epochs, random_state=0)
    return model, "scaled rows"


def course_cnn(epochs):
    from benchmarks.accuracy import COURSE_CNN
    from skl_signlang import CNNClassifier

    # of 20 epochs in the course; it takes ten times as long as the others
    return CNNClassifier(**COURSE_CNN, epochs=2, random_state=0), "scaled pictures"


def mlp(epochs):
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier((256, 128), max_iter=4 * epochs, random_state=0)
    return model, "scaled rows"


def gradient_boosting(epochs):
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=4 * epochs, random_state=0), "rows"


def hog_svc(epochs):
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import SVC

    from skl_signlang.preprocessing import HOGTransformer

    return make_pipeline(HOGTransformer(), SVC(C=10)), "pictures"


def keras_tuner(epochs):
    import keras
    import keras_tuner

    class Tuner:
        def fit(self, X, y):
            def build(hp):
                network = keras_network(24)
                rate = hp.Choice("learning_rate", [3e-4, 1e-3, 3e-3])
                network.compile(
                    keras.optimizers.Adam(rate),
                    "sparse_categorical_crossentropy",
                    metrics=["accuracy"],
                    jit_compile=False,
                )
                return network

            with tempfile.TemporaryDirectory() as folder:
                tuner = keras_tuner.RandomSearch(
                    build, "val_accuracy", max_trials=3, seed=0, directory=folder
                )
                settings = {"batch_size": BATCH_SIZE, "verbose": 0}
                tuner.search(
                    X, y, validation_split=0.2, epochs=max(1, epochs // 2), **settings
                )
                [best] = tuner.get_best_hyperparameters()
            self.network = build(best)
            self.network.fit(X, y, epochs=epochs, **settings)

        def predict(self, X):
            return self.network.predict(X, verbose=0).argmax(axis=1)

    return Tuner(), "scaled pictures"


def autokeras(epochs):
    import autokeras

    class Auto:
        def fit(self, X, y):
            self.folder = tempfile.TemporaryDirectory()
            self.model = autokeras.ImageClassifier(
                num_classes=24, max_trials=1, directory=self.folder.name, seed=0
            )
            self.model.fit(X, y, epochs=1, verbose=0)

        def predict(self, X):
            return self.model.predict(X, verbose=0).ravel().astype(int)

    return Auto(), "pictures"


OURS = {
    "CNN: ours": ours,
    "CNNClassifier()": ours_as_it_comes,
    "the course's dense net": course_dense,
    "the course's CNN": course_cnn,
    "HOG + SVC": hog_svc,
}
OTHERS = {
    "CNN: raw Keras": raw_keras,
    "CNN: SciKeras": scikeras,
    "CNN: Keras' SKLearnClassifier": keras_wrapper,
    "CNN: skorch, PyTorch": skorch,
    "MLPClassifier": mlp,
    "HistGradientBoosting": gradient_boosting,
    "Keras Tuner, 3 trials": keras_tuner,
    "AutoKeras, 1 trial": autokeras,
}
PEERS = OURS | OTHERS


def data(path, quick):
    """Read pictures and letters as numbers from 0 to 23, of both parts."""
    if quick:
        from skl_signlang.datasets import make_fingerspelling
        from skl_signlang.model_selection import split_samples

        hands = make_fingerspelling(1440, random_state=0)
        parts = split_samples(hands, (0.75, 0.25), random_state=0)
    else:
        from skl_signlang.datasets import load_sign_mnist

        parts = [load_sign_mnist(path, subset=part) for part in ("train", "test")]
    return [
        Bunch(
            images=part.images,
            target=np.unique(part.target, return_inverse=True)[1],
        )
        for part in parts
    ]


def shaped(images, form):
    """Give pictures in the form that a peer wants."""
    if form == "pictures":
        return images[..., None]
    if form == "rows":
        return images.reshape(len(images), -1)
    scaled = (images / 255).astype(np.float32)
    if form == "scaled rows":
        return scaled.reshape(len(images), -1)
    return scaled[:, None] if form == "channels first" else scaled[..., None]


def measure(name, path, quick):
    """Train one peer in this process, and read the test once."""
    try:
        model, form = PEERS[name](EPOCHS[quick])
    except ImportError as error:
        return {"skipped": f"{error}"}
    train, test = data(path, quick)
    X, X_test = shaped(train.images, form), shaped(test.images, form)
    start, cpu = time.perf_counter(), time.process_time()
    model.fit(X, train.target)
    fitted, fit_cpu = time.perf_counter(), time.process_time() - cpu
    predicted = model.predict(X_test)
    return {
        "accuracy": float(np.mean(predicted == test.target)),
        "fit_seconds": fitted - start,
        "fit_cpu_seconds": fit_cpu,
        "predict_seconds": time.perf_counter() - fitted,
    }


def measure_apart(name, path, quick):
    """Do so in a process of its own, which may fail."""
    case = json.dumps([name, str(path), quick])
    command = [sys.executable, "-m", "benchmarks.peers", "--case", case]
    try:
        done = subprocess.run(
            command + ["--others"] * (name in OTHERS),
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS[quick],
            env=_plain_tensorflow.environment(),
        )
    except subprocess.TimeoutExpired as error:
        return {"skipped": f"it was stopped after {error.timeout:.0f} seconds"}
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        return {"skipped": f"it failed: {' '.join(last)[:200]}"}
    return json.loads(done.stdout.splitlines()[-1])


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--quick", action="store_true", help="rendered hands")
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--others", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.case:
        print(json.dumps(measure(*options.case)))
        return
    if not options.quick and not options.sign_mnist.exists():
        print(f"skipped: needs Sign Language MNIST at {options.sign_mnist}")
        return
    found = {}
    for name in options.names or PEERS:
        found[name] = measure_apart(name, options.sign_mnist, options.quick)
        print(name, found[name], flush=True)
    ran = {name: run for name, run in found.items() if "skipped" not in run}
    print_table(
        ["", "accuracy", "fit, s", "CPU s", "predict, s"],
        [
            [
                name,
                f"{run['accuracy']:.3f}",
                f"{run['fit_seconds']:.1f}",
                f"{run['fit_cpu_seconds']:.1f}",
                f"{run['predict_seconds']:.2f}",
            ]
            for name, run in ran.items()
        ],
    )
    for name in found.keys() - ran.keys():
        print(f"{name}: {found[name]['skipped']}")
    save("peers", {"epochs": EPOCHS[options.quick], "peers": found})


if __name__ == "__main__":
    main()
