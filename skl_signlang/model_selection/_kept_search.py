"""A search in a folder: what is finished is not done again after a kill."""

import json
import math
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
from sklearn.base import BaseEstimator

from skl_signlang._errors import quote
from skl_signlang._files import FolderLock, check_path, read_regular, write_whole
from skl_signlang._plain import plain_value

FORMAT_VERSION = 1
SEARCH, RESULTS, TRAINING = "search.json", "results", "training"
_PACKAGES = ("keras", "numpy", "scikit-learn", "skl_signlang", "tensorflow")
_MAX_JSON, _MAX_TRAINING = 64 << 20, 8 << 30
_SILENT = ("n_jobs", "verbose")  # parameters that change no result


class KeptSearch:
    """The folder of a search.

    It holds ``search.json`` (what the search is), ``results`` (a JSON file for each
    candidate, rung and fold that is finished) and ``training`` (where the training of
    candidates stands that may go on, as arrays in ``.npz`` files). Files are written
    whole or not at all, and nothing in them is ever unpickled.
    """

    def __init__(self, path, facts):
        self.path = check_path(path)
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(f"resume_dir={str(self.path)!r} is no folder.")
        if (self.path / SEARCH).exists():
            there = self._read_json(self.path / SEARCH)
            _compare(self.path, there, facts)
        else:
            if self.path.exists() and any(self.path.iterdir()):
                raise ValueError(
                    f"resume_dir={str(self.path)!r} holds other files, and no "
                    f"{SEARCH}. Give a new folder, or that of the search to resume."
                )
            self.path.mkdir(parents=True, exist_ok=True)
            self._write_json(self.path / SEARCH, facts)
        for name in (RESULTS, TRAINING):
            (self.path / name).mkdir(exist_ok=True)

    @contextmanager
    def alone(self):
        """Keep other searches out of the folder meanwhile."""
        try:
            lock = FolderLock(self.path)
        except BlockingIOError:
            raise ValueError(
                f"resume_dir={str(self.path)!r} is in use by another search. Give "
                "another folder."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def result(self, candidate, rung, fold):
        """Read what is known of a candidate on a fold; None if nothing is."""
        path = self._result_path(candidate, rung, fold)
        if not path.exists():
            return None
        result = self._read_json(path)
        if not _is_result(result):
            raise ValueError(f"{path} is damaged: it is not a result of a search.")
        return result

    def start(self, candidate, fold, epochs):
        """Read where the training of a candidate stood; None if it is not known."""
        path = self._training_path(candidate, fold, epochs)
        return read_regular(path, _MAX_TRAINING) if path.exists() else None

    def keep(self, candidate, rung, fold, epochs, result, training):
        """Write down what came of a candidate on a fold, training first."""
        if training is not None:
            with write_whole(self._training_path(candidate, fold, epochs)) as file:
                file.write(training)
        self._write_json(self._result_path(candidate, rung, fold), result)

    def forget(self, candidates, epochs=math.inf):
        """Remove training that no one goes on from."""
        gone = set(candidates)
        for path in (self.path / TRAINING).glob("*-*-*.npz"):
            candidate, _, done = map(int, path.stem.split("-"))
            if candidate in gone and done < epochs:
                path.unlink(missing_ok=True)

    def _result_path(self, candidate, rung, fold):
        return self.path / RESULTS / f"{candidate}-{rung}-{fold}.json"

    def _training_path(self, candidate, fold, epochs):
        return self.path / TRAINING / f"{candidate}-{fold}-{epochs}.npz"

    @staticmethod
    def _write_json(path, content):
        with write_whole(path) as file:
            file.write((json.dumps(content, indent=1) + "\n").encode())

    @staticmethod
    def _read_json(path):
        content = read_regular(path, _MAX_JSON, expected="a file of a search")
        try:
            content = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is damaged: it is no JSON.") from error
        if not isinstance(content, dict):
            raise ValueError(f"{path} is damaged: it holds no JSON object.")
        return content


def kept_seed(path):
    """Read the seed of the search in a folder, if there is one."""
    path = check_path(path) / SEARCH
    seed = KeptSearch._read_json(path).get("seed") if path.is_file() else None
    return seed if isinstance(seed, int) and 0 <= seed < 2**32 else None


def _is_result(result):
    """Tell whether this is what `train_and_score` gives."""
    known = ("fit_error", "fit_time", "n_test_samples", "score_time", "test_scores")
    if not {*known} <= {*result} <= {*known, "train_scores"}:
        return False
    scores = [result["test_scores"], result.get("train_scores", 0.0)]
    numbers = [result[name] for name in known[1:4]]
    for part in scores:
        numbers += part.values() if isinstance(part, dict) else [part]
    return isinstance(result["fit_error"], str | None) and all(
        isinstance(number, int | float) for number in numbers
    )


def _compare(path, there, facts):
    # through JSON, so that tuples are lists on both sides
    here = json.loads(json.dumps(facts))
    different = [
        name
        for name in dict.fromkeys([*here, *there])
        if name not in there or name not in here or there[name] != here[name]
    ]
    if different:
        both = (
            f"{name} (there {_short(there.get(name))}, here {_short(here.get(name))})"
            for name in different
        )
        raise ValueError(
            f"resume_dir={str(path)!r} holds another search, which differs in "
            f"{'; '.join(both)}. Give another folder, or make the two equal."
        )


def _short(value):
    text = json.dumps(value)
    return text if len(text) <= 60 else quote(text)


def facts_of(search, data, **more):
    """Say what a search is, so that it can be told from another."""
    estimator = describe_estimator(search.estimator)
    params = search.get_params(deep=False)
    for name in ("estimator", "cv", "random_state", "resume_dir", *_SILENT):
        params.pop(name)  # told in another way, or of no influence
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
    """Describe a parameter as plain data, the same in each process."""
    return plain_value(value, _describe_object)


def describe_estimator(estimator):
    """Describe an estimator, parameter by parameter."""
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
        return {name: describe(value.get_config())}
    return name
