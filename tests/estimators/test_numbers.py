"""Numeric parameters take NumPy's scalars of any width like Python's numbers."""

import base64
import inspect
import json
import pickle
import re
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from numbers import Integral, Real

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, InvalidParameterError

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang._numbers import plain_number
from skl_signlang.callbacks import KerasCallback
from skl_signlang.datasets import (
    clean_samples,
    load_base64,
    load_csv,
    load_image_folder,
    load_json,
    make_fingerspelling,
    make_playground,
)
from skl_signlang.model_selection import (
    HyperbandSearchCV,
    leakage_report,
    near_duplicate_groups,
    split_samples,
)
from skl_signlang.networks import cnn_network, dense_network
from skl_signlang.persistence import load, save
from skl_signlang.preprocessing import HOGTransformer, ImageResizer, ImageScaler

WHOLE = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint64]
BROKEN = [np.float16, np.float32, np.float64, np.longdouble, Fraction]
MODULES = ("estimators", "preprocessing", "model_selection")


def public_classes():
    """All public classes whose parameters are validated."""
    modules = [import_module(f"skl_signlang.{name}") for name in MODULES]
    found = [getattr(module, name) for module in modules for name in module.__all__]
    return [kind for kind in found if hasattr(kind, "_parameter_constraints")]


def numeric_defaults(kind):
    """Names, kinds of number and values of numeric parameters with a default."""
    defaults = inspect.signature(kind.__init__).parameters
    for name, constraints in kind._parameter_constraints.items():
        value = defaults[name].default if name in defaults else None
        for constraint in constraints if isinstance(constraints, list) else []:
            if isinstance(constraint, Interval) and constraint.type in (Integral, Real):
                if isinstance(value, bool | str) or value is None:
                    value = constraint.left if constraint.left is not None else 1
                    value = value + 0.5 if constraint.type is Real else value or 1
                yield name, constraint.type, value
            elif isinstance(constraint, str) and constraint == "boolean":
                yield name, bool, bool(value)


def required_by(kind):
    """Give None for each parameter without a default."""
    return {
        name: None
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if parameter.default is inspect.Parameter.empty and name != "self"
    }


def holds(scalar, value):
    """Tell whether an integer type has this value."""
    return np.iinfo(scalar).min <= value <= np.iinfo(scalar).max


@pytest.mark.parametrize("kind", public_classes(), ids=lambda kind: kind.__name__)
def test_constraints_take_scalars_of_any_width(kind):
    required = required_by(kind)
    for name, number, value in numeric_defaults(kind):
        types = {bool: [np.bool_], Integral: WHOLE, Real: BROKEN}[number]
        for scalar in types:
            if number is Integral and not holds(scalar, value):
                continue
            given = scalar(value)
            estimator = kind(**{**required, name: given})
            checked = {name: kind._parameter_constraints[name]}
            estimator._parameter_constraints = checked
            estimator.get_params = lambda deep, name=name, given=given: {name: given}
            estimator._validate_params()


@pytest.mark.parametrize("kind", public_classes(), ids=lambda kind: kind.__name__)
def test_what_is_no_number_is_refused_by_name(kind):
    required = required_by(kind)
    for name, number, value in numeric_defaults(kind):
        others = [np.array(value), [value], complex(value), str(value)]
        others += [] if number is bool else [Decimal(value)]
        for given in [*others, keras.ops.convert_to_tensor(value)]:
            estimator = kind(**{**required, name: given})
            constraints = kind._parameter_constraints[name]
            estimator._parameter_constraints = {
                name: [c for c in constraints if c not in _SEQUENCES]
            }
            estimator.get_params = lambda deep, name=name, given=given: {name: given}
            with pytest.raises(InvalidParameterError, match=f"'{name}' parameter"):
                estimator._validate_params()


_SEQUENCES = (tuple, list, np.ndarray, str)
SCALAR = (np.array(4), 4j, "4", 4.5, None)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda v: CNNClassifier(filters=v), "filters"),
        (lambda v: CNNClassifier(filters=(v,)), "filters"),
        (lambda v: CNNClassifier(hidden_layer_sizes=v), "hidden_layer_sizes"),
        (lambda v: DenseClassifier(hidden_layer_sizes=(v,)), "hidden_layer_sizes"),
        (lambda v: CNNClassifier(image_shape=(v, v)), "image_shape"),
        (lambda v: ImageResizer((v, v)), "image_size"),
        (lambda v: ImageResizer(v), "image_size"),
        (lambda v: HOGTransformer(pixels_per_cell=v), "pixels_per_cell"),
    ],
)
def test_sizes_that_are_none_are_refused_by_name(digits, make, name):
    for value in SCALAR:
        with pytest.raises(ValueError, match=name):
            make(value).fit(digits[0].reshape(-1, 8, 8), digits[1])


def test_ranges_take_numbers_of_any_type(digits):
    pixels = digits[0].astype(np.float32)
    expected = ImageScaler((0, 1), (0, 16)).fit_transform(pixels)
    given = ImageScaler((Fraction(0), np.int8(1)), [np.float16(0), Fraction(16)])
    assert np.array_equal(given.fit_transform(pixels), expected)
    for value in ("16", np.array([16]), 16j, Decimal(16)):
        with pytest.raises(ValueError, match="pixel_range must be two finite numbers"):
            ImageScaler((0, 1), (0, value)).fit(pixels)


@pytest.mark.parametrize("value", [Decimal("0.5"), 1j])
@pytest.mark.parametrize("name", ["loss__delta", "optimizer__beta_1"])
def test_routed_parameters_are_real_numbers(name, value, digits):
    model = DenseRegressor(loss="huber", epochs=1).set_params(**{name: value})
    message = f"{name}.* must be a real number"
    with pytest.raises(InvalidParameterError, match=message):
        model.fit(*digits)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:150], y[:150] % 3


def as_numpy(params, whole, broken):
    """Give numbers as NumPy's scalars."""
    kinds = {bool: np.bool_, int: whole, float: broken, str: np.str_}
    return {name: kinds[type(value)](value) for name, value in params.items()}


SETTINGS = {
    "epochs": 2,
    "batch_size": 100,
    "learning_rate": 0.01,
    "dropout": 0.25,
    "l1": 0.001,
    "l2": 0.001,
    "batch_norm": True,
    "standardize": True,
    "clipnorm": 0.5,
    "reduce_lr": 0.5,
    "early_stopping": True,
    "validation_fraction": 0.25,
    "patience": 2,
    "min_delta": 0.0,
    "average": True,
    "random_state": 3,
    "verbose": 0,
    "warm_start": False,
    "lr_schedule": "constant",
    "optimizer": "adam",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("whole", "broken"),
    [(np.int8, np.float16), (np.uint64, np.float64), (np.int64, Fraction)],
)
@pytest.mark.parametrize("kind", [CNNClassifier, DenseClassifier, DenseRegressor])
def test_networks_are_the_same(digits, tmp_path, kind, whole, broken):
    X, y = digits
    params = {**SETTINGS}
    if kind is not DenseRegressor:
        params["label_smoothing"] = 0.125
    if kind is CNNClassifier:
        params |= {"kernel_size": 3, "pool_size": 2, "conv_dropout": 0.25}
        params |= {
            "rotation": 4.0,
            "horizontal_flip": 0.5,
            "zoom": 0.125,
            "padding": "valid",
        }
    # what float16 can hold
    params |= dict.fromkeys(("learning_rate", "l1", "l2"), 0.0009765625)
    lists = {"hidden_layer_sizes": [4, 3]}
    if kind is CNNClassifier:
        lists |= {"filters": [2, 3], "image_shape": [8, 8]}
    routed = {"optimizer__beta_1": 0.875}
    plain = kind(**params, **lists).set_params(**routed).fit(X, y)
    numpy_lists = {name: np.array(value, whole) for name, value in lists.items()}
    model = kind(**as_numpy(params, whole, broken), **numpy_lists)
    model = clone(model).set_params(**as_numpy(routed, whole, broken))
    before = model.get_params(deep=False)
    assert np.array_equal(model.fit(X, y).predict(X), plain.predict(X))
    assert all(model.get_params(deep=False)[name] is before[name] for name in before)
    assert model.history_ == plain.history_
    save(model, tmp_path / "model.signlang")
    loaded = load(tmp_path / "model.signlang")
    assert np.array_equal(loaded.predict(X), plain.predict(X))
    assert clone(loaded).get_params()["batch_size"] == 100
    model.set_params(early_stopping=np.False_).partial_fit(X, y)


def test_epochs_of_two_phases_do_not_overflow(digits):
    from skl_signlang import TransferLearningClassifier

    model = TransferLearningClassifier(
        epochs=np.int8(100), fine_tune_epochs=np.int8(100), trainable_layers=np.int8(1)
    )
    seen = []
    model._start = lambda *_: seen.append(model._planned_epochs(False)) or 1 / 0
    with pytest.raises(ZeroDivisionError):
        model.fit(*digits)
    assert seen == [200]


def test_callbacks_take_them(digits):
    callback = KerasCallback("EarlyStopping", monitor="loss", patience=np.int8(1))
    DenseClassifier(epochs=2, callbacks=[("stop", callback)]).fit(*digits)


def test_transformers_are_the_same():
    X = np.random.RandomState(0).randint(0, 256, (3, 200, 200)).astype(np.uint8)
    assert np.array_equal(
        ImageResizer(np.uint8(140)).transform(X), ImageResizer(140).transform(X)
    )
    arguments = {"orientations": 9, "pixels_per_cell": 16, "cells_per_block": 2}
    assert np.array_equal(
        HOGTransformer(**as_numpy(arguments, np.int8, None)).transform(X),
        HOGTransformer(**arguments).transform(X),
    )


@pytest.mark.slow
def test_a_search_takes_them(digits):
    arguments = {"max_resource": 3, "factor": 2.0, "random_state": 0}
    grid = {"batch_size": np.array([100, 50], np.uint8)}
    model = DenseClassifier(hidden_layer_sizes=(3,), random_state=0)
    results = [
        HyperbandSearchCV(model, grid, cv=2, **given).fit(*digits).cv_results_
        for given in (arguments, as_numpy(arguments, np.int8, np.float16))
    ]
    assert np.array_equal(*(result["mean_test_score"] for result in results))


# --- functions ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """What functions read: images, in files too."""
    folder = tmp_path_factory.mktemp("given")
    X = np.random.RandomState(0).randint(0, 256, (12, 8, 8)).astype(np.uint8)
    y = np.array([*"AB"] * 6)
    rows = pd.DataFrame(X.reshape(12, -1))
    rows.assign(label=y).to_csv(folder / "rows.csv", index=False)
    records = []
    for letter in "AB":
        (folder / "images" / letter).mkdir(parents=True)
        path = folder / "images" / letter / "1.png"
        Image.fromarray(X[0]).save(path)
        content = base64.b64encode(path.read_bytes()).decode()
        records.append({"content": str(path), "image": content, "label": letter})
    (folder / "images.json").write_text(json.dumps(records))
    bunch = Bunch(data=X.reshape(12, -1), target=y)
    return {"X": X, "y": y, "bunch": bunch, "folder": folder}


FUNCTIONS = {
    make_fingerspelling: {
        "n_samples": 2,
        "image_size": 20,
        "n_signers": 2,
        "mirror": 0.5,
        "max_rotation": (1.0, 2.0, 3.0),
        "progress": False,
        "random_state": 1,
        "color": True,
        "return_X_y": True,
    },
    make_playground: {
        "n_samples": 9,
        "noise": 0.25,
        "shuffle": True,
        "random_state": 3,
        "return_X_y": True,
    },
    split_samples: {
        "bunch": "bunch",
        "sizes": (0.5, 0.5),
        "random_state": 2,
        "stratify": True,
    },
    near_duplicate_groups: {
        "X": "X",
        "threshold": 0.75,
        "shift": 1,
        "image_shape": (8, 8),
    },
    leakage_report: {
        "estimator": GaussianNB(),
        "X": "data",
        "y": "y",
        "groups": "groups",
        "cv": 2,
        "n_pairs": 2,
        "random_state": 0,
        "n_jobs": 1,
    },
    clean_samples: {
        "bunch": "bunch",
        "pixel_range": (0, 255),
        "image_shape": (8, 8),
    },
    load_image_folder: {
        "path": "images",
        "image_size": (6, 5),
        "color": True,
        "n_jobs": 1,
        "return_X_y": True,
    },
    load_json: {
        "path": "images.json",
        "image_size": 6,
        "color": True,
        "n_jobs": 2,
        "timeout": 5.0,
        "retries": 1,
        "max_bytes": 10_000,
        "progress": False,
        "return_X_y": True,
    },
    load_base64: {
        "path": "images.json",
        "image_size": (6, 5),
        "color": True,
        "return_X_y": True,
    },
    load_csv: {
        "path": "rows.csv",
        "target": 64,
        "header": True,
        "image_shape": (8, 8, 1),
        "return_X_y": True,
    },
    cnn_network: {
        "input_shape": (8, 8, 1),
        "n_outputs": 3,
        "filters": (2, 3),
        "kernel_size": 3,
        "pool_size": 2,
        "hidden_layer_sizes": (3,),
        "l1": 0.5,
        "dropout": 0.25,
        "batch_norm": True,
    },
    dense_network: {
        "input_shape": (8,),
        "n_outputs": 3,
        "hidden_layer_sizes": (3, 2),
        "l2": 0.5,
        "dropout": 0.25,
        "standardize": False,
    },
}


def look_up(given, arguments):
    """Fill in what `given` holds for names of data and files."""
    folder, bunch = given["folder"], given["bunch"]
    more = {"data": bunch.data, "groups": np.arange(12) // 2}
    named = {"path": lambda name: folder / name}
    named |= dict.fromkeys(("bunch", "X", "y", "groups"), {**given, **more}.get)
    return {k: named[k](v) if k in named else v for k, v in arguments.items()}


def plain(result):
    """Describe a result, that of NumPy's scalars like that of Python's numbers."""
    if isinstance(result, keras.Model):
        return re.sub(r"_\d+", "", result.to_json())
    return pickle.dumps(result)


def numpy_forms(value):
    """Give a value as NumPy's scalars, narrow and wide ones, and a tuple as a list."""
    if isinstance(value, tuple):
        yield from zip(*map(numpy_forms, value), strict=False)
        yield list(value)
    elif isinstance(value, bool):
        yield np.bool_(value)
    elif isinstance(value, int):
        few = (np.int8, np.int16, np.uint64)
        yield from (scalar(value) for scalar in few if holds(scalar, value))
    elif isinstance(value, float):
        yield from (scalar(value) for scalar in (np.float16, np.longdouble, Fraction))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_functions_take_scalars_of_any_width(function, given):
    arguments = look_up(given, FUNCTIONS[function])
    expected = plain(function(**arguments))
    for name, value in FUNCTIONS[function].items():
        for form in numpy_forms(value):
            assert plain(function(**{**arguments, name: form})) == expected, (
                name,
                form,
            )


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_arrays_in_the_place_of_tuples_are_taken_or_named(function, given):
    arguments = look_up(given, FUNCTIONS[function])
    expected = plain(function(**arguments))
    for name, value in FUNCTIONS[function].items():
        if not isinstance(value, tuple):
            continue
        with suppress(InvalidParameterError):  # which names it
            found = function(**{**arguments, name: np.array(value)})
            assert plain(found) == expected, name


@pytest.mark.parametrize(
    "value", [np.int8(3), np.float16(0.5), np.bool_(True), Fraction(1, 2)]
)
def test_what_python_has_goes_into_json(value):
    assert json.loads(json.dumps(plain_number(value))) == value


def test_other_values_are_the_same_objects():
    values = [np.zeros(2), "adam", None, keras.optimizers.Adam()]
    assert all(plain_number(value) is value for value in values)
