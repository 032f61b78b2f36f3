"""The parameters `model` and `model_params`: a network of the user's own."""

from importlib import import_module
from inspect import Parameter, getattr_static, signature

import keras
import numpy as np

from skl_signlang._errors import list_some, near_names, quote
from skl_signlang._images import validate_images, validate_samples
from skl_signlang._numbers import plain_number
from skl_signlang._sparse_rows import is_sparse, validate_sparse
from skl_signlang._untrusted import allow_class, qualified_name
from skl_signlang._untrusted import find_model as allowed_model
from skl_signlang.estimators._column_groups import (
    as_one_array,
    columns_of_inputs,
    refuse_several_arrays,
)
from skl_signlang.networks import name_of_model, own_network
from skl_signlang.training import (
    augmentation_of,
    check_plain_params,
    moments_by_feature,
    networks_are_separate,
    scaling_of_inputs,
    without_zeros,
)

PREFIX = "model__"
_PASSED = ("input_shape", "n_outputs", "meta")
_BY_POSITION = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


class OwnModelMixin:
    """Mixin of estimators whose network `model` or the hook `build_network` builds."""

    @staticmethod
    def build_network(input_shape, n_outputs):
        """Build the network of a subclass, which overrides this instead of `model`.

        It is a static method with the arguments of a function `model`. Those that are
        parameters of the subclass's constructor come from there, others from
        `model_params`.

        Parameters
        ----------
        input_shape : tuple of int, or dict of str to tuple
            The shape of one sample; with `inputs`, of each input.
        n_outputs : int or tuple of int
            The number of values that the last layer gives.

        Returns
        -------
        network : keras.Model
            A new, uncompiled network.
        """
        raise NotImplementedError

    def get_params(self, deep=True):
        """Get the parameters, with `deep` also ``model__NAME`` for those of `model`.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the arguments of `model`, such as ``model__units``, and
            parameters such as ``optimizer__beta_1``.

        Returns
        -------
        params : dict
            Names and values.
        """
        params = super().get_params(deep=deep)
        if not deep:
            return params
        function = self._hook() if self.model is None else self.model
        function = function if callable(function) else None
        given = self.model_params if isinstance(self.model_params, dict) else {}
        values = _defaults_of(function) | given
        own = () if self.model is not None else params
        values = {name: values[name] for name in values if name not in own}
        return {**params, **{f"{PREFIX}{name}": values[name] for name in values}}

    def set_params(self, **params):
        """Set parameters, with ``model__NAME`` for the arguments of `model`.

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
        inner = {
            name.removeprefix(PREFIX): value
            for name, value in params.items()
            if name.startswith(PREFIX)
        }
        rest = {k: v for k, v in params.items() if not k.startswith(PREFIX)}
        super().set_params(**rest)
        if inner:
            function = self._hook() if self.model is None else self.model
            if callable(function):
                _check_names(function, inner, self._own_arguments())
            self.model_params = {**(self.model_params or {}), **inner}
        return self

    def _hook(self):
        """Return the static method `build_network` of a subclass, or None."""
        hook = getattr_static(type(self), "build_network")
        if hook is getattr_static(OwnModelMixin, "build_network"):
            return None
        return hook.__func__ if isinstance(hook, staticmethod) else hook

    def _function(self):
        """Return the function that builds the network."""
        hook, name = self._hook(), type(self).__name__
        if self.model is not None:
            if hook is not None:
                raise ValueError(
                    f"{name} has the method build_network and got model="
                    f"{name_of_model(self.model)}: leave model out."
                )
            return find_model(self.model)
        if hook is None:
            raise ValueError(
                f"{name} needs model, a function that builds its network: {name}("
                "FUNCTION). Or write a subclass with the static method build_network."
            )
        if not isinstance(getattr_static(type(self), "build_network"), staticmethod):
            raise TypeError(
                f"{name}.build_network must be a static method, since one network "
                "serves all estimators with the same arguments: write @staticmethod "
                "above it, and no self. An argument that is a parameter of the "
                "constructor comes from there."
            )
        return hook

    def _own_arguments(self):
        """Return the arguments of `build_network` that the constructor takes."""
        if self.model is not None:
            return {}
        params = super().get_params(deep=False)
        names = [name for name in _parameters_of(self._hook()) if name not in _PASSED]
        return {name: params[name] for name in names if name in params}

    def _plain_params(self):
        return {name: _plain(v) for name, v in (self.model_params or {}).items()}

    def _architecture(self):
        function, params = self._function(), self._plain_params()
        own = {name: _plain(value) for name, value in self._own_arguments().items()}
        _check_names(function, params, own)
        params = {**params, **own}
        _check_complete(function, params)
        return own_network, {
            "model": function,
            "model_params": params,
            "inputs": columns_of_inputs(self),
            "standardize": bool(self.standardize),
            "told": self._passed(function),
            **self._output(),
        }

    def _passed(self, function):
        """Return the arguments that the function is told, by name."""
        known = _parameters_of(function)
        # the **kwargs of a class are those of keras.Model
        takes_all = not isinstance(function, type) and any(
            p.kind is Parameter.VAR_KEYWORD for p in known.values()
        )
        shapes = {name: (len(group),) for name, group in columns_of_inputs(self)}
        told = {
            "input_shape": shapes or self._sample_shape,
            "n_outputs": self._n_outputs(),
        }
        told = {name: told[name] for name in told if takes_all or name in known}
        return told | ({"meta": self._meta()} if "meta" in known else {})

    def _n_outputs(self):
        return self._output()["n_outputs"]

    def _meta(self):
        """Return what `model` may know of the data."""
        meta = {
            "n_features_in_": self.n_features_in_,
            "n_outputs_": self._n_outputs(),
            "target_type_": self._target_type(),
        }
        if hasattr(self, "classes_"):
            several = isinstance(self.classes_, list)
            n_classes = self._n_outputs() if several else len(self.classes_)
            meta |= {"classes_": self.classes_, "n_classes_": n_classes}
        return meta

    def _start(self, data, *args, **kwargs):
        refuse_several_arrays(data.X, data.y)
        return super()._start(data, *args, **kwargs)

    def _check_X(self, X, *, reset):
        refuse_several_arrays(X)
        X = as_one_array(X)
        shape = getattr(X, "shape", ())
        if reset:
            vars(self).pop("image_shape_", None)
            self._of_images = self.image_shape is not None or (
                len(shape) == 4 and shape[-1] <= 4
            )
        if is_sparse(X) and not self._of_images:
            X = validate_sparse(self, X, reset=reset)
        elif self._of_images:
            X = validate_images(
                self, X, image_shape=self.image_shape, reset=reset, convert=False
            )
        else:
            X = validate_samples(self, X, reset=reset)
        if reset:
            self._sample_shape = X.shape[1:]
        return X

    def _find_scaling(self, X, y, weights):
        by_feature = X.ndim == 2
        self._scaling = scaling_of_inputs(X, weights, self.standardize, by_feature)
        super()._find_scaling(X, y, weights)

    def _moments(self, X, weights):
        mean, variance = moments_by_feature(X, weights)
        width = X.shape[-1]
        mean, variance = (part.reshape(-1, width) for part in (mean, variance))
        if self._of_images:
            mean, variance = mean.reshape(-1, 1), variance.reshape(-1, 1)
        overall = variance.mean(axis=0) + mean.var(axis=0)
        return (
            np.broadcast_to(mean.mean(axis=0), (width,)),
            np.broadcast_to(without_zeros(overall), (width,)),
        )

    def _augmentation(self, X):
        augmentation = augmentation_of(self, self._value_range(X))
        if augmentation is not None and not self._of_images:
            raise ValueError(
                f"X holds samples of shape {self._sample_shape}, but augmentation is "
                "for images: pass X as (n, height, width, channels), or rows with "
                "image_shape."
            )
        return augmentation

    def _output_bias(self, samples):
        return None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    # --- pickling -------------------------------------------------------------------

    def __getstate__(self):
        state = super().__getstate__()
        if networks_are_separate():
            params = self._plain_params()
            check_plain_params(params)
            name = qualified_name(self._function())
            if self.model is None:
                allow_class(type(self))
            state["model"] = None if self.model is None else name
            state["model_params"] = None if self.model_params is None else params
        return state

    def __setstate__(self, state):
        if networks_are_separate():
            # an archive names the function, and the caller passes it
            state = dict(state)
            params = state.get("model_params") or {}
            check_plain_params(params)
            function = self._hook()
            if function is None or state.get("model") is not None:
                function = allowed_model(state.get("model"), params)
                state["model"] = function
            _check_names(function, params)
        super().__setstate__(state)


def find_model(model):
    """Return the function that `model` is or names."""
    if isinstance(model, keras.Model | keras.layers.Layer):
        raise TypeError(
            f"model is a {type(model).__name__}, one network; expected a function that "
            "builds a new one at each call, with the arguments input_shape and "
            "n_outputs."
        )
    if not isinstance(model, str):
        return model
    home, colon, name = model.partition(":")
    if not colon or not home or not name:
        raise ValueError(
            f"model={quote(model)} must be a function or its name in the form "
            "'package.module:function'."
        )
    try:
        found = import_module(home)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"model={quote(model)} cannot be imported: {error}") from error
    if not callable(found):
        raise TypeError(f"model={quote(model)} is {found!r:.80}; expected a function.")
    return find_model(found)


def _parameters_of(function):
    try:
        return signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _defaults_of(function):
    """Return the hyper-parameters of a function that have a default."""
    return {
        name: parameter.default
        for name, parameter in _parameters_of(function).items()
        if name not in _PASSED and parameter.default is not Parameter.empty
    }


def _check_names(function, params, own=()):
    """Raise ValueError for hyper-parameters that a function does not take.

    `own` are its arguments that the constructor takes.
    """
    known = _parameters_of(function)
    both = [name for name in params if name in own]
    if both:
        raise ValueError(
            f"Invalid parameter {both[0]!r} in model_params: it is a parameter of the "
            f"constructor, which model={name_of_model(function)} takes it from."
        )
    told = [name for name in params if name in _PASSED]
    if told:
        raise ValueError(
            f"model_params holds {told[0]!r}, which the estimator passes to model="
            f"{name_of_model(function)} itself: leave it out."
        )
    if any(p.kind is Parameter.VAR_KEYWORD for p in known.values()):
        return
    names = [name for name in known if name not in _PASSED]
    for name in params:
        if name not in names:
            hint = near_names(name, names) if names else "it takes no hyper-parameters."
            raise ValueError(
                f"Invalid parameter {name!r}: model={name_of_model(function)} does not "
                f"take it; {hint}"
            )


def _check_complete(function, params):
    """Raise ValueError for arguments of a function that nothing gives."""
    missing = [
        name
        for name, parameter in _parameters_of(function).items()
        if parameter.default is Parameter.empty
        and parameter.kind not in _BY_POSITION
        and name not in (*params, *_PASSED)
    ]
    if "compile_kwargs" in missing:
        raise ValueError(
            f"model={name_of_model(function)} needs compile_kwargs, as SciKeras passes "
            "it: leave it out, as the estimator compiles."
        )
    if missing:
        raise ValueError(
            f"model={name_of_model(function)} needs {list_some(missing)}: set "
            f"model_params={{{missing[0]!r}: ...}}, or write a default. The estimator "
            "passes the arguments named input_shape and n_outputs, and meta if there "
            "is one."
        )


def _plain(value):
    """Convert NumPy's numbers, also in sequences, to Python's."""
    if isinstance(value, list | tuple):
        return type(value)(map(_plain, value))
    return plain_number(value)
