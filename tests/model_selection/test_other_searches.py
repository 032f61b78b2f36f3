"""Searches of others around our estimators, with groups."""

import warnings

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    StratifiedGroupKFold,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from skl_signlang import CNNClassifier, DenseClassifier

pytestmark = pytest.mark.slow

X, y = load_digits(n_class=3, return_X_y=True)
X, y = X[:150], y[:150]
GROUPS = np.arange(len(y)) // 5


class Checked(StratifiedGroupKFold):
    """Folds that are seen to share no group."""

    seen = 0

    def split(self, X, y=None, groups=None):
        for train, test in super().split(X, y, groups):
            assert not set(groups[train]) & set(groups[test])
            type(self).seen += 1
            yield train, test


@pytest.fixture
def cv():
    Checked.seen = 0
    yield Checked(2)
    assert Checked.seen >= 2


def pipeline():
    network = DenseClassifier(
        hidden_layer_sizes=(8,), batch_size=50, epochs=2, random_state=0
    )
    return Pipeline([("scale", MinMaxScaler()), ("net", network)])


SPACE = {"net__learning_rate": loguniform(1e-3, 1e-1)}


@pytest.mark.parametrize(
    "search",
    [
        GridSearchCV(pipeline(), {"net__learning_rate": [1e-4, 1e-1]}),
        RandomizedSearchCV(pipeline(), SPACE, n_iter=2, random_state=0),
        HalvingRandomSearchCV(
            pipeline(),
            SPACE,
            resource="net__epochs",
            max_resources=4,
            factor=2,
            random_state=0,
        ),
    ],
    ids=lambda search: type(search).__name__,
)
def test_scikit_learns_searches_keep_groups_together(search, cv):
    search.set_params(cv=cv).fit(X, y, groups=GROUPS)
    assert search.best_score_ > 1 / 3
    assert search.predict_proba(X).shape == (len(y), 3)
    if isinstance(search, HalvingRandomSearchCV):
        assert search.n_resources_ == [1, 2, 4]
        assert search.best_estimator_[-1].n_iter_ == 4


def test_images_are_searched_by_epochs(cv):
    images = X.reshape(-1, 8, 8).astype(np.uint8)
    search = HalvingRandomSearchCV(
        CNNClassifier(filters=(2,), hidden_layer_sizes=(), random_state=0),
        {"kernel_size": [3, 5], "conv_dropout": [0.0, 0.2]},
        resource="epochs",
        max_resources=2,
        factor=2,
        cv=cv,
        random_state=0,
    ).fit(images, y, groups=GROUPS)
    assert search.n_resources_ == [1, 2]


# Keras Tuner asks for the thread's name in the way of Python 2
@pytest.mark.filterwarnings(r"ignore:(currentThread|getName)\(\):DeprecationWarning")
def test_keras_tuner_drives_pipelines(cv, tmp_path):
    keras_tuner = pytest.importorskip("keras_tuner")

    def build(hp):
        rate = hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")
        return pipeline().set_params(net__learning_rate=rate)

    tuner = keras_tuner.SklearnTuner(
        oracle=keras_tuner.oracles.RandomSearchOracle(
            objective=keras_tuner.Objective("score", "max"), max_trials=2, seed=0
        ),
        hypermodel=build,
        cv=cv,
        directory=tmp_path,
        project_name="letters",
    )
    tuner.search(X, y, groups=GROUPS)
    trials = tuner.oracle.get_best_trials(2)
    scores = [trial.score for trial in trials]
    assert scores == sorted(scores, reverse=True)
    (best,) = tuner.get_best_models(1)
    assert best.predict_proba(X).shape == (len(y), 3)
    rate = tuner.get_best_hyperparameters()[0].get("learning_rate")
    assert best.get_params()["net__learning_rate"] == rate


def test_optuna_prunes_what_is_not_promising(cv):
    optuna = pytest.importorskip("optuna")
    integration = pytest.importorskip("optuna_integration")
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    class PrunesAfterTheFirst(optuna.pruners.BasePruner):
        def prune(self, study, trial):
            return trial.number > 0

    with warnings.catch_warnings():
        # it calls itself experimental, and asks itself for what it deprecated
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        warnings.filterwarnings("ignore", "`optuna.terminator`", FutureWarning)
        search = integration.OptunaSearchCV(
            DenseClassifier(hidden_layer_sizes=(8,), random_state=0),
            {
                "learning_rate": optuna.distributions.FloatDistribution(
                    1e-3, 0.1, log=True
                )
            },
            cv=cv,
            enable_pruning=True,
            max_iter=3,
            n_trials=3,
            study=optuna.create_study(
                direction="maximize",
                pruner=PrunesAfterTheFirst(),
                sampler=optuna.samplers.RandomSampler(seed=0),
            ),
        ).fit(X, y, groups=GROUPS)
    states = [trial.state.name for trial in search.trials_]
    assert states == ["COMPLETE", "PRUNED", "PRUNED"]
    # an epoch for each report
    assert [len(trial.intermediate_values) for trial in search.trials_] == [3, 1, 1]
    assert search.predict_proba(X).shape == (len(y), 3)
