"""Training of a letter classifier."""

import json
import time
from pathlib import Path

from skl_signlang import CNNClassifier, DenseClassifier
from skl_signlang._language import translate
from skl_signlang.cli._charts import draw_confusion, draw_history
from skl_signlang.cli._hold_out import N_RENDERED, hold_out
from skl_signlang.cli._interrupts import single_interrupt
from skl_signlang.cli._model_file import shape_of_model
from skl_signlang.cli._output import print_progress, print_result, shows_bars
from skl_signlang.cli._pretrained_option import load_to_fine_tune, network_of
from skl_signlang.cli._run_folder import (
    MODEL,
    after_model,
    run_folder,
    write_model,
    write_results,
)
from skl_signlang.cli._scores import describe_scores, score_letters
from skl_signlang.training import track_best_of_fits

MODELS = {"cnn": CNNClassifier, "dense": DenseClassifier}
# A schedule with warm-up, which needs three epochs
CYCLE = {"learning_rate": 4e-3, "lr_schedule": "one_cycle", "average": False}
FEWEST_OF_A_CYCLE = 3
# Rendered hands do not repeat, so little dropout and few epochs suffice
FOR_RENDERED = {"conv_dropout": 0.0, "dropout": 0.2, "epochs": 8}
# Small translations regularize best in grouped validation on Sign Language MNIST:
# python -m benchmarks.choose_recipe --record
FOR_IMAGES = {
    "rotation": 10,
    "translation": 0.1,
    "zoom": 0.1,
    "conv_dropout": 0.05,
    "dropout": 0.2,
}
HELD_OUT = {
    "signer": (
        "random hands of known signers",
        "hands of held-out signers",
    ),
    "group": (
        "random images of known groups",
        "images of held-out groups",
    ),
    "official test": (
        "random images with known near-duplicates",
        "images of the official test",
    ),
    "near-duplicates": (
        "random images with known near-duplicates",
        "held-out images without near-duplicates",
    ),
}


def train(
    data=None,
    *,
    start=None,
    model=None,
    epochs=None,
    samples=N_RENDERED,
    image_size=None,
    codes=None,
    out=None,
    checkpoint=None,
    license=None,
    seed=0,
):
    """Train a letter classifier, and report its scores on unseen hands."""
    if start is None:
        classifier = MODELS[model or "cnn"](random_state=seed)
        if isinstance(classifier, CNNClassifier):
            classifier.set_params(**(FOR_RENDERED if data is None else FOR_IMAGES))
            if epochs is None or epochs >= FEWEST_OF_A_CYCLE:
                classifier.set_params(**CYCLE)
    elif data is None or model is not None:
        found = translate("no DATA") if data is None else f"--model {model}"
        raise ValueError(
            translate(
                "--from {start} takes images of your own, and the network that it "
                "names; got {found}.",
                start=start,
                found=found,
            )
        )
    else:
        classifier = load_to_fine_tune(start, seed)
    network = network_of(classifier).set_params(checkpoint_dir=checkpoint)
    if epochs is not None:
        network.set_params(epochs=epochs)
    with run_folder(out) as folder:
        shape = None if start is None else shape_of_model(classifier)
        parts = hold_out(data, seed, samples, image_size, codes, shape)
        print_progress(translate("{n} images for training", n=len(parts.train.target)))
        with single_interrupt("the model") as interrupts:
            seconds, error = _fit(classifier, parts.train, interrupts)
            write_model(folder, classifier)
        with after_model(folder):
            interrupts.raise_deferred()
            more = {} if error is None else {"interrupted": True}
            report = write_report(folder, classifier, parts, seconds, **more)
            write_model(
                folder, classifier, **card_entries(data, parts, report, license)
            )
    print_run(folder, parts, report)
    if error is not None:
        raise error
    return 0


def write_report(folder, classifier, parts, seconds, more=(), **facts):
    """Write the model card, scores and charts of a run."""
    predicted = classifier.predict(parts.test.images)
    report = {**make_report(classifier, parts, predicted, seconds), **facts}
    images, true = parts.test.images, parts.test.target
    title = f"{len(parts.test.target)} {HELD_OUT[parts.kind][1]}"
    network = network_of(classifier)
    files = (
        ("report.json", lambda: json.dumps(report, indent=2).encode()),
        ("confusion.png", lambda: draw_confusion(images, true, predicted, title)),
        ("history.png", lambda: draw_history(network, report["accuracy"])),
    )
    write_results(folder, (*more, *files))
    return report


def _fit(classifier, samples, interrupts):
    """Fit, and return the seconds that it took; print progress.

    A terminal has Keras' bar; a file or pipe has a line per epoch. Interrupted after an
    epoch, it returns the reason too, and keeps the best network.
    """
    bars = shows_bars()
    network = network_of(classifier).set_params(verbose=int(bars))
    start, stopped_by = time.perf_counter(), None
    before = _epochs_before(network)
    if bars and before:
        print_progress(translate("the epochs follow the {n} of the network", n=before))
    with track_best_of_fits(None if bars else _PrintEpochs(network)) as best:
        try:
            classifier.fit(samples.images, samples.target)
            interrupts.defer()
        except (KeyboardInterrupt, OSError, MemoryError) as error:
            interrupts.defer()
            if not best.is_set:
                raise
            best.restore_to(network)
            stopped_by = error
            print_progress(
                translate(
                    "stopped after epoch {n}; keeping the best epoch",
                    n=network.n_iter_ - before,
                )
            )
    network.set_params(verbose=0, warm_start=False, checkpoint_dir=None)
    return time.perf_counter() - start, stopped_by


def card_entries(data, parts, report, license):
    """Return what the model card says of the data, the groups and the scores."""
    copies, held_out = HELD_OUT[parts.kind]
    n_train, n_test = len(parts.train.target), len(parts.test.target)
    if data is None:
        what = "hands rendered by make_fingerspelling, no photographs"
    else:
        what = f"{Path(data).name}; license: {license or 'not stated'}"
    return {
        "data": f"{n_train} training images of {what}",
        "groups": f"{parts.kind}: scored on {n_test} {held_out}",
        "metrics": {
            "grouped score (accuracy)": report["accuracy"],
            f"accuracy on {len(parts.copies.target)} {copies}": report[
                "ungrouped_accuracy"
            ],
        },
    }


def _epochs_before(network):
    """Return the number of epochs before those of a fit that continues."""
    return getattr(network, "n_iter_", 0) if network.warm_start else 0


class _PrintEpochs:
    """Print a line for each epoch."""

    def __init__(self, network):
        self._before, self._n_epochs = _epochs_before(network), network.epochs
        self._start = time.perf_counter()

    def __call__(self, n_iter, metrics):
        """Print the number of an epoch, its metrics and its seconds."""
        now = time.perf_counter()
        values = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        seconds, self._start = now - self._start, now
        done = n_iter - self._before
        epoch = translate("epoch {n}/{n_epochs}", n=done, n_epochs=self._n_epochs)
        print_progress(f"{epoch}  {values}  {seconds:.1f} s")


def print_run(folder, parts, report):
    """Print the scores of a run, and where its files are."""
    images = f"{len(parts.test.target)} {translate(HELD_OUT[parts.kind][1])}"
    print_result(
        "\n".join(
            [
                _describe_both(parts, report),
                translate("on {images}:", images=images),
                describe_scores(report),
                translate("model and report: {path}", path=folder),
            ]
        ),
        folder=str(folder),
        model=str(folder / MODEL),
        **report,
    )


def _describe_both(parts, report):
    """Return the scores under a random split and by groups, one per line."""
    copies, held_out = HELD_OUT[parts.kind]
    n_copies = len(parts.copies.target)
    rows = (
        ("random split", report["ungrouped_accuracy"], n_copies, copies),
        ("grouped score", report["accuracy"], len(parts.test.target), held_out),
    )
    return "\n".join(
        f"{translate(name):<15}{score:.4f}  {n} {translate(images)}"
        for name, score, n, images in rows
    )


def make_report(classifier, parts, predicted, seconds):
    """Return the scores of a classifier on the held-out parts."""
    scores = score_letters(parts.test.target, predicted)
    weights = network_of(classifier).model_.trainable_weights
    return {
        "accuracy": scores["accuracy"],
        "macro_f1": scores["macro_f1"],
        "ungrouped_accuracy": classifier.score(
            parts.copies.images, parts.copies.target
        ),
        "n_parameters": sum(weight.numpy().size for weight in weights),
        "seconds": round(seconds, 1),
        "per_letter": scores["per_letter"],
        "confused_pairs": scores["confused_pairs"],
        "groups": {
            "kind": parts.kind,
            "n_train": len(parts.train.target),
            "n_copies": len(parts.copies.target),
            "n_test": len(parts.test.target),
            "n_train_groups": parts.train.get("n_groups"),
            "n_test_groups": parts.test.get("n_groups"),
        },
    }
