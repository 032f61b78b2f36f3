"""predict_proba of one 28x28 picture and of 7,172: SciKeras, Keras, ours.

``python -m benchmarks.latency``

The same network, the same weights, interleaved in one process; medians.
"""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import print_table, save


def models():
    """Fit ours; give SciKeras and Keras the same network."""
    import keras
    from scikeras.wrappers import KerasClassifier

    from skl_signlang import CNNClassifier

    rng = np.random.RandomState(0)
    X = rng.randint(256, size=(480, 28, 28, 1)).astype(np.float32)
    y = np.arange(480) % 24
    ours = CNNClassifier(epochs=1, random_state=0).fit(X, y)
    network = ours.model_
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    copy.compile("adam", "sparse_categorical_crossentropy")
    scikeras = KerasClassifier(copy, epochs=1, verbose=0).initialize(X, y)
    fresh = CNNClassifier(epochs=1, random_state=0).fit(X, y)
    return {
        "SciKeras predict_proba": scikeras.predict_proba,
        "keras.Model.predict": lambda X: copy.predict(X, verbose=0),
        "ours predict_proba": fresh.predict_proba,
    }


def medians(calls, X, repeats):
    """Time the calls in turn, so that noise meets all of them."""
    seconds = {name: [] for name in calls}
    for call in calls.values():
        call(X)
    for _ in range(repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            call(X)
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(runs)) for name, runs in seconds.items()}


def main():
    calls = models()
    rng = np.random.RandomState(1)
    pictures = rng.randint(256, size=(7172, 28, 28, 1)).astype(np.float32)
    one = medians(calls, pictures[:1], repeats=50)
    bulk = medians(calls, pictures, repeats=7)
    print_table(
        ["", "one picture, ms", "ratio to ours", "7,172 pictures, s", "ratio to ours"],
        [
            [
                name,
                f"{1000 * one[name]:.3f}",
                f"{one[name] / one['ours predict_proba']:.1f}",
                f"{bulk[name]:.3f}",
                f"{bulk[name] / bulk['ours predict_proba']:.2f}",
            ]
            for name in calls
        ],
    )
    save("latency", {"one_picture_seconds": one, "7172_pictures_seconds": bulk})


if __name__ == "__main__":
    main()
