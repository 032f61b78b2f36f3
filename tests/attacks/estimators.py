"""What skops reads: types, functions, arrays, trees, and parts that hide others."""

import io
import json
import zipfile

import numpy as np

from attacks.table import ESTIMATOR, MEGABYTE, Case, archive, resealed, zipped

LOGISTIC = "sklearn.linear_model._logistic.LogisticRegression"


def node(loader, name, **more):
    """Write a node as skops does."""
    module, _, kind = name.rpartition(".")
    return {"__class__": kind, "__module__": module, "__loader__": loader, **more}


def plain(value):
    """Write a plain value."""
    return node("JsonNode", "builtins.str", content=json.dumps(value), is_json=True)


def kind(name):
    """Write a type."""
    return node("TypeNode", name)


def listed(*entries, loader="ListNode", name="builtins.list"):
    """Write a list, or a tuple."""
    return node(loader, name, content=list(entries))


def tupled(*entries):
    """Write a tuple."""
    return listed(*entries, loader="TupleNode", name="builtins.tuple")


def dictionary(content, key="builtins.str", name="builtins.dict"):
    """Write a dict."""
    types = listed(*[kind(key)] * len(content))
    return node("DictNode", name, content=content, key_types=types)


def thing(name, **attributes):
    """Write an object by its attributes."""
    return node("ObjectNode", name, content=dictionary(attributes))


def array(file="a.npy", name="numpy.ndarray"):
    """Write an array that is in a file."""
    return node("NdArrayNode", name, type="numpy", file=file)


def npy(values):
    """Give the bytes of an array."""
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return file.getvalue()


def header(shape, descr="<f4", rest=b""):
    """Give the beginning of an array, which may lie."""
    file = io.BytesIO()
    fields = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, fields)
    return file.getvalue() + rest


def written(root, protocol=2, compression=zipfile.ZIP_STORED, **files):
    """Give an archive that holds a node and files."""
    files = {name.replace("_", ".", 1): content for name, content in files.items()}
    text = json.dumps({**root, "protocol": protocol}).encode()
    return sealed({"schema.json": text, **files}, compression)


def sealed(members, compression=zipfile.ZIP_STORED):
    """Give an archive with another skops file."""
    content = zipped(members, compression)
    return resealed({ESTIMATOR: content}, zipfile.ZIP_DEFLATED)


def model(**attributes):
    """Write a classifier with more attributes."""
    return thing(LOGISTIC, C=plain(1.0), **attributes)


def case(kind, name, build, reason=""):
    return Case(kind, name, archive(build), f"{ESTIMATOR}: .*{reason}")


def prepare(traps):
    """See that what is changed below would be let in as it is."""
    from skl_signlang._untrusted._budget import Budget
    from skl_signlang.persistence._skops_files import check_skops_file

    root = model(coef_=array(), classes_=listed(plain("A"), tupled(plain(1))))
    text = json.dumps({**root, "protocol": 2}).encode()
    content = zipped({"schema.json": text, "a.npy": npy(np.ones(3))})
    assert check_skops_file(content, Budget(len(content))) == content


TYPES = (
    "subprocess.Popen",
    "os.PathLike",
    "builtins.eval",
    "builtins.object",
    "io.FileIO",
    "socket.socket",
    "pathlib.PosixPath",
    "urllib.request.Request",
    "ctypes.CDLL",
    "joblib.memory.Memory",
    "keras.src.layers.core.dense.Dense",
    "keras.src.callbacks.model_checkpoint.ModelCheckpoint",
    "scipy.stats._distn_infrastructure.rv_frozen",
    "sklearn.utils._joblib.Parallel",
    "skl_signlang.callbacks._keras_callback.KerasCallback",
    "skl_signlang._files.write_whole",
    "sklearn.ensemble._gb.GradientBoostingClassifier",
    "sklearn.nowhere.Estimator",
)
CASES = [
    case(
        "objects of other types",
        name,
        lambda name=name: written(model(x=thing(name))),
        f"Untrusted types found .*{name}",
    )
    for name in TYPES
    # finding ours needs Keras: one module of the table does
    if not name.startswith("skl_signlang.")
]
LOADERS = {
    "ConstructorFromReduceNode": {"content": tupled(plain(1))},
    "FunctionNode": {},
    "MethodNode": {"content": {"func": "fit", "obj": model()}},
    "PartialNode": {"content": {}},
    "OperatorFuncNode": {"attrs": tupled(plain("x"))},
    "DefaultDictNode": {"content": {}},
    "RandomGeneratorNode": {"content": {}},
    "DTypeNode": {"content": array()},
    "CachedNode": {},
    "BytearrayNode": {"file": "a.npy"},
    "QuantileForestNode": {"__reduce__": {"args": tupled()}, "content": plain(None)},
    "ReduceNode": {"__reduce__": {"args": tupled()}, "content": plain(None)},
    "Node": {},
    "__init__": {},
    "check": {},
}
CALLED = ("sklearn.metrics._classification.accuracy_score", "builtins.int", LOGISTIC)
CASES += [
    case(
        "nodes that call what they name",
        f"{loader} of {name.rpartition('.')[2]}",
        lambda loader=loader, name=name, more=more: written(
            model(x=node(loader, name, **more)), a_npy=npy(np.ones(1))
        ),
    )
    for loader, more in LOADERS.items()
    for name in CALLED
]
METHODS = (
    "predict fit score get_params __class__ __dict__ __setstate__ _validate_params"
)
CASES += [
    case(
        "attributes that hide methods",
        name,
        lambda name=name: written(model(**{name: plain(1)})),
        "overwrites a method",
    )
    for name in METHODS.split()
]
CASES += [
    case(
        "functions in the place of values",
        f"{name} as {place}",
        lambda name=name, place=place: written(
            model(**{place: node("FunctionNode", name)})
        ),
        "Untrusted types",
    )
    for name, place in (
        ("numpy.log1p", "kernel"),
        ("numpy.log1p", "func"),
        ("numpy.random.test", "func"),
        ("sklearn.metrics._classification.accuracy_score", "metric"),
        ("os.system", "func"),
    )
]


# --- arrays ---------------------------------------------------------------------------

ARRAYS = {
    "of 10^12 numbers": header((10**12,)),
    "of a negative shape": header((-2, -2), rest=bytes(16)),
    "of nothing, wide": header((0,), "<U200000000"),
    "of objects": header((1,), "|O", bytes(8)),
    "of voids": header((1,), "|V8", bytes(8)),
    "of wide text": header((1,), "<U2000000", bytes(8_000_000)),
    "cut off": npy(np.ones(100))[:-8],
    "too long": npy(np.ones(100)) + bytes(8),
    "of another version": b"\x93NUMPY\x09\x00" + bytes(100),
    "no array": b"hello" * 100,
    "empty": b"",
    "a pickle": b"\x80\x04\x95" + bytes(100),
    "with a header of code": b"\x93NUMPY\x01\x00\x16\x00__import__('os').fork()\n",
    "with a long header": b"\x93NUMPY\x02\x00" + b"\xff\xff\xff\x00" + b"(" * 10**6,
}
CASES += [
    case("arrays", name, lambda c=content: written(model(x=array()), a_npy=c))
    for name, content in ARRAYS.items()
]
SCALARS = {
    "a void of 5 GB": ("numpy.void", np.array(5_000_000_000)),
    "an array as a number": ("numpy.float64", np.ones(3)),
    "a record": ("numpy.record", np.array(1)),
    "a memmap": ("numpy.memmap", np.ones(3)),
    "a recarray": ("numpy.recarray", np.ones(3)),
    "fromfile": ("numpy.fromfile", np.array(1)),
    "zeros": ("numpy.zeros", np.array(10**10)),
}
CASES += [
    case(
        "numbers that are made of arrays",
        title,
        lambda name=name, values=values: written(
            model(x=array(name=name)), a_npy=npy(values)
        ),
    )
    for title, (name, values) in SCALARS.items()
]


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def sparse(**changes):
    parts = {
        "format": np.array(b"csr"),
        "shape": np.array([2, 3]),
        "data": np.ones(2),
        "indices": np.array([0, 2]),
        "indptr": np.array([0, 1, 2]),
    }
    more = {"type": "scipy", "file": "a.npz"}
    matrix = node("SparseMatrixNode", "scipy.sparse._csr.csr_matrix", **more)
    return written(model(x=matrix), a_npz=npz(**parts | changes))


SPARSE = {
    "indices that lead out": {"indices": np.array([0, 10**9])},
    "negative indices": {"indices": np.array([0, -5])},
    "lengths that lead out": {"indptr": np.array([0, 1, 10**9])},
    "lengths that fall": {"indptr": np.array([0, 5, 2])},
    "a huge shape": {"shape": np.array([2, 2**62])},
    "of another form": {"format": np.array(b"coo")},
    "fewer rows": {"shape": np.array([10**9, 3])},
}
CASES += [
    case("sparse matrices", name, lambda c=changes: sparse(**c))
    for name, changes in SPARSE.items()
]


def bombs(n):
    one = zipped({"a.npy": npy(np.zeros(10**6))}, zipfile.ZIP_DEFLATED)
    files = {f"{i}.npz": one for i in range(n)}
    nodes = [
        node(
            "SparseMatrixNode", "scipy.sparse._csr.csr_matrix", type="scipy", file=name
        )
        for name in files
    ]
    text = json.dumps({**model(x=listed(*nodes)), "protocol": 2}).encode()
    return sealed({"schema.json": text, **files})


CASES += [
    case("bombs in skops", "1,000 packed files", lambda: bombs(1000)),
    case(
        "bombs in skops",
        "packed",
        lambda: written(
            model(x=array()),
            compression=zipfile.ZIP_DEFLATED,
            a_npy=npy(np.zeros(10**6)),
        ),
        "would unpack",
    ),
]


# --- trees ----------------------------------------------------------------------------

FIELDS = np.dtype(
    [
        ("left_child", "<i8"),
        ("right_child", "<i8"),
        ("feature", "<i8"),
        ("threshold", "<f8"),
        ("impurity", "<f8"),
        ("n_node_samples", "<i8"),
        ("weighted_n_node_samples", "<f8"),
        ("missing_go_to_left", "u1"),
    ]
)


def tree(
    n_features=2, n_outputs=1, n_nodes=3, said=2, classes=(2,), values=None, **change
):
    """Write a decision tree, one of whose numbers is another."""
    nodes = np.zeros(3, FIELDS)
    nodes["left_child"], nodes["right_child"] = [1, -1, -1], [2, -1, -1]
    nodes["feature"] = [0, -2, -2]
    for name, value in change.items():
        nodes[name][0] = value
    state = {
        "max_depth": plain(1),
        "node_count": plain(n_nodes),
        "nodes": array("n.npy"),
        "values": array("v.npy"),
    }
    args = tupled(plain(n_features), array("c.npy"), plain(n_outputs))
    inner = node(
        "TreeNode",
        "sklearn.tree._tree.Tree",
        __reduce__={"args": args},
        content=dictionary(state),
    )
    values = np.zeros((3, 1, 2)) if values is None else values
    root = thing(
        "sklearn.tree._classes.DecisionTreeClassifier",
        tree_=inner,
        n_features_in_=plain(said),
    )
    files = {"n_npy": npy(nodes), "v_npy": npy(values)}
    return written(root, c_npy=npy(np.array(classes, np.intp)), **files)


TREES = {
    "a left child of 10^12": {"left_child": 10**12},
    "a right child of 10^12": {"right_child": 10**12},
    "a negative child": {"left_child": -7},
    "a child that is its parent": {"left_child": 0},
    "one child": {"right_child": -1},
    "a feature of 10^12": {"feature": 10**12},
    "a negative feature": {"feature": -5},
    "more features than the estimator's": {"n_features": 1000},
    "more outputs than classes": {"n_outputs": 10**9},
    "no outputs": {"n_outputs": 0},
    "more nodes than there are": {"n_nodes": 10**9},
    "a negative number of nodes": {"n_nodes": -1},
    "more classes than values": {"classes": (10**9,)},
    "no classes": {"classes": (0,)},
    "fewer values": {"values": np.zeros((2, 1, 2))},
    "values of another kind": {"values": np.zeros((3, 1, 2), np.float32)},
}
CASES += [
    case("trees", name, lambda c=changes: tree(**c), "tree in it")
    for name, changes in TREES.items()
]


# --- plain values ---------------------------------------------------------------------


def long(n):
    return node("JsonNode", "builtins.str", content="[" + "[]," * n + "[]]")


def laughs():
    part = node("ListNode", "builtins.list", content=[], __id__=1)
    for number in range(2, 60):
        again = node("ListNode", "builtins.list", content=[], __id__=number - 1)
        part = node("ListNode", "builtins.list", content=[part, again], __id__=number)
    return model(x=part)


def deep(n):
    text = '{"__loader__": "ListNode", "__class__": "list", "__module__": "builtins", '
    start = text + '"content": ['
    return sealed({"schema.json": (start * n + "]}" * n).encode()})


PLAIN = {
    "a list as text": lambda: written(model(x=long(100))),
    "a long list as text": lambda: written(model(x=long(10**6))),
    "a long number": lambda: written(
        model(x=node("JsonNode", "a.b", content="9" * 10**5))
    ),
    "parts that stand for others": lambda: written(laughs()),
    "another part of one number": lambda: written(
        model(x={**plain(1), "__id__": 7}, y={**plain(2), "__id__": 7})
    ),
    "numbers that are none": lambda: written(model(x={**plain(1), "__id__": [1]})),
    "deep": lambda: deep(5000),
    "deeper": lambda: deep(200),
    "keys of types that are called": lambda: written(
        model(x=dictionary({"5000000000": plain(1)}, "numpy.void"))
    ),
    "keys of lists": lambda: written(
        model(x=dictionary({"a": plain(1)}, "builtins.list"))
    ),
    "fewer types than keys": lambda: written(
        model(x={**dictionary({"a": plain(1)}), "key_types": listed()})
    ),
    "a slice of text": lambda: written(
        model(x=node("SliceNode", "builtins.slice", content={"start": "x"}))
    ),
    "a file that is not there": lambda: written(model(x=array("b.npy"))),
    "a file of another kind": lambda: sealed({"schema.json": b"{}", "x.pkl": b"\x80"}),
    "no schema": lambda: sealed({}),
    "an old protocol": lambda: written(model(), protocol=0),
    "a new protocol": lambda: written(model(), protocol=99),
    "text for a protocol": lambda: written(model(), protocol="2"),
    "empty lists": lambda: sealed(
        {"schema.json": b'{"a":[' + b"[]," * (4 * MEGABYTE) + b"[]]}"}
    ),
    "no zip": lambda: resealed({ESTIMATOR: b"\x80\x04."}),
    "attributes as a list": lambda: written(
        node("ObjectNode", LOGISTIC, content=listed(plain(1)))
    ),
    "attributes with numbers for names": lambda: written(
        node(
            "ObjectNode", LOGISTIC, content=dictionary({"1": plain(1)}, "builtins.int")
        )
    ),
    "files by name": lambda: written(
        thing(
            "sklearn.feature_extraction.text.CountVectorizer", input=plain("filename")
        )
    ),
}
PLAIN |= {
    f"{number[:8]} as a number of an array": lambda number=number: sealed(
        {"schema.json": b'{"protocol": 2, "__id__": ' + number + b"}"}
    )
    for number in (b"NaN", b"1e400", b"9" * 400)
}
CASES += [case("plain values", name, build) for name, build in PLAIN.items()]

N_MANY = 90_000
SLICE = {"start": None, "stop": 1, "step": None}
NOISE = np.random.default_rng(0).bytes(4 * N_MANY)  # lets a file hold more
IGNORED = {
    "of a list": lambda: {**listed(), "x": [1] * 10 * N_MANY},
    "of a plain value": lambda: {**plain(1), "x": [[]] * 4 * N_MANY},
    "of a type": lambda: dictionary({"a": plain(1)}) | {"x": {}},
    "of the type of a key": lambda: (
        dictionary({"a": plain(1)})
        | {"key_types": listed({**kind("builtins.str"), "x": []})}
    ),
    "of a slice": lambda: node(
        "SliceNode", "builtins.slice", content={**SLICE, "x": 1}
    ),
    "of a masked array": lambda: node(
        "MaskedArrayNode",
        "numpy.ma.MaskedArray",
        content={"data": array(), "mask": array(), "x": plain(1)},
    ),
    "of arguments": lambda: node(
        "LossNode",
        "_loss.CyHalfSquaredError",
        content=dictionary({}),
        __reduce__={"args": tupled(), "x": 1},
    ),
}
CASES += [
    case(
        "parts that nobody reads",
        name,
        lambda build=build: written(
            model(x=build()), a_npy=npy(np.frombuffer(NOISE, np.uint8))
        ),
        "skops does not write|invalid",
    )
    for name, build in IGNORED.items()
]
CASES += [
    case(
        "ever more parts",
        name,
        lambda build=build: written(model(x=listed(*[build()] * N_MANY))),
        "JSON values",
    )
    for name, build in {
        "plain values": lambda: plain(1),
        "lists": listed,
        "slices": lambda: node("SliceNode", "builtins.slice", content=SLICE),
        "objects": lambda: thing("sklearn.model_selection._split.KFold"),
    }.items()
]
STATE = {"key": array("k.npy"), "pos": plain(10**9)}
CASES.append(
    case(
        "plain values",
        "a generator that reads behind its end",
        lambda: written(
            model(
                x=node(
                    "RandomStateNode",
                    "numpy.random.mtrand.RandomState",
                    content=dictionary(
                        {"bit_generator": plain("MT19937"), "state": dictionary(STATE)}
                    ),
                )
            ),
            k_npy=npy(np.zeros(624, np.uint32)),
        ),
        "random generator",
    )
)
