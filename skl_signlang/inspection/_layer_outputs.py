"""Convolutions and layer outputs of networks."""

from sklearn.utils.validation import check_is_fitted


def network_of(estimator):
    """Return the Keras model of a fitted estimator."""
    check_has_network(estimator)
    check_is_fitted(estimator)
    return estimator.model_


def check_has_network(estimator):
    """Check that an estimator is from this package."""
    if not hasattr(type(estimator), "model_"):
        raise TypeError(
            f"{type(estimator).__name__} has no network to inspect; expected an "
            "estimator of skl_signlang. Pass the last step of a Pipeline, pipeline[-1],"
            " or the best_estimator_ of a search."
        )


def convolutions_of(model):
    """Return the convolutions of a Keras model, nested models included."""
    from keras import layers

    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
    found = [layer for layer in _leaves(model) if isinstance(layer, kinds)]
    if not found:
        raise ValueError(
            f"The network {model.name!r} has no convolution, so it has no kernels and "
            "no activation maps. Pass an estimator with one, such as CNNClassifier."
        )
    return found


def choose_steps(steps, names):
    """Return the steps of the named layers, whose output must be maps."""
    with_maps = {
        step.layer.name: step
        for step in steps
        if len(getattr(step.output, "shape", ())) == 4
    }
    unknown = [name for name in names if name not in with_maps]
    if unknown:
        raise ValueError(
            f"{unknown[0]!r} is not a layer that outputs maps; these layers do: "
            f"{', '.join(with_maps)}."
        )
    return [with_maps[name] for name in names]


def _leaves(model):
    found = []
    for layer in model.layers:
        found += _leaves(layer) if hasattr(layer, "layers") else [layer]
    return found
