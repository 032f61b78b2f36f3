"""Fitted state of a head on a frozen backbone."""

import keras
import numpy as np

from skl_signlang._keras import (
    model_to_bytes,
    read_variables,
    same_random_state,
    seed_positions,
    write_variables,
)
from skl_signlang._untrusted import explain_saved_model, find_local_path
from skl_signlang.networks import (
    backbone_network,
    dense_network,
    extractor_of,
    restore_saved_model,
    transfer_network,
)
from skl_signlang.training._compiled_models import compile_loaded_model
from skl_signlang.training._fitted_network import (
    FittedNetwork,
    model_from_state,
    networks_are_separate,
)

BACKBONE, HEAD = "backbone_network", "dense_network"


class TransferNetwork(FittedNetwork):
    """A trained head on a shared, frozen backbone."""

    def __init__(self, extractor, head):
        self._extractor = extractor
        self._head = head
        super().__init__(head.compiled, None, head.optimizer_values, head.last_values)

    @property
    def compiled(self):
        """The compiled model of the head."""
        return self._head.compiled

    @compiled.setter
    def compiled(self, compiled):
        self._head.compiled = compiled

    @property
    def values(self):
        """The variables as arrays: the backbone's, then the head's."""
        extractor, head = self.parts()
        return [*extractor.values, *head.values]

    @property
    def values_to_train(self):
        """Variables that training resumes from."""
        extractor, head = self.parts()
        return [*extractor.values, *head.values_to_train]

    @property
    def model(self):
        """A `keras.Model` of backbone and head."""
        if self._model is None:
            model = self._new_model()
            write_variables(model.variables, self.values)
            self._model = model
        return self._model

    def parts(self):
        """Return backbone and head."""
        if self._model is None:
            return self._extractor, self._head
        values = read_variables(self._model.variables)
        extractor, n = self._extractor, len(self._extractor.values)
        head = self._head
        if not all(map(np.array_equal, values[n:], head.values)):
            head = FittedNetwork(head.compiled, values[n:], head.optimizer_values)
        same = map(np.array_equal, values[:n], extractor.values)
        if extractor.saved_model is None and not all(same):
            extractor = extractor_of(extractor.runner.model, values[:n])
        return extractor, head

    def predict(self, X, logits=False):
        """Predict from cached features where possible."""
        extractor, head = self.parts()
        return head.predict(extractor.of_few(X), logits)

    def last_hidden(self, X):
        """Return the inputs of the head's last layer."""
        extractor, head = self.parts()
        return head.last_hidden(extractor.of_few(X))

    def to_state(self):
        """Return the state as plain data; of a SavedModel, its path and hash."""
        return {**super().to_state(), "saved_model": self._extractor.saved_model}

    def _state_by_recipe(self, recipe):
        extractor, head = self.parts()
        is_saved_model = extractor.saved_model is not None
        runner = extractor.runner
        return {
            **head._state_by_recipe(recipe),
            "saved_model": extractor.saved_model,
            "structure": runner.structure,
            "features": None if is_saved_model else extractor.values,
        }

    @classmethod
    def from_state(cls, state):
        """Restore a network from `to_state`."""
        if state["saved_model"] is not None:
            described = state["saved_model"]
            folder = None
            if networks_are_separate():
                folder = find_local_path(str(described["backbone"]))
                if folder is None:
                    raise ValueError(explain_saved_model(str(described["backbone"])))
            extractor = restore_saved_model(described, folder)
            return cls(extractor, FittedNetwork.from_state(state))
        if "recipe" in state:
            with same_random_state():
                features = keras.models.model_from_json(state["structure"])
            extractor = extractor_of(features, state["features"])
            return cls(extractor, FittedNetwork.from_state(state))
        model, values = model_from_state(state)
        features, head = model.get_layer(BACKBONE), model.get_layer(HEAD)
        n = len(features.variables)
        # a copy: the head itself would keep the whole model alive
        compiled = compile_loaded_model(keras.models.model_from_json(head.to_json()))
        return cls(
            extractor_of(features, values[:n]),
            FittedNetwork(compiled, values[n:], state["optimizer"], state["last"]),
        )

    def _new_model(self):
        runner, saved_model = self._extractor.runner, self._extractor.saved_model
        with same_random_state():
            if saved_model is None:
                features = keras.models.model_from_json(runner.structure)
            else:
                described = {k: v for k, v in saved_model.items() if k != "sha256"}
                features = backbone_network(**described)
            return transfer_network(features, self._head.compiled.new_model())

    def _to_bytes(self):
        if self._extractor.saved_model is not None:
            head = self.parts()[1]
            return head.compiled.to_bytes(head.values)
        model = self._new_model()
        write_variables(model.variables, self.values)
        return model_to_bytes(model, weights_only=self.compiled.recipe is not None)

    def _seeds(self):
        extractor, head = self.parts()
        seeds = [head.values[i] for i in head.compiled.seed_positions]
        if extractor.saved_model is not None:
            return seeds
        positions = seed_positions(extractor.runner.model)
        return [*(extractor.values[i] for i in positions), *seeds]


def tunable_network(features, head, trainable_layers, train_norms):
    """Build a network with a trainable backbone."""
    return transfer_network(
        keras.models.model_from_json(features),
        dense_network(**head),
        trainable_layers=trainable_layers,
        train_norms=train_norms,
    )
