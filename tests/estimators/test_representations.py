"""What an estimator shows of itself, fitted or not."""

import inspect

import numpy as np
import pytest
from own_networks import sequential
from sklearn.datasets import load_digits, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from skl_signlang import (
    CNNClassifier,
    CNNRegressor,
    DenseClassifier,
    DenseRegressor,
    NetworkClassifier,
    NetworkRegressor,
)
from skl_signlang.model_selection import HyperbandSearchCV

X, y = load_iris(return_X_y=True)
IMAGES = load_digits().images[:40].astype(np.uint8)
DIGITS = load_digits().target[:40]
CNN = {"filters": (2,), "hidden_layer_sizes": (4,), "epochs": 1}
DENSE = {"hidden_layer_sizes": (4,), "epochs": 1}


def several(model, y):
    return model, X, np.c_[y, y[::-1]]


CASES = {
    "dense": lambda: (DenseClassifier(**DENSE), X, y),
    "binary": lambda: (DenseClassifier(**DENSE), X, y > 0),
    "multilabel": lambda: several(DenseClassifier(**DENSE), y > 0),
    "regressor": lambda: (DenseRegressor(**DENSE), X, X[:, 0]),
    "targets": lambda: several(DenseRegressor(**DENSE), X[:, 0]),
    "cnn": lambda: (CNNClassifier(**CNN), IMAGES, DIGITS),
    "cnn regressor": lambda: (CNNRegressor(**CNN), IMAGES, DIGITS),
    "own": lambda: (NetworkClassifier(sequential, epochs=1), X, y),
    "own regressor": lambda: (NetworkRegressor(sequential, epochs=1), X, X[:, 0]),
    "pipeline": lambda: (make_pipeline(NetworkClassifier(sequential, epochs=1)), X, y),
    "search": lambda: (
        HyperbandSearchCV(
            NetworkClassifier(sequential, epochs=1), {"model__units": [2, 3]}, cv=2
        ),
        X,
        y,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_notebook_shows_an_estimator_fitted_or_not(case):
    model, X, y = CASES[case]()
    for one in (model, model.fit(X, y)):
        assert type(one).__name__ in one._repr_html_()
        assert type(one).__name__ in repr(one)
        # notebooks, editors and MLflow ask for every attribute
        assert "fit" in dict(inspect.getmembers(one))
    check_is_fitted(model)
