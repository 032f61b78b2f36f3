"""Search for a more accurate letter classifier."""

import pickle
import time
import warnings

import numpy as np
from scipy.stats import loguniform, uniform
from sklearn.model_selection import StratifiedGroupKFold

from skl_signlang._language import translate
from skl_signlang.cli._best_table import BestTable, table_of
from skl_signlang.cli._hold_out import N_RENDERED, hold_out
from skl_signlang.cli._interrupts import single_interrupt
from skl_signlang.cli._output import print_progress
from skl_signlang.cli._run_folder import TABLE, after_model, run_folder, write_model
from skl_signlang.cli._train_command import (
    FOR_RENDERED,
    MODELS,
    card_entries,
    print_run,
    write_report,
)
from skl_signlang.model_selection import HyperbandSearchCV, near_duplicate_groups

N_FOLDS = 3
EPOCHS_FOR_RENDERED = 9  # three brackets in a few minutes
# The search space of courses with Keras Tuner
SPACE = {
    "hidden_layer_sizes": [(units,) for units in range(64, 513, 64)],
    "dropout": uniform(0.2, 0.4),
    "learning_rate": loguniform(1e-4, 1e-2),
}


def tune(
    data=None,
    *,
    model="cnn",
    epochs=None,
    samples=N_RENDERED,
    image_size=None,
    codes=None,
    out=None,
    license=None,
    seed=0,
    jobs=1,
):
    """Search for a more accurate letter classifier, and save the best."""
    classifier = MODELS[model](random_state=seed)
    if data is None:
        recipe = FOR_RENDERED if model == "cnn" else {}
        classifier.set_params(**{**recipe, "epochs": EPOCHS_FOR_RENDERED})
    if epochs is not None:
        classifier.set_params(epochs=epochs)
    with run_folder(out) as folder:
        parts = hold_out(data, seed, samples, image_size, codes)
        groups = _groups_of(parts.train)
        n_groups = len(np.unique(groups))
        print_progress(
            translate(
                "{n} images in {n_groups} groups for the search",
                n=len(groups),
                n_groups=n_groups,
            )
        )
        search = _DisplayedSearch(
            classifier,
            SPACE,
            cv=StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=seed),
            n_jobs=jobs,
            random_state=seed,
        )
        start = time.perf_counter()
        with single_interrupt("the model") as interrupts:
            best, interrupted = _search(search, parts.train, groups, interrupts)
            seconds = time.perf_counter() - start
            write_model(folder, best)
        with after_model(folder):
            interrupts.raise_deferred()
            table = table_of(search.rows).to_csv(index=False).encode()
            report = write_report(
                folder,
                best,
                parts,
                seconds,
                more=[(TABLE, lambda: table)],
                search=_describe_search(search, interrupted),
            )
            write_model(folder, best, **card_entries(data, parts, report, license))
    print_run(folder, parts, report)
    if interrupted:
        raise KeyboardInterrupt
    return 0


def _search(search, samples, groups, interrupts):
    """Return the best model, and whether the search was interrupted."""
    try:
        with warnings.catch_warnings():
            # rare letters may be in fewer groups than folds
            warnings.filterwarnings("ignore", message="The least populated class")
            search.fit(samples.images, samples.target, groups=groups)
        interrupts.defer()
        return search.best_estimator_, False
    except KeyboardInterrupt:
        interrupts.defer()
        if search.best is None:
            raise
        return search.best_of_a_fold(), True


def _groups_of(samples):
    groups = samples.groups
    if groups is None:
        groups = near_duplicate_groups(samples.images)
    n_groups = len(np.unique(groups))
    if n_groups < N_FOLDS:
        raise ValueError(
            translate(
                "The {n} images for the search are in {n_groups} groups; "
                "cross-validation with {n_folds} folds needs {n_folds} or more.",
                n=len(groups),
                n_groups=n_groups,
                n_folds=N_FOLDS,
            )
        )
    return groups


class _DisplayedSearch(HyperbandSearchCV):
    """Search that displays the best candidates, and keeps the best for Ctrl-C."""

    rows = ()
    best = None
    _table = None

    def _on_row(self, rungs):
        self._table = self._table or BestTable()
        self.rows = list(rungs.rows)
        newest = self.rows[-1]
        score = self._mean_score(newest)
        if not np.isnan(score) and (self.best is None or score > self.best[0]):
            self.best = score, newest, rungs.state(newest.candidate, 0)
        self._table.show(self.rows)

    def best_of_a_fold(self):
        """Return the best candidate as trained on the first fold."""
        # from this process or a worker
        return pickle.loads(self.best[2])


def _describe_search(search, interrupted):
    score, row, _ = search.best
    return {
        "best_score": score,
        "best_params": {
            **{
                name: list(value) if isinstance(value, tuple) else float(value)
                for name, value in row.params.items()
            },
            "epochs": row.epochs,
        },
        "n_candidates": len({row.candidate for row in search.rows}),
        "n_folds": N_FOLDS,
        "interrupted": interrupted,
    }
