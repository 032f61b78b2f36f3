"""Gradients that TensorFlow's registry never frees."""

from tensorflow.python.framework import ops


def forget_gradients(graph):
    """Remove the custom gradients of a traced graph from TensorFlow's registry.

    They hold the graph: `tf.nn.silu` has one, and the sum over devices in a step.
    """
    for operation in graph.get_operations():
        if operation.type == "IdentityN":
            name = operation.node_def.attr["_gradient_op_type"].s.decode()
            ops.gradient_registry._registry.pop(name, None)
