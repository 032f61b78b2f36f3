"""Runs of other libraries around a classifier or a regressor of this package.

``python -m benchmarks.third_party [LIBRARY ...] [--environment FOLDER]``

imbalanced-learn, MAPIE, shap, mlxtend, mlflow, Optuna, scikit-optimize and dask-ml, by
what their users call most, around a network of one's own, a dense network and, for
comparison, scikit-learn's MLP. A run that fails with the MLP too is the library's
fault, one that fails with ours alone is ours, and ends with exit code 1. They run in an
environment of their own, which is made where FOLDER is absent.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

PACKAGES = {
    "imbalanced-learn": "imblearn",
    "mapie": "mapie",
    "shap": "shap",
    "mlxtend": "mlxtend",
    "mlflow": "mlflow",
    "optuna-integration": "optuna",
    "scikit-optimize": "skopt",
    "dask-ml": "dask_ml",
}
"""Packages to install, and the first word of the names of their runs."""

RUNS = {}


def run_of(kind):
    """Register a run with a "classifier" or with a "regressor"."""

    def register(function):
        RUNS[function.__name__] = kind, function
        return function

    return register


def build(input_shape, n_outputs, units=16):
    """Return a small network."""
    import keras

    hidden = keras.layers.Dense(units, activation="relu")
    return keras.Sequential(
        [keras.Input(input_shape), hidden, keras.layers.Dense(n_outputs)]
    )


def estimators(kind):
    """Name an estimator of each library, and a parameter to search."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    import skl_signlang

    name = kind.capitalize()
    ours = {"epochs": 15, "batch_size": 16, "learning_rate": 0.02, "random_state": 0}
    own = getattr(skl_signlang, f"Network{name}")(build, standardize=True, **ours)
    dense = getattr(skl_signlang, f"Dense{name}")(hidden_layer_sizes=(16,), **ours)
    mlp = {"classifier": MLPClassifier, "regressor": MLPRegressor}[kind]
    theirs = mlp(
        hidden_layer_sizes=(16,), max_iter=15, learning_rate_init=0.02, random_state=0
    )
    return {
        f"Network{name}": (own, "model__units", [4, 16]),
        f"Dense{name}": (dense, "learning_rate", [0.001, 0.02]),
        f"MLP{name}": (theirs, "learning_rate_init", [0.001, 0.02]),
    }


def data(kind):
    """Return features and targets of 150 samples."""
    from sklearn.datasets import load_diabetes, load_iris

    load = load_iris if kind == "classifier" else load_diabetes
    X, y = load(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(y))[:150]
    y = y if kind == "classifier" else y / y.std()
    return X[order].astype(np.float32), y[order]


# --- imbalanced-learn -----------------------------------------------------------------


@run_of("classifier")
def imblearn_pipeline(model, name, values, X, y):
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import make_pipeline
    from sklearn.model_selection import GridSearchCV

    rare = np.r_[np.flatnonzero(y != 2), np.flatnonzero(y == 2)[:12]]
    pipeline = make_pipeline(SMOTE(k_neighbors=3, random_state=0), model)
    grid = {f"{type(model).__name__.lower()}__{name}": values}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X[rare], y[rare])
    assert search.predict(X).shape == y.shape


@run_of("classifier")
def imblearn_balanced_bagging(model, name, values, X, y):
    from imblearn.ensemble import BalancedBaggingClassifier

    bagging = BalancedBaggingClassifier(model, n_estimators=2, random_state=0)
    assert bagging.fit(X, y).predict_proba(X).shape == (150, 3)


@run_of("classifier")
def imblearn_instance_hardness(model, name, values, X, y):
    from imblearn.under_sampling import InstanceHardnessThreshold

    sampler = InstanceHardnessThreshold(estimator=model, cv=2, random_state=0)
    assert len(sampler.fit_resample(X, y)[1])


# --- MAPIE ----------------------------------------------------------------------------


@run_of("classifier")
def mapie_split_conformal(model, name, values, X, y):
    from mapie.classification import SplitConformalClassifier

    conformal = SplitConformalClassifier(model.fit(X[:75], y[:75]), prefit=True)
    conformal.conformalize(X[75:], y[75:])
    labels, sets = conformal.predict_set(X)
    assert labels.shape == y.shape
    assert sets.shape[:2] == (150, 3)


@run_of("classifier")
def mapie_cross_conformal_classifier(model, name, values, X, y):
    from mapie.classification import CrossConformalClassifier

    conformal = CrossConformalClassifier(model, cv=2)
    conformal.fit_conformalize(X, y)
    assert conformal.predict_set(X)[1].shape[:2] == (150, 3)


@run_of("regressor")
def mapie_cross_conformal_regressor(model, name, values, X, y):
    from mapie.regression import CrossConformalRegressor

    conformal = CrossConformalRegressor(model, cv=2)
    conformal.fit_conformalize(X, y)
    assert conformal.predict_interval(X)[1].shape[:2] == (150, 2)


@run_of("regressor")
def mapie_split_conformal_regressor(model, name, values, X, y):
    from mapie.regression import SplitConformalRegressor

    conformal = SplitConformalRegressor(model, prefit=False)
    conformal.fit(X[:75], y[:75]).conformalize(X[75:], y[75:])
    assert conformal.predict_interval(X)[0].shape == y.shape


# --- shap -----------------------------------------------------------------------------


@run_of("classifier")
def shap_kernel(model, name, values, X, y):
    import shap

    explainer = shap.KernelExplainer(model.fit(X, y).predict_proba, X[:10], silent=True)
    assert np.shape(explainer.shap_values(X[:2], silent=True)) == (2, 4, 3)


@run_of("classifier")
def shap_explainer(model, name, values, X, y):
    import shap

    explainer = shap.Explainer(model.fit(X, y).predict_proba, X[:20])
    assert explainer(X[:3], silent=True).shape == (3, 4, 3)


@run_of("regressor")
def shap_of_a_regressor(model, name, values, X, y):
    import shap

    explainer = shap.Explainer(model.fit(X, y).predict, X[:20])
    assert explainer(X[:2], silent=True).shape == (2, 10)


# --- mlxtend --------------------------------------------------------------------------


@run_of("classifier")
def mlxtend_feature_selection(model, name, values, X, y):
    from mlxtend.feature_selection import SequentialFeatureSelector

    selector = SequentialFeatureSelector(model, k_features=2, cv=2).fit(X, y)
    assert len(selector.k_feature_idx_) == 2


@run_of("classifier")
def mlxtend_stacking(model, name, values, X, y):
    from mlxtend.classifier import StackingCVClassifier
    from sklearn.linear_model import LogisticRegression

    stack = StackingCVClassifier(
        [model], LogisticRegression(), use_probas=True, cv=2, random_state=0
    )
    assert stack.fit(X, y).predict(X).shape == y.shape


@run_of("classifier")
def mlxtend_vote_and_regions(model, name, values, X, y):
    import matplotlib
    from mlxtend.classifier import EnsembleVoteClassifier
    from mlxtend.plotting import plot_decision_regions

    matplotlib.use("Agg")
    vote = EnsembleVoteClassifier([model, model], voting="soft").fit(X[:, :2], y)
    plot_decision_regions(X[:, :2], y, clf=vote)


@run_of("classifier")
def mlxtend_bias_and_variance(model, name, values, X, y):
    from mlxtend.evaluate import bias_variance_decomp, bootstrap_point632_score

    found = bias_variance_decomp(
        model, X[:100], y[:100], X[100:], y[100:], num_rounds=2, random_seed=0
    )
    assert np.isfinite(found).all()
    assert len(bootstrap_point632_score(model, X, y, n_splits=2, random_seed=0)) == 2


# --- mlflow ---------------------------------------------------------------------------


def _mlflow():
    import logging

    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    folder = tempfile.mkdtemp()
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    experiment = mlflow.create_experiment("networks", f"file://{folder}")
    mlflow.set_experiment(experiment_id=experiment)
    return mlflow


def _autologged(estimator, X, y):
    """Fit, and return what mlflow's autolog wrote of it."""
    mlflow = _mlflow()
    mlflow.sklearn.autolog(log_models=False, silent=True)
    try:
        with mlflow.start_run() as run:
            estimator.fit(X, y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    return mlflow.get_run(run.info.run_id).data


@run_of("classifier")
def mlflow_autolog_of_a_pipeline(model, name, values, X, y):
    """Autolog patches fit of scikit-learn's own classes only."""
    from sklearn.pipeline import make_pipeline

    logged = _autologged(make_pipeline("passthrough", model), X, y)
    assert logged.params[f"{type(model).__name__.lower()}__random_state"] == "0"
    assert "training_accuracy_score" in logged.metrics


@run_of("classifier")
def mlflow_autolog_of_a_search(model, name, values, X, y):
    from sklearn.model_selection import GridSearchCV

    logged = _autologged(GridSearchCV(model, {name: values}, cv=2), X, y)
    assert f"best_{name}" in logged.params


@run_of("classifier")
def mlflow_pickled(model, name, values, X, y):
    mlflow = _mlflow()
    folder = f"{tempfile.mkdtemp()}/model"
    model.fit(X, y)
    mlflow.sklearn.save_model(model, folder, serialization_format="cloudpickle")
    copy = mlflow.sklearn.load_model(folder)
    assert np.array_equal(copy.predict_proba(X), model.predict_proba(X))


@run_of("classifier")
def mlflow_skops(model, name, values, X, y):
    """Trust the classes of the library, as its users do."""
    import skops.io

    mlflow = _mlflow()
    folder = f"{tempfile.mkdtemp()}/model"
    types = skops.io.get_untrusted_types(data=skops.io.dumps(model.fit(X, y)))
    mlflow.sklearn.save_model(
        model, folder, serialization_format="skops", skops_trusted_types=types
    )
    copy = mlflow.sklearn.load_model(folder)
    assert np.array_equal(copy.predict_proba(X), model.predict_proba(X))


@run_of("classifier")
def mlflow_pyfunc(model, name, values, X, y):
    """Load an archive of ours, with its function, and the pickle of MLP."""
    mlflow = _mlflow()
    folder = Path(tempfile.mkdtemp())
    model.fit(X, y)
    if type(model).__name__.startswith("MLP"):
        form = {"serialization_format": "cloudpickle"}
        mlflow.sklearn.save_model(model, folder / "model", **form)
    else:
        from skl_signlang.persistence import load, save

        save(model, folder / "network.signlang")
        mlflow.pyfunc.save_model(
            folder / "model",
            loader_module="skl_signlang.persistence.mlflow",
            data_path=folder / "network.signlang",
        )
    if hasattr(model, "model"):  # nothing that an archive names is imported
        copy = load(folder / "network.signlang", model=build)
    else:
        copy = mlflow.pyfunc.load_model(folder / "model")
    assert np.array_equal(copy.predict(X), model.predict(X))


# --- Optuna ---------------------------------------------------------------------------


@run_of("classifier")
def optuna_study(model, name, values, X, y):
    import optuna
    from sklearn.base import clone
    from sklearn.model_selection import cross_val_score

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial):
        value = trial.suggest_categorical(name, values)
        return cross_val_score(clone(model).set_params(**{name: value}), X, y).mean()

    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials=2)
    assert study.best_value > 0.3


@run_of("classifier")
def optuna_search(model, name, values, X, y):
    import optuna
    from optuna_integration import OptunaSearchCV

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {name: optuna.distributions.CategoricalDistribution(values)}
    search = OptunaSearchCV(model, space, cv=2, n_trials=2, random_state=0).fit(X, y)
    assert search.predict(X).shape == y.shape


@run_of("classifier")
def optuna_pruning_by_pieces(model, name, values, X, y):
    import optuna
    from optuna_integration import OptunaSearchCV

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {name: optuna.distributions.CategoricalDistribution(values)}
    search = OptunaSearchCV(
        model, space, cv=2, n_trials=2, enable_pruning=True, max_iter=3
    )
    assert search.fit(X, y).predict(X).shape == y.shape


# --- scikit-optimize and dask-ml ------------------------------------------------------


@run_of("classifier")
def skopt_bayes_search(model, name, values, X, y):
    from skopt import BayesSearchCV

    search = BayesSearchCV(model, {name: values}, n_iter=2, cv=2, random_state=0)
    assert search.fit(X, y).predict(X).shape == y.shape


@run_of("classifier")
def dask_ml_grid_search(model, name, values, X, y):
    from dask_ml.model_selection import GridSearchCV

    search = GridSearchCV(model, {name: values}, cv=2, scheduler="threads").fit(X, y)
    assert search.predict(X).shape == y.shape


@run_of("classifier")
def dask_ml_parallel_post_fit(model, name, values, X, y):
    import dask.array as da
    from dask_ml.wrappers import ParallelPostFit

    wrapped = ParallelPostFit(model).fit(X, y)
    found = wrapped.predict(da.from_array(X, chunks=(50, 4))).compute()
    assert np.array_equal(found, wrapped.predict(X))


@run_of("classifier")
def dask_ml_incremental(model, name, values, X, y):
    import dask.array as da
    from dask_ml.wrappers import Incremental

    X, y = da.from_array(X, chunks=(50, 4)), da.from_array(y, chunks=50)
    wrapped = Incremental(model, scoring="accuracy").fit(X, y, classes=[0, 1, 2])
    assert wrapped.predict(X).compute().shape == (150,)


@run_of("classifier")
def dask_ml_hyperband(model, name, values, X, y):
    import dask.array as da
    from dask.distributed import Client
    from dask_ml.model_selection import HyperbandSearchCV

    X, y = da.from_array(X, chunks=(150, 4)), da.from_array(y, chunks=150)
    with Client(processes=False, dashboard_address=None, n_workers=1):
        search = HyperbandSearchCV(model, {name: values}, max_iter=3, random_state=0)
        search.fit(X, y, classes=[0, 1, 2])
    assert search.best_score_ > 0


# --- the program ----------------------------------------------------------------------


def run_all(libraries):
    """Return the error of each run with each estimator; None for none."""
    from sklearn.base import clone

    found = {}
    for title, (kind, function) in RUNS.items():
        if libraries and not title.startswith(tuple(libraries)):
            continue
        for name, (model, parameter, values) in estimators(kind).items():
            error = None
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    function(clone(model), parameter, values, *data(kind))
            except Exception as caught:
                error = f"{type(caught).__name__}: {str(caught)[:200]}"
            found.setdefault(title, {})[name] = error
            print(f"{title} {name} {error or 'passes'}", file=sys.stderr, flush=True)
    return found


def _in_environment(folder, libraries, work):
    """Return what `run_all` found in an environment with the libraries.

    They write nothing outside of the folder `work`.
    """
    root = Path(__file__).parents[1]
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        command = [python, "-m", "pip", "install", "--quiet", str(root)]
        subprocess.run([*command, "mlflow", *PACKAGES], check=True)
    code = (
        "import json; from importlib.metadata import version; "
        "from benchmarks.third_party import *; "
        f"print(json.dumps([run_all({list(libraries)!r}), "
        "{name: version(name) for name in ['scikit-learn', *PACKAGES]}]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(root), "TMPDIR": work}
    done = subprocess.run(
        [python.absolute(), "-c", code],
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def main():
    """Print the runs that fail, and how many do by whose fault: exit 1 for ours."""
    from benchmarks._report import print_table, save

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("libraries", nargs="*")
    parser.add_argument("--environment", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = chosen.environment or Path(work) / "venv"
        found, versions = _in_environment(folder, chosen.libraries, work)
    counts, failed = {}, []
    for title, errors in found.items():
        theirs = next(errors[name] for name in errors if name.startswith("MLP"))
        ours = {name: errors[name] for name in errors if not name.startswith("MLP")}
        library = next(one for one in PACKAGES.values() if title.startswith(one))
        count = counts.setdefault(library, [0, 0, 0])
        for name, error in ours.items():
            count[0] += 1
            count[1] += error is not None and theirs is None
            count[2] += error is not None and theirs is not None
            if error is not None:
                failed.append([title, name, "theirs" if theirs else "ours", error])
    print_table(
        ["library", "runs", "fail by our fault", "fail with MLP too"],
        [[name, *count] for name, count in counts.items()],
    )
    total = np.sum(list(counts.values()), axis=0)
    print(f"{total[1]} of {total[0]} runs fail by our fault, {total[2]} by theirs")
    if failed:
        print_table(["run", "estimator", "fault", "error"], failed)
    print(versions)
    result = {
        "n_runs": int(total[0]),
        "fail_by_our_fault": int(total[1]),
        "fail_with_mlp_too": int(total[2]),
        "runs": found,
        "versions": versions,
    }
    save("third_party", result)
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
