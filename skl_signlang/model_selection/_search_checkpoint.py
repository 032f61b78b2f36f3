"""Checkpoints of a search in a folder."""

import json
import math
import re
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
from sklearn.base import BaseEstimator

from skl_signlang._errors import quote
from skl_signlang._files import (
    check_folder,
    check_path,
    lock_folder,
    read_regular,
    write_whole,
)
from skl_signlang._plain import plain_value
from skl_signlang._stored_state import MAX_JSON, different_names
from skl_signlang._untrusted import Budget, parse_json

FORMAT_VERSION = 2
SEARCH, RESULTS, TRAINING = "search.json", "results", "training"
_PACKAGES = ("keras", "numpy", "scikit-learn", "skl_signlang", "tensorflow")
_STATE = re.compile(r"([0-9]{1,9})-[0-9]{1,9}-([0-9]{1,9})\.npz")
_SILENT = ("n_jobs", "verbose")  # parameters that change no result


class CorruptedStateError(ValueError):
    """The saved training state cannot be resumed."""


class SearchCheckpoint:
    """The folder of a search; files are written atomically and never unpickled.

    search.json: the fingerprint; results: a JSON file per candidate, rung and fold;
    training: states of candidates that may resume, in .npz files.
    """

    def __init__(self, path, fingerprint):
        self.path = check_folder(path, "resume_dir")
        if (self.path / SEARCH).exists():
            stored = self._read_json(self.path / SEARCH)
            _compare(self.path, stored, fingerprint)
        else:
            if self.path.exists() and any(self.path.iterdir()):
                raise ValueError(
                    f"resume_dir={str(self.path)!r} holds other files but no "
                    f"{SEARCH}. Pass a new folder, or that of the search to resume."
                )
            self.path.mkdir(parents=True, exist_ok=True)
            self._write_json(self.path / SEARCH, fingerprint)
        for name in (RESULTS, TRAINING):
            check_folder(self.path / name, f"resume_dir: {name}").mkdir(exist_ok=True)
        self._with_train_scores = bool(fingerprint.get("return_train_score"))

    def locked(self):
        """Lock the folder against other searches."""
        return lock_folder(
            self.path,
            f"resume_dir={str(self.path)!r} is in use by another search. Pass a "
            "different folder.",
        )

    def result(self, candidate, rung, fold):
        """Load the result of a candidate on a fold; None if there is none."""
        path = self._result_path(candidate, rung, fold)
        if not path.exists():
            return None
        result = self._read_json(path)
        if not _is_result(result, self._with_train_scores):
            raise ValueError(f"{path} is damaged: it is not a result of a search.")
        return result

    def find_state(self, candidate, fold, epochs):
        """Return the file of the training state of a candidate, or None."""
        path = self._state_path(candidate, fold, epochs)
        return path if path.exists() else None

    def save(self, candidate, rung, fold, epochs, result, state):
        """Save the training state, then the result, of a candidate on a fold."""
        if state is not None:
            with write_whole(self._state_path(candidate, fold, epochs)) as file:
                file.write(state)
        self._write_json(self._result_path(candidate, rung, fold), result)

    def delete_states(self, candidates, epochs=math.inf):
        """Delete the states of candidates, those before `epochs` only."""
        gone = set(candidates)
        for path in (self.path / TRAINING).iterdir():
            state = _STATE.fullmatch(path.name)
            if state and int(state[1]) in gone and int(state[2]) < epochs:
                path.unlink(missing_ok=True)

    def _result_path(self, candidate, rung, fold):
        return self.path / RESULTS / f"{candidate}-{rung}-{fold}.json"

    def _state_path(self, candidate, fold, epochs):
        return self.path / TRAINING / f"{candidate}-{fold}-{epochs}.npz"

    @staticmethod
    def _write_json(path, content):
        with write_whole(path) as file:
            file.write((json.dumps(content, indent=1) + "\n").encode())

    @staticmethod
    def _read_json(path):
        content = read_regular(path, MAX_JSON, expected="a file of a search")
        try:
            return parse_json(content, MAX_JSON, Budget(len(content)), with_nan=True)
        except ValueError as error:
            raise ValueError(f"{path} is damaged: {error}") from error


def open_checkpoint(search, data, **more):
    """Open the checkpoint of a search, or raise ValueError if it is of another."""
    fingerprint = _fingerprint_of(search, data, **more)
    return SearchCheckpoint(search.resume_dir, fingerprint)


def saved_seed(path):
    """Load the seed of the search in a folder; None if there is none."""
    path = check_path(path) / SEARCH
    seed = SearchCheckpoint._read_json(path).get("seed") if path.is_file() else None
    return seed if isinstance(seed, int) and 0 <= seed < 2**32 else None


def _is_result(result, with_train_scores):
    """Check that a result has the form that `train_and_score` returns."""
    known = ("fit_error", "fit_time", "n_test_samples", "score_time", "test_scores")
    if {*result} != {*known, *["train_scores"] * with_train_scores}:
        return False
    scores = [result["test_scores"], result.get("train_scores", 0.0)]
    numbers = [result[name] for name in known[1:4]]
    for part in scores:
        numbers += part.values() if isinstance(part, dict) else [part]
    return isinstance(result["fit_error"], str | None) and all(
        isinstance(number, int | float) for number in numbers
    )


def _compare(path, stored, fingerprint):
    # through JSON, so that tuples are lists on both sides
    current = json.loads(json.dumps(fingerprint))
    different = different_names(stored, current)
    if different:
        both = (
            f"{name} (stored {_short(stored.get(name))}, "
            f"current {_short(current.get(name))})"
            for name in different
        )
        raise ValueError(
            f"resume_dir={str(path)!r} holds a different search; these differ: "
            f"{'; '.join(both)}. Pass another folder, or make the two equal."
        )


def _short(value):
    text = json.dumps(value)
    return text if len(text) <= 60 else quote(text)


def _fingerprint_of(search, data, **more):
    """Return the fingerprint of a search: its parameters, data and versions."""
    estimator = describe_estimator(search.estimator)
    params = search.get_params(deep=False)
    for name in ("estimator", "cv", "random_state", "resume_dir", *_SILENT):
        params.pop(name)  # described elsewhere, or without influence
    return {
        "format_version": FORMAT_VERSION,
        **{name: version(name) for name in _PACKAGES},
        "estimator": type(search.estimator).__name__,
        **{f"estimator.{name}": value for name, value in estimator.items()},
        **describe(params),
        **{name: joblib.hash(values) for name, values in data.items()},
        **more,
    }


def describe(value):
    """Convert a parameter to plain data, the same in each process."""
    return plain_value(value, _describe_object)


def describe_estimator(estimator):
    """Convert the parameters of an estimator to plain data."""
    params = estimator.get_params(deep=True)
    return {
        name: type(value).__name__
        if isinstance(value, BaseEstimator)
        else describe(value)
        for name, value in params.items()
        # a Pipeline names its steps one by one too
        if name.rpartition("__")[2] not in (*_SILENT, "steps")
    }


def _describe_object(value):
    if isinstance(value, np.ndarray):
        return f"array {value.dtype}{list(value.shape)} {joblib.hash(value)}"
    if isinstance(value, Path):
        return str(value)
    name = getattr(value, "__qualname__", type(value).__qualname__)
    if isinstance(value, BaseEstimator):
        return {name: describe_estimator(value)}
    if hasattr(value, "dist"):  # a frozen distribution of scipy
        return {value.dist.name: [describe(value.args), describe(value.kwds)]}
    if hasattr(value, "get_config") and not isinstance(value, type):
        from skl_signlang._keras import complete_config

        return {name: describe(complete_config(value))}
    return name
