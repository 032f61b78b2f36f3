"""What each layer of a network gives."""

from inspect import signature
from typing import NamedTuple


class Step(NamedTuple):
    """What one layer did."""

    layer: object
    inputs: tuple
    output: object


def run_by_layer(model, X):
    """Run a network as in prediction, and keep what each layer gives.

    The layers run one by one and nothing is traced, so this is for a few images. A
    gradient tape around it sees everything.
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
    """Get what runs a functional or Sequential model layer by layer, else None."""
    graph = getattr(operation, "_functional", operation)
    return graph if hasattr(graph, "_run_through_graph") else None
