"""Time and memory of 31 fits of one small CNN: SciKeras beside ours.

``ours`` is `CNNClassifier`; ``own`` is `NetworkClassifier` with SciKeras' function.

``python -m benchmarks.refit [--fits 31] [--ours 500]``

``--ours`` goes on with ours alone, for that many fits. Each runs in a process of its
own. The first fit, which traces, is not counted.
"""

import argparse
import json
import os
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import print_table, save

LAYERS = {"filters": 8, "hidden": 32, "classes": 10}


def data():
    from sklearn.datasets import load_digits

    digits = load_digits()
    return (digits.images * 15).astype(np.float32)[..., None], digits.target


def build():
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(LAYERS["filters"], 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(LAYERS["hidden"], activation="relu"),
            layers.Dense(LAYERS["classes"], activation="softmax"),
        ]
    )


def scikeras_model():
    from scikeras.wrappers import KerasClassifier

    return KerasClassifier(
        build,
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        epochs=1,
        batch_size=128,
        verbose=0,
    )


def our_model():
    from skl_signlang import CNNClassifier

    return CNNClassifier(
        filters=(LAYERS["filters"],),
        kernel_size=3,
        hidden_layer_sizes=(LAYERS["hidden"],),
        conv_dropout=0,
        dropout=0,
        batch_norm=False,
        standardize=False,
        average=False,
        epochs=1,
    )


def own_model():
    from skl_signlang import NetworkClassifier

    return NetworkClassifier(build, epochs=1)


MODELS = {"scikeras": scikeras_model, "ours": our_model, "own": own_model}


def measure(which, fits):
    """Fit again and again; give the median seconds and the growth in MB."""
    import psutil

    X, y = data()
    model = MODELS[which]()
    model.fit(X, y)
    process = psutil.Process()
    before = process.memory_info().rss
    seconds = []
    for _ in range(fits):
        start = time.perf_counter()
        model.fit(X, y)
        seconds.append(time.perf_counter() - start)
    growth = (process.memory_info().rss - before) / 1e6
    return {"median_seconds": float(np.median(seconds)), "growth_mb": growth}


def run(which, fits):
    """Do so in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.refit", "--only", which]
    command += ["--fits", str(fits)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(output.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fits", type=int, default=31)
    parser.add_argument("--ours", type=int, default=500, help="fits of ours alone")
    parser.add_argument("--only", choices=[*MODELS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.fits)))
        return
    result = {}
    for which in MODELS:
        result[which] = run(which, options.fits)
    theirs, ours, own = (result[which] for which in MODELS)
    result["times_faster"] = theirs["median_seconds"] / ours["median_seconds"]
    result["own_times_faster"] = theirs["median_seconds"] / own["median_seconds"]
    print_table(
        ["", "seconds a fit", f"MB after {options.fits} fits"],
        [
            [name, f"{run['median_seconds']:.3f}", f"{run['growth_mb']:.0f}"]
            for name, run in (
                ("SciKeras", theirs),
                ("CNNClassifier", ours),
                ("NetworkClassifier", own),
            )
        ],
    )
    print(f"ours is {result['times_faster']:.1f} times faster")
    print(f"a network of the user's own, {result['own_times_faster']:.1f} times")
    for which in ("ours", "own") if options.ours else ():
        result[f"{which} alone"] = {"fits": options.ours, **run(which, options.ours)}
        growth = result[f"{which} alone"]["growth_mb"]
        print(f"{which}, {options.ours} fits: {growth:.0f} MB")
    save("refit", result)


if __name__ == "__main__":
    main()
