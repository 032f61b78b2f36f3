"""Fitted state: the weights of one network and its compiled model."""

from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from skl_signlang._keras import (
    is_custom,
    model_from_bytes,
    read_variables,
    seed_positions,
    write_variables,
)
from skl_signlang.networks import own_network
from skl_signlang.training._compiled_models import (
    compile_loaded_model,
    get_compiled_model,
)
from skl_signlang.training._own_state import own_from_state, own_to_state

_separate_files = ContextVar("separate_files", default=None)


class FittedNetwork:
    """Weights, optimizer state and compiled model of one estimator."""

    def __init__(self, compiled, values, optimizer_values=None, last_values=None):
        self.compiled = compiled
        self.optimizer_values = optimizer_values
        self._values = values
        self.last_values = last_values
        self._weights = None
        self._model = None

    @property
    def values(self):
        """The variables as arrays, in the order of the structure."""
        return (
            self._values
            if self._model is None
            else read_variables(self._model.variables)
        )

    @property
    def values_to_train(self):
        """Variables that training resumes from, or those of a model changed since."""
        values = self.values
        if self.last_values is None:
            return values
        changed = not all(map(np.array_equal, values, self._values))
        return values if changed else self.last_values

    @property
    def model(self):
        """A `keras.Model` with these variables, built when first asked for.

        From then on it makes the predictions, so that changes to it take effect.
        """
        if self._model is None:
            model = self.compiled.new_model()
            write_variables(model.variables, self._values)
            self._model = model
        return self._model

    def predict(self, X, logits=False):
        """Predict in batches of bounded size, also before the last activation."""
        if self._model is not None:
            return self.compiled.predict(self.compiled.weights(self.values), X, logits)
        if self._weights is None:
            self._weights = self.compiled.weights(self._values)
        return self.compiled.predict(self._weights, X, logits)

    def last_hidden(self, X):
        """Return the inputs of the last layer."""
        return self.compiled.last_hidden(self.values, X)

    def to_file(self):
        """Return the extension and the bytes of a file for Keras."""
        extension = ".keras" if self.compiled.recipe is None else ".weights.h5"
        return extension, self._to_bytes()

    def to_state(self):
        """Return the state as plain data: `.keras` bytes and arrays.

        User-defined functions are kept by reference, as in pickle.
        """
        recipe, apart = self.compiled.recipe, _separate_files.get()
        if recipe is not None and recipe.func is own_network and apart is not None:
            return own_to_state(recipe, self.values)
        if recipe is not None:
            _refuse_own(recipe, apart)
            return self._state_by_recipe(recipe)
        if apart is None:
            content = self._to_bytes()
            training = {"optimizer": self.optimizer_values, "last": self.last_values}
        else:
            content = self._write_separately(*apart)
            training = {"optimizer": None, "last": None}
        # Keras does not save the states of dropout generators
        return {"keras": content, "seeds": self._seeds(), **training}

    def _state_by_recipe(self, recipe):
        training = {"optimizer": self.optimizer_values, "last": self.last_values}
        return {"recipe": recipe, "values": self.values, **training}

    def _to_bytes(self):
        return self.compiled.to_bytes(self.values)

    def _seeds(self):
        values = self.values
        return [values[i] for i in self.compiled.seed_positions]

    def _write_separately(self, files, names):
        """Write the network to `files` once; skops asks for the state twice."""
        if id(self) not in names:
            names[id(self)] = f"network-{len(files)}.keras"
            files[names[id(self)]] = self._to_bytes()
        return names[id(self)]

    @classmethod
    def from_state(cls, state):
        """Restore a network from `to_state`."""
        if "own" in state:
            return cls(*own_from_state(state))
        if "recipe" in state:
            recipe, values = state["recipe"], state["values"]
            compiled = get_compiled_model(recipe.func, **recipe.keywords)
        else:
            model, values = model_from_state(state)
            compiled = compile_loaded_model(model)
        return cls(compiled, values, state["optimizer"], state["last"])


def _refuse_own(recipe, apart):
    """Raise ValueError for user-defined functions, which an archive cannot hold."""
    names = [name for name, value in recipe.keywords.items() if is_custom(value)]
    if apart is not None:
        what = ", ".join(f"{name}={recipe.keywords[name]!r}" for name in names)
        raise ValueError(
            f"{what} is a custom function: archives contain no code, so it could not "
            "be loaded. Use one of Keras by its name, or save the estimator with "
            "pickle or joblib if you trust the file."
        )


@contextmanager
def separate_networks(files):
    """Serialize networks into `files` as ``.keras`` bytes, by name.

    The state of the optimizer is left out; restoring reads from `files`.
    """
    token = _separate_files.set((files, {}))
    try:
        yield
    finally:
        _separate_files.reset(token)


def networks_are_separate():
    """Return whether `separate_networks` is active."""
    return _separate_files.get() is not None


def model_from_state(state):
    """Return the model and values of a state."""
    content = state["keras"]
    if networks_are_separate():
        # only files that were checked: archives may contain other bytes
        files, _ = _separate_files.get()
        if not isinstance(content, str) or content not in files:
            raise ValueError("a network in it is not a file of its own.")
        content = files[content]
    model = model_from_bytes(content)
    values = read_variables(model.variables)
    for i, seed in zip(seed_positions(model), state["seeds"], strict=True):
        values[i] = seed
    return model, values
