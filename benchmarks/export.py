"""What each format of export weighs, how fast it is, and what it reads.

Exports the reader that comes with the package to each format, the 8 bits on scales of
rendered hands, and reads rendered signers that it never saw and, where it lies, the
official test of Sign Language MNIST. Then one picture of 28x28 pixels through
`LetterPredictor`, with each backend, for the network that `CNNClassifier()` is.
All are timed in turn in one process; the small ones also one after the other, in a row
each; medians.

``python -m benchmarks.export [--sign-mnist PATH]``
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import SIGN_MNIST, print_table, save
from skl_signlang import CNNClassifier
from skl_signlang.datasets import load_sign_mnist, make_fingerspelling
from skl_signlang.export import export
from skl_signlang.inference import LetterPredictor
from skl_signlang.persistence import save as save_archive
from skl_signlang.pretrained import load_pretrained

REPEATS = 500
N_REPRESENTATIVE = 500
MAX_ACCURACY_LOSS = 0.05
BACKENDS = ("keras", "onnx", "litert")


def hands(n, seed):
    """Render hands of signers that no training saw."""
    return make_fingerspelling(n, image_size=48, n_signers=n // 10, random_state=seed)


def write_all(reader, folder):
    """Write the reader in each format; give the paths by name."""
    folder = Path(folder)
    save_archive(reader, folder / "keras")
    export(reader, folder / "onnx", format="onnx")
    export(reader, folder / "litert", format="litert")
    export(
        reader,
        folder / "litert, 8 bits",
        format="litert",
        representative_data=hands(N_REPRESENTATIVE, seed=5_555).images,
        max_accuracy_loss=MAX_ACCURACY_LOSS,
    )
    export(reader, folder / "saved_model", format="saved_model")
    return {path.name: path for path in sorted(folder.iterdir())}


def size_of(path):
    """Count the bytes of a file or a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


class ServedModel:
    """A SavedModel, called as TensorFlow Serving calls it, in this process."""

    def __init__(self, path, like):
        import tensorflow as tf

        self._tf, self._like = tf, like
        self._model = tf.saved_model.load(str(path / "1"))
        self._serve = self._model.signatures["serving_default"]

    def predict(self, image):
        """Name the letter of one picture."""
        return self._named(self.like(image)[np.newaxis])[0]

    def predict_many(self, images):
        """Name the letters of several."""
        return self._named(np.stack([self.like(image) for image in images]))

    def like(self, image):
        """Bring a picture to the form that it takes."""
        return self._like.crop(image)

    def _named(self, pictures):
        found = self._serve(pixels=self._tf.constant(pictures))["probabilities"]
        return self._like.classes_[found.numpy().argmax(axis=1)]


def open_all(paths):
    """Open each."""
    served = paths["saved_model"]
    opened = {
        name: LetterPredictor(path) for name, path in paths.items() if path != served
    }
    return {**opened, served.name: ServedModel(served, opened["keras"])}


def letters_of(model, images):
    """Give the letters that a model names."""
    return np.array([getattr(p, "letter", p) for p in model.predict_many(images)])


def medians(calls, image):
    """Time the calls in turn, so that noise meets all of them."""
    seconds = {name: [] for name in calls}
    for call in calls.values():
        call(image)
    for _ in range(REPEATS):
        for name, call in calls.items():
            start = time.perf_counter()
            call(image)
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(runs)) for name, runs in seconds.items()}


def formats(sets):
    """Measure the reader of the package in each format."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_all(load_pretrained(), folder)
        models = open_all(paths)
        sizes = {name: size_of(path) for name, path in paths.items()}
    found = {
        name: {key: letters_of(model, X) for key, (X, _) in sets.items()}
        for name, model in models.items()
    }
    picture = np.ascontiguousarray(models["keras"].crop(hands(10, seed=1).images[0]))
    seconds = medians({n: model.predict for n, model in models.items()}, picture)
    return {
        name: {
            "bytes": sizes[name],
            "seconds": seconds[name],
            "accuracy": {
                key: float(np.mean(found[name][key] == y))
                for key, (_, y) in sets.items()
            },
            "other letters than keras": {
                key: float(np.mean(found[name][key] != found["keras"][key]))
                for key in sets
            },
        }
        for name in models
    }


def one_small_picture():
    """Time one picture of 28x28 pixels through the network of `CNNClassifier()`."""
    rng = np.random.RandomState(0)
    X = rng.randint(256, size=(480, 28, 28)).astype(np.uint8)
    model = CNNClassifier(epochs=1, random_state=0).fit(X, np.arange(480) % 24)
    predictors = {name: LetterPredictor(model, backend=name) for name in BACKENDS}
    calls = {name: predictor.predict for name, predictor in predictors.items()}
    in_turn = medians(calls, X[0])
    # as in a stream of frames, the caches of the processor full of one model
    in_a_row = {name: medians({name: calls[name]}, X[0])[name] for name in BACKENDS}
    return {name: (in_turn[name], in_a_row[name]) for name in BACKENDS}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    options = parser.parse_args(argv)
    rendered = hands(960, seed=77)
    sets = {"rendered": (rendered.images, rendered.target)}
    if options.sign_mnist.exists():
        test = load_sign_mnist(options.sign_mnist, subset="test")
        sets["official test"] = (test.images, test.target)
    small = one_small_picture()
    print("one picture of 28x28 pixels, CNNClassifier():")
    print_table(
        ["", "ms in turn", "ms in a row"],
        [[name, *(f"{1000 * s:.3f}" for s in both)] for name, both in small.items()],
    )
    found = formats(sets)
    print("the reader that comes with the package, 40x40 pixels:")
    print_table(
        ["", "bytes", "ms", *sets, *(f"others, {key}" for key in sets)],
        [
            [
                name,
                f"{case['bytes']:,}",
                f"{1000 * case['seconds']:.3f}",
                *(f"{case['accuracy'][key]:.4f}" for key in sets),
                *(f"{case['other letters than keras'][key]:.4f}" for key in sets),
            ]
            for name, case in found.items()
        ],
    )
    save("export", {"formats": found, "28x28 seconds": small})


if __name__ == "__main__":
    main()
