"""Train the classifier ``letters`` that comes with the package.

The recipe of `skl_signlang.pretrained.letters`, trained with augmentation on Sign
Language MNIST's train file (up to five images of each near-duplicate group), on
rendered hands seen from all around, on those Sign Language Digits that are letters too,
and on the photographs of ``data/photos`` to learn from, with and without room around
them. A sixth of the groups of Sign Language MNIST and signers of their own are
held out, and ``--leave-out`` leaves authors of photographs out; those scores, and no
others, may choose; ``--out`` writes the classifier to a file. ``--final`` reads the
measuring sets once: the official test, ``webcam_letters.npz`` and
``measure_signflow.zip`` by signer, and adds a row to docs/results/measured.md.
``--keep`` writes the classifier into the package.

``python -m benchmarks.train_pretrained [--epochs N] [--leave-out AUTHOR ...]
[--out FILE] [--final] [--keep]``
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import DIGITS, SIGN_MNIST, WEBCAM, digits_as_letters, save
from benchmarks.unseen_hands import (
    AUTHORS,
    PHOTOS,
    SOURCES,
    add_reading,
    load_signflow,
    of_author,
    print_recalls,
    recalls,
    thinned,
)
from skl_signlang.datasets import load_sign_mnist, make_fingerspelling
from skl_signlang.persistence import card
from skl_signlang.persistence import save as save_archive
from skl_signlang.pretrained import pretrained_path
from skl_signlang.pretrained.letters import make_classifier

EPOCHS = 36
HELD_OUT = 6  # one group in so many
MARGIN = 1 / 8  # of the side, added on each, for hands that do not fill the image
N_RENDERED = 18_000
TURN = (75, 35, 25)


def with_margin(image):
    """Repeat the edge of an image around it."""
    width = round(max(image.shape[:2]) * MARGIN)
    pads = [(width, width)] * 2 + [(0, 0)] * (image.ndim - 2)
    return np.pad(image, pads, mode="edge")


def sign_mnist(path):
    """Split what is kept of the train file into groups to learn from, and others."""
    train, groups, rows = thinned(path)
    out = np.isin(groups[rows], np.unique(groups)[::HELD_OUT])
    learned, others = rows[~out], rows[out]
    return (
        (list(train.images[learned]), train.target[learned]),
        (train.images[others], train.target[others]),
    )


def rendered(n, turn, seed):
    """Render hands."""
    hands = make_fingerspelling(
        n, image_size=48, n_signers=n // 10, max_rotation=turn, random_state=seed
    )
    return hands.images, hands.target


def learned_sources(path, left_out):
    """Return images and letters to learn from by source, and those held out."""
    learned, others = sign_mnist(path)
    digits = digits_as_letters()
    sources = {
        "sign_mnist": learned,
        "rendered": rendered(N_RENDERED, TURN, seed=0),
        "digits": (list(digits.images), digits.target),
        **{name: of_author(name) for name in AUTHORS if name not in left_out},
    }
    return sources, others


def decoded(decode, sources):
    """Return small images and letters; photographs with and without room around."""
    images, letters = [], []
    for name, (seen, target) in sources.items():
        if name in AUTHORS:
            images.append(decode(seen))
            letters.append(target)
        if name != "digits":
            seen = [with_margin(image) for image in seen]
        images.append(decode(seen))
        letters.append(target)
    return list(np.concatenate(images)), np.concatenate(letters)


def train(path, left_out=(), epochs=EPOCHS):
    """Train the classifier; return it, its sources, and the held-out images."""
    sources, others = learned_sources(path, left_out)
    model = make_classifier(epochs)
    model.fit(*decoded(model[0].transform, sources))
    return model, sources, others


def report(model, name, images, target):
    """Print and return the accuracy and recalls, and what is predicted."""
    predicted = model.predict(images)
    score, by_letter = float(np.mean(predicted == target)), recalls(target, predicted)
    print(f"{name}: {score:.3f}")
    print_recalls(by_letter)
    return {"accuracy": score, "recall": by_letter}, predicted


def measure(model, path):
    """Read the measuring sets."""
    test = load_sign_mnist(path, subset="test")
    with np.load(WEBCAM) as file:
        webcam = file["images"], file["letters"]
    images, target, signers = load_signflow()
    result = {}
    for name, seen in (
        ("official test", (test.images, test.target)),
        ("webcam_letters", webcam),
        ("signflow", (images, target)),
    ):
        result[name], predicted = report(model, name, *seen)
    by_signer = {
        signer: float(np.mean((predicted == target)[signers == signer]))
        for signer in np.unique(signers)
    }
    result["signflow"]["by_signer"] = by_signer
    mean, worst = np.mean(list(by_signer.values())), min(by_signer.values())
    print(f"signflow: mean of signers {mean:.3f}, worst signer {worst:.3f}")
    add_reading(
        "letters",
        f"{result['official test']['accuracy']:.3f} (of all)",
        f"{result['webcam_letters']['accuracy']:.3f}",
        f"{mean:.3f}, worst signer {worst:.3f}",
    )
    return result


def keep(model, result, sources):
    """Write the classifier into the package."""
    path = pretrained_path("letters")
    counts = ", ".join(f"{name} {len(y):,}" for name, (_, y) in sources.items())
    save_archive(
        model,
        path,
        metrics={name: one["accuracy"] for name, one in result.items()},
        data=f"Images: {counts}. {SOURCES}",
        groups="near-duplicates; rendered signers; authors",
    )
    path.with_name("card.md").write_text(card(path), "utf-8")
    print(f"{path.stat().st_size:,} bytes")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--leave-out", nargs="*", choices=list(AUTHORS), default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--final", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args(argv)
    needed = (options.sign_mnist, WEBCAM, DIGITS, PHOTOS)
    missing = [path for path in needed if not path.exists()]
    if missing:
        print(f"skipped: needs {', '.join(map(str, missing))}")
        return
    if options.keep and (options.leave_out or not options.final):
        parser.error("--keep needs --final, and learns from every author")
    model, sources, others = train(
        options.sign_mnist, options.leave_out, options.epochs
    )
    if options.out:
        save_archive(model, options.out)
    held_out = {
        "held-out groups": others,
        "held-out rendered signers": rendered(960, (0, 0, 0), seed=9_999),
        **{f"{name}, left out": of_author(name) for name in options.leave_out},
    }
    result = {
        name: report(model, name, list(images), target)[0]
        for name, (images, target) in held_out.items()
    }
    if options.final:
        result |= measure(model, options.sign_mnist)
    if options.keep:
        keep(model, result, sources)
    save("train_pretrained", {"scores": result, "epochs": options.epochs})


if __name__ == "__main__":
    main()
