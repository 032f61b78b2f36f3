"""Train the package's own network of hands, which needs no extra and no download.

MediaPipe's landmark model teaches it: its joints of the photographs to learn from, of
Sign Language MNIST's train file (up to five images of each near-duplicate group), of
Sign Language Digits and of rendered hands, each seen in squares of many turns, sizes
and places, in other light, noise and resolution, before other backgrounds. The letters
come from the labels; squares without a hand, and digits that are no letters, are
"none".

``--leave-out`` leaves authors out of training, and prints the accuracy on them; these
scores, and no others, may choose. ``--cache`` is the folder of examples and
checkpoints: training resumes from them. ``--keep`` writes the network into the package.

``python -m benchmarks.train_hand_network [--steps N] [--leave-out AUTHOR ...]
[--cache FOLDER] [--keep]``
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from scipy.special import log_softmax

from benchmarks._averaged_training import scaled, train_averaged
from benchmarks._hand_examples import CROP, WIDE, Batches, all_digits, examples
from benchmarks._report import DIGITS, SIGN_MNIST, save
from benchmarks.unseen_hands import (
    AUTHORS,
    MODEL,
    PHOTOS,
    RENDERED,
    of_author,
    photographs,
    render,
)
from skl_signlang._files import write_whole
from skl_signlang._letters import LETTERS
from skl_signlang.preprocessing._hand_network import (
    CLASSES,
    FILE,
    N_OUTPUTS,
    SIDE,
    build_hand_network,
    standardize,
)

BATCH = 128
# how much the errors of points, joints, presence, handedness and letters count
LOSSES = tf.constant([20.0, 5.0, 0.5, 0.5, 0.5])


def load_sources(path, folder, rendered=RENDERED):
    """Return the examples of each source by name."""
    loads = {
        "sign_mnist": lambda: photographs(path),
        "digits": all_digits,
        **{name: (lambda name=name: of_author(name)) for name in AUTHORS},
        **{
            f"rendered_{seed}": (lambda turn=turn, seed=seed: render(turn, seed))
            for turn, seed in rendered.items()
        },
    }
    return {
        name: examples(folder / f"{name}.npz", load, MODEL)
        for name, load in loads.items()
    }


def build_trained():
    """Build the network with the last layers of the letters."""
    layers = keras.layers
    image, down = keras.Input((SIDE, SIDE, 1)), keras.Input((2,))
    network = build_hand_network()
    ends = np.cumsum(list(N_OUTPUTS.values()))
    row = network(image)
    hidden = row[:, ends[-2] :]
    turned = layers.Dense(hidden.shape[1], use_bias=False, name="down")(down)
    hidden = layers.ReLU()(layers.Add()([hidden, turned]))
    letters = layers.Dense(len(CLASSES), name="classes")(layers.Dropout(0.2)(hidden))
    starts = np.r_[0, ends[:-2]]
    parts = [row[:, a:b] for a, b in zip(starts, ends[:-1], strict=True)]
    return keras.Model([image, down], [*parts, letters]), network


@tf.function(reduce_retracing=True)
def see(batch):
    """Cut the squares out of crops, and change light, resolution and noise."""
    n = tf.shape(batch["crops"])[0]

    def draw(*ends, shape=(1, 1, 1)):
        return tf.random.uniform([n, *shape], *ends)

    at, boxes = tf.range(CROP, dtype=tf.float32) + 0.5, batch["boxes"]
    across = (at > boxes[:, :1]) & (at < boxes[:, 2:3])
    down = (at > boxes[:, 1:2]) & (at < boxes[:, 3:])
    inside = tf.cast(across[:, None] & down[..., None], tf.float32)
    images = batch["crops"] * inside + batch["around"] * (1 - inside)
    seen = tf.raw_ops.ImageProjectiveTransformV3(
        images=images[..., None] / 255,
        transforms=batch["transforms"],
        output_shape=[SIDE, SIDE],
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    )
    seen = tf.clip_by_value(seen, 0, 1) ** tf.exp(0.3 * tf.random.normal([n, 1, 1, 1]))
    mean = tf.reduce_mean(seen, [1, 2, 3], keepdims=True)
    seen = (seen - mean) * draw(0.45, 1.3) + mean
    slopes, ramp = (
        0.12 * tf.random.normal([3, n, 1, 1, 1]),
        tf.linspace(-1.0, 1.0, SIDE),
    )
    seen += slopes[0] + slopes[1] * ramp[:, None] + slopes[2] * ramp[:, None, None]
    low = tf.random.uniform([], 18, 48, tf.int32)
    small = tf.image.resize(seen, [low, low], "area")
    blurred = tf.image.resize(small, [SIDE, SIDE])
    seen = tf.where(draw() < 0.35, blurred, seen)
    seen += draw(0.0, 0.05) * tf.random.normal(tf.shape(seen))
    center, place = draw(0.0, float(SIDE), shape=(2, 1, 1, 1)), tf.range(float(SIDE))
    near = (
        tf.abs(place - center[:, 0, ..., 0]),
        tf.abs(place[:, None] - center[:, 1, ..., 0]),
    )
    half = tf.where(draw(shape=(1, 1)) < 0.3, draw(0.0, 9.0, shape=(1, 1)), 0.0)
    erased = ((near[0] < half) & (near[1] < half))[..., None]
    return tf.clip_by_value(tf.where(erased, draw(), seen), 0, 1)


def losses(outputs, batch):
    """Compute the mean error of each output."""
    points, joints, presence, right, letters = outputs

    def mean(values, weights):
        return tf.reduce_sum(values * weights) / (tf.reduce_sum(weights) + 1e-3)

    def distance(found, true):
        return tf.reduce_mean(tf.abs(found - true), axis=1)

    binary = tf.nn.sigmoid_cross_entropy_with_logits
    smooth = 0.95 * tf.one_hot(batch["classes"], len(CLASSES)) + 0.05 / len(CLASSES)
    crossed = tf.nn.softmax_cross_entropy_with_logits(smooth, letters)
    return tf.stack(
        [
            mean(distance(points, batch["points"]), batch["sure"]),
            mean(distance(joints, batch["joints"]), batch["sure"]),
            mean(binary(batch["present"], presence[:, 0]), batch["presence_sure"]),
            mean(binary(batch["right"], right[:, 0]), batch["right_sure"]),
            tf.reduce_mean(crossed),
        ]
    )


def read(batch):
    """Return what the network sees of a batch: squares, and where down is."""
    return [scaled(see(batch)), batch["down"]]


def train(sources, n_steps, folder, seed=0):
    """Train on batches of examples; return the network."""
    keras.utils.set_random_seed(seed)
    model, network = build_trained()

    def draw(n_done):
        return Batches(sources, np.random.RandomState(seed + n_done))

    train_averaged(model, draw, read, losses, LOSSES, n_steps, BATCH, folder)
    return model, network


def evaluate(model, source):
    """Return the accuracy of the letters of upright crops, both sides together."""
    side = CROP / WIDE
    cos, sin = np.cos(source["angle"]), np.sin(source["angle"])
    votes = 0
    for sign in (1, -1):
        steps = np.stack([sign * cos, -sin, sign * sin, cos], 1) * side / SIDE
        start = CROP / 2 - 0.5 - (SIDE / 2 - 0.5) * (steps[:, ::2] + steps[:, 1::2])
        transforms = np.stack(
            [
                steps[:, 0],
                steps[:, 1],
                start[:, 0],
                steps[:, 2],
                steps[:, 3],
                start[:, 1],
            ]
        )
        seen = tf.raw_ops.ImageProjectiveTransformV3(
            images=source["crop"][..., None].astype(np.float32) / 255,
            transforms=np.vstack([transforms, np.zeros((2, len(cos)))]).T.astype("f4"),
            output_shape=[SIDE, SIDE],
            interpolation="BILINEAR",
            fill_mode="CONSTANT",
            fill_value=0.0,
        )
        down = np.stack([sign * sin, cos], axis=1).astype(np.float32)
        inputs = [standardize(seen.numpy()), down]
        votes = votes + log_softmax(model.predict(inputs, BATCH, 0)[-1], axis=1)
    best = np.array(LETTERS)[votes[:, : len(LETTERS)].argmax(axis=1)]
    return float(np.mean(best == source["letters"]))


def keep(model, network):
    """Write the weights into the package, in half precision."""
    ends = [model.get_layer(name).get_weights() for name in ("down", "classes")]
    arrays = [*network.get_weights(), *ends[0], *ends[1]]
    with write_whole(FILE) as file:
        np.savez_compressed(file, *(array.astype(np.float16) for array in arrays))
    print(f"{FILE}: {FILE.stat().st_size:,} bytes, {network.count_params():,} weights")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--leave-out", nargs="*", choices=list(AUTHORS), default=[])
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args(argv)
    needed = (options.sign_mnist, DIGITS, MODEL, PHOTOS)
    missing = [path for path in needed if not path.exists()]
    if missing:
        print(f"skipped: needs {', '.join(map(str, missing))}")
        return
    if options.keep and options.leave_out:
        parser.error("--keep learns from every author: leave out --leave-out")
    with tempfile.TemporaryDirectory() as folder:
        cache = options.cache or Path(folder)
        cache.mkdir(parents=True, exist_ok=True)
        sources = load_sources(options.sign_mnist, cache)
        learned = [sources[name] for name in sources if name not in options.leave_out]
        checkpoints = cache / "-".join(["checkpoints", *options.leave_out])
        model, network = train(learned, options.steps, checkpoints)
        scores = {name: evaluate(model, sources[name]) for name in options.leave_out}
    for name, score in scores.items():
        print(f"{name}, left out: {score:.3f}")
    if options.keep:
        keep(model, network)
    save("train_hand_network", {"left out": scores, "steps": options.steps})


if __name__ == "__main__":
    main()
