"""Checks of the nodes of a skops file before skops loads it.

A node names the object that skops creates from it. Only plain values, arrays and
objects with attributes are allowed, never a call of a named function.
"""

import hashlib
import inspect
import json
from functools import lru_cache

from skl_signlang._untrusted import is_application, is_local_path
from skl_signlang.persistence._bounded_parameters import check_parameters
from skl_signlang.persistence._skops_arrays import (
    check_random_state,
    check_sparse,
    check_tree,
    read_array,
)
from skl_signlang.persistence._trusted import find_type, is_metric, is_ufunc

LOCAL_PATHS = ("checkpoint_dir", "log_dir", "memory", "resume_dir", "tensorboard_dir")
"""Parameters that are paths of one machine, which archives do not store."""

_MAX_DEPTH = 100
_MAX_NUMBERS = 16  # in one parameter
_DICTS = ("builtins.dict", "collections.OrderedDict", "sklearn.utils._bunch.Bunch")
_NUMBERS = (
    "bool bool_ float16 float32 float64 int16 int32 int64 int8 longlong uint16 uint32 "
    "uint64 uint8 ulonglong"
)
_SCALARS = {f"numpy.{name}" for name in (*_NUMBERS.split(), "str_", "datetime64")}
_VALUE_TYPES = {f"builtins.{name}" for name in ("bool", "float", "int", "str")}
_TYPES = {*_VALUE_TYPES, *_SCALARS}
_TRANSFORMERS = (".FunctionTransformer", ".TransformedTargetRegressor")
_NODE = {"__class__", "__id__", "__loader__", "__module__"}
_CONTENT = {*_NODE, "content"}
_REDUCED = {*_CONTENT, "__reduce__"}
_ARRAY = {*_CONTENT, "file", "shape", "type"}
_KEYS = {
    "BytesNode": {*_NODE, "file"},
    "DictNode": {*_CONTENT, "key_types"},
    "FunctionNode": _NODE,
    "JsonNode": {*_CONTENT, "is_json"},
    "LossNode": _REDUCED,
    "NdArrayNode": _ARRAY,
    "SparseMatrixNode": _ARRAY,
    "TreeNode": _REDUCED,
    "TypeNode": _NODE,
}
_OF_FILE = {"_skops_version", "protocol"}
_LOSSES = ("sklearn._loss._loss.", "_loss.", "sklearn.linear_model._sgd_fast.")


class UntrustedTypesError(ValueError):
    """Error that names types that an archive may not hold."""

    def __init__(self, names):
        self.names = ", ".join(sorted(names))
        super().__init__(
            f"Untrusted types found in the file: {sorted(names)}. An archive holds "
            "estimators of skl_signlang and scikit-learn, arrays and plain values. A "
            "subclass of NetworkClassifier or NetworkRegressor is passed to load: "
            "load(path, model=CLASS)."
        )


class Nodes:
    """Checks of all nodes of one file."""

    def __init__(self, files, budget):
        self.changed = False
        self._files = files
        self._budget = budget
        self._untrusted = set()
        self._known, self._hashes = {}, {}
        self._trees = []

    def check(self, root):
        """Raise an error for nodes that skops does not write for estimators."""
        self._node({key: root[key] for key in root if key not in _OF_FILE})
        self._digest(root)
        if self._untrusted:
            raise UntrustedTypesError(self._untrusted)

    def _digest(self, node, depth=0):
        """Compute a hash that is equal for equal nodes.

        skops creates one object, the first, for all nodes with the same number.
        """
        if depth > 4 * _MAX_DEPTH:
            raise ValueError("it is nested too deeply.")
        is_part = isinstance(node, dict)
        keys = sorted(node.keys() - {"__id__", "file"}) if is_part else range(len(node))
        parts = [
            self._digest(node[key], depth + 1)
            if isinstance(node[key], dict | list)
            else repr(node[key])
            for key in keys
        ]
        if is_part:
            parts += map(repr, keys)
            parts += [self._hash_file(node["file"])] if "file" in node else []
        text = "\n".join([f"{type(node).__name__} {len(keys)}", *parts])
        digest = hashlib.sha256(text.encode()).hexdigest()
        number = node.get("__id__") if is_part else None
        if number is not None and self._known.setdefault(number, digest) != digest:
            raise ValueError("parts of it refer to others, which skops does not write.")
        return digest

    def _hash_file(self, name):
        if name not in self._hashes:
            if name not in self._files:
                raise ValueError(f"it does not hold {str(name)[:80]}.")
            self._hashes[name] = hashlib.sha256(self._files[name]).hexdigest()
        return self._hashes[name]

    def _node(self, node, depth=0):
        if depth > _MAX_DEPTH:
            raise ValueError("it is nested too deeply.")
        name = _name_of(node)
        check = getattr(self, f"_{node['__loader__']}", None)
        if check is None:
            self._untrusted.add(name)
        else:
            check(node, name, depth + 1)

    # --- plain values ---------------------------------------------------------------

    def _JsonNode(self, node, name, depth):
        _value_of(node)

    def _DictNode(self, node, name, depth):
        if name not in _DICTS:
            self._untrusted.add(name)
        content = node["content"]
        types = node["key_types"]
        kinds = [_name_of(kind) for kind in types["content"]]
        plain = all(kind["__loader__"] == "TypeNode" for kind in types["content"])
        if _name_of(types) != "builtins.list" or len(kinds) != len(content):
            raise ValueError("the keys of a dict in it do not match their types.")
        if not plain or not set(kinds) <= {*_TYPES, "builtins.NoneType"}:
            self._untrusted.update(set(kinds) - _TYPES)
        for entry in content.values():
            self._node(entry, depth)

    def _sequence(self, node, name, depth):
        if name not in ("builtins.list", "builtins.set", "builtins.tuple"):
            self._untrusted.add(name)
        for entry in node["content"]:
            self._node(entry, depth)

    _ListNode = _SetNode = _TupleNode = _sequence

    def _SliceNode(self, node, name, depth):
        bounds = node["content"]
        known = bounds.keys() == {"start", "stop", "step"}
        if not known or not all(v is None or type(v) is int for v in bounds.values()):
            raise ValueError("a slice in it is invalid.")

    def _BytesNode(self, node, name, depth):
        if name != "builtins.bytes" or node["file"] not in self._files:
            self._untrusted.add(name)

    def _TypeNode(self, node, name, depth):
        if name not in _TYPES:
            self._untrusted.add(name)

    # --- arrays ---------------------------------------------------------------------

    def _NdArrayNode(self, node, name, depth):
        self._budget.spend("arrays")
        if name != "numpy.ndarray" and name not in _SCALARS:
            self._untrusted.add(name)
        if node["type"] == "json":
            if name != "numpy.ndarray" or _name_of(node["shape"]) != "builtins.tuple":
                raise ValueError("an array of objects in it is invalid.")
            self._node(node["shape"], depth)
            for entry in node["content"]:
                self._node(entry, depth)
            return
        shape = self._array(node).shape
        if name != "numpy.ndarray" and shape != ():
            raise ValueError(f"{name} in it is an array.")

    def _array(self, node):
        """Read the array of a node without a copy."""
        if node["__loader__"] != "NdArrayNode" or node["type"] != "numpy":
            raise ValueError("something in it is not an array.")
        name = node["file"]
        if name not in self._files:
            raise ValueError(f"it does not hold {str(name)[:80]}.")
        return read_array(self._files[name], name)

    def _MaskedArrayNode(self, node, name, depth):
        if name not in ("numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray"):
            self._untrusted.add(name)
        if node["content"].keys() != {"data", "mask"}:
            raise ValueError("a masked array in it is invalid.")
        for part in node["content"].values():
            if part["__loader__"] != "NdArrayNode":
                raise ValueError("a masked array in it has no array.")
            self._node(part, depth)

    def _SparseMatrixNode(self, node, name, depth):
        kinds = [f"scipy.sparse.{kind}_matrix" for kind in ("csr", "csc")]
        kinds += [f"scipy.sparse._{kind}.{kind}_matrix" for kind in ("csr", "csc")]
        kinds += [f"scipy.sparse._{kind}.{kind}_array" for kind in ("csr", "csc")]
        if name not in kinds or node["type"] != "scipy":
            self._untrusted.add(name)
        else:
            check_sparse(self._files[node["file"]], node["file"], self._budget)

    def _RandomStateNode(self, node, name, depth):
        state = node["content"]
        self._node(state, depth)
        if (
            name != "numpy.random.mtrand.RandomState"
            or state["__loader__"] != "DictNode"
        ):
            self._untrusted.add(name)
            return
        inner = state["content"]["state"]["content"]
        kind = _value_of(state["content"]["bit_generator"])
        check_random_state(kind, self._array(inner["key"]), _value_of(inner["pos"]))

    # --- objects --------------------------------------------------------------------

    def _ObjectNode(self, node, name, depth):
        kind = find_type(name)
        if kind is None:
            self._untrusted.add(name)
            return
        attributes = node.get("content")
        if attributes is None or attributes.get("__loader__") == "JsonNode":
            if attributes is not None and _value_of(attributes) is not None:
                raise ValueError(f"the attributes of {name} in it are invalid.")
            return
        if _name_of(attributes) != "builtins.dict":
            raise ValueError(f"the attributes of {name} in it are not a dict.")
        n_trees = len(self._trees)
        for key, entry in attributes["content"].items():
            if key.startswith("__") or _is_method(kind, key):
                raise ValueError(f"{key[:80]!r} in it overwrites a method of {name}.")
            if entry.get("__loader__") == "FunctionNode":
                self._function(entry, name, key)
                continue
            if entry.get("__loader__") == "TreeNode":
                self._tree(entry, name, depth)
                continue
            if key in LOCAL_PATHS and entry.get("content") != "null":
                attributes["content"][key] = _NONE
                self.changed = True
                continue
            if key == "input" and _value_of(entry) in ("file", "filename"):
                raise ValueError(f"{name} in it would open files by name.")
            if key.startswith("param_"):
                self._check_no_paths(entry)
            self._node(entry, depth)
        self._key_types(attributes)
        kinds = [base.__name__ for base in inspect.getmro(kind)]
        check_parameters(kinds, attributes["content"], self._numbers, self._budget)
        if name.startswith(("sklearn.tree.", "sklearn.ensemble._forest.")):
            self._compare_features(attributes["content"], self._trees[n_trees:])

    def _compare_features(self, attributes, n_features):
        """Raise an error for trees that use features out of bounds."""
        if n_features and set(n_features) != {_value_of(attributes["n_features_in_"])}:
            raise ValueError("a tree in it uses features that do not exist.")

    def _numbers(self, node):
        """Return the numbers in a plain value, a sequence or an array of them."""
        if node.get("__loader__") in ("ListNode", "TupleNode"):
            return [n for entry in node["content"] for n in self._numbers(entry)]
        if node.get("__loader__") == "NdArrayNode" and node["type"] == "numpy":
            values = self._array(node).ravel()[:_MAX_NUMBERS].tolist()
        else:
            values = [_value_of(node)]
        return [v for v in values if isinstance(v, int | float) and v == v]

    def _key_types(self, attributes):
        names = {_name_of(kind) for kind in attributes["key_types"]["content"]}
        n_keys = len(attributes["key_types"]["content"])
        if names - {"builtins.str"} or n_keys != len(attributes["content"]):
            raise ValueError("names of attributes in it are not strings.")

    def _function(self, node, owner, key):
        """Allow functions that the estimator of the right kind calls."""
        name = _name_of(node)
        scores = owner.startswith("sklearn.metrics._scorer.") and key == "_score_func"
        transforms = owner.endswith(_TRANSFORMERS) and key.endswith("func")
        if not (scores and is_metric(name)) and not (transforms and is_ufunc(node)):
            self._untrusted.add(name)

    def _tree(self, node, owner, depth):
        if (
            _name_of(node) != "sklearn.tree._tree.Tree"
            or ".tree._classes." not in owner
        ):
            self._untrusted.add(_name_of(node))
            return
        args, state = node["__reduce__"]["args"], node["content"]
        self._node(args, depth)
        self._node(state, depth)
        n_features, classes, n_outputs = args["content"]
        names = {"max_depth", "node_count", "nodes", "values"}
        if state["content"].keys() != names:
            raise ValueError("a tree in it has unknown parts.")
        check_tree(
            _value_of(n_features),
            self._array(classes),
            _value_of(n_outputs),
            _value_of(state["content"]["node_count"]),
            self._array(state["content"]["nodes"]),
            self._array(state["content"]["values"]),
        )
        self._trees.append(_value_of(n_features))

    def _LossNode(self, node, name, depth):
        """Allow a loss of scikit-learn, which has only numbers."""
        args, state = node["__reduce__"]["args"], node["content"]
        self._node(args, depth)
        self._node(state, depth)
        if not name.startswith(_LOSSES) or state["content"]:
            self._untrusted.add(name)
        if not all(entry["__loader__"] == "JsonNode" for entry in args["content"]):
            raise ValueError(f"{name} in it has attributes other than numbers.")

    def _check_no_paths(self, node):
        """Raise an error for paths that a search would set."""
        content = node.get("content")
        if node["__loader__"] == "DictNode":
            for key, entry in content.items():
                if key.endswith(("backbone", "model", *LOCAL_PATHS)):
                    self._check_no_texts(key, entry)
        elif node["__loader__"] in ("ListNode", "TupleNode"):
            for entry in content:
                self._check_no_paths(entry)

    def _check_no_texts(self, key, node):
        if node["__loader__"] in ("ListNode", "TupleNode"):
            for entry in node["content"]:
                self._check_no_texts(key, entry)
            return
        known = node["__loader__"] == "JsonNode"
        value = _value_of(node) if known else None
        named = isinstance(value, str) and not (
            (key.endswith("backbone") and is_application(value))
            or (
                key.endswith("model")
                and not is_local_path(key, value)
                and ":" not in value
            )
        )
        if named or not known:
            raise ValueError(
                f"{key[:80]!r} in it is a path or names a function, which archives may "
                "not contain."
            )


_NONE = {
    "__class__": "str",
    "__module__": "builtins",
    "__loader__": "JsonNode",
    "content": "null",
    "is_json": True,
}


@lru_cache(1 << 12)
def _is_method(kind, name):
    hidden = inspect.getattr_static(kind, name, None)
    return callable(hidden) or hasattr(hidden, "__get__")


def _name_of(node):
    """Return the name of a type; raise ValueError for keys that skops ignores."""
    if not isinstance(node, dict):
        raise ValueError(f"a part of it is a {type(node).__name__}.")
    known = _KEYS.get(node["__loader__"], _CONTENT)
    unknown = node.keys() - known
    unknown |= node.get("__reduce__", {}).keys() - {"args"}
    if unknown:
        raise ValueError(
            f"a part of it has {min(unknown)[:80]!r}, which skops does not write."
        )
    return f"{node['__module__']}.{node['__class__']}"


def _value_of(node):
    """Parse a plain value; skops stores no others as JSON."""
    if not isinstance(node, dict) or node.get("__loader__") != "JsonNode":
        raise ValueError("something in it is not a plain value.")
    value = json.loads(node["content"])
    if not isinstance(value, str | int | float | None):
        raise ValueError(f"a plain value in it is a {type(value).__name__}.")
    return value
