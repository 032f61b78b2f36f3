"""scikit-learn's own checks.

Those that ask how much was learned have few epochs at a higher learning rate, or the
estimators as they come; the others have small networks, few epochs, and the optimizer
that is traced fastest. All have the estimators as they come with
``SKL_SIGNLANG_NIGHTLY=1``.
"""

import os
import warnings

import keras
import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.utils.estimator_checks import (
    estimator_checks_generator,
    parametrize_with_checks,
)

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    DenseRegressor,
    NetworkClassifier,
    NetworkRegressor,
    TransferLearningClassifier,
)

NIGHTLY = "SKL_SIGNLANG_NIGHTLY" in os.environ


class SmallBackbone:
    """A class, since the name of a function in the ids of checks has an address."""

    def __new__(cls, input_shape):
        convolution = keras.layers.Conv2D(8, 3, padding="same", activation="relu")
        return keras.Sequential([keras.Input(input_shape), convolution])


# half of the default epochs shows the same: the backbone is not a default either
TRANSFER = TransferLearningClassifier(
    backbone=SmallBackbone,
    weights=None,
    trainable_layers="all",
    epochs=10,
    fine_tune_epochs=5,
)

NEED_ACCURACY = {
    "check_class_weight_classifiers",
    "check_classifiers_classes",
    "check_classifiers_one_label_sample_weights",
    "check_classifiers_train",
    "check_regressors_train",
}
FAST = {
    CNNClassifier: {
        "filters": (8,),
        "hidden_layer_sizes": (32,),
        "learning_rate": 0.01,
        "epochs": 10,
    },
    TransferLearningClassifier: {
        "hidden_layer_sizes": (16,),
        "learning_rate": 0.01,
        "epochs": 5,
        "fine_tune_epochs": 3,
    },
}
SMALL = {
    CNNClassifier: {
        "filters": (4,),
        "hidden_layer_sizes": (8,),
        "epochs": 2,
        "batch_norm": False,
        "conv_dropout": 0,
        "dropout": 0,
    },
    DenseClassifier: {"hidden_layer_sizes": (8,), "epochs": 2},
    DenseRegressor: {"hidden_layer_sizes": (8,), "epochs": 2},
    NetworkClassifier: {"epochs": 2},
    NetworkRegressor: {"epochs": 2},
    TransferLearningClassifier: {
        "hidden_layer_sizes": (8,),
        "epochs": 1,
        "fine_tune_epochs": 1,
    },
}

# functions of own_networks.py, named by strings, which the ids of checks show
FUNCTIONS = ["sequential", "functional", "custom", "recurrent", "Subclassed"]
OWN = [
    kind(f"own_networks:{name}", learning_rate=0.01, batch_size=32)
    for name in (FUNCTIONS if NIGHTLY else FUNCTIONS[:1])
    for kind in (NetworkClassifier, NetworkRegressor)
]

ESTIMATORS = [CNNClassifier(), DenseClassifier(), DenseRegressor(), TRANSFER, *OWN]

EXPECTED_FAILED_CHECKS = {  # a few networks pass, as rounding has it
    f"check_sample_weight_equivalence_on_{kind}_data": (
        "trains in float32, the check compares to 1e-7; see "
        "test_weights_equal_repetitions for the equivalence to float32's tolerance"
    )
    for kind in ("dense", "sparse")
}


@pytest.mark.slow
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_checks(estimator, check):
    name, kind = getattr(check, "func", check).__name__, type(estimator)
    if not NIGHTLY:
        faster = FAST.get(kind, {}) if name in NEED_ACCURACY else SMALL[kind]
        needs_adam = {*NEED_ACCURACY, *EXPECTED_FAILED_CHECKS}
        optimizer = "adam" if name in needs_adam else "sgd"
        estimator = clone(estimator).set_params(optimizer=optimizer, **faster)
    with warnings.catch_warnings():
        # some checks call deprecated parts of NumPy and SciPy themselves
        warnings.simplefilter("ignore")
        try:
            check(estimator)
        except AssertionError:
            if name not in EXPECTED_FAILED_CHECKS:
                raise
            pytest.xfail(EXPECTED_FAILED_CHECKS[name])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_no_check_is_left_out_by_a_tag(estimator):
    names = {
        getattr(check, "func", check).__name__
        for _, check in estimator_checks_generator(estimator)
    }
    assert len(names) > 45
    kind = "regressors" if is_regressor(estimator) else "classifiers"
    assert f"check_{kind}_train" in names
    tags = estimator.__sklearn_tags__()
    assert not tags.no_validation
    assert not tags.non_deterministic
    kind_tags = tags.regressor_tags or tags.classifier_tags
    assert not kind_tags.poor_score
    assert is_classifier(estimator) != is_regressor(estimator)


@pytest.mark.slow
@pytest.mark.parametrize(
    "estimator",
    [
        CNNClassifier(
            epochs=8, batch_size=1000, conv_dropout=0, dropout=0, batch_norm=False
        ),
        DenseClassifier(epochs=8, batch_size=1000),
        DenseRegressor(epochs=8, batch_size=1000),
        clone(TRANSFER).set_params(
            epochs=8, fine_tune_epochs=4, batch_size=1000, dropout=0, pooling="flatten"
        ),
    ],
)
def test_weights_equal_repetitions(estimator):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 8))
    y = rng.randint(3, size=60)
    weights = rng.randint(4, size=60)
    estimator.set_params(random_state=0)
    weighted = estimator.fit(X, y, sample_weight=weights)
    method = "predict" if is_regressor(estimator) else "predict_proba"
    got = getattr(weighted, method)(X)
    repeated = estimator.fit(np.repeat(X, weights, axis=0), np.repeat(y, weights))
    assert np.allclose(got, getattr(repeated, method)(X), atol=1e-4)
    plain = estimator.fit(X, y)
    assert not np.allclose(got, getattr(plain, method)(X), atol=1e-2)
