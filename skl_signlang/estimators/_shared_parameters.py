"""Parameters shared by estimators: type, constraint, default and text."""

import os
from inspect import signature
from numbers import Integral, Real
from typing import Any, NamedTuple

import keras
import numpy as np
from keras.optimizers import Optimizer
from sklearn.utils._param_validation import StrOptions

from skl_signlang._docstrings import Entry, fill_docstring
from skl_signlang._intervals import Interval
from skl_signlang.estimators._other_names import explains_parameters
from skl_signlang.training import PARAMETER_CONSTRAINTS, SCHEDULES


class Parameter(NamedTuple):
    """A parameter of several estimators."""

    type: str
    constraint: list
    default: Any
    text: str
    label: None = None


def _from(low, closed="left", kind=Real, high=None):
    return Interval(kind, low, high, closed=closed)


PARAMETERS = {
    "activation": Parameter(
        "str or callable",
        [str, callable],
        "relu",
        "Activation of the hidden layers, by its Keras name.",
    ),
    "average": Parameter(
        "bool",
        ["boolean"],
        False,
        "Whether to predict with the average of the weights over the epochs, by "
        "polynomial decay, instead of the last weights. With a constant learning rate "
        "it varies less between runs and is more accurate.",
    ),
    "batch_norm": Parameter(
        "bool",
        ["boolean"],
        False,
        "Whether to normalize each batch before the activation of a hidden layer.",
    ),
    "batch_size": Parameter(
        "int", [_from(1, kind=Integral)], 128, "Number of samples per gradient step."
    ),
    "brightness": Parameter(
        "float",
        PARAMETER_CONSTRAINTS["brightness"],
        0.0,
        "Maximum change of brightness, as a fraction of the range of values.",
    ),
    "callbacks": Parameter(
        "list of callback or (str, callback)",
        [list, tuple, None],
        None,
        "Callbacks of `skl_signlang.callbacks` or of Keras, or pairs of a name and a "
        "callback, like the steps of a Pipeline; without a name it is that of the "
        "class in lowercase. Each fit uses copies. Their parameters are "
        "``callbacks__NAME__PARAMETER``; None in place of a named callback leaves it "
        "out.",
    ),
    "checkpoint_dir": Parameter(
        "str or path-like",
        [str, os.PathLike, None],
        None,
        "Folder of the checkpoints of one fit. It holds the training state after each "
        "epoch, from which `fit` resumes when it is called again after an "
        "interruption, and the network of the best epoch as ``best.keras``, or with "
        "custom code its weights as ``best.weights.h5``.",
    ),
    "class_weight": Parameter(
        'dict, "balanced" or None',
        [dict, StrOptions({"balanced"}), None],
        None,
        'Weight of each class; "balanced" is inverse to its frequency.',
    ),
    "clipnorm": Parameter(
        "float",
        [_from(0, "neither"), None],
        None,
        "Maximum norm of the gradient of each variable; longer gradients are scaled "
        "down to it. None does not clip.",
    ),
    "contrast": Parameter(
        "float",
        PARAMETER_CONSTRAINTS["contrast"],
        0.0,
        "Maximum change of contrast, as a fraction.",
    ),
    "dropout": Parameter(
        "float",
        [_from(0, high=1)],
        0.0,
        "Dropout rate after each hidden layer, in [0, 1).",
    ),
    "early_stopping": Parameter(
        "bool",
        ["boolean"],
        False,
        "Whether to hold out a validation split, stop when its loss does not improve, "
        "and restore the weights of the best epoch.",
    ),
    "epochs": Parameter(
        "int", [_from(1, kind=Integral)], 20, "Number of passes over the training data."
    ),
    "hidden_layer_sizes": Parameter(
        "tuple of int",
        [tuple, list, np.ndarray],
        (128,),
        "Number of units of each hidden layer.",
    ),
    "horizontal_flip": Parameter(
        "float",
        PARAMETER_CONSTRAINTS["horizontal_flip"],
        0.0,
        "Probability that an image is flipped. A flipped right hand is a left hand.",
    ),
    "image_shape": Parameter(
        "tuple of int",
        [tuple, list, np.ndarray, None],
        None,
        "(height, width) or (height, width, channels) of images given as rows, in "
        "pixels. None passes samples on in the shape that they have.",
    ),
    "inputs": Parameter(
        "dict of str to column, columns or slice",
        [dict, None],
        None,
        "Columns of `X` for each input of a network of several, by the names of the "
        "inputs: names of a DataFrame's columns, positions, or a slice of them. "
        "``input_shape`` is then a dict too.",
    ),
    "kernel_initializer": Parameter(
        "str or keras.initializers.Initializer",
        [str, keras.initializers.Initializer],
        "glorot_uniform",
        "Initializer of the weights.",
    ),
    "l1": Parameter(
        "float",
        [_from(0)],
        0.0,
        "L1 penalty: factor of the sum of the absolute weights of the hidden layers.",
    ),
    "l2": Parameter(
        "float",
        [_from(0)],
        0.0,
        "L2 penalty: factor of the sum of the squared weights of the hidden layers.",
    ),
    "label_smoothing": Parameter(
        "float",
        [_from(0, high=1)],
        0.0,
        "Fraction of each target that is spread evenly over all classes, in [0, 1).",
    ),
    "learning_rate": Parameter(
        "float", [_from(0, "neither")], 1e-3, "Learning rate of the optimizer."
    ),
    "loss": Parameter(
        "str, class, callable or keras.losses.Loss",
        [str, type, callable, keras.losses.Loss],
        "auto",
        'Loss of the probabilities. "auto" is the cross-entropy. A name or a class '
        "takes parameters set as ``loss__NAME``. With more than two classes a loss "
        "gets one-hot targets, unless it is one of Keras' sparse ones.",
    ),
    "lr_schedule": Parameter(
        '{"constant", "cosine", "one_cycle"}',
        [StrOptions(set(SCHEDULES))],
        "constant",
        "Schedule of the learning rate over the epochs of one fit: constant; from "
        "``learning_rate`` towards zero along half a cosine; or from 1/25 of "
        "``learning_rate`` up to it in a third of the epochs, then towards zero.",
    ),
    "metrics": Parameter(
        "list",
        [list, tuple, None],
        None,
        "Further metrics of each epoch, in `history_` and for callbacks: names, "
        "functions of (y_true, y_pred), or objects of `keras.metrics`.",
    ),
    "min_delta": Parameter(
        "float",
        [_from(0)],
        0.0,
        "Minimum decrease of the loss that counts as an improvement.",
    ),
    "model": Parameter(
        "callable or str",
        [str, callable, None],
        None,
        "Function that builds a new, uncompiled `keras.Model` at each call, or its "
        'name ``"package.module:function"``, imported by `fit`. It is called with '
        "those of the arguments ``input_shape``, ``n_outputs`` and ``meta`` (a dict) "
        "that it has, and with `model_params`. The last layer gives "
        "``n_outputs`` values; a softmax or sigmoid at its end is recognized. None is "
        "for a subclass that overrides `build_network`.",
    ),
    "model_params": Parameter(
        "dict",
        [dict, None],
        None,
        'Further arguments of `model`, such as ``{"units": 16}``. Each is also the '
        "parameter ``model__NAME``, for searches.",
    ),
    "on_interrupt": Parameter(
        '{"restore", "keep"}',
        [StrOptions({"restore", "keep"})],
        "restore",
        'What Ctrl-C does. "restore" raises KeyboardInterrupt, and the estimator is as '
        'before `fit`. "keep" ends this fit with a warning: the estimator is that of '
        "the whole epochs so far, with early stopping of the best of them. A search "
        "continues with its next fit. Before the end of the first epoch it is as "
        '"restore".',
    ),
    "optimizer": Parameter(
        "str, class or keras.optimizers.Optimizer",
        [str, type, Optimizer],
        "adam",
        "Optimizer. A name or a class takes ``learning_rate`` and parameters set as "
        "``optimizer__NAME``; an instance is copied.",
    ),
    "output_activation": Parameter(
        '{"auto", "sigmoid", "softmax"}',
        [StrOptions({"auto", "sigmoid", "softmax"})],
        "auto",
        'Activation of the outputs for `y` with columns of 0 and 1: "auto" and '
        '"sigmoid" take each column as a label of its own, "softmax" takes `y` as '
        "one-hot. Else it is a sigmoid for two classes and a softmax for more.",
    ),
    "patience": Parameter(
        "int",
        [_from(1, kind=Integral)],
        5,
        "Number of epochs without improvement of the loss before training stops.",
    ),
    "random_erasing": Parameter(
        "float",
        PARAMETER_CONSTRAINTS["random_erasing"],
        0.0,
        "Probability that a rectangle of an image is erased.",
    ),
    "random_state": Parameter(
        "int, RandomState instance or None",
        ["random_state"],
        None,
        "Determines the initial weights, the order of the samples, dropout and "
        "augmentation. Pass an int for reproducible results.",
    ),
    "reduce_lr": Parameter(
        "bool or float",
        ["boolean", _from(0, "neither", high=1)],
        False,
        "Factor by which the learning rate is multiplied each time that the loss "
        "reaches a plateau: it did not fall by ``min_delta`` for half of ``patience`` "
        "epochs. The loss is that of the validation split if there is one. True is "
        "0.2.",
    ),
    "rotation": Parameter(
        "float",
        PARAMETER_CONSTRAINTS["rotation"],
        0.0,
        "Maximum rotation in either direction, in degrees. Augmentation is random for "
        "each image of each batch during training; 0 disables it.",
    ),
    "shear": Parameter(
        "float",
        PARAMETER_CONSTRAINTS["shear"],
        0.0,
        "Maximum shear angle in either direction, in degrees.",
    ),
    "standardize": Parameter(
        "bool",
        ["boolean"],
        True,
        "Whether the first layer standardizes each feature by the mean and variance "
        "of the training data.",
    ),
    "translation": Parameter(
        "float",
        PARAMETER_CONSTRAINTS["translation"],
        0.0,
        "Maximum shift along each axis, as a fraction of the side.",
    ),
    "validation_fraction": Parameter(
        "float",
        [_from(0, "neither", high=1)],
        0.1,
        "Fraction of the samples in the validation split of `early_stopping` and of "
        "callbacks that monitor validation. The split is stratified by class and does "
        "not divide groups that `fit` is given. With ``X_val`` and ``y_val`` nothing "
        "is held out.",
    ),
    "verbose": Parameter(
        'int or "auto"',
        [StrOptions({"auto"}), _from(0, "both", Integral, 2)],
        0,
        "Verbosity of Keras: 0 is silent, 1 a progress bar, 2 one line per epoch.",
    ),
    "warm_start": Parameter(
        "bool",
        ["boolean"],
        False,
        "Whether `fit` continues training the fitted network for ``epochs`` more.",
    ),
    "weight_decay": Parameter(
        "float",
        [_from(0), None],
        None,
        "Weight decay of the optimizer, decoupled from the loss as in AdamW: each step "
        "subtracts this fraction of each weight, times the learning rate. None is the "
        "optimizer's own default.",
    ),
    "zoom": Parameter(
        "float",
        PARAMETER_CONSTRAINTS["zoom"],
        0.0,
        "Maximum change of size, as a fraction: 0.1 is 0.9 to 1.1 times the size.",
    ),
}
"""Parameters by name, with the default of estimators that do not set their own."""

ATTRIBUTES = {
    "classes_": Entry("ndarray of shape (n_classes,)", "Class labels, sorted."),
    "model_": Entry("keras.Model", "The network in inference mode."),
    "image_shape_": Entry(
        "tuple of int", "(height, width, channels) of the images, in pixels."
    ),
    "n_features_in_": Entry(
        "int",
        "Number of features seen during `fit`: the number of values of one sample.",
    ),
    "feature_names_in_": Entry(
        "ndarray of shape (`n_features_in_`,)",
        "Names of features seen during `fit`. Defined only when `X` has feature names "
        "that are all strings.",
    ),
    "callbacks_": Entry(
        "list of (str, keras.callbacks.Callback)",
        "The callbacks of the last fit. They are not pickled.",
    ),
    "n_iter_": Entry("int", "Number of epochs trained, of all phases."),
    "history_": Entry(
        "dict of str to list of float",
        'One value per epoch of "loss" and the metrics on the training data, of the '
        "same with the prefix ``val_`` if there is validation, and of "
        '"learning_rate" if it changes.',
    ),
}
"""Attributes that estimators share."""


def shared_parameters(entries=None, /, **defaults):
    """Fill the places ``{name}`` in an estimator's docstring, and its constraints.

    `entries` are those of the docstring that `PARAMETERS` lacks, or has in other words.
    Defaults that differ from those of `PARAMETERS` are given by name; any other
    difference between a signature and `PARAMETERS` is a TypeError at import.
    """

    def decorate(cls):
        found = signature(cls).parameters
        shared = found.keys() & PARAMETERS.keys()
        constraints = {name: PARAMETERS[name].constraint for name in shared}
        for kind in reversed(cls.__mro__):
            constraints |= vars(kind).get("_parameter_constraints", {})
        cls._parameter_constraints = constraints
        for name in shared:
            expected = defaults.get(name, PARAMETERS[name].default)
            if found[name].default != expected:
                raise TypeError(
                    f"{cls.__name__} has {name}={found[name].default!r}; expected "
                    f"{expected!r}."
                )
        cls.__init__ = explains_parameters(cls.__init__)
        return fill_docstring(PARAMETERS | ATTRIBUTES | (entries or {}))(cls)

    return decorate
