"""SciKeras' routing of parameters, without its changes to the classes of Keras.

SciKeras replaces how models, losses, metrics and optimizers are pickled and copied, for
the whole process. That is undone, unless the user has imported SciKeras before.
"""

import sys

import keras

_CHANGED = (
    keras.Model,
    keras.losses.Loss,
    keras.metrics.Metric,
    keras.optimizers.Optimizer,
)
_NAMES = ("__deepcopy__", "__reduce__")


def _import_wrapper():
    is_new = "scikeras" not in sys.modules
    before = [
        (kind, name, vars(kind).get(name)) for kind in _CHANGED for name in _NAMES
    ]
    from scikeras.wrappers import BaseWrapper

    for kind, name, value in before if is_new else ():
        if value is not None:
            setattr(kind, name, value)
        elif name in vars(kind):
            delattr(kind, name)
    return BaseWrapper


BaseWrapper = _import_wrapper()
