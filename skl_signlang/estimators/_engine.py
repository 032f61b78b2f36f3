"""Graphs traced once, weights that belong to one estimator alone.

Keras traces a new graph for every model, and TensorFlow never gives that memory back.
So a *graph* stands for all networks of one structure; it lends *trainers*, compiled
models whose variables are overwritten at the start of each training; and a *network*
is what an estimator owns: a list of arrays, and the graph that they fit.
"""

import json
import tempfile
import threading
from collections import OrderedDict
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from skl_signlang.networks._layers import STANDARDIZATION

MAX_GRAPHS = 32
MAX_IDLE_TRAINERS = 4
PREDICTED_VALUES = 2**20  # input values in one predicted batch: bounds its memory
# Matrix kernels round the last, incomplete block of rows differently. 48 is a multiple
# of the blocks of all common ones, so whole blocks make the order of samples irrelevant
# to the bit; a handful of rows is not worth the padding.
ROW_BLOCK = 48
FEW_ROWS = 16

_graphs = OrderedDict()
_recipes = OrderedDict()
_lock = threading.RLock()
_files_apart = ContextVar("files_apart", default=None)


def graph_from_recipe(build, **hyperparameters):
    """Return the graph of ``build(**hyperparameters)``, an architecture function."""
    recipe = json.dumps(
        [build.__module__, build.__qualname__, hyperparameters],
        default=keras.saving.serialize_keras_object,
        sort_keys=True,
    )
    with _lock:
        if recipe not in _recipes:
            _remember(_recipes, recipe, graph_from_model(build(**hyperparameters)))
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
        self._built_values = [variable.numpy() for variable in model.variables]
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

    def predict(self, weights, X):
        """Run the network on pictures or rows, in batches of bounded size.

        Parameters
        ----------
        weights : list of tensors or variables
            One per variable of the model, in its order.
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
        model = self._model
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
            *[tf.TensorSpec(value.shape, value.dtype) for value in self._built_values],
        )

    @property
    def input_shape(self):
        """The shape of one sample."""
        return self._model.input_shape[1:]

    @property
    def shapes(self):
        """The shape of each variable."""
        return [value.shape for value in self._built_values]

    def new_model(self):
        """Build another model of this structure, with variables of its own."""
        return keras.models.model_from_json(self._model.to_json())

    def to_bytes(self, values):
        """Give a model with these values as the bytes of a ``.keras`` file."""
        with self._lock, tempfile.TemporaryDirectory() as folder:
            _assign(self._model.variables, values)
            path = Path(folder, "network.keras")
            self._model.save(path)
            return path.read_bytes()

    def borrow_trainer(self, optimizer, loss, metrics):
        """Take a compiled model that nobody else trains at this moment."""
        key = json.dumps([_settings(optimizer), _settings(loss), metrics])
        with self._lock:
            idle = self._trainers.pop(key, None)
        return idle or Trainer(key, self.new_model(), optimizer, loss, metrics)

    def give_back(self, trainer):
        """Keep a trainer for the next training of this kind."""
        with self._lock:
            self._trainers[trainer.key] = trainer
            while len(self._trainers) > MAX_IDLE_TRAINERS:
                self._trainers.popitem(last=False)


class Trainer:
    """A compiled model and the one data pipeline that feeds it.

    Parameters
    ----------
    key : str
        What it is compiled with, for the graph that lends it.
    model : keras.Model
        Uncompiled, owned by the trainer.
    optimizer : keras.optimizers.Optimizer
        Owned by the trainer.
    loss : keras.losses.Loss or callable
        What is minimised.
    metrics : list of str
        What the history shows beside the loss.
    """

    def __init__(self, key, model, optimizer, loss, metrics):
        self.key = key
        self.model = model
        # XLA is three to four times slower than plain TensorFlow on a CPU
        model.compile(optimizer, loss, metrics=list(metrics), jit_compile=False)
        optimizer.build(model.trainable_variables)
        self._fresh_optimizer = _values(optimizer.variables)
        self._datasets = {}
        self._batches = None

    def train(
        self,
        values,
        optimizer_values,
        X,
        y,
        weights,
        *,
        learning_rate,
        batch_size,
        epochs,
        initial_epoch,
        seed,
        callbacks,
        verbose,
    ):
        """Train from given values and return the new ones.

        Parameters
        ----------
        values, optimizer_values : list of ndarray
            Variables of network and optimizer; None for a fresh optimizer.
        X : ndarray of uint8 or float32, shape (n, ...)
            Inputs; a memory map is read batch by batch.
        y : ndarray, shape (n, ...)
            What the loss compares with.
        weights : ndarray of float32, shape (n,)
            Of each sample.
        learning_rate : float or None
            None leaves what the optimizer has.
        batch_size, epochs, initial_epoch : int
            `epochs` more are trained after `initial_epoch`.
        seed : int
            With the number of the epoch it decides the order of the samples.
        callbacks : list of keras.callbacks.Callback
            Passed on.
        verbose : int
            Passed on.

        Returns
        -------
        values, optimizer_values : list of ndarray
            The trained variables.
        history : dict of str to list of float
            One entry per epoch.
        """
        optimizer = self.model.optimizer
        _assign(self.model.variables, values)
        _assign(optimizer.variables, optimizer_values or self._fresh_optimizer)
        if learning_rate is not None:
            optimizer.learning_rate = learning_rate
        size = min(batch_size, len(X))
        self._batches = partial(
            _batches, X, y, weights, size, epochs, initial_epoch, seed
        )
        try:
            history = self.model.fit(
                self._dataset(X, y),
                shuffle=False,
                steps_per_epoch=-(-len(X) // size),
                initial_epoch=initial_epoch,
                epochs=initial_epoch + epochs,
                callbacks=list(callbacks),
                verbose=verbose,
            ).history
        finally:
            self._batches = None
        return (
            _values(self.model.variables),
            _values(optimizer.variables),
            {name: [float(value) for value in run] for name, run in history.items()},
        )

    def _dataset(self, X, y):
        """Return the pipeline for these dtypes; a new one each time would leak."""
        key = X.dtype, y.dtype
        if key not in self._datasets:
            self._datasets[key] = tf.data.Dataset.from_generator(
                lambda: self._batches(),
                output_signature=(
                    tf.TensorSpec((None, *X.shape[1:]), X.dtype),
                    tf.TensorSpec((None, *y.shape[1:]), y.dtype),
                    tf.TensorSpec((None,), tf.float32),
                ),
            ).prefetch(2)
        return self._datasets[key]


class Network:
    """A trained network: the variables of one estimator.

    Parameters
    ----------
    graph : Graph
        Its structure.
    values : list of ndarray
        One per variable of the structure.
    optimizer_values : list of ndarray, default=None
        Where the optimizer stands, to train on from there.
    """

    def __init__(self, graph, values, optimizer_values=None):
        self.graph = graph
        self.optimizer_values = optimizer_values
        self._values = values
        self._weights = None
        self._model = None

    @property
    def values(self):
        """The variables as arrays, in the order of the structure."""
        return self._values if self._model is None else _values(self._model.variables)

    @property
    def model(self):
        """A `keras.Model` with these variables, built when first asked for.

        From then on it is what predicts, so that a change to it shows.
        """
        if self._model is None:
            model = self.graph.new_model()
            _assign(model.variables, self._values)
            self._model = model
        return self._model

    def predict(self, X):
        """Run the network; see `Graph.predict`."""
        if self._model is not None:
            return self.graph.predict([v.value for v in self._model.variables], X)
        if self._weights is None:
            self._weights = [tf.constant(value) for value in self._values]
        return self.graph.predict(self._weights, X)

    def to_state(self):
        """Give everything as plain data: `.keras` bytes and arrays."""
        content = self.graph.to_bytes(self.values)
        files = _files_apart.get()
        if files is None:
            return {"keras": content, "optimizer": self.optimizer_values}
        name = f"network-{len(files)}.keras"
        files[name] = content
        return {"keras": name, "optimizer": None}

    @classmethod
    def from_state(cls, state):
        """Build a network from what `to_state` gave."""
        content = state["keras"]
        if isinstance(content, str):
            content = (_files_apart.get() or {})[content]
        model = from_bytes(content)
        values = _values(model.variables)
        return cls(graph_from_model(model), values, state["optimizer"])


@contextmanager
def networks_apart(files):
    """Keep the ``.keras`` bytes of networks out of what is serialised meanwhile.

    Serialising puts them into `files` by a name and leaves that name behind, without
    the optimizer's state; restoring takes them from there.

    Parameters
    ----------
    files : dict of str to bytes
        Filled or read.
    """
    token = _files_apart.set(files)
    try:
        yield
    finally:
        _files_apart.reset(token)


def from_bytes(content):
    """Load the bytes of a ``.keras`` file; nothing in it can run code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.keras")
        path.write_bytes(content)
        return keras.saving.load_model(path, compile=False, safe_mode=True)


def _call(function, X, weights):
    """Call a traced function on one batch, filled up to whole blocks of rows."""
    n_rows = len(X)
    if n_rows >= FEW_ROWS and n_rows % ROW_BLOCK:
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


def _batches(X, y, weights, size, epochs, initial_epoch, seed):
    """Yield batches in an order that only the seed and the epoch decide."""
    for epoch in range(initial_epoch, initial_epoch + epochs):
        order = np.random.default_rng((seed, epoch)).permutation(len(X))
        for start in range(0, len(X), size):
            # sorted, the rows of a memory map are read in the order of the disk
            rows = np.sort(order[start : start + size])
            yield X[rows], y[rows], weights[rows]


def _settings(thing):
    """Describe an optimizer or a loss, but for its name and a learning rate."""
    config = keras.saving.serialize_keras_object(thing)
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        return config
    inner = {name: value for name, value in config["config"].items() if name != "name"}
    if isinstance(inner.get("learning_rate"), float):
        inner["learning_rate"] = None
    return {**config, "config": inner}


def _values(variables):
    return [np.array(variable) for variable in variables]


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
