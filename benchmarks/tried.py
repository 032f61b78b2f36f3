"""What was tried to train faster, and whether it pays, on the network of CNNClassifier.

``python -m benchmarks.tried [NAME ...] [--rounds 3] [--pictures 2048]``

Each idea is an epoch of that network in raw Keras beside an epoch of the same with
oneDNN's kernels, no XLA, one step a call, 128 pictures a step, float32 and a thread a
core, in processes that take turns; the ratio is the median of the pairs, and above 1 it
pays.
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

VARIANTS = {  # environment, arguments of `measure`
    "without oneDNN": ({"TF_ENABLE_ONEDNN_OPTS": "0"}, {}),
    "XLA": ({}, {"jit_compile": True}),
    "8 steps a call": ({}, {"steps_per_execution": 8}),
    "bfloat16 where Keras can": ({}, {"policy": "mixed_bfloat16"}),
    "32 pictures a step": ({}, {"batch_size": 32}),
    "512 pictures a step": ({}, {"batch_size": 512}),
    "one thread": ({"TF_NUM_INTRAOP_THREADS": "1"}, {}),
    "one operation at a time": ({"TF_NUM_INTEROP_THREADS": "1"}, {}),
    "twice as many threads as cores": (
        {"TF_NUM_INTRAOP_THREADS": str(2 * os.cpu_count())},
        {},
    ),
    "tf.data, cached": ({}, {"cached": True}),
}


def measure(
    pictures,
    jit_compile=False,
    steps_per_execution=1,
    policy="float32",
    batch_size=128,
    cached=False,
):
    """Train two epochs in this process; give the seconds of the second."""
    import keras
    import tensorflow as tf

    from skl_signlang.networks import cnn_network

    keras.config.set_dtype_policy(policy)
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (pictures, 28, 28, 1)).astype(np.float32)
    y = np.arange(pictures) % 24
    network = cnn_network(
        (28, 28, 1),
        24,
        filters=((16,), (24,), (48,)),
        kernel_size=5,
        hidden_layer_sizes=(128,),
        conv_dropout=0.3,
        dropout=0.4,
        batch_norm=True,
    )
    network.compile(
        "adam",
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=jit_compile,
        steps_per_execution=steps_per_execution,
    )
    data = {"x": X, "y": y, "batch_size": batch_size}
    if cached:
        dataset = tf.data.Dataset.from_tensor_slices((X, y)).cache()
        data = {"x": dataset.shuffle(pictures).batch(batch_size).prefetch(2)}
    network.fit(**data, epochs=1, verbose=0)
    start = time.perf_counter()
    network.fit(**data, epochs=1, verbose=0)
    return time.perf_counter() - start


def measure_apart(pictures, environment, arguments):
    """Do so in a process of its own."""
    case = json.dumps({"pictures": pictures, **arguments})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tried", "--case", case],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    return json.loads(done.stdout.splitlines()[-1])


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=2048)
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.case:
        print(json.dumps(measure(**options.case)))
        return
    found = {}
    for name in options.names or VARIANTS:
        pairs = [
            [
                measure_apart(options.pictures, *case)
                for case in (({}, {}), VARIANTS[name])
            ]
            for _ in range(options.rounds)
        ]
        ratios = [plain / changed for plain, changed in pairs]
        found[name] = {"ratios": ratios, "ratio": float(np.median(ratios))}
        print(name, found[name], flush=True)
    print_table(
        ["", "times as fast", "from", "to"],
        [
            [
                name,
                f"{run['ratio']:.2f}",
                f"{min(run['ratios']):.2f}",
                f"{max(run['ratios']):.2f}",
            ]
            for name, run in found.items()
        ],
    )
    save("tried", {"pictures": options.pictures, "ideas": found})


if __name__ == "__main__":
    main()
