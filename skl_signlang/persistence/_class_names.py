"""Names of this package's classes in archives.

Archives hold public names, such as ``skl_signlang.estimators.CNNClassifier``; version 1
held those of private modules. The tables of version 1 are the only aliases.
"""

from functools import cache
from importlib import import_module
from inspect import isclass

HOMES = ("callbacks", "estimators", "model_selection", "preprocessing")
_PREFIX = "skl_signlang."

_VERSION_1 = {
    f"skl_signlang.{home}.{module}.{name}": f"skl_signlang.{home}.{name}"
    for home, module, name in (
        ("callbacks", "_stop_at_metric", "StopAtMetric"),
        ("estimators", "_cnn_classifier", "CNNClassifier"),
        ("estimators", "_dense_classifier", "DenseClassifier"),
        ("estimators", "_dense_regressor", "DenseRegressor"),
        (
            "estimators",
            "_transfer_learning_classifier",
            "TransferLearningClassifier",
        ),
        ("model_selection", "_hyperband", "HyperbandSearchCV"),
        ("preprocessing", "_backbone_features", "BackboneFeatures"),
        ("preprocessing", "_color_converter", "ColorConverter"),
        ("preprocessing", "_hand_landmarks", "HandLandmarks"),
        ("preprocessing", "_hog_transformer", "HOGTransformer"),
        ("preprocessing", "_image_decoder", "ImageDecoder"),
        ("preprocessing", "_image_reshaper", "ImageReshaper"),
        ("preprocessing", "_image_resizer", "ImageResizer"),
        ("preprocessing", "_image_scaler", "ImageScaler"),
    )
}
_PARAMETERS_1 = {
    "cut_at": "backbone_layer",
    "erasing": "random_erasing",
    "mirror": "horizontal_flip",
}


def to_public_names(schema):
    """Rename classes of this package in nodes of skops to their public names."""
    names = {true: public for public, true in _true_names().items()}
    for node in _nodes_of_ours(schema):
        _rename(node, names.get(_name_of(node)))


def to_true_names(schema, version):
    """Rename classes, of version 1 also parameters, to what they are here.

    Return whether there were any. Other names of this package stay in version 1, where
    the check of types refuses them, and are an error in version 2.
    """
    names, is_changed = _true_names(), False
    for node in _nodes_of_ours(schema):
        name = _name_of(node)
        if version == 1:
            name = _VERSION_1.get(name, name)
            _rename_parameters(node)
        elif name not in names:
            raise ValueError(f"it holds {name[:80]}, which is not a public class.")
        is_changed |= _rename(node, names.get(name))
    return is_changed


def rename_parameters(parameters):
    """Return the parameters of a manifest of version 1 under their names here."""
    if not isinstance(parameters, dict):
        return parameters
    return {_rename_key(key): value for key, value in parameters.items()}


@cache
def _true_names():
    """Return the module and name of each public class by its public name."""
    found = {}
    for home in HOMES:
        things = vars(import_module(f"skl_signlang.{home}")).items()
        for name, thing in things:
            if isclass(thing) and not name.startswith("_"):
                true = f"{thing.__module__}.{thing.__qualname__}"
                found[f"skl_signlang.{home}.{name}"] = true
    return found


def _nodes_of_ours(schema):
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            names = part.get("__module__"), part.get("__class__")
            # anything but strings may be long, and the check of nodes refuses it
            if all(isinstance(name, str) for name in names) and names[0].startswith(
                _PREFIX
            ):
                yield part
            todo += [value for value in part.values() if isinstance(value, dict | list)]
        else:
            todo += [value for value in part if isinstance(value, dict | list)]


def _name_of(node):
    return f"{node['__module__']}.{node['__class__']}"


def _rename(node, name):
    if name is None or node.get("__loader__") not in ("ObjectNode", "TypeNode"):
        return False
    node["__module__"], _, node["__class__"] = name.rpartition(".")
    return True


def _rename_parameters(node):
    """Rename the attributes that are parameters, and keys of routed parameters."""
    content = node.get("content")
    attributes = content.get("content") if isinstance(content, dict) else None
    if isinstance(attributes, dict):
        for key in _PARAMETERS_1.keys() & attributes.keys():
            attributes[_PARAMETERS_1[key]] = attributes.pop(key)


def _rename_key(key):
    before, separator, name = key.rpartition("__")
    return f"{before}{separator}{_PARAMETERS_1.get(name, name)}"
