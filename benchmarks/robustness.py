"""How the score falls as pictures are changed: plain, augmented, and the package's own.

Trains ``CNNClassifier()`` on Sign Language MNIST's train file as it comes and by the
recipe called "augmented" in ``docs/training.md``, and reads a fixed sample of the
official test as it is and as it is turned, enlarged, brightened, blurred and mirrored:
the changes that a report makes. ``load_pretrained("letters")`` reads the same; it was
trained already, on other hands too. Nothing is chosen by these figures. Several seeds
are drawn as their mean, between the lowest and the highest.

``--quick`` trains on few rendered hands of five letters, and reads those of other
signers.

``python -m benchmarks.robustness [--sign-mnist PATH] [--seeds 0] [--epochs 5]
[--out FOLDER] [--quick]``
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import matplotlib.pyplot as plt
import numpy as np

from benchmarks._report import RESULTS, SIGN_MNIST, print_table, save
from benchmarks.augmentation import AUGMENTED
from benchmarks.display_gallery import OUT, save_small
from skl_signlang import CNNClassifier
from skl_signlang.datasets import load_sign_mnist, make_fingerspelling
from skl_signlang.pretrained import load_pretrained
from skl_signlang.report._robustness import CHANGES, change

RECIPES = {"plain": {}, "augmented": AUGMENTED}
PRETRAINED = 'load_pretrained("letters")'
N_TEST = 2000
QUICK = {"epochs": 8, "train": 1200, "test": 240}
QUICK_LETTERS = "ABCLY"  # so few that few steps learn them


def photographs(path):
    """Read the train file and a sample of the official test."""
    train, test = (load_sign_mnist(path, subset=part) for part in ("train", "test"))
    rows = np.random.RandomState(0).permutation(len(test.target))[:N_TEST]
    return (train.images, train.target), (test.images[rows], test.target[rows])


def rendered():
    """Render hands to train on, and those of other signers."""
    hands = [
        make_fingerspelling(QUICK[part], letters=QUICK_LETTERS, random_state=seed)
        for seed, part in enumerate(("train", "test"))
    ]
    return tuple((part.images, part.target) for part in hands)


def read_changed(model, images, y):
    """Read pictures changed in each way; return the accuracy at each level.

    Parameters
    ----------
    model : estimator
        Fitted on pictures.
    images : ndarray of uint8, shape (n, height, width)
        Gray ones.
    y : ndarray of shape (n,)
        What they show.

    Returns
    -------
    curves : dict of str to list of float
        By the name of the change, in the order of its levels.
    """
    plain = float(np.mean(model.predict(images) == y))
    curves = {}
    for kind in CHANGES:
        curves[kind.name] = [
            plain
            if level == kind.same
            else float(
                np.mean(
                    model.predict(change(images[..., None], kind.name, level)[..., 0])
                    == y
                )
            )
            for level in kind.levels
        ]
    return curves


def draw(curves):
    """Draw accuracy over the strength of each change, a line for each model.

    Parameters
    ----------
    curves : dict of str to list of dict
        What `read_changed` returns, for each seed of each model.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A plot for each change.
    """
    figure, axes = plt.subplots(
        1, len(CHANGES), figsize=(15, 4), sharey=True, layout="constrained"
    )
    for ax, kind in zip(axes, CHANGES, strict=True):
        for name, runs in curves.items():
            values = np.array([run[kind.name] for run in runs])
            ax.plot(kind.levels, values.mean(axis=0), "o-", markersize=4, label=name)
            ax.fill_between(kind.levels, values.min(0), values.max(0), alpha=0.2)
        ax.set(title=kind.name, xlabel=kind.unit, ylim=(-0.02, 1.02))
        ax.grid(alpha=0.3)
        if kind.name == "mirror":
            ax.set(xticks=[0, 1], xticklabels=["as it is", "mirrored"])
            ax.set(xlim=(-0.3, 1.3), xlabel=" ")
    axes[0].set_ylabel("accuracy")
    lines = axes[0].get_legend_handles_labels()
    figure.legend(*lines, loc="outside upper center", ncols=len(curves))
    return figure


def tabulate(curves):
    """Make a row of the means of all models for each level of each change."""
    return [
        [
            f"{kind.name} {level:g}",
            *(
                f"{np.mean([r[kind.name][i] for r in runs]):.3f}"
                for runs in curves.values()
            ),
        ]
        for kind in CHANGES
        for i, level in enumerate(kind.levels)
    ]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--out", type=Path, help="folder of the picture")
    parser.add_argument("--quick", action="store_true", help="few rendered hands")
    options = parser.parse_args(argv)
    if not options.quick and not options.sign_mnist.exists():
        print(f"skipped: needs Sign Language MNIST at {options.sign_mnist}")
        return
    plt.switch_backend("Agg")
    train, test = rendered() if options.quick else photographs(options.sign_mnist)
    epochs = QUICK["epochs"] if options.quick else options.epochs
    curves = {name: [] for name in RECIPES}
    for seed in options.seeds:
        for name, params in RECIPES.items():
            model = CNNClassifier(**params, epochs=epochs, random_state=seed)
            curves[name].append(read_changed(model.fit(*train), *test))
    curves[PRETRAINED] = [read_changed(load_pretrained("letters"), *test)]
    print_table(["accuracy", *curves], tabulate(curves))
    out = options.out or (RESULTS if options.quick else OUT)
    out.mkdir(parents=True, exist_ok=True)
    save_small(draw(curves), out / "robustness.png")
    result = {
        "quick": options.quick,
        "pictures": [len(train[1]), len(test[1])],
        "epochs": epochs,
        "seeds": options.seeds,
        "levels": {kind.name: kind.levels for kind in CHANGES},
        "curves": curves,
    }
    save("robustness", result)


if __name__ == "__main__":
    main()
