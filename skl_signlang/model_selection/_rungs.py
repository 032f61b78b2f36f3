"""Candidates on rungs: who trains on from where, and what came of it."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from skl_signlang.model_selection._continued_training import train_and_score
from skl_signlang.model_selection._on_workers import on_workers


class Row(NamedTuple):
    """What came of one candidate on one rung: a result for each fold."""

    bracket: int
    rung: int
    candidate: int
    epochs: int
    params: dict
    results: list

    @property
    def failed(self):
        """Whether training failed on a fold."""
        return any(result["fit_error"] is not None for result in self.results)


class Rungs:
    """Trains candidates on rungs; a context in which their training is kept."""

    def __init__(self, estimator, X, y, folds, *, n_jobs, resource, kept, **settings):
        self.rows = []
        self._estimator = estimator
        self._data = on_workers(X, y)
        self._folds = on_workers(*folds)
        self._n_jobs = n_jobs
        self._resource = resource
        self._kept = kept
        self._settings = {**settings, "resource": resource}
        for name in ("fit_params", "score_params"):
            (self._settings[name],) = on_workers(settings[name])
        self._epochs = {}
        self._folder = self._on_exit = None

    def __enter__(self):
        with ExitStack() as stack:
            if self._kept is not None:
                stack.enter_context(self._kept.alone())
            self._folder = tempfile.TemporaryDirectory(prefix="skl_signlang-search-")
            stack.enter_context(self._folder)
            self._on_exit = stack.pop_all()
        return self

    def __exit__(self, *error):
        self._on_exit.close()

    def run(self, bracket, rung, candidates, epochs, is_last):
        """Train candidates up to a number of epochs."""
        tasks = [(number, fold) for number in candidates for fold in self._all_folds]
        known = {}
        if self._kept is not None:
            found = {task: self._kept.result(task[0], rung, task[1]) for task in tasks}
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
                    result, state, kept = next(outcomes)
                    self._keep(number, rung, fold, epochs, result, state, kept)
                results.append(result)
            self._epochs[number] = epochs
            row = Row(bracket, rung, number, epochs, params, results)
            self.rows.append(row)
            yield row
        if self._kept is not None:
            self._kept.forget(candidates, epochs)

    def drop(self, candidates):
        """Forget the training of candidates that do not go on."""
        candidates = list(candidates)
        for number in candidates:
            for fold in self._all_folds:
                self._path(number, fold).unlink(missing_ok=True)
        if self._kept is not None:
            self._kept.forget(candidates)

    def state(self, candidate, fold):
        """Give the fitted estimator of a candidate that was not dropped."""
        path = self._path(candidate, fold)
        return path.read_bytes() if path.exists() else None

    @property
    def _all_folds(self):
        return range(len(self._folds))

    def _path(self, candidate, fold):
        return Path(self._folder.name, f"{candidate}-{fold}.pickle")

    def _call(self, params, number, fold, epochs, is_last):
        """Say what a worker shall do; what it needs is read as late as this."""
        return delayed(train_and_score)(
            clone(self._estimator),
            *self._data,
            self._folds[fold],
            {**params, self._resource: epochs},
            self._start(number, fold),
            keep=self._kept is not None and not is_last,
            **self._settings,
        )

    def _start(self, number, fold):
        done = self._epochs.get(number, 0)
        if done:
            state = self.state(number, fold)
            if state is not None:
                return "pickle", done, state
            content = self._kept and self._kept.start(number, fold, done)
            if content:
                return "kept", done, content
        return "nothing", 0, None

    def _keep(self, number, rung, fold, epochs, result, state, kept):
        if state is not None:
            self._path(number, fold).write_bytes(state)
        if self._kept is not None:
            self._kept.keep(number, rung, fold, epochs, result, kept)
