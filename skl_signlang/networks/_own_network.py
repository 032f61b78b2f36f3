"""Networks that a function of the user builds, checked and completed."""

import keras
import tensorflow as tf
from keras import layers

from skl_signlang._errors import list_some
from skl_signlang._keras import is_custom, leaves, variables_without_values
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
    standardize=False,
    told=(),
):
    """Build the network of a user's function, with `output_activation` at its end.

    `told` are further arguments of the function. With `keeps_activation`, another
    activation at the end of the network is kept.
    """
    arguments = {**dict(told), **model_params}
    built = _build(model, arguments)
    named = name_of_model(model)
    _check_model(built, named)
    inputs, output = _ends_of(built, input_shape, named, standardize)
    _check_output(output, n_outputs, named)
    ending = _ending_of(output)
    if not keeps_activation:
        ending = _check_ending(ending, n_outputs, output_activation, named)
    if ending == "linear" and output_activation != "linear":
        output = layers.Activation(output_activation, name=_free_name(built))(output)
    elif inputs is getattr(built, "inputs", None):
        return built
    return keras.Model(inputs, output, name=f"own_{built.name}")


def shapes_of_own_network(input_shape, *, model, model_params, standardize, told):
    """Return the shapes of the variables, without memory for their values."""
    with variables_without_values():
        built = _build(model, {**told, **model_params})
        _check_model(built, name_of_model(model))
        _ends_of(built, input_shape, name_of_model(model), False)
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


def _ends_of(built, input_shape, named, standardize):
    """Return the input and output tensors; subclassed models become one layer."""
    try:
        if isinstance(built, keras.Sequential) and not built.built:
            built.build((None, *input_shape))
        inputs = getattr(built, "inputs", None)
        if inputs is None or standardize:
            inputs = keras.Input(input_shape, name="inputs")
            output = built(standardize_input(inputs) if standardize else inputs)
            return [inputs], output
    except Exception as error:
        raise ValueError(
            f"model={named} returned a network that does not take samples of shape "
            f"{input_shape}: {error}"
        ) from error
    if len(inputs) != 1:
        raise ValueError(
            f"model={named} returned a network of {len(inputs)} inputs, but X is one "
            "array: pass a dict of arrays by the names of the inputs."
        )
    _check_input(inputs[0].shape[1:], input_shape, named)
    return inputs, built.outputs[0] if len(built.outputs) == 1 else built.outputs


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


def _check_output(output, n_outputs, named):
    if not isinstance(output, keras.KerasTensor):
        what = f"{len(output)} outputs, a {type(output).__name__}"
    elif tuple(output.shape[1:]) != (n_outputs,):
        what = f"outputs of shape {tuple(output.shape[1:])}"
    else:
        return
    raise ValueError(
        f"model={named} returned a network with {what}; expected one output of shape "
        f"{(n_outputs,)}: end it with keras.layers.Dense(n_outputs), where n_outputs="
        f"{n_outputs} is an argument of the function."
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
    if isinstance(operation, keras.Model) and getattr(operation, "outputs", None):
        return _ending_of(operation.outputs[history.tensor_index])
    if is_custom(type(operation)) or isinstance(operation, layers.Lambda):
        return _traced_ending(operation, node.input_tensors)
    activation = getattr(operation, "activation", None)
    if activation is not None:
        return getattr(activation, "__name__", type(activation).__name__.lower())
    name = type(operation).__name__.lower()
    return name if hasattr(keras.activations, name) else "linear"


def _traced_ending(operation, inputs):
    """Return the last activation of custom code, which only its graph shows."""
    specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in inputs]
    function = tf.function(lambda *tensors: operation(*tensors), autograph=False)
    step = tf.nest.flatten(function.get_concrete_function(*specs).outputs)[0].op
    while step.type in ("Cast", "Identity", "Reshape", "Squeeze"):
        step = step.inputs[0].op
    return step.type.lower() if step.type in ("Sigmoid", "Softmax") else "linear"


def _free_name(built):
    """Return a name for the appended activation that no layer has."""
    name, taken = "output_activation", {layer.name for layer in built.layers}
    while name in taken:
        name += "_"
    return name
