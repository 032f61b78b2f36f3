"""Exported files of strangers: run in a process of its own, or refused before."""

import json

import numpy as np
import pytest

from skl_signlang import DenseClassifier
from skl_signlang.export import export
from skl_signlang.export._exported import open_exported
from skl_signlang.inference import LetterPredictor

onnx = pytest.importorskip("onnx", reason="needs the extra export")
pytest.importorskip("onnxruntime", reason="needs the extra export")
helper, numpy_helper, Types = onnx.helper, onnx.numpy_helper, onnx.TensorProto


def network():
    """Make a network of 8x8 images and two letters."""
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["images"], ["floats"], to=Types.FLOAT),
            helper.make_node("Flatten", ["floats"], ["rows"]),
            helper.make_node("MatMul", ["rows", "kernel"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["probabilities"]),
        ],
        "network",
        [helper.make_tensor_value_info("images", Types.UINT8, ["n", 8, 8, 1])],
        [helper.make_tensor_value_info("probabilities", Types.FLOAT, ["n", 2])],
        [numpy_helper.from_array(np.ones((64, 2), np.float32), "kernel")],
    )
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    said = {"letters": ["A", "B"], "image_shape": [8, 8, 1], "fit": "crop"}
    helper.set_model_props(model, {key: json.dumps(said[key]) for key in said})
    return model


def constant(model, name, value):
    model.graph.initializer.append(numpy_helper.from_array(np.array(value), name))


def result(model, operation, *names, **attributes):
    """Add a node, and its result to those of the network."""
    model.graph.node.append(helper.make_node(operation, names, ["more"], **attributes))
    model.graph.output.append(helper.make_tensor_value_info("more", Types.FLOAT, None))


def external_data(model):
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = Types.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/hostname")


def huge_constant(model):
    constant(model, "size", [2 * 10**9])
    result(model, "ConstantOfShape", "size")


def huge_broadcast(model):
    constant(model, "column", np.ones((60_000, 1), np.float32))
    constant(model, "row", np.ones((1, 60_000), np.float32))
    result(model, "Add", "column", "row")


def endless_loop(model):
    kinds = {"i": Types.INT64, "go": Types.BOOL}
    put = [helper.make_tensor_value_info(name, kinds[name], []) for name in kinds]
    out = [helper.make_tensor_value_info("on", Types.BOOL, [])]
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"])], "b", put, out
    )
    constant(model, "times", 10**15)
    constant(model, "true", True)
    model.graph.node.append(helper.make_node("Loop", ["times", "true"], [], body=body))


def foreign_domain(model):
    model.graph.node[0].domain = "com.evil"


def function(model):
    nodes = [helper.make_node("Identity", ["x"], ["y"])]
    opsets = [helper.make_opsetid("", 17)]
    model.functions.append(
        helper.make_function("evil", "F", ["x"], ["y"], nodes, opsets)
    )


def unknown_operation(model):
    model.graph.node[0].op_type = "Evil"


def no_letters(model):
    model.metadata_props.clear()


def letters_without_end(model):
    letters = ["A" * 10**6, "B"]
    helper.set_model_props(model, {"letters": json.dumps(letters)})


def deep_letters(model):
    helper.set_model_props(model, {"letters": "[" * 10**6})


def two_inputs(model):
    model.graph.input.append(helper.make_tensor_value_info("x", Types.FLOAT, [1]))


HOSTILE = {
    external_data: "lies in another file",
    huge_constant: "cannot be run in",
    huge_broadcast: "cannot be run in",
    endless_loop: "a node holds a graph",
    foreign_domain: r"a node is of b'com\.evil'",
    function: "holds functions",
    unknown_operation: "cannot be run in",
    no_letters: "do not list its letters",
    letters_without_end: "too many letters, or too long",
    deep_letters: "",
    two_inputs: "cannot be run in",
}


def refuse(path, reason):
    with pytest.raises(ValueError, match=f"(?s){path.name}.*{reason}"):
        LetterPredictor(path)


def test_an_honest_file_is_opened(tmp_path):
    path = tmp_path / "honest.onnx"
    path.write_bytes(network().SerializeToString())
    assert open_exported(path).classes.tolist() == ["A", "B"]


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_hostile_onnx_files_are_refused(change, tmp_path):
    model = network()
    change(model)
    path = tmp_path / "hostile.onnx"
    path.write_bytes(model.SerializeToString())
    refuse(path, HOSTILE[change])


@pytest.mark.parametrize("tenths", [3, 9])
def test_onnx_files_that_are_cut_off(tenths, tmp_path):
    content = network().SerializeToString()
    path = tmp_path / "cut.onnx"
    path.write_bytes(content[: len(content) * tenths // 10])
    refuse(path, "cut off")


def test_litert_files_that_are_cut_off(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="needs the extra export")
    path = tmp_path / "cut.tflite"
    path.write_bytes(b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 4)
    refuse(path, "cannot be run in|crashes its runtime")


@pytest.fixture(scope="module")
def litert(tmp_path_factory):
    """The bytes of an exported LiteRT file, which is opened as it is."""
    pytest.importorskip("ai_edge_litert", reason="needs the extra export")
    path = tmp_path_factory.mktemp("litert") / "whole.tflite"
    X = np.random.RandomState(0).randint(0, 256, (8, 4, 4), dtype=np.uint8)
    model = DenseClassifier(hidden_layer_sizes=(3,), epochs=1, random_state=0)
    export(model.fit(X, list("ABABABAB")), path, format="litert")
    assert open_exported(path).classes.tolist() == ["A", "B"]
    return path.read_bytes()


@pytest.mark.parametrize("tenths", [1, 5, 9])
def test_whole_litert_files_that_are_cut_off(litert, tenths, tmp_path):
    path = tmp_path / "cut.tflite"
    path.write_bytes(litert[: len(litert) * tenths // 10])
    refuse(path, "")


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_bit_of_a_litert_file_ends_no_process(litert, seed, tmp_path):
    place = np.random.RandomState(seed).randint(8 * len(litert))
    content = bytearray(litert)
    content[place // 8] ^= 1 << place % 8
    path = tmp_path / "flipped.tflite"
    path.write_bytes(content)
    try:
        model = open_exported(path)
    except ValueError:
        refuse(path, "")
    else:
        assert len(model.classes) == 2
