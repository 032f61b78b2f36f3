"""Routing of parameters to optimizer, loss and callbacks.

Routing to optimizer and loss is delegated to SciKeras, which nothing else here uses.
"""

from numbers import Number, Real

import keras
from keras.optimizers import Optimizer
from sklearn.base import clone
from sklearn.utils._param_validation import InvalidParameterError

from skl_signlang._errors import near_names
from skl_signlang._keras import complete_config, make_copyable, strategy_key
from skl_signlang._numbers import plain_number
from skl_signlang.training._named_callbacks import (
    PREFIX,
    callback_params,
    with_callback_params,
)
from skl_signlang.training._scikeras import BaseWrapper

MAX_CACHED = 32
LEARNING_RATE = "optimizer__learning_rate"

_LOSS_ALIASES = ("bce", "kld", "mae", "mape", "mse", "msle")
_NOT_LOSSES = {name for name in vars(keras.losses) if name.startswith("_")} | {
    "Loss",
    "deserialize",
    "get",
    "serialize",
}

_cache = {}


class RoutingMixin:
    """Parameters such as ``optimizer__beta_1`` and ``callbacks__stop__patience``."""

    _routing_prefixes = ("optimizer", "loss")

    def get_params(self, deep=True):
        """Get the parameters, with `deep` also those of optimizer, loss and callbacks.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include parameters such as ``optimizer__beta_1`` and
            ``callbacks__stop__patience``.

        Returns
        -------
        params : dict
            Names and values.
        """
        params = super().get_params(deep=deep)
        make_copyable(list(params.values()))  # clone asks before it copies
        if not deep:
            return params
        return {**params, **self._routed_params, **callback_params(self.callbacks)}

    def set_params(self, **params):
        """Set parameters, with ``optimizer__...``, ``loss__...``, ``callbacks__...``.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self : estimator instance
            This estimator.

        Raises
        ------
        ValueError
            For a name that is not a parameter.
        """
        routed = {
            name: value
            for name, value in params.items()
            if name.partition("__")[0] in self._routing_prefixes and "__" in name
        }
        inner = {k: value for k, value in params.items() if k.startswith(PREFIX)}
        rest = {k: params[k] for k in params if k not in {**routed, **inner}}
        self._check_known(rest)
        super().set_params(**rest)
        if routed:
            self._routed = {**self._routed_params, **routed}
        if inner:
            self.callbacks = with_callback_params(self.callbacks, inner)
        return self

    def _check_known(self, names):
        """Raise ValueError for parameters of which it is known where they go."""

    def __repr__(self, N_CHAR_MAX=700):
        """Show the parameters that are not defaults, routed ones last."""
        text = super().__repr__(N_CHAR_MAX)
        routed = [f"{k}={plain_number(v)!r}" for k, v in self._routed_params.items()]
        if not routed:
            return text
        begin = text.removesuffix(")")
        return f"{begin}{'' if begin.endswith('(') else ', '}{', '.join(routed)})"

    @property
    def _routed_params(self):
        return self.__dict__.get("_routed", {})

    def __sklearn_clone__(self):
        copy = super().__sklearn_clone__()
        return copy.set_params(**clone(self._routed_params, safe=False))

    def _compile_arguments(self):
        """Return the optimizer, the learning rate (None if not a number) and the loss.

        The optimizer is shared, so train with a copy.
        """
        routed = {k: plain_number(v) for k, v in self._routed_params.items()}
        for name, value in routed.items():
            if isinstance(value, Number) and not isinstance(value, Real):
                raise InvalidParameterError(
                    f"The {name!r} parameter of {type(self).__name__} must be a real "
                    f"number. Got {value!r} instead."
                )
        params = {**self._loss_params(), **routed}
        for name in ("clipnorm", "weight_decay"):
            if getattr(self, name) is not None:
                params = {f"optimizer__{name}": getattr(self, name), **params}
        optimizer, loss = self.optimizer, loss_class(self._default_loss())
        if isinstance(optimizer, Optimizer):
            _check_not_routed(params, "optimizer", optimizer)
            rate = optimizer.get_config().get("learning_rate")
        else:
            params = {LEARNING_RATE: self.learning_rate, **params}
            rate = params[LEARNING_RATE]
        if isinstance(loss, keras.losses.Loss):
            complete_config(loss)
        if not isinstance(loss, type):
            _check_not_routed(params, "loss", loss)
        try:
            optimizer, loss = _make(optimizer, loss, params)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"optimizer={self.optimizer!r} and loss={loss!r} cannot be made with "
                f"the parameters {params}: {error}"
            ) from error
        return optimizer, rate if isinstance(rate, Real) else None, loss

    def _loss_params(self):
        return {}


def _make(optimizer, loss, params):
    """Return optimizer and loss, cached: TensorFlow never frees some memory of each."""
    key = _key(optimizer, loss, params)
    compiled = _cache.get(key)
    if compiled is None:
        wrapper = BaseWrapper(optimizer=optimizer, loss=loss, **params)
        arguments = wrapper._get_compile_kwargs()
        compiled = arguments["optimizer"], arguments["loss"]
        if key is not None:
            if len(_cache) >= MAX_CACHED:
                _cache.clear()
            _cache[key] = compiled
    return compiled


def _key(optimizer, loss, params):
    """Return the cache key without the learning rate, or None."""
    rate = params.get(LEARNING_RATE)
    # training starts by setting it
    params = {**params, LEARNING_RATE: "a number" if isinstance(rate, Real) else rate}
    if not all(isinstance(value, Real | str | None) for value in params.values()):
        return None
    return optimizer, loss, tuple(sorted(params.items())), strategy_key()


def loss_class(loss):
    """Return the class of a loss given by name; only classes take parameters."""
    if not isinstance(loss, str):
        return loss
    try:
        found = keras.losses.get(loss)
    except ValueError as error:
        names = sorted({*vars(keras.losses), *_LOSS_ALIASES} - _NOT_LOSSES)
        raise ValueError(
            f"loss={loss!r} is not a loss of Keras; {near_names(loss, names)}"
        ) from error
    return class_of_loss(getattr(found, "__name__", type(found).__name__)) or found


def class_of_loss(name):
    """Return the class of a Keras loss by its name or its function's, or None."""
    wanted = name.replace("_", "").lower()
    for known, value in vars(keras.losses).items():
        if isinstance(value, type) and known.lower() == wanted:
            return value
    return None


def _check_not_routed(params, prefix, instance):
    routed = [name for name in params if name.startswith(f"{prefix}__")]
    if routed:
        raise ValueError(
            f"{routed[0]} cannot reach {instance!r}: parameters are routed to a name "
            f"or a class only. Pass {prefix} as one of these."
        )
