"""Names of this package's classes in archives.

Archives of version 2 hold public names, such as
``skl_signlang.estimators.CNNClassifier``, those of version 1 private ones. The tables
of version 1 are the only aliases.
"""

from importlib import import_module
from inspect import isclass

from skl_signlang._once import once

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
_DROPPED_1 = "tensorboard_dir"
_PARAMETERS_1 = {
    "cut_at": "backbone_layer",
    "erasing": "random_erasing",
    "mirror": "horizontal_flip",
}
_MODES_1 = {"grey": "gray", '"grey"': '"gray"'}  # of ColorConverter


def to_public_names(schema):
    """Rename classes of this package in nodes of skops to their public names."""
    names = {true: public for public, true in _true_names().items()}
    for node in _nodes_of_ours(schema):
        _rename(node, names.get(_name_of(node)))


def to_true_names(schema, version):
    """Rename classes, of version 1 also parameters, to their current names.

    Return whether there were any. Unknown names of this package are an error in version
    2; in version 1 the check of types rejects them.
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
    """Return the parameters of a manifest of version 1 under current names."""
    if not isinstance(parameters, dict):
        return parameters
    return {
        _rename_key(key): _rename_mode(key, value) for key, value in parameters.items()
    }


def public_classes(module):
    """Return the public classes of a module by name."""
    things = vars(import_module(module)).items()
    return {n: thing for n, thing in things if isclass(thing) and n[0] != "_"}


def true_name(thing):
    """Return the name of a class or function with the module that defines it."""
    return f"{thing.__module__}.{thing.__qualname__}"


@once
def _true_names():
    """Return the true name of each public class of this package by its public name."""
    return {
        f"skl_signlang.{home}.{name}": true_name(thing)
        for home in HOMES
        for name, thing in public_classes(f"skl_signlang.{home}").items()
    }


def names_in(schema):
    """Return the names of all types in the schema of a skops file."""
    return {_name_of(node) for node in _nodes_in(schema)}


def _nodes_in(schema):
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            module, name = part.get("__module__"), part.get("__class__")
            # other types may be long; the check of nodes rejects them
            if isinstance(module, str) and isinstance(name, str):
                yield part
            part = part.values()
        todo += [value for value in part if isinstance(value, dict | list)]


def _nodes_of_ours(schema):
    return (n for n in _nodes_in(schema) if n["__module__"].startswith(_PREFIX))


def _name_of(node):
    return f"{node['__module__']}.{node['__class__']}"


def _rename(node, name):
    if name is None or node.get("__loader__") not in ("ObjectNode", "TypeNode"):
        return False
    node["__module__"], _, node["__class__"] = name.rpartition(".")
    return True


def _rename_parameters(node):
    """Rename attributes of version 1, and drop one that was removed."""
    content = node.get("content")
    attributes = content.get("content") if isinstance(content, dict) else None
    if isinstance(attributes, dict):
        for key in _PARAMETERS_1.keys() & attributes.keys():
            attributes[_PARAMETERS_1[key]] = attributes.pop(key)
        mode = attributes.get("mode")
        if isinstance(mode, dict) and "content" in mode:
            mode["content"] = _rename_mode("mode", mode["content"])
        if attributes.pop(_DROPPED_1, None) is not None:
            content["key_types"]["content"].pop()  # all keys are strings


def _rename_mode(key, value):
    is_mode = key.rpartition("__")[2] == "mode" and isinstance(value, str)
    return _MODES_1.get(value, value) if is_mode else value


def _rename_key(key):
    before, separator, name = key.rpartition("__")
    return f"{before}{separator}{_PARAMETERS_1.get(name, name)}"
