"""Outputs of all layers of a network."""

from inspect import signature
from typing import NamedTuple


class Step(NamedTuple):
    """The inputs and output of one layer."""

    layer: object
    inputs: tuple
    output: object


def run_by_layer(model, X):
    """Run a network in inference mode, and return the `Step` of each layer.

    Eager, so for a few images; a gradient tape around it records everything.
    """
    steps = []

    def record(operation):
        inner = _graph_of(operation)
        if inner is not None:
            return lambda x, **_: inner._run_through_graph(x, operation_fn=record)

        def call(*inputs, **options):
            if "training" in signature(operation.call).parameters:
                options["training"] = False
            output = operation(*inputs, **options)
            steps.append(Step(operation, inputs, output))
            return output

        return call

    _graph_of(model)._run_through_graph(X, operation_fn=record)
    return steps


def _graph_of(operation):
    """Return the functional graph of a model, None for other operations."""
    graph = getattr(operation, "_functional", operation)
    return graph if hasattr(graph, "_run_through_graph") else None
