"""Graphs traced once, for all networks of one structure.

Keras traces a new graph for every model, and TensorFlow never gives that memory back.
So a graph is kept for each structure; it lends trainers, and it predicts with weights
that come in as arguments.
"""

import json
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from skl_signlang.estimators._inference import for_inference, inference_values
from skl_signlang.estimators._trainer import Trainer, trainer_key
from skl_signlang.estimators._variables import read, same_random_state, write
from skl_signlang.networks._layers import STANDARDIZATION

MAX_GRAPHS = 32
MAX_IDLE_TRAINERS = 4
PREDICTED_VALUES = 2**20  # input values in one predicted batch: bounds its memory
# Matrix kernels round the last, incomplete block of rows differently. 48 is a multiple
# of the blocks of all common ones, so whole blocks make the order of samples irrelevant
# to the bit. A handful of pictures is not worth the padding.
ROW_BLOCK = 48
FEW_ROWS = 16
FEW_VALUES = 4096

_graphs = OrderedDict()
_recipes = OrderedDict()
_lock = threading.RLock()


def graph_from_recipe(build, **hyperparameters):
    """Return the graph of ``build(**hyperparameters)``, an architecture function."""
    recipe = json.dumps(
        [build.__module__, build.__qualname__, hyperparameters],
        default=keras.saving.serialize_keras_object,
        sort_keys=True,
    )
    with _lock:
        if recipe not in _recipes:
            with same_random_state():
                model = build(**hyperparameters)
            _remember(_recipes, recipe, graph_from_model(model))
        return _recipes[recipe]


def graph_from_model(model):
    """Return the graph of all models with the structure of `model`."""
    structure = model.to_json()
    with _lock:
        if structure not in _graphs:
            _remember(_graphs, structure, Graph(model))
        return _graphs[structure]


def _remember(cache, key, value):
    cache[key] = value
    while len(cache) > MAX_GRAPHS:
        cache.popitem(last=False)


class Graph:
    """The structure of a network; its own variables are nobody's weights.

    Parameters
    ----------
    model : keras.Model
        An uncompiled model of that structure, owned by the graph from now on.
    """

    def __init__(self, model):
        self._model = model
        self._built_values = read(model.variables)
        self._lean = None
        self._functions = {}
        self._trainers = OrderedDict()
        self._lock = threading.Lock()

    def initial_values(self, seed, moments=None):
        """Draw the variables of an untrained network.

        Parameters
        ----------
        seed : int
            Decides every random value.
        moments : tuple of ndarray, default=None
            Mean and variance for the standardising layer.

        Returns
        -------
        values : list of ndarray
            One per variable of the model, in its order.
        """
        random_state = np.random.RandomState(seed)
        drawn = {}
        for layer in self._model._flatten_layers(include_self=False):
            drawn.update(_draw(layer, random_state))
            if moments is not None and layer.name == STANDARDIZATION:
                drawn[id(layer.moving_mean)] = moments[0]
                drawn[id(layer.moving_variance)] = moments[1]
        return [
            np.asarray(drawn.get(id(variable), built), dtype=built.dtype)
            for variable, built in zip(
                self._model.variables, self._built_values, strict=True
            )
        ]

    def weights(self, values):
        """Bring the variables of a network to the form that predicts.

        Parameters
        ----------
        values : list of ndarray
            One per variable of the model, in its order.

        Returns
        -------
        weights : list of tensors
            What `predict` takes.
        """
        with self._lock:
            if self._lean is None:
                self._lean = for_inference(self._model)
        lean_values = inference_values(self._model, self._lean, values)
        return [tf.constant(value) for value in lean_values]

    def predict(self, weights, X):
        """Run the network on pictures or rows, in batches of bounded size.

        Parameters
        ----------
        weights : list of tensors
            What `weights` gave.
        X : ndarray of uint8 or float32, shape (n, ...)
            Checked input.

        Returns
        -------
        outputs : ndarray of float32, shape (n, n_outputs)
            What the last layer gives.
        """
        function = self._function(X.dtype)
        size = max(1, PREDICTED_VALUES // X[0].size)
        size = size - size % ROW_BLOCK if size >= ROW_BLOCK else size
        outputs = [
            _call(function, X[start : start + size], weights)
            for start in range(0, len(X), size)
        ]
        return outputs[0] if len(outputs) == 1 else np.concatenate(outputs)

    def _function(self, dtype):
        with self._lock:
            if dtype not in self._functions:
                self._functions[dtype] = self._trace(dtype)
            return self._functions[dtype]

    def _trace(self, dtype):
        model = self._lean
        trainable = {id(variable) for variable in model.trainable_variables}

        def run(X, *weights):
            pairs = list(zip(model.variables, weights, strict=True))
            outputs, _ = model.stateless_call(
                [weight for variable, weight in pairs if id(variable) in trainable],
                [weight for variable, weight in pairs if id(variable) not in trainable],
                X,
                training=False,
            )
            return outputs

        return tf.function(run, autograph=False).get_concrete_function(
            tf.TensorSpec((None, *self.input_shape), dtype),
            *[tf.TensorSpec(v.shape, v.dtype) for v in model.variables],
        )

    @property
    def input_shape(self):
        """The shape of one sample."""
        return self._model.input_shape[1:]

    @property
    def seed_positions(self):
        """Where among the variables the states of random generators are."""
        paths = [variable.path for variable in self._model.variables]
        return [i for i, path in enumerate(paths) if path.endswith("generator_state")]

    @property
    def shapes(self):
        """The shape of each variable."""
        return [value.shape for value in self._built_values]

    def new_model(self):
        """Build another model of this structure, with variables of its own."""
        with same_random_state():
            return keras.models.model_from_json(self._model.to_json())

    def to_bytes(self, values):
        """Give a model with these values as the bytes of a ``.keras`` file."""
        with self._lock, tempfile.TemporaryDirectory() as folder:
            write(self._model.variables, values)
            path = Path(folder, "network.keras")
            self._model.save(path)
            return path.read_bytes()

    def borrow_trainer(self, optimizer, loss, metrics):
        """Take a compiled model that nobody else trains at this moment."""
        key = trainer_key(optimizer, loss, metrics)
        with self._lock:
            idle = self._trainers.pop(key, None)
        return idle or Trainer(self.new_model(), optimizer, loss, metrics)

    def give_back(self, trainer):
        """Keep a trainer for the next training of this kind."""
        with self._lock:
            self._trainers[trainer.key] = trainer
            while len(self._trainers) > MAX_IDLE_TRAINERS:
                self._trainers.popitem(last=False)


def _call(function, X, weights):
    """Call a traced function on one batch, filled up to whole blocks of rows."""
    n_rows = len(X)
    worth = n_rows >= FEW_ROWS or X[0].size * ROW_BLOCK <= FEW_VALUES
    if worth and n_rows % ROW_BLOCK:
        X = X[np.arange(-(-n_rows // ROW_BLOCK) * ROW_BLOCK) % n_rows]
    # a traced function called by its raw op costs a third of a usual call
    outputs = tf.raw_ops.PartitionedCall(
        args=[X, *weights, *function.captured_inputs], Tout=[tf.float32], f=function
    )
    return outputs[0].numpy()[:n_rows]


def _draw(layer, random_state):
    """Redraw what a layer's unseeded initialisers gave, by variable."""
    drawn = {}
    for attribute, initializer in sorted(vars(layer).items()):
        if not attribute.endswith("_initializer") or initializer is None:
            continue
        variable = getattr(layer, attribute.removesuffix("_initializer"), None)
        config = getattr(initializer, "get_config", dict)()
        if variable is not None and config.get("seed", 0) is None:
            config["seed"] = int(random_state.randint(2**31 - 1))
            seeded = type(initializer).from_config(config)
            drawn[id(variable)] = seeded(variable.shape, dtype=variable.dtype)
    generator = getattr(layer, "seed_generator", None)
    if generator is not None:
        drawn[id(generator.state)] = random_state.randint(2**31 - 1, size=2)
    return drawn
