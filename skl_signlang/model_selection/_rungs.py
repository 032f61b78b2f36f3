"""Training of candidates, rung by rung."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from skl_signlang._files import read_regular
from skl_signlang.model_selection._dask_data import is_dask, scatter
from skl_signlang.model_selection._resumed_training import train_and_score
from skl_signlang.model_selection._training_state import MAX_STATE


def list_folds(cv, X, y, split_params):
    """Return the folds of a splitter, as many as it announces."""
    n_splits = cv.get_n_splits(X, y, **split_params)
    # once for all rungs, so that a random splitter gives each the same folds
    folds = list(cv.split(X, y, **split_params))
    if len(folds) != n_splits:
        raise ValueError(
            f"cv.split and cv.get_n_splits return inconsistent results. Expected "
            f"{n_splits} splits, got {len(folds)}"
        )
    return folds


class Row(NamedTuple):
    """The results of one candidate on one rung, one per fold."""

    bracket: int
    rung: int
    candidate: int
    epochs: int
    params: dict
    results: list

    @property
    def failed(self):
        """Return whether training failed on a fold."""
        return any(result["fit_error"] is not None for result in self.results)


class Rungs:
    """Train candidates on rungs; a context manager that owns their states."""

    def __init__(
        self, estimator, X, y, folds, *, n_jobs, resource, checkpoint, **settings
    ):
        self.rows = []
        self._estimator = estimator
        self._data = scatter(X, y)
        self._folds = scatter(*folds)
        self._n_jobs = n_jobs
        self._resource = resource
        self._checkpoint = checkpoint
        self._settings = {**settings, "resource": resource}
        for name in ("fit_params", "score_params"):
            (self._settings[name],) = scatter(settings[name])
        self._epochs = {}
        self._folder = self._on_exit = None

    def __enter__(self):
        with ExitStack() as stack:
            if self._checkpoint is not None:
                stack.enter_context(self._checkpoint.locked())
            self._folder = tempfile.TemporaryDirectory(prefix="skl_signlang-search-")
            stack.enter_context(self._folder)
            self._on_exit = stack.pop_all()
        return self

    def __exit__(self, *error):
        self._on_exit.close()

    def run(self, bracket, rung, candidates, epochs, is_last):
        """Train candidates up to a number of epochs, and yield a row for each."""
        tasks = [(number, fold) for number in candidates for fold in self._all_folds]
        known = {}
        if self._checkpoint is not None:
            found = {
                task: self._checkpoint.result(task[0], rung, task[1]) for task in tasks
            }
            known = {task: result for task, result in found.items() if result}
        parallel = Parallel(n_jobs=self._n_jobs, return_as="generator")
        outcomes = parallel(
            self._call(candidates[number], number, fold, epochs, is_last)
            for number, fold in tasks
            if (number, fold) not in known
        )
        for number, params in candidates.items():
            results = []
            for fold in self._all_folds:
                result = known.get((number, fold))
                if result is None:
                    result, pickled, saved = next(outcomes)
                    self._save(number, rung, fold, epochs, result, pickled, saved)
                results.append(result)
            self._epochs[number] = epochs
            row = Row(bracket, rung, number, epochs, params, results)
            self.rows.append(row)
            yield row
        if self._checkpoint is not None:
            self._checkpoint.delete_states(candidates, epochs)

    def drop(self, candidates):
        """Delete the states of candidates that stop."""
        candidates = list(candidates)
        for number in candidates:
            for fold in self._all_folds:
                self._path(number, fold).unlink(missing_ok=True)
        if self._checkpoint is not None:
            self._checkpoint.delete_states(candidates)

    def state(self, candidate, fold):
        """Return the pickled estimator of a candidate, None if it was dropped."""
        path = self._path(candidate, fold)
        return path.read_bytes() if path.exists() else None

    @property
    def _all_folds(self):
        return range(len(self._folds))

    def _path(self, candidate, fold):
        return Path(self._folder.name, f"{candidate}-{fold}.pickle")

    def _call(self, params, number, fold, epochs, is_last):
        """Return a task for a worker; its state is loaded only now."""
        return delayed(train_and_score)(
            clone(self._estimator),
            *self._data,
            self._folds[fold],
            {**params, self._resource: epochs},
            self._start(number, fold),
            save_state=self._checkpoint is not None and not is_last,
            **self._settings,
        )

    def _start(self, number, fold):
        done = self._epochs.get(number, 0)
        if done:
            state = self.state(number, fold)
            if state is not None:
                return "pickle", done, state
            path = self._checkpoint and self._checkpoint.find_state(number, fold, done)
            if path:
                # the workers of Dask may be on machines without this folder
                content = read_regular(path, MAX_STATE) if is_dask() else path
                return "saved", done, content
        return "nothing", 0, None

    def _save(self, number, rung, fold, epochs, result, pickled, saved):
        if pickled is not None:
            self._path(number, fold).write_bytes(pickled)
        if self._checkpoint is not None:
            self._checkpoint.save(number, rung, fold, epochs, result, saved)
