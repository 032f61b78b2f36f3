"""Networks that a function of the user builds, checked and completed."""

import keras
import tensorflow as tf
from keras import layers, ops

from skl_signlang._errors import list_some
from skl_signlang._keras import is_custom, leaves, variables_without_values
from skl_signlang.networks._own_texts import (
    Columns,
    learn_vocabularies,
    set_vocabularies,
)
from skl_signlang.networks._shared_layers import standardize_input

_PASSES_ON = (layers.Flatten, layers.Reshape, layers.Identity, layers.Dropout)


def own_network(
    input_shape,
    n_outputs,
    *,
    model,
    model_params,
    output_activation,
    keeps_activation=False,
    inputs=(),
    standardize=False,
    told=(),
    texts=(),
    vocabularies=(),
):
    """Build the network of a user's function, with `output_activation` at its end.

    It takes rows, and splits them by the columns of `inputs`. Several outputs become
    one, side by side. `told` are further arguments of the function. With
    `keeps_activation`, another activation at the end of the network is kept. `texts`
    has for each column of strings whether it holds text rather than numbers, and
    `vocabularies` those of the layers that take it.
    """
    built = _build(model, {**dict(told), **model_params})
    named = name_of_model(model)
    _check_model(built, named)
    if vocabularies:
        set_vocabularies(built, vocabularies)
    begin, output = _ends_of(built, input_shape, named, inputs, standardize, texts)
    outputs = _check_outputs(output, n_outputs, output_activation, named)
    ended = []
    for tensor in outputs:
        ending = _ending_of(tensor)
        if not keeps_activation:
            n_units = tensor.shape[-1]
            ending = _check_ending(ending, n_units, output_activation, named)
        if ending == "linear" and output_activation != "linear":
            name = _free_name(built, len(ended))
            tensor = layers.Activation(output_activation, name=name)(tensor)
        ended.append(tensor)
    if begin is getattr(built, "inputs", None) and ended[0] is output:
        return built
    output = ended[0] if len(ended) == 1 else layers.Concatenate()(ended)
    return keras.Model(begin, output, name=f"own_{built.name}")


def vocabularies_of_own_network(X, *, model, model_params, inputs, told, texts):
    """Return the vocabularies that the layers of a new network learn from strings."""
    built = _build(model, {**dict(told), **model_params})
    named = name_of_model(model)
    _check_model(built, named)
    _ends_of(built, X.shape[1:], named, inputs, False, texts)
    groups = [(name, (at, _are_numbers(at, texts, name))) for name, at in inputs]
    return learn_vocabularies(built, X, groups, named)


def shapes_of_own_network(
    input_shape, *, model, model_params, inputs, standardize, told, texts=()
):
    """Return the shapes of the variables, without memory for their values."""
    with variables_without_values():
        built = _build(model, {**told, **model_params})
        _check_model(built, name_of_model(model))
        _ends_of(built, input_shape, name_of_model(model), inputs, False, texts)
        shapes = [tuple(variable.shape) for variable in built.variables]
    n_channels = input_shape[-1:]
    return [n_channels] * 2 + shapes if standardize else shapes


def name_of_model(model):
    """Return the name of a function that builds networks, for errors."""
    return getattr(model, "__qualname__", None) or repr(model)


def output_activation_of_network(model):
    """Return the activation at the end of a network: "linear", or its name."""
    return _ending_of(model.outputs[0])


def check_not_shared(first, second, model):
    """Raise ValueError if two networks of one function share layers or variables."""
    known = {id(layer): layer for layer in [first, *leaves(first)]}
    # inputs and activations hold nothing
    shared = [layer.name for layer in [second, *leaves(second)] if id(layer) in known]
    variables = set(map(id, first.variables))
    shared += [v.path for v in second.variables if id(v) in variables]
    if shared:
        raise ValueError(
            f"model={name_of_model(model)} returned {list_some(shared)} in two calls: "
            "networks that share layers would train each other. Create all layers in "
            "the function."
        )


def _build(model, arguments):
    try:
        return model(**arguments)
    except Exception as error:
        shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        raise ValueError(
            f"model={name_of_model(model)} raised {type(error).__name__} when called "
            f"with {shown}: {error}"
        ) from error


def _check_model(built, named):
    if not isinstance(built, keras.Model):
        hint = " Is its return statement missing?" if built is None else ""
        if isinstance(built, type):
            hint = " Return an object of it."
        what = "None" if built is None else f"{type(built).__name__} {built!r:.80}"
        raise TypeError(f"model={named} must return a keras.Model; got {what}.{hint}")
    if built.compiled:
        raise ValueError(
            f"model={named} returned a compiled model; the estimator compiles it. "
            "Leave compile() out, and set optimizer, learning_rate and loss of the "
            "estimator."
        )
    own = [
        name
        for name in ("compute_loss", "train_step")
        if getattr(type(built), name) is not getattr(keras.Model, name)
    ]
    if own:
        raise ValueError(
            f"model={named} returned a {type(built).__name__} with its own {own[0]}, "
            "which the estimator does not call: it trains with its own step. Pass "
            "the loss as loss=, and use layers' add_loss for penalties."
        )


def _ends_of(built, input_shape, named, groups, standardize, texts=()):
    """Return the input tensors, and the outputs; subclassed models become a layer."""
    dtype = "string" if texts else None
    shown = dict(groups) if groups else input_shape
    is_open = isinstance(built, keras.Sequential) and not built.built
    if is_open and not groups and not texts:
        _apply(built.build, (None, *input_shape), shown, named)
    inputs = getattr(built, "inputs", None)
    if groups or inputs is None or standardize:
        rows = keras.Input(input_shape, name="inputs", dtype=dtype)
        x = standardize_input(rows) if standardize else rows
        if groups:
            parts = {name: _part(x, at, texts, name) for name, at in groups}
            x = _as_inputs(built, parts, named)
        return [rows], _apply(built, x, shown, named)
    if len(inputs) != 1:
        raise ValueError(
            f"model={named} returned a network of {len(inputs)} inputs, but X is one "
            "array: set inputs={NAME: COLUMNS, ...} to the columns of X for each of "
            f"{list_some(tensor.name for tensor in inputs)}."
        )
    if texts and inputs[0].shape == (None,) and input_shape == (1,):
        rows = keras.Input(input_shape, name="inputs", dtype=dtype)
        return [rows], built(layers.Reshape(())(rows))
    _check_input(inputs[0].shape[1:], input_shape, named)
    _check_dtype(inputs[0], dtype or "float32", named)
    is_sequence = isinstance(built, keras.Sequential)
    return inputs, built.outputs[0] if is_sequence else built.output


def _apply(function, value, shape, named):
    """Return what a network makes of a value, or raise ValueError."""
    try:
        return function(value)
    except Exception as error:
        raise ValueError(
            f"model={named} returned a network that does not take samples of shape "
            f"{shape}: {error}"
        ) from error


def _as_inputs(built, parts, named):
    """Return the parts of the rows in the structure of the inputs of a network."""
    if getattr(built, "inputs", None) is None:
        return parts
    names = [tensor.name for tensor in built.inputs]
    if sorted(names) != sorted(parts):
        raise ValueError(
            f"model={named} returned a network with the inputs {list_some(names)}, but "
            f"inputs has {list_some(parts)}: give each keras.Input the name that "
            "inputs has for it."
        )
    for tensor in built.inputs:
        part = parts[tensor.name]
        if tensor.shape == (None,) and part.dtype == "string" and part.shape[1] == 1:
            parts[tensor.name] = layers.Reshape(())(part)
        _check_input(tensor.shape[1:], parts[tensor.name].shape[1:], named)
        _check_dtype(tensor, parts[tensor.name].dtype, named)
    return keras.tree.map_structure(lambda tensor: parts[tensor.name], built.input)


def _part(rows, columns, texts, name):
    """Return columns of rows."""
    if texts:
        return Columns(columns, _are_numbers(columns, texts, name))(rows)
    return ops.take(rows, columns, axis=-1)


def _are_numbers(columns, texts, name):
    """Return whether columns of strings hold numbers."""
    kinds = {bool(texts[column]) for column in columns}
    if len(kinds) > 1:
        raise ValueError(
            f"inputs[{name!r}] has columns of numbers and columns of text: give these "
            "an input of their own."
        )
    return kinds == {False}


def _check_dtype(tensor, expected, named):
    """Raise ValueError where strings meet an input of numbers, or the reverse."""
    if (tensor.dtype == "string") != (expected == "string"):
        raise ValueError(
            f"model={named} returned a network whose input {tensor.name} has dtype "
            f"{tensor.dtype}, but X holds "
            f"{'strings' if expected == 'string' else 'numbers'} there: use "
            f"keras.Input(input_shape, dtype={expected!r})."
        )


def _check_input(found, expected, named):
    same = len(found) == len(expected) and all(
        side in (None, wanted) for side, wanted in zip(found, expected, strict=True)
    )
    if not same:
        raise ValueError(
            f"model={named} returned a network for samples of shape {tuple(found)}, "
            f"but those of X have shape {tuple(expected)}: use the input_shape that "
            "the function is given."
        )


def _check_outputs(output, n_outputs, activation, named):
    """Return the outputs of a network, whose widths are `n_outputs` or add up to it."""
    outputs = list(output) if isinstance(output, list | tuple) else [output]
    several = isinstance(n_outputs, tuple)
    expected = n_outputs if several else (n_outputs,)
    if not all(isinstance(tensor, keras.KerasTensor) for tensor in outputs):
        what = f"a {type(output).__name__} of outputs"
    elif not several and activation == "softmax" and len(outputs) > 1:
        what = f"{len(outputs)} outputs"
    else:
        shapes = [tuple(tensor.shape[1:]) for tensor in outputs]
        widths = tuple(shape[0] for shape in shapes if len(shape) == 1 and shape[0])
        whole = widths if several else (sum(widths),)
        if len(widths) == len(shapes) and whole == expected:
            return outputs
        what = f"outputs of shape {', '.join(map(str, shapes))}"
    wanted = ", ".join(f"({size},)" for size in expected)
    layer = "end it with keras.layers.Dense(n_outputs)"
    if several:
        layer = "return keras.Model(inputs, [Dense(n)(x) for n in n_outputs])"
    raise ValueError(
        f"model={named} returned a network with {what}; expected "
        f"{'a list of outputs' if several else 'one output'} of shape {wanted}: "
        f"{layer}, where n_outputs={n_outputs} is an argument of the function."
    )


def _check_ending(ending, n_outputs, expected, named):
    """Return the activation at the end of a classifier; "linear" are logits."""
    if ending == expected:
        return ending
    if ending not in ("softmax", "sigmoid"):
        return "linear"
    if n_outputs == 1:
        why = "of one output is always 1"
    elif expected == "softmax":
        why = f"of {n_outputs} exclusive classes does not sum to 1"
    else:
        why = f"is not the {expected} that y needs"
    raise ValueError(
        f"model={named} ends in a {ending}, which {why}: end it with "
        f"keras.layers.Dense({n_outputs}), whose outputs are logits, or use "
        f"activation={expected!r}."
    )


def _ending_of(tensor):
    """Return the name of the activation that made a symbolic tensor, or "linear"."""
    history = tensor._keras_history
    operation = history.operation
    node = operation._inbound_nodes[history.node_index]
    if isinstance(operation, _PASSES_ON):
        return _ending_of(node.input_tensors[0])
    if isinstance(operation, layers.Concatenate):
        endings = set(map(_ending_of, node.input_tensors))
        return endings.pop() if len(endings) == 1 else "several"
    if isinstance(operation, keras.Model) and getattr(operation, "outputs", None):
        return _ending_of(operation.outputs[history.tensor_index])
    if is_custom(type(operation)) or isinstance(operation, layers.Lambda):
        return _traced_ending(operation, node, history.tensor_index)
    activation = getattr(operation, "activation", None)
    if activation is not None:
        return getattr(activation, "__name__", type(activation).__name__.lower())
    name = type(operation).__name__.lower()
    return name if hasattr(keras.activations, name) else "linear"


def _traced_ending(operation, node, index):
    """Return the last activation of custom code, which only its graph shows."""
    inputs = node.input_tensors

    def run(*tensors):
        values = dict(zip(map(id, inputs), tensors, strict=True))
        args, kwargs = node.arguments.fill_in(values)
        return operation(*args, **kwargs)

    specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in inputs]
    function = tf.function(run, autograph=False)
    outputs = function.get_concrete_function(*specs).structured_outputs
    step = tf.nest.flatten(outputs)[index].op
    while step.type in ("Cast", "Identity", "Reshape", "Squeeze"):
        step = step.inputs[0].op
    return step.type.lower() if step.type in ("Sigmoid", "Softmax") else "linear"


def _free_name(built, number=0):
    """Return a name for an appended activation that no layer has."""
    name = f"output_activation_{number}" if number else "output_activation"
    taken = {layer.name for layer in built.layers}
    while name in taken:
        name += "_"
    return name
