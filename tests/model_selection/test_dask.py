"""Searches on workers of Dask, which are other processes or other machines."""

import os
import signal
import time
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from unittest import mock

import joblib
import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, GroupKFold

from skl_signlang import DenseClassifier
from skl_signlang.model_selection import HyperbandSearchCV

pytestmark = pytest.mark.slow

# imported by what uses it: it takes a second, and each worker collects all tests
if find_spec("distributed") is None:
    pytest.skip("needs the extra dask", allow_module_level=True)

X, y = load_digits(n_class=3, return_X_y=True)
X, y = X[:200], y[:200]
GROUPS = np.arange(len(y)) // 5
FOLDS = list(GroupKFold(2).split(X, y, GROUPS))
ROWS = [rows for fold in FOLDS for rows in fold]
NETWORK = DenseClassifier(
    hidden_layer_sizes=(8,), batch_size=50, epochs=3, random_state=0
)


@pytest.fixture(scope="module")
def distributed():
    import distributed

    return distributed


@pytest.fixture(scope="module")
def client(distributed):
    """A client of two workers with a process and a core each."""
    with (
        # Dask's nannies leave OMP_NUM_THREADS=1 in the environment of this process
        mock.patch.dict(os.environ),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs="CRITICAL",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def grid(scoring=None):
    space = {"learning_rate": [1e-4, 1e-3, 1e-2, 1e-1]}
    return GridSearchCV(NETWORK, space, cv=FOLDS, scoring=scoring)


def hyperband(scoring=None):
    space = {"learning_rate": loguniform(1e-4, 1e-1)}
    return HyperbandSearchCV(NETWORK, space, cv=FOLDS, scoring=scoring, random_state=0)


def written_down(file, dies_at, estimator, X, y):
    """Score, note it, and let the worker die at one of the scorings."""
    time.sleep(0.25)  # else joblib puts several tasks into one
    with file.open("a") as lines:
        lines.write(f"{os.getpid()}\n")
    if 0 < dies_at <= len(file.read_text().splitlines()):
        with suppress(FileExistsError):
            file.with_name("died").touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)
    return estimator.score(X, y)


@pytest.mark.parametrize(
    ("make", "dies_at"),
    [
        # what is sent, and what starts again, is joblib's search
        pytest.param(grid, 0, id="grid-all live", marks=pytest.mark.nightly),
        pytest.param(grid, 4, id="grid-one dies", marks=pytest.mark.nightly),
        pytest.param(hyperband, 0, id="hyperband-all live"),
        pytest.param(hyperband, 4, id="hyperband-one dies", marks=pytest.mark.nightly),
    ],
)
def test_a_search_on_workers_is_that_of_one_process(client, tmp_path, make, dies_at):
    file = tmp_path / "scored"
    client.wait_for_workers(2)
    # HyperbandSearchCV sees to its data itself
    data = {"scatter": [X, y, *ROWS]} if make is grid else {}
    with joblib.parallel_config(backend="dask", **data):
        search = make(partial(written_down, file, dies_at)).fit(X, y)
    alone = make().fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    # once in a whole run of all tests two scores differed by up to 3 samples of 200
    # after a kill; the cause is not known yet
    room = 0.05 if dies_at else 0
    expected = alone.cv_results_["mean_test_score"]
    np.testing.assert_allclose(scores, expected, rtol=0, atol=room)
    if not dies_at:
        assert search.best_params_ == alone.best_params_
        np.testing.assert_array_equal(search.predict_proba(X), alone.predict_proba(X))
    scored_in = file.read_text().split()
    if not dies_at:  # with one worker alone joblib works in this process
        assert str(os.getpid()) not in scored_in
    again = len(scored_in) - len(scores) * len(FOLDS)
    # its own, and at most a few that it had finished and nobody had fetched
    assert 1 <= again <= 3 if dies_at else again == 0


def test_workers_train_with_the_threads_that_dask_gives_them(client):
    with joblib.parallel_config(backend="dask"):
        grid().fit(X, y)
    threads = client.run(lambda: os.environ.get("TF_NUM_INTRAOP_THREADS"))
    expected = os.environ.get("OMP_NUM_THREADS", "1")
    assert set(threads.values()) == {expected}


def test_one_worker_alone_is_no_hindrance(client, distributed, monkeypatch):
    monkeypatch.setattr(distributed.Client, "ncores", lambda self: {"one": 1})
    with joblib.parallel_config(backend="dask"):
        search = hyperband().fit(X, y)
    assert search.best_score_ == hyperband().fit(X, y).best_score_


def test_data_reach_the_workers_once(client, distributed, monkeypatch):
    sent = []

    def note(method):
        original = getattr(distributed.Client, method)

        def noted(self, *args, **kwargs):
            sent.extend((method, one) for one in args if isinstance(one, np.ndarray))
            return original(self, *args, **kwargs)

        monkeypatch.setattr(distributed.Client, method, noted)

    note("submit")
    note("scatter")
    with joblib.parallel_config(backend="dask"):
        search = hyperband().fit(X, y)
    assert len(search.brackets_) > 1
    assert [method for method, _ in sent] == ["submit", "submit"]
    assert sent[0][1] is X
    assert sent[1][1] is y
