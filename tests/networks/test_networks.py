import numpy as np
import pytest

from skl_signlang.networks import cnn_network, dense_network


def count_trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize(
    ("network", "trainable"),
    [
        ((dense_network, (784,), {"dropout": 0.2, "l2": 1e-5}), 236_952),
        ((cnn_network, (28, 28, 1), {"dropout": 0.2, "l2": 1e-5}), 5_575_320),
    ],
)
def test_the_courses_networks_have_their_parameters(network, trainable, standardize):
    build, input_shape, options = network
    if build is cnn_network:
        options = {**options, "filters": (128,), "padding": "valid"}
    built = build(
        input_shape,
        24,
        hidden_layer_sizes=(256, 128),
        standardize=standardize,
        **options,
    )
    assert count_trainable(built) == trainable


def test_the_courses_tuned_network_has_its_parameters():
    built = cnn_network(
        (28, 28, 1),
        24,
        filters=(128,),
        padding="valid",
        hidden_layer_sizes=(512, 128),
        dropout=0.2,
        batch_norm="hidden",
        standardize=False,
    )
    assert built.count_params() == 11_148_696


def test_a_network_of_six_convolutions_in_three_blocks():
    built = cnn_network((32, 32, 3), 10, filters=((8, 8), (16, 16), (32, 32)))
    kinds = [layer.name.split("_")[0] for layer in built.layers]
    assert sum(layer.name.count("_") == 2 for layer in built.layers) >= 6
    assert kinds.count("pool") == 3
    assert built.output_shape == (None, 10)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 2, 1), (1, 50, 1), (3, 3, 3), (8, 8, 1)]
)
def test_small_images_and_strips_pass(shape, padding):
    built = cnn_network(shape, 3, padding=padding, filters=(4, 4, 4))
    assert built(np.zeros((2, *shape), "float32")).shape == (2, 3)


def test_standardizing_lives_in_variables_not_in_the_layers_configuration():
    first, second = (dense_network((5,), 2) for _ in range(2))
    moments = [np.full(5, 3.0), np.full(5, 4.0)]
    first.get_layer("standardization").set_weights(moments)
    assert first.to_json() == second.to_json()
    inner = first.get_layer("standardization")
    assert np.allclose(inner(np.full((1, 5), 7.0)), 2.0)
    assert not inner.trainable
