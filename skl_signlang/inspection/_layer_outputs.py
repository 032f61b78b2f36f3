"""Looking into networks: their convolutions, and what each layer gives."""

from sklearn.utils.validation import check_is_fitted


def network_of(estimator):
    """Get the network of a fitted estimator."""
    check_is_ours(estimator)
    check_is_fitted(estimator)
    return estimator.model_


def check_is_ours(estimator):
    """Refuse what is no estimator of this package."""
    if not hasattr(type(estimator), "model_"):
        raise TypeError(
            f"{type(estimator).__name__} has no network to look into; expected an "
            "estimator of skl_signlang. Of a Pipeline pass the last step, pipeline[-1],"
            " and of a search its best_estimator_."
        )


def convolutions_of(model):
    """List the convolutions of a network, also those of models inside it."""
    from keras import layers

    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
    found = [layer for layer in _leaves(model) if isinstance(layer, kinds)]
    if not found:
        raise ValueError(
            f"The network {model.name!r} has no convolution, so there are no kernels "
            "and no maps to show. Pass an estimator that has, such as CNNClassifier."
        )
    return found


def choose_steps(steps, names):
    """Find the steps of layers that give maps."""
    with_maps = {
        step.layer.name: step
        for step in steps
        if len(getattr(step.output, "shape", ())) == 4
    }
    unknown = [name for name in names if name not in with_maps]
    if unknown:
        raise ValueError(
            f"{unknown[0]!r} is no layer that gives maps; those that do are "
            f"{', '.join(with_maps)}."
        )
    return [with_maps[name] for name in names]


def _leaves(model):
    found = []
    for layer in model.layers:
        found += _leaves(layer) if hasattr(layer, "layers") else [layer]
    return found
