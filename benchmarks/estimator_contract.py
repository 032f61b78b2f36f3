"""How many of scikit-learn's own checks fail: SciKeras, Keras' wrapper, ours.

``python -m benchmarks.estimator_contract``
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import warnings
from collections import Counter

from benchmarks._report import print_table, save


def dense(n_features, n_outputs):
    import keras

    return keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(n_outputs, activation="softmax"),
        ]
    )


def scikeras_model(meta):
    return dense(meta["n_features_in_"], max(2, meta["n_classes_"]))


def keras_model(X, y):
    model = dense(X.shape[1], y.shape[1] if y.ndim > 1 else 2)
    model.compile("adam", "categorical_crossentropy")
    return model


def estimators():
    """Name the estimators; all come with the epochs that their defaults have here."""
    from keras.wrappers import SKLearnClassifier
    from scikeras.wrappers import KerasClassifier

    from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor

    return {
        "SciKeras KerasClassifier": KerasClassifier(
            scikeras_model,
            loss="sparse_categorical_crossentropy",
            optimizer="adam",
            epochs=20,
            verbose=0,
        ),
        "Keras SKLearnClassifier": SKLearnClassifier(
            keras_model, fit_kwargs={"epochs": 20, "verbose": 0}
        ),
        "CNNClassifier": CNNClassifier(),
        "DenseClassifier": DenseClassifier(),
        "DenseRegressor": DenseRegressor(),
    }


def check(estimator):
    """Run all checks; a check that breaks the run itself counts as failed."""
    from sklearn.utils.estimator_checks import check_estimator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check_estimator(estimator, on_fail=None)


def main():
    rows, result = [], {}
    for name, estimator in estimators().items():
        runs = check(estimator)
        counts = Counter(run["status"] for run in runs)
        failed = sorted({r["check_name"] for r in runs if r["status"] == "failed"})
        result[name] = {**counts, "failed_checks": failed}
        only = ", ".join(failed) if len(failed) < 3 else f"{failed[0]} and others"
        rows.append([name, counts["passed"], counts["failed"], counts["skipped"], only])
    print_table(["estimator", "passed", "failed", "skipped", "which failed"], rows)
    save("estimator_contract", result)


if __name__ == "__main__":
    main()
