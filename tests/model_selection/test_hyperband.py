import json
import shutil
import warnings

import numpy as np
import pytest
import sklearn
from scipy.stats import loguniform
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    TransformerMixin,
    clone,
    is_classifier,
    is_regressor,
)
from sklearn.datasets import load_digits
from sklearn.decomposition import NMF
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    cross_val_score,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang.model_selection import HyperbandSearchCV
from skl_signlang.model_selection._brackets import draw_candidates, plan_brackets
from skl_signlang.persistence import load, save

X, y = load_digits(n_class=3, return_X_y=True)
X, y = X[:150], y[:150]
RATES = {"learning_rate": loguniform(1e-4, 1e-1)}


def dense(**params):
    given = {"hidden_layer_sizes": (8,), "batch_size": 50, "random_state": 0, **params}
    return DenseClassifier(**given)


class Counts(ClassifierMixin, BaseEstimator):
    """Scores `skill` for each epoch, and writes down who trained it."""

    log: list = []

    def __init__(self, skill=1.0, epochs=9, fails=False):
        self.skill = skill
        self.epochs = epochs
        self.fails = fails

    def fit(self, X, y, sample_weight=None):
        if self.fails:
            raise ValueError("as it should")
        self.classes_ = np.unique(y)
        self.n_features_in_ = np.shape(X)[1]
        self.trained_ = self.epochs
        self.log.append(("fit", self.skill, self.epochs, sample_weight))
        return self

    def partial_fit(self, X, y, sample_weight=None):
        self.trained_ += 1
        self.log.append(("partial_fit", self.skill, 1, sample_weight))
        return self

    def predict(self, X):
        return self.classes_[np.zeros(len(X), int)]

    def score(self, X, y, sample_weight=None):
        assert self.trained_ == self.epochs
        return self.skill * self.trained_


@pytest.fixture
def log():
    Counts.log.clear()
    return Counts.log


def hyperband(estimator, space, **params):
    given = {"max_resource": 9, "cv": 2, "random_state": 0, **params}
    return HyperbandSearchCV(estimator, space, **given)


# --- what is planned ------------------------------------------------------------------


def test_the_plan_is_that_of_the_paper():
    # JMLR 18 (2018), algorithm 1, with R = 81 and eta = 3
    assert plan_brackets(81, 3) == [
        [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        [(34, 3), (11, 9), (3, 27), (1, 81)],
        [(15, 9), (5, 27), (1, 81)],
        [(8, 27), (2, 81)],
        [(5, 81)],
    ]


@pytest.mark.parametrize("most", [1, 2, 7, 10, 20, 26, 243])
@pytest.mark.parametrize("factor", [2, 2.5, 3, 4])
def test_each_bracket_ends_at_the_most_and_trains_on_at_each_rung(most, factor):
    brackets = plan_brackets(most, factor)
    for number, rungs in enumerate(brackets):
        sizes, epochs = zip(*rungs, strict=True)
        assert epochs[-1] == most
        assert epochs[0] >= 1
        assert list(epochs) == sorted(set(epochs))
        assert min(sizes) >= 1
        assert list(sizes) == sorted(sizes, reverse=True)
        assert len(rungs) == len(brackets) - number


def test_no_setting_is_drawn_twice_while_there_are_others():
    state = np.random.RandomState(0)
    drawn = draw_candidates({"a": range(4), "b": range(5)}, [9, 5, 3], state)
    settings = {tuple(params.values()) for bracket in drawn for params in bracket}
    assert len(settings) == 17
    few = draw_candidates({"a": [1, 2]}, [9, 5, 3], state)
    assert [len(bracket) for bracket in few] == [2, 2, 2]


# --- what is trained ------------------------------------------------------------------


def test_promoted_candidates_continue_and_the_others_stop(log):
    space = {"skill": list(np.linspace(0, 0.1, 100))}
    search = hyperband(Counts(), space, refit=False).fit(X, y)
    found = search.cv_results_
    planned = [
        (bracket, rung, epochs)
        for bracket, rungs in enumerate(search.brackets_)
        for rung, (n, epochs) in enumerate(rungs)
        for _ in range(n)
    ]
    columns = (found["bracket"], found["iter"], found["n_resources"])
    assert list(zip(*columns, strict=True)) == planned
    assert found["param_epochs"].tolist() == found["n_resources"].tolist()
    # one fit for each candidate and fold, whatever rung it reaches
    n_candidates = sum(rungs[0][0] for rungs in search.brackets_)
    assert len({*found["candidate"]}) == n_candidates
    assert [kind for kind, *_ in log].count("fit") == 2 * n_candidates
    most = {}
    for number, epochs in zip(found["candidate"], found["n_resources"], strict=True):
        most[number] = max(epochs, most.get(number, 0))
    assert sum(n for _, _, n, _ in log) == 2 * sum(most.values())
    for bracket, rungs in enumerate(search.brackets_):
        for rung in range(len(rungs) - 1):
            here = (found["bracket"] == bracket) & (found["iter"] == rung)
            there = (found["bracket"] == bracket) & (found["iter"] == rung + 1)
            stopped = set(found["candidate"][here]) - set(found["candidate"][there])
            scores = found["mean_test_score"][here]
            went_on = np.isin(found["candidate"][here], found["candidate"][there])
            assert len(stopped) == rungs[rung][0] - rungs[rung + 1][0]
            assert scores[went_on].min() >= scores[~went_on].max()


@pytest.mark.slow
@pytest.mark.parametrize("average", [False, True])
def test_training_in_pieces_gives_what_training_at_once_gives(average):
    network = dense(average=average, dropout=0.2)
    search = hyperband(
        network, RATES, max_resource=4, factor=2, refit=False, scoring="neg_log_loss"
    )
    found = search.fit(X, y).cv_results_
    for i in np.flatnonzero(found["iter"] > 0):
        fresh = clone(network).set_params(**found["params"][i])
        scores = cross_val_score(fresh, X, y, cv=2, scoring="neg_log_loss")
        # to the bit
        assert [found[f"split{k}_test_score"][i] for k in range(2)] == scores.tolist()


class Fitted(TransformerMixin, BaseEstimator):
    """Counts how often it is fitted, and on how many rows."""

    log: list = []

    def fit(self, X, y=None):
        self.log.append(len(X))
        return self

    def transform(self, X):
        return X

    def __sklearn_is_fitted__(self):
        return True


@pytest.mark.slow
def test_earlier_steps_of_a_pipeline_stay_fitted():
    Fitted.log.clear()
    pipeline = Pipeline(
        [("first", Fitted()), ("scale", MinMaxScaler()), ("net", dense())]
    )
    search = hyperband(
        pipeline,
        {"net__learning_rate": loguniform(1e-4, 1e-1)},
        resource="net__epochs",
        max_resource=4,
        factor=2,
        cv=3,
    ).fit(X, y)
    n_candidates = sum(rungs[0][0] for rungs in search.brackets_)
    # the last is that on all data
    assert Fitted.log == [100] * 3 * n_candidates + [150]
    found = search.cv_results_
    i = np.flatnonzero(found["iter"] == 2)[0]
    fresh = clone(pipeline).set_params(**found["params"][i])
    again = [found[f"split{fold}_test_score"][i] for fold in range(3)]
    assert again == cross_val_score(fresh, X, y, cv=3).tolist()
    best = search.best_estimator_
    assert best[-1].n_iter_ == search.best_params_["net__epochs"]


@pytest.mark.slow
def test_workers_find_what_one_process_finds():
    searches = [
        hyperband(dense(), RATES, max_resource=2, factor=2, n_jobs=n_jobs).fit(X, y)
        for n_jobs in (1, 2)
    ]
    one, two = (search.cv_results_ for search in searches)
    np.testing.assert_array_equal(one["mean_test_score"], two["mean_test_score"])
    assert one["params"] == two["params"]


@pytest.mark.slow
def test_regressors_and_images():
    search = hyperband(
        DenseRegressor(hidden_layer_sizes=(8,), random_state=0),
        {"l2": [0, 1e-3, 1e-2]},
        max_resource=2,
        factor=2,
    )
    assert is_regressor(search)
    search.fit(X, y.astype(float))
    assert search.predict(X).shape == y.shape
    images = X.reshape(-1, 8, 8).astype(np.uint8)
    network = CNNClassifier(filters=(2,), hidden_layer_sizes=(), random_state=0)
    search = hyperband(network, {"kernel_size": [3, 5]}, max_resource=2, factor=2)
    search.fit(images, y)
    assert search.predict_proba(images).shape == (len(y), 3)


def test_auto_trains_for_as_long_as_the_estimator_says(log):
    search = hyperband(Counts(epochs=4), {"skill": [1, 2]}, max_resource="auto")
    search.fit(X, y)
    assert search.cv_results_["n_resources"].max() == 4


# --- scikit-learn's search API --------------------------------------------------------


@pytest.mark.slow
def test_groups_stay_on_one_side():
    groups = np.arange(len(y)) // 5

    def scoring(estimator, X, y):
        return float(len(X))

    cv = StratifiedGroupKFold(3)
    search = hyperband(dense(), RATES, cv=cv, scoring=scoring, max_resource=2, factor=2)
    search.fit(X, y, groups=groups)
    sizes = [len(test) for _, test in cv.split(X, y, groups)]
    found = [search.cv_results_[f"split{i}_test_score"][0] for i in range(3)]
    assert found == sizes
    with pytest.raises(ValueError, match="groups"):
        search.fit(X, y)


def test_a_random_splitter_divides_all_rungs_alike():
    seen = []

    class Remembers(KFold):
        def split(self, X, y=None, groups=None):
            seen.append(1)
            return super().split(X, y, groups)

    hyperband(Counts(), {"skill": [1, 2]}, cv=Remembers(2, shuffle=True)).fit(X, y)
    assert len(seen) == 1


@pytest.mark.slow
def test_results_have_the_columns_of_scikit_learn():
    search = hyperband(
        dense(), RATES, max_resource=2, factor=2, return_train_score=True
    ).fit(X, y)
    found = search.cv_results_
    columns = {f"{of}_{what}" for of in ("mean", "std") for what in ("fit_time",)}
    columns |= {"mean_score_time", "std_score_time", "params", "param_learning_rate"}
    for part in ("test", "train"):
        columns |= {f"split{i}_{part}_score" for i in range(2)}
        columns |= {f"mean_{part}_score", f"std_{part}_score"}
    columns |= {"rank_test_score", "param_epochs"}
    columns |= {"bracket", "iter", "candidate", "n_resources"}
    assert set(found) == columns
    assert len({len(column) for column in found.values()}) == 1
    assert found["rank_test_score"][search.best_index_] == 1
    assert search.best_score_ == found["mean_test_score"].max()
    assert search.best_params_ == found["params"][search.best_index_]
    assert search.best_estimator_.n_iter_ == search.best_params_["epochs"]
    assert search.score(X, y) == search.best_estimator_.score(X, y)
    assert search.n_features_in_ == 64
    np.testing.assert_array_equal(search.classes_, [0, 1, 2])
    assert search.refit_time_ > 0
    assert is_classifier(search)


@pytest.mark.slow
def test_one_of_several_scores_decides():
    scoring = ["accuracy", "neg_log_loss"]
    given = {"max_resource": 2, "factor": 2, "scoring": scoring}
    search = hyperband(dense(), RATES, refit="neg_log_loss", **given).fit(X, y)
    found = search.cv_results_
    assert search.multimetric_
    assert search.best_score_ == found["mean_test_neg_log_loss"].max()
    assert found["rank_test_accuracy"].min() == 1
    first, second = found["iter"] == 0, found["iter"] == 1
    for bracket in {*found["bracket"][second]}:
        here = first & (found["bracket"] == bracket)
        best = found["candidate"][here][found["mean_test_neg_log_loss"][here].argmax()]
        assert best in found["candidate"][second & (found["bracket"] == bracket)]
    with pytest.raises(ValueError, match="refit must be set to a scorer key"):
        hyperband(dense(), RATES, refit=True, **given).fit(X, y)
    search = hyperband(dense(), RATES, refit=False, **given).fit(X, y)
    assert not hasattr(search, "best_estimator_")
    assert not hasattr(search, "best_params_")


def test_refit_by_a_function_or_not_at_all(log):
    space = {"skill": [1, 2, 3]}
    search = hyperband(Counts(), space, refit=lambda results: 2).fit(X, y)
    assert search.best_index_ == 2
    assert not hasattr(search, "best_score_")
    assert search.best_estimator_.skill == search.cv_results_["params"][2]["skill"]
    search = hyperband(Counts(), space, refit=False).fit(X, y)
    assert search.best_params_ == {"skill": 3, "epochs": 9}
    assert search.best_score_ == 27
    with pytest.raises(AttributeError, match="has no attribute 'predict'"):
        search.predict(X)


def test_a_function_may_give_several_scores(log):
    def scoring(estimator, X, y):
        return {"a": estimator.skill, "b": -estimator.skill}

    search = hyperband(Counts(), {"skill": [1, 2]}, scoring=scoring, refit="b")
    assert search.fit(X, y).best_params_["skill"] == 1


def test_a_candidate_that_fails_stops_alone(log):
    space = {"skill": [1, 2, 3, 4], "fails": [False, True]}
    search = hyperband(Counts(), space, max_resource=4, factor=2)
    with (
        pytest.warns(FitFailedWarning, match="as it should"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.fit(X, y)
    found = search.cv_results_
    failed = np.array([params["fails"] for params in found["params"]])
    assert np.isnan(found["mean_test_score"][failed]).all()
    assert not np.isnan(found["mean_test_score"][~failed]).any()
    assert not found["iter"][failed].any()
    with pytest.raises(ValueError, match="as it should"):
        clone(search).set_params(error_score="raise").fit(X, y)
    with pytest.raises(ValueError, match=r"All the .* fits failed"):
        hyperband(Counts(fails=True), {"skill": [1]}).fit(X, y)


def test_sample_weights_go_along(log):
    weights = np.arange(len(y), dtype=float)
    search = hyperband(Counts(), {"skill": [1, 2]}, cv=KFold(2))
    search.fit(X, y, sample_weight=weights)
    halves = {weights[:75].sum(), weights[75:].sum(), weights.sum()}
    assert {of.sum() for *_, of in log} == halves
    log.clear()
    pipeline = Pipeline([("scale", StandardScaler()), ("net", Counts())])
    search = hyperband(pipeline, {"net__skill": [1, 2]}, resource="net__epochs")
    search.set_params(cv=KFold(2)).fit(X, y, net__sample_weight=weights)
    assert {of.sum() for *_, of in log} == halves
    assert "partial_fit" in {kind for kind, *_ in log}


def test_metadata_are_routed(log):
    weights = np.arange(len(y), dtype=float)
    groups = np.arange(len(y)) // 10
    with sklearn.config_context(enable_metadata_routing=True):
        network = Counts().set_fit_request(sample_weight=True)
        network.set_score_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = Pipeline([("scale", scaler), ("net", network)])
        search = hyperband(
            pipeline,
            {"net__skill": [1, 2]},
            resource="net__epochs",
            cv=GroupKFold(2),
        )
        search.fit(X, y, sample_weight=weights, groups=groups)
    assert all(of is not None for *_, of in log)
    assert {len(of) for *_, of in log} == {70, 80, 150}


class Resamples(Fitted):
    """A sampler, as imbalanced-learn has them."""

    def fit_resample(self, X, y):
        return X, y


# --- invalid parameters ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimator", "params", "message"),
    [
        (LogisticRegression(), {"resource": "max_iter"}, "has no partial_fit"),
        (dense(), {"resource": "n_samples"}, "no parameter 'n_samples'"),
        (make_pipeline(dense()), {}, "denseclassifier__epochs"),
        (
            make_pipeline(StandardScaler(), dense()),
            {"resource": "standardscaler__epochs"},
            "the last step",
        ),
        (dense(), {"resource": "net__epochs"}, "'net' is neither"),
        (dense(checkpoint_dir="one"), {}, "checkpoint_dir=.one.*resume_dir"),
        (dense(lr_schedule="cosine"), {}, "lr_schedule='cosine'"),
        (
            Pipeline([("drop", Resamples()), ("net", dense())]),
            {"resource": "net__epochs"},
            "'drop', Resamples, resamples",
        ),
        (
            make_pipeline(make_pipeline(NMF()), dense()),
            {"resource": "denseclassifier__epochs"},
            "NMF.*random_state",
        ),
        (dense(), {"max_resource": 0}, "max_resource"),
        (dense(), {"max_resource": 2.5}, "max_resource"),
        (dense(), {"factor": 1}, "factor"),
        (dense(), {"resume_dir": 3}, "resume_dir"),
        (Counts(), {"resume_dir": "folder"}, "resume_dir"),
        (Counts(epochs=None), {"max_resource": "auto"}, "max_resource='auto'"),
    ],
)
def test_invalid_parameters_raise_before_training(estimator, params, message, log):
    search = hyperband(estimator, {"anything": [1]}, **params)
    with pytest.raises(ValueError, match=message):
        search.fit(X, y)
    assert not log


def test_no_partial_fit_is_a_type_error_too():
    with pytest.raises(TypeError, match="partial_fit"):
        hyperband(LogisticRegression(), {"C": [1]}, resource="max_iter").fit(X, y)


def test_the_resource_is_not_searched(log):
    with pytest.raises(ValueError, match="'epochs' is the resource"):
        hyperband(Counts(), {"epochs": [1, 2]}).fit(X, y)
    with pytest.raises(ValueError, match="does not take 'weights'"):
        hyperband(Counts(), {"skill": [1]}).fit(X, y, weights=y)
    assert not log


# --- scikit-learn's own checks --------------------------------------------------------


def checked(estimator, space, resource):
    return HyperbandSearchCV(
        estimator,
        space,
        resource=resource,
        max_resource=2,
        factor=2,
        cv=2,
        error_score="raise",
        random_state=0,
    )


# tol=None, so that epochs are epochs
CLASSIFIER = SGDClassifier(tol=None, random_state=0)
REGRESSOR = SGDRegressor(tol=None, random_state=0)


@pytest.mark.slow
@parametrize_with_checks(
    [
        checked(CLASSIFIER, {"alpha": [1e-4, 1e-3]}, "max_iter"),
        checked(REGRESSOR, {"alpha": [1e-4, 1e-3]}, "max_iter"),
        checked(
            Pipeline([("scale", StandardScaler()), ("sgd", CLASSIFIER)]),
            {"sgd__alpha": [1e-4, 1e-3]},
            "sgd__max_iter",
        ),
    ],
    expected_failed_checks=lambda search: {
        "check_requires_y_none": "as scikit-learn's own searches: not said in words"
    },
)
def test_scikit_learns_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


# --- a folder to resume from ----------------------------------------------------------


class Stop(BaseException):
    """What a kill would be."""


class StopsAfter:
    """A scorer that ends the process, as it were, after some scores."""

    def __init__(self, n):
        self.n = n

    def __call__(self, estimator, X, y):
        if self.n == 0:
            raise Stop
        self.n -= 1
        return estimator.score(X, y)


NETWORK = Pipeline(
    [("scale", MinMaxScaler()), ("net", dense(dropout=0.1, average=True))]
)


def resumable(folder, **params):
    given = {
        "resource": "net__epochs",
        "max_resource": 4,
        "factor": 2,
        "resume_dir": folder,
        "scoring": StopsAfter(-1),
        **params,
    }
    space = {"net__learning_rate": loguniform(1e-3, 1e-1)}
    return hyperband(clone(NETWORK), space, **given)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A search that was never stopped, and its folder."""
    folder = tmp_path_factory.mktemp("searches") / "deep" / "whole"
    return resumable(folder).fit(X, y), folder


@pytest.mark.slow
@pytest.mark.parametrize("n_scores", [3, 9, 13])
def test_a_search_goes_on_where_it_stopped(n_scores, whole, tmp_path):
    with pytest.raises(Stop):
        resumable(tmp_path / "kept", scoring=StopsAfter(n_scores)).fit(X, y)
    n_all = whole[0].n_splits_ * len(whole[0].cv_results_["params"])
    scorer = StopsAfter(n_all - n_scores)  # not one more
    search = resumable(tmp_path / "kept", scoring=scorer).fit(X, y)
    assert scorer.n == 0
    found, wanted = search.cv_results_, whole[0].cv_results_
    assert found["params"] == wanted["params"]
    for name in ("split0_test_score", "split1_test_score", "candidate", "iter"):
        np.testing.assert_array_equal(found[name], wanted[name])


def test_a_search_that_is_done_only_fits_the_best(whole):
    search = resumable(whole[1], scoring=StopsAfter(0)).fit(X, y)
    assert search.best_params_ == whole[0].best_params_
    expected = whole[0].predict_proba(X)
    np.testing.assert_array_equal(search.predict_proba(X), expected)


@pytest.mark.slow
def test_a_search_without_a_seed_keeps_its_candidates(tmp_path):
    with pytest.raises(Stop):
        resumable(tmp_path, random_state=None, scoring=StopsAfter(6)).fit(X, y)
    seed = json.loads((tmp_path / "search.json").read_text())["seed"]
    search = resumable(tmp_path, random_state=None).fit(X, y)
    again = resumable(tmp_path / "other", random_state=None).fit(X, y)
    assert json.loads((tmp_path / "search.json").read_text())["seed"] == seed
    assert search.cv_results_["params"] != again.cv_results_["params"]


def test_the_folder_holds_nothing_that_could_be_run(whole):
    files = [path for path in whole[1].rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json"}
    for path in files:
        assert isinstance(json.loads(path.read_text()), dict)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"factor": 3}, "factor"),
        ({"max_resource": 5}, "max_resource"),
        ({"random_state": 1}, "seed"),
        ({"cv": 3}, "folds"),
        ({"estimator__net__l2": 0.1}, "estimator.net__l2 .stored 0.0, current 0.1"),
        ({"estimator__net__optimizer__beta_1": 0.8}, "estimator.net__optimizer__bet"),
        ({"param_distributions": {"net__dropout": [0, 0.1]}}, "param_distributions"),
    ],
)
def test_the_folder_of_another_search_is_refused(change, message, whole):
    search = resumable(whole[1]).set_params(**change)
    with pytest.raises(
        ValueError, match=f"a different search; these differ.*{message}"
    ):
        search.fit(X, y)


def test_the_folder_of_other_data_is_refused(whole):
    for other in ((X + 1, y), (X, 2 - y)):
        with pytest.raises(ValueError, match="a different search; these differ"):
            resumable(whole[1]).fit(*other)


def test_other_folders_are_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files"):
        resumable(tmp_path).fit(X, y)
    with pytest.raises(ValueError, match="is not a folder"):
        resumable(tmp_path / "mine.txt").fit(X, y)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_errors_name_the_damaged_file(tmp_path):
    with pytest.raises(Stop):
        resumable(tmp_path, scoring=StopsAfter(9)).fit(X, y)
    training = sorted((tmp_path / "training").iterdir())
    assert training
    contents = [path.read_bytes() for path in training]
    for path in training:
        path.write_bytes(b"PK" + bytes(100))
    with pytest.raises(ValueError, match=r"saved training state in .* is damaged"):
        resumable(tmp_path).fit(X, y)
    for path, content in zip(training, contents, strict=True):
        path.write_bytes(content)
    for name in ("results/0-0-0.json", "search.json"):
        (tmp_path / name).write_text("[")
        with pytest.raises(ValueError, match=f"{name.split('/')[-1]} is damaged"):
            resumable(tmp_path).fit(X, y)


@pytest.mark.slow
def test_a_search_can_save_state_in_an_archive(whole, tmp_path):
    search = hyperband(dense(), RATES, max_resource=2, factor=2).fit(X, y)
    save(search, tmp_path / "search.signlang")
    again = load(tmp_path / "search.signlang")
    np.testing.assert_array_equal(again.predict_proba(X), search.predict_proba(X))
    assert again.best_params_ == search.best_params_


@pytest.mark.slow
def test_a_state_larger_than_its_network_is_not_read(tmp_path):
    with pytest.raises(Stop):
        resumable(tmp_path, scoring=StopsAfter(9)).fit(X, y)
    for path in (tmp_path / "training").iterdir():
        with np.load(path) as file:
            arrays = dict(file)
        np.savez(path, **arrays, more=np.zeros(10_000_000))
    with pytest.raises(ValueError, match=r"is damaged: its arrays have .* expected"):
        resumable(tmp_path).fit(X, y)


def changed_document(**changes):
    """Make a function that changes the metadata of a training state."""

    def change(arrays):
        document = json.loads(arrays["metadata"].tobytes())
        for name, value in changes.items():
            (document["resumes"] if name in document["resumes"] else document)[name] = (
                value
            )
        content = json.dumps(document).encode()
        return {**arrays, "metadata": np.frombuffer(content, np.uint8)}

    return change


def changed_array(name, change):
    """Make a function that changes an array of a training state."""
    return lambda arrays: {**arrays, name: change(arrays[name])}


def without(name):
    return lambda arrays: {key: arrays[key] for key in arrays if key != name}


TAMPERED = {
    "rate is nan": changed_document(rate=float("nan")),
    "rate is -1": changed_document(rate=-1.0),
    "rate is True": changed_document(rate=True),
    "best loss in its plateau is nan": changed_document(plateau=[float("nan"), 0]),
    "epochs in its plateau is -1": changed_document(plateau=[1.0, -1]),
    "seed is 1.5": changed_document(seed=1.5),
    "n_iter is -1": changed_document(n_iter=-1),
    "history lacks a number": changed_document(history={"loss": []}),
    "values.0.*not finite": changed_array("values.0", lambda a: a * np.nan),
    "values.0.*has shape": changed_array("values.0", lambda a: a[:1]),
    "last.1.*expected": changed_array("last.1", lambda a: a.astype("f8")),
    "optimizer.1.*not finite": changed_array("optimizer.1", lambda a: a * np.nan),
    "optimizer.1.*learning rate": changed_array("optimizer.1", lambda a: -a),
    "optimizer.2.*has shape": changed_array("optimizer.2", lambda a: a[None]),
    "no array 'optimizer.5'": without("optimizer.5"),
}


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A folder of a search that stopped."""
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.raises(Stop):
        resumable(folder, scoring=StopsAfter(9)).fit(X, y)
    return folder


@pytest.mark.parametrize("message", TAMPERED)
def test_states_that_no_search_writes_are_refused(message, stopped, tmp_path):
    shutil.copytree(stopped, tmp_path / "state")
    for path in (tmp_path / "state" / "training").iterdir():
        with np.load(path) as file:
            arrays = TAMPERED[message](dict(file))
        np.savez(path, **arrays)
    with pytest.raises(ValueError, match=f"saved training state in .*{message}"):
        resumable(tmp_path / "state").fit(X, y)
