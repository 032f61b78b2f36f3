"""Weights and shapes of Keras networks in JSON, before anything is built."""

import math
from collections import Counter

from skl_signlang._untrusted._allowed_layers import Kind, check_arguments, kind_of
from skl_signlang._untrusted._configs import check_config
from skl_signlang._untrusted._operations import TENSOR, operation_of
from skl_signlang._untrusted._parse_json import parse_json

MAX_CONFIG_BYTES = 16 << 20
MAX_VALUES = 1 << 26
"""Maximum output values of a layer for one image."""

_FUNCTIONAL = ("keras.src.models.functional", "Functional")
_SEQUENTIAL = ("keras", "keras.models", "keras.src.models.sequential")
_FUNCTIONAL_KIND = Kind("", None)
_SEQUENTIAL_KIND = Kind("build_input_shape", None)
_PARTS = ("layers", "input_layers", "output_layers")
# Keras iterates over all layers again for calls with missing inputs
_MAX_PASSES = 50
_DEEPEST = 8


def check_architecture(content, budget):
    """Raise an error for a network that is not safe."""
    config = parse_json(content, MAX_CONFIG_BYTES, budget)
    # the model is never compiled
    config["compile_config"] = None
    try:
        check_config(config)
        network = _read_model(config, budget, depth=0)
    # missing or misplaced entries
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(
            f"it is not a network: {type(error).__name__}: {error}"
        ) from error
    return config, network


def check_weights_of(network, came):
    """Raise ValueError for weights of another network, or for too many."""
    n_needed = sum(map(math.prod, network.weights))
    n_came = sum(map(math.prod, came))
    if n_needed > n_came:
        raise ValueError(
            f"its layers have {n_needed:,} weights, but only {n_came:,} were found."
        )
    missing = Counter(network.weights)
    missing.subtract(came)
    for shape, n in missing.items():
        if n > 0:
            raise ValueError(f"weights of the shape {list(shape)} are missing.")
    for name, shape in network.shapes:
        if math.prod(side or 1 for side in shape) > MAX_VALUES:
            raise ValueError(
                f"layer {str(name)[:80]!r} gives {list(shape[1:])} for each image; "
                f"at most {MAX_VALUES:,} values are computed."
            )
    if network.unused:
        raise ValueError(f"layer {str(network.unused[0])[:80]!r} reaches no output.")


class Network:
    """Functional model: layers in calling order."""

    def __init__(self, config, budget, depth):
        if depth > _DEEPEST:
            raise ValueError("its models are nested too deeply.")
        self._budget = budget
        self._layers = {}
        self._calls = []
        self.weights, self.shapes, self.unused = [], [], []
        for entry in config["layers"]:
            self._add_layer(entry, depth)
        self._order(config["layers"])
        self._inputs = _references(config["input_layers"])
        self._outputs = _references(config["output_layers"])
        for name, *_ in self._inputs:
            if not isinstance(self._layers[name], _Input):
                raise ValueError(f"{name!r} is not an input.")
        given = self._run(
            {name: [self._layers[name].shape] for name, *_ in self._inputs}
        )
        self._weigh(given)
        self._find_unused()

    def __call__(self, shapes):
        """Return the output shapes."""
        if len(shapes) != len(self._inputs):
            raise ValueError(f"it takes {len(self._inputs)} inputs.")
        names = [name for name, *_ in self._inputs]
        given = self._run({n: [s] for n, s in zip(names, shapes, strict=True)})
        return [self._find(given, reference) for reference in self._outputs]

    def _add_layer(self, entry, depth):
        name = entry["name"]
        if name != entry["config"]["name"] or name in self._layers:
            raise ValueError(f"it has two names or two layers for {str(name)[:80]!r}.")
        self._budget.spend("layers")
        with _naming(name):
            self._layers[name] = layer = _read_layer(entry, self._budget, depth)
            nodes = entry["inbound_nodes"]
            if bool(nodes) == isinstance(layer, _Input):
                raise ValueError("it is not connected.")
            for node in nodes:
                self._calls.append((name, *_read_node(node)))

    def _order(self, entries):
        """Sort calls into the order in which Keras makes them."""
        waiting = {}
        for call in self._calls:
            waiting.setdefault(call[0], []).append(call)
        ready = {n: 1 for n, layer in self._layers.items() if isinstance(layer, _Input)}
        self._calls = []
        for _ in range(_MAX_PASSES):
            for name in [
                entry["name"] for entry in entries if entry["name"] in waiting
            ]:
                calls = waiting[name]
                while calls and all(
                    0 <= index < ready.get(source, 0) + self._is_model(source)
                    for source, index in calls[0][1]
                ):
                    self._calls.append(calls.pop(0))
                    ready[name] = ready.get(name, 0) + 1
                if not calls:
                    del waiting[name]
            if not waiting:
                return
        raise ValueError(
            f"{sorted(waiting)[0]!r} in it has a missing input: a layer must take an "
            "input or the output of another layer."
        )

    def _is_model(self, name):
        return isinstance(self._layers.get(name), Network)

    def _run(self, given):
        """Compute the output shapes of all calls, by the name of the layer."""
        for name, sources, arguments in self._calls:
            self._budget.spend("layers")
            with _naming(name):
                shapes = [self._find(given, source) for source in sources]
                given.setdefault(name, []).append(
                    self._layers[name].shape_of(shapes, arguments)
                )
            self.shapes.append((name, given[name][-1]))
        return given

    def _find(self, given, reference):
        name, index = reference[:2]
        shapes = given[name]
        # Keras counts the calls of a model from 0 or from 1
        if self._is_model(name):
            if len(set(shapes)) > 1:
                raise ValueError(f"{name!r} in it gives several shapes.")
            return shapes[0]
        return shapes[index]

    def _weigh(self, given):
        """List the weights, which do not depend on the number of calls."""
        first = {}
        for name, sources, _ in self._calls:
            first.setdefault(name, [self._find(given, source) for source in sources])
        for name, layer in self._layers.items():
            with _naming(name):
                self.weights += layer.weights_of(first.get(name))

    def _find_unused(self):
        """Find layers that reach no output, which Keras does not save."""
        used = {name for name, *_ in self._outputs}
        for name, sources, _ in reversed(self._calls):
            if name in used:
                used.update(source for source, _ in sources)
        self.unused += self._layers.keys() - used
        for layer in self._layers.values():
            self.unused += getattr(layer, "unused", [])

    def shape_of(self, shapes, arguments):
        if arguments:
            raise ValueError("the only input of a model is images.")
        outputs = self(shapes)
        if len(outputs) != 1:
            raise ValueError("a model inside has several outputs.")
        return outputs[0]

    def weights_of(self, shapes):
        return self.weights


class _Input:
    """Input layer."""

    def __init__(self, config):
        self.shape = tuple(config["batch_shape"])
        if len(self.shape) < 2 or self.shape[0] is not None or -1 in self.shape:
            raise ValueError(f"its input has the shape {self.shape}.")

    def weights_of(self, shapes):
        return []


class _Layer:
    """Layer that is not a model."""

    def __init__(self, entry, kind):
        self._kind = kind
        self._arguments = {"use_bias": True, **entry["config"]}
        check_arguments(kind, entry["config"])
        self._built = entry.get("build_config")

    def shape_of(self, shapes, arguments):
        if arguments or not shapes:
            raise ValueError("the inputs of a layer must be outputs of other layers.")
        return self._kind.shape(self._arguments, shapes)

    def weights_of(self, shapes):
        weights = self._kind.weights(self._arguments, shapes[0])
        # Keras builds a layer for this shape, not for that of its input
        if self._built is not None:
            (_, shape), *more = self._built.items()
            if more or self._built.keys() != {"input_shape"}:
                raise ValueError("its build_config is not that of a layer.")
            several = bool(shape) and isinstance(shape[0], list)
            shape = tuple(shape[0] if several else shape)
            if self._kind.weights(self._arguments, shape) != weights:
                raise ValueError("its build_config does not match its input.")
        return weights


class _Operation:
    """Function of tensors."""

    def __init__(self, run):
        self._run = run

    def shape_of(self, shapes, arguments):
        return self._run(shapes, arguments)

    def weights_of(self, shapes):
        return []


def _read_model(entry, budget, depth):
    """Parse a Functional or a Sequential model."""
    if entry.get("compile_config"):
        raise ValueError("a model inside is compiled.")
    key, config = (entry.get("module"), entry.get("class_name")), entry["config"]
    if entry.get("registered_name") not in (None, key[1]):
        raise ValueError("the registered name of a model in it is not its class.")
    if "/" in str(config.get("name")):
        raise ValueError(f"a model in it has the name {str(config['name'])[:80]!r}.")
    if key == _FUNCTIONAL:
        check_arguments(_FUNCTIONAL_KIND, _without_parts(config))
        return Network(config, budget, depth)
    if key[1] == "Sequential" and key[0] in _SEQUENTIAL:
        check_arguments(_SEQUENTIAL_KIND, _without_parts(config))
        return Network(_as_functional(config), budget, depth)
    raise ValueError(f"it is not a network but a {str(key[1])[:80]}.")


def _without_parts(config):
    """Return the arguments of a model without its layers and their ends."""
    return {name: config[name] for name in config if name not in _PARTS}


def _as_functional(config):
    """Connect the layers of a Sequential model."""
    layers, before = [], None
    for entry in config["layers"]:
        name = entry["config"]["name"]
        history = {"keras_history": [before, 0, 0]}
        source = {"class_name": "__keras_tensor__", "config": history}
        nodes = [] if before is None else [{"args": [source], "kwargs": {}}]
        layers.append({**entry, "name": name, "inbound_nodes": nodes})
        before = name
    if not layers or layers[0].get("class_name") != "InputLayer":
        raise ValueError("a Sequential model in it has no input shape.")
    ends = {"input_layers": [layers[0]["name"], 0, 0], "output_layers": [before, 0, 0]}
    return {"layers": layers, **ends}


def _read_layer(entry, budget, depth):
    if "layers" in entry["config"]:
        return _read_model(entry, budget, depth + 1)
    operation = operation_of(entry)
    if operation is not None:
        return _Operation(operation)
    kind = kind_of(entry)
    if entry["class_name"] == "InputLayer":
        check_arguments(kind, entry["config"])
        return _Input(entry["config"])
    return _Layer(entry, kind)


def _read_node(node):
    """Parse one call: the sources of its tensors, and its other arguments."""
    if not isinstance(node, dict) or node.keys() != {"args", "kwargs"}:
        raise ValueError("its call is not one that Keras 3 writes.")
    kwargs = dict(node["kwargs"])
    # arguments are repeated at each call
    if kwargs.pop("mask", None) is not None:
        raise ValueError("it is called with a mask.")
    if kwargs.pop("training", None) not in (None, False, True):
        raise ValueError("training is not a boolean.")
    sources = []
    arguments = [_take_tensors(argument, sources) for argument in node["args"]]
    if not sources:
        raise ValueError("it works on no other layer, but on constants.")
    rest = [argument for argument in arguments if argument is not TENSOR]
    if rest or kwargs:
        if any("__keras_tensor__" in str(value) for value in (rest, kwargs)):
            raise ValueError("its tensors are nested.")
        return sources, (arguments, kwargs)
    return sources, None


def _take_tensors(argument, sources):
    """Collect the sources of a tensor or a list of tensors."""
    if isinstance(argument, dict) and argument.get("class_name") == "__keras_tensor__":
        name, index, position = argument["config"]["keras_history"]
        if type(index) is not int or index < 0 or position != 0:
            raise ValueError("it takes a tensor that no layer gives.")
        sources.append((name, index))
        return TENSOR
    if isinstance(argument, list) and argument:
        inner = []
        if all(_take_tensors(entry, inner) is TENSOR for entry in argument):
            sources += inner
            return TENSOR
    return argument


def _references(entries):
    """Parse [name, call, 0], or a list of these."""
    if len(entries) == 3 and isinstance(entries[0], str):
        entries = [entries]
    for name, index, position in entries:
        if type(index) is not int or index < 0 or position != 0:
            raise ValueError(f"it has no tensor {str(name)[:80]!r} {index} {position}.")
    if not entries:
        raise ValueError("it has no inputs or no outputs.")
    found = [(name, index) for name, index, _ in entries]
    if len({*found}) < len(found):
        raise ValueError("it takes or gives a tensor twice.")
    return found


class _naming:
    """Context manager that adds the name of the layer to errors."""

    def __init__(self, name):
        self._name = name

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, ValueError) and not isinstance(error, _LayerError):
            raise _LayerError(f"layer {str(self._name)[:80]!r}: {error}") from error


class _LayerError(ValueError):
    """Error that already names the layer."""
