"""Input and output of a model in TensorFlow Serving's format."""

SIGNATURE, INPUT, OUTPUT = "serving_default", "pixels", "probabilities"
"""Names of function, input and output, as in an exported SavedModel."""


def describe_signature(image_shape, n_classes):
    """Return the only signature of a model."""
    sides = image_shape or (-1, -1, 3)
    inputs = _tensor("DT_UINT8", sides, f"{SIGNATURE}_{INPUT}:0")
    outputs = _tensor("DT_FLOAT", (n_classes,), "StatefulPartitionedCall:0")
    signature = {
        "inputs": {INPUT: inputs},
        "outputs": {OUTPUT: outputs},
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }
    return {"signature_def": {SIGNATURE: signature}}


def _tensor(dtype, shape, name):
    dims = [{"size": str(size), "name": ""} for size in (-1, *shape)]
    shape = {"dim": dims, "unknown_rank": False}
    return {"dtype": dtype, "tensor_shape": shape, "name": name}
