"""Compiled models, one per structure of a network.

Keras traces a new graph for every model, and TensorFlow never frees that memory. So a
compiled model is cached for each structure; it has a pool of trainers, and it predicts
with weights that are arguments.
"""

import gc
import random
import threading
from collections import OrderedDict
from functools import partial
from itertools import count

import keras
import numpy as np
import tensorflow as tf

from skl_signlang._forks import check_process
from skl_signlang._keras import (
    FEW_ROWS,
    ROW_BLOCK,
    WIDEST_VALUES,
    Prediction,
    custom_parts,
    gains_of,
    identity_of,
    is_custom,
    model_to_bytes,
    read_variables,
    repeat_to,
    round_to_row_blocks,
    run_by_layer,
    same_random_state,
    seed_positions,
    strategy_key,
    structure_of,
    widest,
    write_variables,
)
from skl_signlang._memory import release_freed_memory
from skl_signlang.networks import (
    OUTPUT,
    STANDARDIZATION,
    check_not_shared,
    output_activation_of_network,
    own_network,
)
from skl_signlang.training._inference import inference_model, inference_values
from skl_signlang.training._trainer import Trainer, trainer_key

MAX_COMPILED_MODELS = 32
MAX_EVICTED = 16
"""Maximum number of evicted models that still take memory and a thread each."""

MAX_IDLE_TRAINERS = 4
PREDICTED_VALUES = 2**20  # input values in one predicted batch: bounds its memory
FEW_SAMPLES = 64  # run layer by layer, which keeps all outputs in memory
# A few images are not padded to a whole block.
FEW_VALUES = 4096

_by_structure = OrderedDict()
_by_recipe = OrderedDict()
_n_evicted = count(1)
_lock = threading.RLock()


def get_compiled_model(build, **hyperparameters):
    """Return the compiled model of ``build(**hyperparameters)``, cached."""
    check_process()
    recipe = partial(build, **hyperparameters)
    key = identity_of(recipe), strategy_key()
    with _lock:
        return _cached(_by_recipe, key, lambda: _from_recipe(recipe))


def _from_recipe(recipe):
    with same_random_state():
        model = recipe()
    if not is_custom([recipe.func, recipe.keywords]):
        return compile_loaded_model(model)
    if recipe.func is not own_network:
        return CompiledModel(model, recipe)
    with same_random_state():
        random.random()  # other seeds than those of the first
        other = recipe()
    check_not_shared(model, other, recipe.keywords["model"])
    return OwnCompiledModel(model, recipe, other)


def compile_loaded_model(model):
    """Return the compiled model with the structure of a Keras model, cached."""
    check_process()
    with _lock:
        key = structure_of(model), gains_of(model), strategy_key()
        return _cached(_by_structure, key, lambda: CompiledModel(model))


def _cached(cache, key, make):
    """Return a cached entry, or make it and evict the least recently used."""
    if key not in cache:
        cache[key] = make()
    compiled = cache[key]
    for other, name in _keys_of(compiled):
        other.move_to_end(name)
    while len(cache) > MAX_COMPILED_MODELS:
        oldest = next(iter(cache.values()))
        # of both caches: a model without trainers must not be found again
        for other, name in _keys_of(oldest):
            del other[name]
        oldest.free_trainers()
        del oldest
        # Keras models are reference cycles, which are collected late
        if next(_n_evicted) % MAX_EVICTED == 0:
            gc.collect()
            release_freed_memory()
    return compiled


def _keys_of(compiled):
    """Return the caches that hold a compiled model, and its keys there."""
    return [
        (cache, key)
        for cache in (_by_structure, _by_recipe)
        for key, held in cache.items()
        if held is compiled
    ]


class CompiledModel:
    """The structure of a network with its compiled functions, but without weights."""

    def __init__(self, model, recipe=None):
        self._model = model
        self.recipe = recipe
        self._built_values = read_variables(model.variables)
        self._widest = widest(model)
        self._inference = None
        self._prediction = None
        self._trainers = OrderedDict()
        self._max_trainers = MAX_IDLE_TRAINERS
        self._lock = threading.Lock()

    def initial_values(self, seed, moments=None, output_bias=None):
        """Draw the initial variables."""
        drawn = self._drawn_values(seed)
        for layer in self._model._flatten_layers(include_self=False):
            if moments is not None and layer.name == STANDARDIZATION:
                drawn[id(layer.moving_mean)] = moments[0]
                drawn[id(layer.moving_variance)] = moments[1]
            if output_bias is not None and layer.name == OUTPUT:
                drawn[id(layer.bias)] = output_bias
        return [
            np.asarray(drawn.get(id(variable), built), dtype=built.dtype)
            for variable, built in zip(
                self._model.variables, self._built(seed), strict=True
            )
        ]

    def _drawn_values(self, seed):
        """Draw the variables of unseeded initializers, by variable id."""
        random_state = np.random.RandomState(seed)
        drawn = {}
        for layer in self._model._flatten_layers(include_self=False):
            drawn.update(_draw(layer, random_state))
        return drawn

    def _built(self, seed):
        """Return the values of variables that are not drawn."""
        return self._built_values

    def _new_inference_model(self):
        return inference_model(self._model)

    def _inference_values(self, values):
        return inference_values(self._model, self._inference, values)

    def weights(self, values):
        """Return the weights of the inference model as tensors."""
        check_process()
        with self._lock:
            if self._inference is None:
                self._inference = self._new_inference_model()
                self._prediction = Prediction(self._inference)
                self._logits = Prediction(self._inference, logits=True)
        return [tf.constant(value) for value in self._inference_values(values)]

    def predict(self, weights, X, logits=False):
        """Predict in batches of bounded size, also before the last activation."""
        prediction = self._logits if logits else self._prediction
        largest = WIDEST_VALUES // self._widest
        size = round_to_row_blocks(max(1, min(PREDICTED_VALUES // X[0].size, largest)))
        outputs = [
            _predict(prediction, X[start : start + size], weights, size)
            for start in range(0, len(X), size)
        ]
        return outputs[0] if len(outputs) == 1 else np.concatenate(outputs)

    def last_hidden(self, values, X):
        """Return the inputs of the last layer, in batches."""
        check_process()
        with self._lock:
            write_variables(self._model.variables, values)
            pieces = [X[i : i + FEW_SAMPLES] for i in range(0, len(X), FEW_SAMPLES)]
            if X.dtype != object:  # strings
                pieces = [tf.cast(piece, tf.float32) for piece in pieces]
            parts = [run_by_layer(self._model, piece) for piece in pieces]
            # a layer that joins several outputs has a list of inputs
            inputs = [tf.nest.flatten(steps[-1].inputs) for steps in parts]
            return np.concatenate([np.concatenate(one, axis=-1) for one in inputs])

    @property
    def traced(self):
        """The traced graph of the inference model, after a prediction."""
        return self._prediction.traced

    @property
    def input_shape(self):
        """The shape of one sample."""
        return self._model.input_shape[1:]

    @property
    def seed_positions(self):
        """Positions of the states of random generators among the variables."""
        return seed_positions(self._model)

    @property
    def shapes(self):
        """The shape of each variable."""
        return [value.shape for value in self._built_values]

    def new_model(self):
        """Build a new model of this structure."""
        check_process()
        with same_random_state():
            if self.recipe is not None:
                return self.recipe()
            return keras.models.model_from_json(self._model.to_json())

    def layer(self, name):
        """Return a layer, for its structure only."""
        return self._model.get_layer(name)

    def to_bytes(self, values):
        """Return a model with these values as the bytes of a file.

        A network of custom code is its weights, as it may not be serializable.
        """
        check_process()
        with self._lock:
            write_variables(self._model.variables, values)
            return model_to_bytes(self._model, weights_only=self.recipe is not None)

    def acquire_trainer(self, optimizer, loss, metrics):
        """Acquire a trainer that is not in use."""
        key = trainer_key(optimizer, loss, metrics)
        with self._lock:
            idle = self._trainers.pop(key, None)
        return idle or Trainer(self.new_model(), optimizer, loss, metrics)

    def release_trainer(self, trainer):
        """Return a trainer to the pool."""
        with self._lock:
            self._trainers[trainer.key] = trainer
            while len(self._trainers) > self._max_trainers:
                self._trainers.popitem(last=False)

    def free_trainers(self):
        """Free all trainers; predictions need none."""
        with self._lock:
            self._max_trainers = 0
            self._trainers.clear()


class OwnCompiledModel(CompiledModel):
    """A compiled network of a user's function, which is called for what it decides.

    Variables are drawn as by their initializers where that is what the function did,
    for a build takes as long as many steps, and some of its memory is never freed.
    """

    def __init__(self, model, recipe, other):
        super().__init__(model, recipe)
        self._drawn = _drawn_by_initializers(model)
        # custom layers and vocabularies cannot be copied by their configuration
        self._is_custom = bool(custom_parts(model) or recipe.keywords.get("texts"))
        generators = set(self.seed_positions)
        values = zip(model.variables, self._built_values, other.variables, strict=True)
        self._is_rebuilt = any(
            not np.array_equal(built, twin.numpy())
            for i, (variable, built, twin) in enumerate(values)
            if id(variable) not in self._drawn and i not in generators
        )

    @property
    def output_activation(self):
        """The activation at the end: "linear" for values and logits."""
        return output_activation_of_network(self._model)

    @property
    def has_penalties(self):
        """Whether layers add to the loss."""
        return bool(self._model.losses)

    def _built(self, seed):
        if not self._is_rebuilt:
            return super()._built(seed)
        with same_random_state(seed):
            return read_variables(self.recipe().variables)

    def _drawn_values(self, seed):
        drawn = super()._drawn_values(seed)
        states = {id(self._model.variables[i]) for i in self.seed_positions}
        wanted = states if self._is_rebuilt else states | self._drawn
        return {key: value for key, value in drawn.items() if key in wanted}

    def _new_inference_model(self):
        return self.new_model() if self._is_custom else super()._new_inference_model()

    def _inference_values(self, values):
        return values if self._is_custom else super()._inference_values(values)


def _predict(prediction, X, weights, size):
    """Predict one batch, filled up to whole blocks of rows."""
    block = min(size, ROW_BLOCK)
    worth = len(X) >= FEW_ROWS or X[0].size * ROW_BLOCK <= FEW_VALUES
    return prediction(repeat_to(X, block) if worth else X, weights)[: len(X)]


def _drawn_by_initializers(model):
    """Return the ids of variables that hold what their unseeded initializer draws."""
    found = set()
    for layer in model._flatten_layers(include_self=False):
        for variable, initializer in _unseeded(layer):
            again = initializer(variable.shape, dtype=variable.dtype)
            if np.array_equal(np.asarray(again), variable.numpy()):
                found.add(id(variable))
    return found


def _unseeded(layer):
    """Yield the variables of a layer with their unseeded initializers."""
    for attribute, initializer in sorted(vars(layer).items()):
        if not attribute.endswith("_initializer") or initializer is None:
            continue
        variable = getattr(layer, attribute.removesuffix("_initializer"), None)
        config = getattr(initializer, "get_config", dict)()
        if variable is not None and config.get("seed", 0) is None:
            yield variable, initializer


def _draw(layer, random_state):
    """Draw the variables of unseeded initializers of a layer, by variable id."""
    drawn = {}
    for variable, initializer in _unseeded(layer):
        config = {
            **initializer.get_config(),
            "seed": int(random_state.randint(2**31 - 1)),
        }
        seeded = type(initializer).from_config(config)
        drawn[id(variable)] = seeded(variable.shape, dtype=variable.dtype)
    generator = getattr(layer, "seed_generator", None)
    if generator is not None:
        drawn[id(generator.state)] = random_state.randint(2**31 - 1, size=2)
    return drawn
