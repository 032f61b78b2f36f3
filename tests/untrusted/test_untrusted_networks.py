"""What is let in is all that is written here, counted right without building it."""

import inspect
import re
import sys
from collections import Counter

import keras
import numpy as np
import pytest

from skl_signlang._untrusted._allowed_layers import kind_of
from skl_signlang._untrusted._arguments import ACTIVATIONS, OBJECTS
from skl_signlang._untrusted._budget import Budget
from skl_signlang._untrusted._configs import check_object
from skl_signlang._untrusted._named import is_application
from skl_signlang._untrusted._networks import check_architecture, check_weights_of
from skl_signlang.networks import (
    backbone_network,
    cnn_network,
    dense_network,
    transfer_network,
)


def check(model):
    """See that the description of a network says what Keras built."""
    config, network = check_architecture(model.to_json().encode(), Budget(0))
    came = [tuple(weight.shape) for weight in model.weights]
    assert Counter(network.weights) == Counter(came)
    check_weights_of(network, came)
    assert config["class_name"] == "Functional"
    known = {layer.name: tuple(layer.output.shape) for layer in model.layers}
    for name, shape in network.shapes:
        assert shape == known.get(name, shape)


CNNS = [
    {"activation": name} for name in sorted(ACTIVATIONS - {"log_softmax", "threshold"})
]
CNNS += [
    {"batch_norm": True, "l1": 0.1, "l2": 0.1},
    {"batch_norm": "conv", "conv_dropout": 0.1, "dropout": 0.1},
    {"batch_norm": "hidden", "standardize": False, "padding": "valid"},
    {"filters": ((4, 4), 8), "kernel_size": 5, "pool_size": 3},
    {"filters": (), "hidden_layer_sizes": ()},
    {"output_activation": "sigmoid"},
    {"output_activation": "linear"},
    {"activation": keras.layers.LeakyReLU(0.1)},
    {"activation": keras.activations.gelu},
]
INITIALIZERS = [
    name
    for module, name in OBJECTS
    if module == "keras.initializers" and name != "Identity"
]


@pytest.mark.parametrize("options", CNNS, ids=lambda o: re.sub(" at 0x.*", "", str(o)))
def test_cnns_of_all_settings(options):
    check(cnn_network((9, 8, 3), 5, **{"filters": (4,), **options}))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_all_initializers(name):
    made = getattr(keras.initializers, name)()
    check(dense_network((4,), 3, hidden_layer_sizes=(4,), kernel_initializer=made))


def test_dense_networks():
    for options in ({}, {"batch_norm": True, "dropout": 0.5}, {"standardize": False}):
        check(dense_network((4,), 3, hidden_layer_sizes=(8, 4), l2=0.1, **options))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ConvNeXtTiny", {}),
        ("EfficientNetB0", {}),
        ("MobileNetV2", {"alpha": 0.35}),
        ("MobileNetV3Small", {"minimalistic": True}),
    ],
)
def test_families_of_backbones(name, options):
    features = backbone_network(
        (20, 20, 1),
        backbone=name,
        weights=None,
        image_size=32,
        backbone_params=options,
    )
    head = dense_network(features.output_shape[1:], 3, hidden_layer_sizes=(4,))
    check(transfer_network(features, head))


def test_all_layers_of_all_families_are_known():
    names = [name for name in dir(keras.applications) if name[0].isupper()]
    homes = {getattr(keras.applications, name).__module__ for name in names}
    for home in homes:
        source = inspect.getsource(sys.modules[home])
        layers = {*re.findall(r"layers\.([A-Z]\w+)\(", source)} - {"Input"}
        own = re.findall(r"^class (\w+)\(Layer\)", source, re.MULTILINE)
        kinds = {("keras.layers", kind) for kind in layers - {"VersionAwareLayers"}}
        for module, kind in {*kinds, *((home, kind) for kind in own)}:
            assert kind_of({"module": module, "class_name": kind}), (home, kind)


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("scale", ["0-1", "caffe", "tf", "torch"])
def test_all_ways_to_prepare_pixels(channels, scale):
    check(
        backbone_network(
            (90, 30, channels),
            backbone="MobileNet",
            weights=None,
            backbone_layer="conv1_relu",
            pooling="flatten",
            image_size=32,
            preprocessing=scale,
            pixel_range=(-1, 1),
        )
    )


def awkward(x):
    """Apply all that a backbone of a user's own may hold and ours do not."""
    layers, ops = keras.layers, keras.ops
    x = layers.SeparableConv2D(4, 3, strides=2, padding="same")(x)
    x = layers.UpSampling2D(2)(x)
    x = layers.Cropping2D(((1, 0), (0, 1)))(x)
    x = layers.PReLU(shared_axes=[1, 2])(x)
    x = layers.GroupNormalization(2)(x)
    x = layers.LayerNormalization()(x)
    x = layers.Conv2D(4, 3, dilation_rate=2, groups=2, padding="same")(x)
    x = layers.SpatialDropout2D(0.1)(layers.GaussianNoise(0.1)(x))
    x = layers.Permute((2, 1, 3))(x)
    y = ops.transpose(x, (0, 2, 1, 3))
    x = layers.Average()([x, layers.Permute((2, 1, 3))(y)])
    x = layers.Concatenate()([x, ops.flip(x, axis=1)])
    x = ops.relu(x) * 2 + ops.sigmoid(x) - np.ones(8, "float32")
    x = keras.Sequential([keras.Input(x.shape[1:]), layers.ELU(), layers.Softmax()])(x)
    x = ops.mean(x, axis=(1, 2), keepdims=True)
    return layers.Reshape((2, -1))(x[:, 0])


def test_layers_that_a_file_may_hold():
    inputs = keras.Input((9, 8, 3))
    check(keras.Model(inputs, awkward(inputs)))
    shared = keras.layers.Dense(3)
    check(keras.Model(inputs, shared(shared(inputs))))


def test_names_of_backbones_are_those_of_keras():
    for name in dir(keras.applications):
        assert is_application(name) == name[0].isupper()


def test_objects_of_keras_that_may_be_parameters():
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 10)
    for thing in (
        keras.optimizers.AdamW(schedule, weight_decay=0.1),
        keras.losses.CategoricalFocalCrossentropy(),
        keras.losses.huber,
        keras.activations.tanh,
        keras.initializers.Orthogonal(seed=1),
        keras.regularizers.L1L2(0.1, 0.1),
    ):
        check_object(keras.saving.serialize_keras_object(thing))
    with pytest.raises(ValueError, match=r"keras\.layers\.Dense"):
        check_object(keras.saving.serialize_keras_object(keras.layers.Dense(3)))


def test_a_budget_is_for_all_parts_together():
    text, budget = dense_network((4,), 3).to_json().encode(), Budget(0)

    def read_again_and_again():
        while True:
            check_architecture(text, budget)

    with pytest.raises(ValueError, match=r"exceeds [\d,]+ (JSON values|layers)"):
        read_again_and_again()
