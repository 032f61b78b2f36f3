"""Training beside raw ``keras.Model.fit``, and where the time of a step goes.

``python -m benchmarks.throughput [--rounds 5] [--pictures 4096] [--quick]``

The same networks on the same rendered hands: ours is given uint8, Keras what its users
give it, float32 that was scaled beforehand, which its time does not include. Both train
an epoch each in turn, in one process, after a first one that traces; the ratio is the
median of the pairs, ours to Keras'. In that process Keras has oneDNN's kernels too,
which this package turns on; so a last column compares with Keras in a process of its
own that does not know this package, the median of as many epochs.

Then the parts of our epoch, each measured alone: what makes the batches, the step of
forward, backward and optimizer on a batch that is always the same, and the rest, which
is Keras' loop. They overlap, so they may add up to more than the whole. The arithmetic
of a step is three times TensorFlow's own count of the forward pass; the cores' peak is
that of a product of two matrices of float32, by NumPy, on all of them.
"""

import argparse
import json
import os
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks import _plain_tensorflow

if "--alone" in sys.argv:
    _plain_tensorflow.start()

import numpy as np

from benchmarks._report import print_table, save

BATCH_SIZE = 128
MATRIX_SIDE = 2048


def networks():
    """Name the networks: our estimators, without what Keras has no word for."""
    from skl_signlang import CNNClassifier, DenseClassifier

    return {
        "CNNClassifier()": CNNClassifier(),
        "DenseClassifier()": DenseClassifier(),
        "a small CNN": CNNClassifier(
            filters=(8,), kernel_size=3, hidden_layer_sizes=(32,), batch_norm=False
        ),
    }


def raw_keras(network):
    """Copy a network, with weights of its own, and compile it as users do."""
    import keras

    copy = keras.models.clone_model(network)
    # its default, XLA where a network can have it, is three times slower on a CPU
    copy.compile(
        "adam",
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    return copy


def timed(call):
    """Give the seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def flops(model):
    """Count the floating-point operations of the forward pass of one picture."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    spec = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)
    graph = convert_variables_to_constants_v2(
        tf.function(lambda x: model(x, training=False)).get_concrete_function(spec)
    ).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    with graph.as_default():
        found = tf.compat.v1.profiler.profile(graph, options=options)
    return found.total_float_ops


def peak(rounds):
    """Measure the operations a second that the cores reach in their best case."""
    rng = np.random.default_rng(0)
    a, b = rng.random((2, MATRIX_SIDE, MATRIX_SIDE), dtype=np.float32)
    a @ b
    return 2 * MATRIX_SIDE**3 / min(timed(lambda: a @ b) for _ in range(rounds))


def step_seconds(raw, X, y, rounds):
    """Measure one step on one batch, with nothing around it."""
    import tensorflow as tf

    batch = tf.constant(X[:BATCH_SIZE]), tf.constant(y[:BATCH_SIZE])
    step = tf.function(lambda: raw.train_step(batch))
    step()
    return min(
        timed(lambda: [step() for _ in range(10)]) / 10 for _ in range(max(3, rounds))
    )


def batch_seconds(n, X, y, rounds):
    """Measure what gathering all batches of an epoch takes, in a random order."""
    order = np.random.default_rng(0).permutation(n)

    def gather():
        for start in range(0, n, BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            X[rows], y[rows]

    return min(timed(gather) for _ in range(max(3, rounds)))


def prepare(model, hands):
    """Train ours once; give its data, a copy of the network for Keras, and its data."""
    n = len(hands.target)
    X = hands.images[..., None]
    _, y = np.unique(hands.target, return_inverse=True)
    model.set_params(epochs=1, batch_size=BATCH_SIZE, average=False, random_state=0)
    model.fit(X, y)
    raw = raw_keras(model.model_)
    scaled = (X.reshape(n, *raw.input_shape[1:]) / 255).astype(np.float32)
    raw.fit(scaled, y, batch_size=BATCH_SIZE, epochs=1, verbose=0)
    return X, y, raw, scaled


def compare(model, hands, rounds):
    """Train in turn; give the pairs of seconds and the parts of an epoch."""
    X, y, raw, scaled = prepare(model, hands)
    n = len(y)
    pairs = [
        (
            timed(lambda: model.fit(X, y)),
            timed(
                lambda: raw.fit(scaled, y, batch_size=BATCH_SIZE, epochs=1, verbose=0)
            ),
        )
        for _ in range(rounds)
    ]
    ours, theirs = np.median(pairs, axis=0)
    ratios = [keras / mine for mine, keras in pairs]
    step = step_seconds(raw, scaled, y, rounds) * -(-n // BATCH_SIZE)
    return {
        "pictures_a_second": {"ours": n / ours, "keras": n / theirs},
        "ratios": ratios,
        "ratio": float(np.median(ratios)),
        "epoch_seconds": float(ours),
        "step_share": float(step / ours),
        "batches_share": float(batch_seconds(n, X, y, rounds) / ours),
        "flops_a_second": 3 * flops(raw) * n / ours,
    }


def keras_alone(name, pictures, rounds):
    """Give the seconds of an epoch of Keras in a process without our settings."""
    case = json.dumps([name, pictures, rounds])
    command = [sys.executable, "-m", "benchmarks.throughput", "--alone", case]
    output = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=_plain_tensorflow.environment(),
    )
    return json.loads(output.stdout.splitlines()[-1])


def measure_alone(name, pictures, rounds):
    """Do so in this process."""
    from skl_signlang.datasets import make_fingerspelling

    hands = make_fingerspelling(pictures, random_state=0)
    _, y, raw, scaled = prepare(networks()[name], hands)
    seconds = [
        timed(lambda: raw.fit(scaled, y, batch_size=BATCH_SIZE, epochs=1, verbose=0))
        for _ in range(rounds)
    ]
    return float(np.median(seconds))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=4096)
    parser.add_argument("--quick", action="store_true", help="a minute")
    parser.add_argument("--alone", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.alone:
        print(json.dumps(measure_alone(*options.alone)))
        return
    if options.quick:
        options.rounds, options.pictures = 3, 2048
    from skl_signlang.datasets import make_fingerspelling

    hands = make_fingerspelling(options.pictures, random_state=0)
    best = peak(options.rounds)
    found = {}
    for name, model in networks().items():
        found[name] = compare(model, hands, options.rounds)
        alone = keras_alone(name, options.pictures, options.rounds)
        found[name]["as_it_comes"] = alone / found[name]["epoch_seconds"]
    print_table(
        [
            *("", "pictures a second", "Keras", "ratio", "worst", "to Keras alone"),
            *("step", "batches", "GFLOP/s", "of the peak"),
        ],
        [
            [
                name,
                f"{run['pictures_a_second']['ours']:.0f}",
                f"{run['pictures_a_second']['keras']:.0f}",
                f"{run['ratio']:.2f}",
                f"{min(run['ratios']):.2f}",
                f"{run['as_it_comes']:.2f}",
                f"{run['step_share']:.2f}",
                f"{run['batches_share']:.3f}",
                f"{run['flops_a_second'] / 1e9:.1f}",
                f"{run['flops_a_second'] / best:.2f}",
            ]
            for name, run in found.items()
        ],
    )
    print(f"peak of the cores: {best / 1e9:.0f} GFLOP/s")
    save("throughput", {"networks": found, "peak_flops_a_second": best})


if __name__ == "__main__":
    main()
