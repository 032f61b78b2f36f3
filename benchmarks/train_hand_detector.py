"""Train the package's own detector of hands, which needs no extra and no download.

It learns from the hands of `benchmarks.train_hand_network`, whose squares MediaPipe's
joints give, put before other backgrounds in any place, size and turn.

``--leave-out`` leaves authors out of training, and prints how many of their hands are
found in frames; these scores, and no others, may choose. ``--cache`` is the folder of
examples and checkpoints: training resumes from them. ``--out`` writes the network
to a file, ``--keep`` into the package.

``python -m benchmarks.train_hand_detector [--steps N] [--leave-out AUTHOR ...]
[--cache FOLDER] [--out FILE] [--keep]``
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from benchmarks._averaged_training import scaled, train_averaged
from benchmarks._hand_frames import Frames, between_bars, compose
from benchmarks._report import DIGITS, SIGN_MNIST, save
from benchmarks.train_hand_network import load_sources
from benchmarks.unseen_hands import AUTHORS, MODEL, PHOTOS, RENDERED
from skl_signlang._files import write_whole
from skl_signlang._hand_detector import FILE, GRID, SIDE, read_grid

BATCH = 64
N_FRAMES = 1024  # of each author that was left out
SEEN = dict([next(iter(RENDERED.items()))])  # of the rendered hands
CLOSE = 0.5  # overlap of the found square with the true one


N_OUTPUTS = 6  # logit, x and y in cells, log of the side in frames, where up is (2)


def build_detector():
    """Build the network; `skl_signlang._hand_detector` computes the same in NumPy."""
    layers = keras.layers

    def convolve(x, n_filters, size=3, stride=1):
        x = layers.Conv2D(n_filters, size, stride, "same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))

    def add(x):
        return layers.Add()([x, convolve(x, x.shape[-1])])

    def join(x, coarse):
        coarse = convolve(coarse, x.shape[-1], size=1)
        return layers.Add()([x, layers.UpSampling2D()(coarse)])

    image = keras.Input((SIDE, SIDE, 1))
    x = convolve(convolve(image, 12, size=5, stride=2), 24, stride=2)
    fine = add(convolve(x, 48, stride=2))
    middle = add(convolve(fine, 64, stride=2))
    coarse = add(add(convolve(middle, 64, stride=2)))
    middle = add(join(middle, coarse))
    fine = add(join(fine, middle))
    return keras.Model(image, layers.Conv2D(N_OUTPUTS, 1)(fine))


def folded(model):
    """Return kernels and biases in turn, with batch normalization folded in."""
    arrays = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, *bias = layer.get_weights()
            arrays += [kernel, *bias]
        elif isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            scale = gamma / np.sqrt(variance + layer.epsilon)
            arrays[-1] = arrays[-1] * scale
            arrays.append(beta - mean * scale)
    return [array.astype(np.float16) for array in arrays]


def see(batch):
    """Compose frames, some of them not square."""
    return compose(batch) * between_bars(tf.shape(batch["crops"])[0])


def losses(grid, batch):
    """Compute the mean errors of scores, places, sides and turns."""
    targets = batch["targets"]
    heat, weight = targets[..., 0], targets[..., 6]
    crossed = tf.nn.sigmoid_cross_entropy_with_logits(heat, grid[..., 0])
    hard = tf.abs(heat - tf.sigmoid(grid[..., 0]))  # as in focal loss
    score = tf.reduce_sum(hard * crossed) / tf.cast(tf.shape(grid)[0], tf.float32)
    distances = tf.abs(grid[..., 1:] - targets[..., 1:6]) * weight[..., None]
    mean = tf.reduce_sum(distances, [0, 1, 2]) / (tf.reduce_sum(weight) + 1e-3)
    return tf.stack([score, mean[0] + mean[1], mean[2], mean[3] + mean[4]])


WEIGHTS = tf.constant([1.0, 0.5, 2.0, 0.5])


def read(batch):
    """Return what the network sees of a batch."""
    return scaled(see(batch))


def train(sources, n_steps, folder, seed=0):
    """Train on batches of frames; return the network."""
    keras.utils.set_random_seed(seed)
    model = build_detector()

    def draw(n_done):
        return Frames(sources, np.random.RandomState(seed + n_done))

    train_averaged(model, draw, read, losses, WEIGHTS, n_steps, BATCH, folder)
    return model


def evaluate(model, source):
    """Return found hands by size, and the scores of frames with and without a hand."""
    frames = Frames([source], np.random.RandomState(1))
    rows = []
    for _ in range(N_FRAMES // BATCH):
        batch = frames(BATCH)
        seen = read({n: tf.constant(a) for n, a in batch.items()})
        grids = model(seen).numpy()
        for grid, target, empty in zip(
            grids, batch["targets"], batch["empty"], strict=True
        ):
            score = 1 / (1 + np.exp(-grid[..., 0].max()))
            side, overlap = np.exp(target[0, 0, 3]), 0.0
            if not empty:
                found = next(read_grid(grid, 1e-6))
                center = (0.5 + target[0, 0, 1:3]) * (SIDE / GRID)
                overlap = _overlap(found.center, found.side, center, SIDE * side)
            rows.append((bool(empty), score, side, overlap))
    empty, score, side, overlap = map(np.array, zip(*rows, strict=True))
    found = (overlap > CLOSE) & ~empty
    result = {
        f"found, {low} to {high} of the frame": float(
            np.mean(found[~empty & (side > low) & (side <= high)])
        )
        for low, high in ((0.2, 0.4), (0.4, 0.7), (0.7, 1.4))
    }
    result["score above .5 with a hand"] = float(np.mean(score[~empty] > 0.5))
    result["score above .5 without"] = float(np.mean(score[empty] > 0.5))
    return result


def _overlap(center, side, other, other_side):
    """Compute the intersection over union of two upright squares."""
    low = np.maximum(center - side / 2, other - other_side / 2)
    high = np.minimum(center + side / 2, other + other_side / 2)
    common = np.maximum(high - low, 0).prod()
    return common / (side**2 + other_side**2 - common)


def keep(model, path):
    """Write the weights to a file, in half precision."""
    with write_whole(path) as file:
        np.savez_compressed(file, *folded(model))
    print(f"{path}: {path.stat().st_size:,} bytes, {model.count_params():,} weights")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--steps", type=int, default=7000)
    parser.add_argument("--leave-out", nargs="*", choices=list(AUTHORS), default=[])
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--out", type=Path)
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
        sources = load_sources(options.sign_mnist, cache, SEEN)
        learned = [sources[name] for name in sources if name not in options.leave_out]
        checkpoints = cache / "-".join(["detector", *options.leave_out])
        model = train(learned, options.steps, checkpoints)
        scores = {name: evaluate(model, sources[name]) for name in options.leave_out}
    for name, found in scores.items():
        print(f"{name}, left out")
        for what, share in found.items():
            print(f"  {what}: {share:.3f}")
    if options.out or options.keep:
        keep(model, options.out or FILE)
    save("train_hand_detector", {"left out": scores, "steps": options.steps})


if __name__ == "__main__":
    main()
