"""What else is read back: backbones, weights, checkpoints, searches, data."""

import copy
import io
import json
import os
import pickle
import socket
import zipfile
from pathlib import Path

import h5py
import numpy as np

from attacks.table import MEGABYTE, Case, unzip, with_bomb, with_hole, zipped

GIGABYTE = 1 << 30
X = np.random.RandomState(0).randint(0, 256, (12, 8, 8, 3), dtype=np.uint8)
Y = np.resize(list("AB"), 12)
WHOLE = {}


def prepare(traps):
    """Make what is whole: a backbone, its weights and a checkpoint."""
    import keras

    from skl_signlang.model_selection._training_state import state_to_bytes

    keras.utils.set_random_seed(0)
    model = network((8, 8, 3))
    model.save(traps / "whole.keras")
    model.save_weights(traps / "whole.weights.h5")
    WHOLE["keras"] = (traps / "whole.keras").read_bytes()
    WHOLE["weights"] = (traps / "whole.weights.h5").read_bytes()
    WHOLE["json"] = model.to_json().encode()
    fitted = classifier(traps / "checkpoint").fit(X, Y)
    WHOLE["checkpoint"] = (traps / "checkpoint" / "last.npz").read_bytes()
    WHOLE["training"] = state_to_bytes(fitted)
    features(traps / "whole.keras")()


def network(shape):
    """Build a small backbone."""
    import keras

    inputs = keras.Input(shape)
    return keras.Model(inputs, keras.layers.Conv2D(3, 3, name="conv")(inputs))


def classifier(folder=None, **params):
    """Make a classifier that keeps a checkpoint."""
    from skl_signlang import DenseClassifier

    params = {"epochs": 1, "random_state": 0, **params}
    return DenseClassifier(hidden_layer_sizes=(3,), checkpoint_dir=folder, **params)


def features(backbone, weights=None):
    """Make a function that reads a backbone."""
    from skl_signlang.preprocessing import BackboneFeatures

    transformer = BackboneFeatures(backbone=backbone, weights=weights, image_size=8)
    return lambda: transformer.fit(X[:2])


# --- what is in the place of a file ---------------------------------------------------


def a_socket(path):
    here = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.chdir(here)


def sparse(path, n_bytes=9 * GIGABYTE):
    with path.open("wb") as file:
        file.truncate(n_bytes)


PLACES = {
    "a pipe": os.mkfifo,
    "a link to a pipe": lambda path: path.symlink_to(path.parents[2] / "traps/pipe"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a socket": a_socket,
    "a folder": Path.mkdir,
    "nine gigabytes": sparse,
    "three gigabytes": lambda path: sparse(path, 3 * GIGABYTE),
    "nothing": Path.touch,
    "a pickle": lambda path: path.write_bytes(pickle.dumps([1])),
}


def placed(kind, name, read, but=()):
    """Give a case for each thing that may be in the place of a file."""

    def case(what, put):
        def make(folder, traps):
            put(folder / name)
            return read(folder / name)

        return Case(kind, what, make, Path(name).name)

    return [case(what, put) for what, put in PLACES.items() if what not in but]


def sparse_inside(kind, name, whole, read, members):
    """Give a case for each member of a zip that is sparse after its beginning."""

    def case(member, beginning):
        def make(folder, traps):
            with_hole(folder / name, unzip(WHOLE[whole]), member, beginning)
            return read(folder / name)

        return Case(f"{kind}, sparse", member, make, Path(name).name)

    return [case(*pair) for pair in members.items()]


def changed(kind, name, read, changes, reason=""):
    """Give a case for each content of a file."""

    def case(what, build):
        def make(folder, traps):
            (folder / name).write_bytes(build())
            return read(folder / name)

        return Case(kind, what, make, reason or name)

    return [case(what, build) for what, build in changes.items()]


# --- arrays ---------------------------------------------------------------------------


def npy(header, content=b""):
    """Give a ``.npy`` file with any header."""
    text = f"{header}\n".encode()
    start = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little")
    return start + text + content


def header(descr, *shape):
    return str({"descr": descr, "fortran_order": False, "shape": shape})


def saved(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


ARRAYS = {
    "objects": saved(np.array([{}], dtype=object)),
    "a header that lies": npy(header("<f4", 10**12)),
    "a negative side": npy(header("<f4", -4, -4), bytes(64)),
    "text of gigabytes": npy(header("<U2000000000", 1)),
    "a void": npy(header("|V8", 1), bytes(8)),
    "dates": saved(np.array(["2020-01-01"], "M8[D]")),
    "a deep header": npy("(" * 9000),
    "a header of another version": b"\x93NUMPY\x09\x00" + bytes(100),
    "no header": b"hello",
}


LARGE = npy(header("|u1", 3 * GIGABYTE - 128))  # NumPy's headers have 128 bytes
LONG_NAMES = {f"{i:0>65000}.npy": b"" for i in range(70)}


def with_arrays(whole, name):
    """Give changes of one array of a ``.npz`` file, and of the zip."""

    def with_array(content):
        return lambda: zipped(unzip(WHOLE[whole]) | {name: content})

    def twice():
        file = io.BytesIO(WHOLE[whole])
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr(f"./{name}", b"")
            archive.filelist[-1].filename = name
        return file.getvalue()

    return {
        **{what: with_array(content) for what, content in ARRAYS.items()},
        "cut off": lambda: WHOLE[whole][: len(WHOLE[whole]) // 2],
        "packed": lambda: with_bomb({}, name, 512, npy(header("|u1", 512 * MEGABYTE))),
        "packed by LZMA": lambda: zipped(unzip(WHOLE[whole]), zipfile.ZIP_LZMA),
        "one name twice": twice,
        "a long list": lambda: zipped(unzip(WHOLE[whole]) | LONG_NAMES),
        "nothing in it": lambda: zipped({}),
    }


# --- checkpoints ----------------------------------------------------------------------


def resume(path):
    def read():
        from skl_signlang.training._checkpoint_files import CheckpointFolder

        folder = CheckpointFolder(path.parent)
        folder.read()
        folder.read_arrays(10**6)

    return read


def with_json(name, change):
    """Change the fingerprint or the progress of a checkpoint."""

    def build():
        members = unzip(WHOLE["checkpoint"])
        text = np.load(io.BytesIO(members[f"{name}.npy"])).tobytes()
        content = change(json.loads(text))
        content = (
            content if isinstance(content, bytes) else json.dumps(content).encode()
        )
        return zipped(members | {f"{name}.npy": saved(np.frombuffer(content, "u1"))})

    return build


def put(**more):
    return lambda progress: {**progress, **more}


def with_text(key, text):
    """Give the JSON of an object with other text for one value."""
    return lambda whole: (
        json.dumps({**whole, key: "VALUE"}).replace('"VALUE"', text).encode()
    )


PROGRESS = {
    "epochs that never end": put(first=10**9, n_iter=0),
    "fewer epochs than none": put(n_iter=-(10**9)),
    "epochs without a history": put(n_iter=10**9),
    "a history of text": put(history={"loss": ["x"]}),
    "a seed of text": put(seed="x"),
    "a state of callbacks that is text": put(callbacks={"a": "x"}),
    "what was watched is text": put(watchers=[["x", "y"]]),
    "a list": lambda progress: [progress],
    "deep": lambda progress: b"[" * 10**5,
    "no JSON": lambda progress: b"hello",
    "nothing of it": lambda progress: {},
    "a seed of many digits": put(seed=10**400),
    "epochs that are NaN": put(n_iter=float("nan")),
    "a history beyond all floats": with_text("history", '{"loss": [1e400]}'),
}
CHECKPOINTS = [
    *placed("checkpoint", "last.npz", resume),
    *changed(
        "checkpoint, arrays",
        "last.npz",
        resume,
        with_arrays("checkpoint", "fingerprint.npy"),
    ),
    *changed(
        "checkpoint, progress",
        "last.npz",
        resume,
        {what: with_json("progress", change) for what, change in PROGRESS.items()},
    ),
]

CHECKPOINTS += sparse_inside(
    "checkpoint",
    "last.npz",
    "checkpoint",
    resume,
    dict.fromkeys(("fingerprint.npy", "progress.npy", "last.0.npy"), LARGE),
)

# --- searches -------------------------------------------------------------------------


def search(path):
    from skl_signlang.model_selection._search_checkpoint import SearchCheckpoint

    return lambda: SearchCheckpoint(path.parent, {"a": 1})


def opened(folder):
    """Give a search that is in a folder; making one would make folders."""
    from skl_signlang.model_selection._search_checkpoint import SearchCheckpoint

    checkpoint = object.__new__(SearchCheckpoint)
    checkpoint.path, checkpoint._with_train_scores = folder, False
    return checkpoint


def result(path):
    folder = path.parent
    (folder / "results").mkdir()
    path.rename(folder / "results" / path.name)
    return lambda: opened(folder).result(0, 0, 0)


def training(path):
    def read():
        from skl_signlang.model_selection._training_state import restore_state

        content = opened(folder).find_state(0, 0, 1)
        restore_state(classifier(), X, Y, None, content)

    folder = path.parent
    (folder / "training").mkdir()
    path.rename(folder / "training" / path.name)
    return read


def with_result(**more):
    whole = {
        **{"fit_error": None, "fit_time": 1.0, "n_test_samples": 3},
        **{"score_time": 1.0, "test_scores": 0.5},
    }
    return lambda: json.dumps({**whole, **more}).encode()


def with_names(*names):
    """Give a training state that holds more arrays."""
    more = {f"{name}.npy": saved(np.zeros(1, "f4")) for name in names}
    return zipped(unzip(WHOLE["training"]) | more)


RESULTS = {
    "scores of text": with_result(test_scores="x"),
    "scores of lists": with_result(test_scores={"a": [1]}),
    "an error that is a list": with_result(fit_error=[1]),
    "more than there is": with_result(evil=1),
    "a score beyond all floats": lambda: with_result(test_scores=7.25)().replace(
        b"7.25", b"1e400"
    ),
    "a score of many digits": with_result(test_scores=10**400),
    "scores of a training that were not asked for": with_result(train_scores=1.0),
    "a list": lambda: b"[]",
    "deep": lambda: b"[" * 10**5,
    "no text": lambda: b"\xff\xfe",
}
SEARCHES = [
    *placed("search", "search.json", search),
    *changed(
        "search",
        "search.json",
        search,
        {"deep": lambda: b"[" * 10**5, "another": lambda: b'{"a": 2}'},
        "holds a different search|search.json",
    ),
    *placed("result of a search", "0-0-0.json", result),
    *changed("result of a search", "0-0-0.json", result, RESULTS),
    *placed("training of a search", "0-0-1.npz", training, ("nothing", "a pickle")),
    *changed(
        "training of a search, arrays",
        "0-0-1.npz",
        training,
        with_arrays("training", "metadata.npy"),
        "saved training state in .* is damaged",
    ),
    *changed(
        "training of a search, names of arrays",
        "0-0-1.npz",
        training,
        {
            "unknown": lambda: with_names("evil.0"),
            "thousands": lambda: with_names(*(f"x.{i}" for i in range(20_000))),
            "a gap": lambda: with_names("values.99"),
            "a place of many digits": lambda: with_names("values." + "9" * 5000),
            "a place before the first": lambda: with_names("values.-1"),
            "a place that is text": lambda: with_names("values.x"),
            "a place in Arabic digits": lambda: with_names("values.\u0663"),
            "no place": lambda: with_names("values"),
        },
        "saved training state in .* is damaged: (it|invalid)",
    ),
    *sparse_inside(
        "training of a search",
        "0-0-1.npz",
        "training",
        training,
        dict.fromkeys(("metadata.npy", "values.0.npy", "more.0.npy"), LARGE),
    ),
]

# --- networks and weights -------------------------------------------------------------


def outer_link(file):
    file["more"] = h5py.ExternalLink("../../traps/pipe", "/")


def outer_data(file):
    file.create_dataset("more", (4,), "f4", external=[("../../traps/pipe", 0, 16)])


def virtual(file):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("../../traps/whole.weights.h5", "x", (4,))
    file.create_virtual_dataset("more", layout)


def packed(file):
    file.create_dataset("more", (10**9,), "f4", chunks=(10**6,), compression="gzip")


def in_chunks(file):
    file.create_dataset("more", (10**12,), "f4", chunks=(10**3,), fillvalue=1)


def lies(file):
    file.create_dataset("more", (10**12,), "f4")


def objects(file):
    file.create_dataset("more", data=["text"], dtype=h5py.string_dtype())


def references(file):
    file.create_dataset("more", (1,), dtype=h5py.ref_dtype)


def soft_link(file):
    file["more"] = h5py.SoftLink("/layers")


def circle(file):
    file["more"] = file["/"]


def whole_model(file):
    file.attrs["model_config"] = "{}"


def named_type(file):
    file["more"] = np.dtype("f8")


HDF5 = (
    *(outer_link, outer_data, virtual, packed, in_chunks, lies, objects, references),
    *(soft_link, circle, whole_model, named_type),
)


def with_hdf5(change):
    def build():
        file = io.BytesIO(WHOLE["weights"])
        with h5py.File(file, "a") as opened:
            change(opened)
        return file.getvalue()

    return build


UNSAFE_WEIGHTS = {
    **{change.__name__.replace("_", " "): with_hdf5(change) for change in HDF5},
    "cut off": lambda: WHOLE["weights"][:1000],
    "no HDF5": lambda: b"hello",
}


def other_weights():
    file = io.BytesIO()
    with h5py.File(file, "w") as opened:
        opened.create_dataset("x", data=np.zeros((1000,), "f4"))
    return file.getvalue()


WEIGHTS = {**UNSAFE_WEIGHTS, "another network": other_weights}


def weights_of(path):
    return features(network, path)


def pair(path):
    from skl_signlang.persistence import load

    (path.parent / "net.json").write_bytes(WHOLE["json"])
    return lambda: load(path.parent / "net.json", weights=path)


def architecture(path):
    from skl_signlang.persistence import load

    weights = path.parent / "whole.weights.h5"
    weights.write_bytes(WHOLE["weights"])
    return lambda: load(path, weights=weights)


def with_layer(class_name, module="keras.layers", **config):
    """Give the description of a network that has one more layer."""

    def change(whole):
        whole = copy.deepcopy(whole)
        layers = whole["config"]["layers"]
        entry = copy.deepcopy(layers[-1])
        entry |= {"class_name": class_name, "module": module, "name": "evil"}
        entry["config"] = {"name": "evil", **config}
        entry.pop("build_config", None)
        layers.append(entry)
        return json.dumps(whole).encode()

    return change


CONFIGS = {
    "Lambda": with_layer("Lambda", function=["AAAA", None, None]),
    "TFSMLayer": with_layer("TFSMLayer", filepath="../../traps/evil"),
    "StringLookup": with_layer("StringLookup", vocabulary="../../traps/address"),
    "os.system": with_layer("system", module="os"),
    "get_file": with_layer("get_file", module="keras.utils"),
    "a layer of the user's": with_layer("Evil", module="evil"),
    "more weights than came": with_layer("Dense", units=2 * 10**8, use_bias=True),
    "a constant": with_layer("CategoryEncoding", num_tokens=10**9),
    "a large margin": with_layer("ZeroPadding2D", padding=[[10**5, 10**5]] * 2),
    "no JSON": lambda whole: b"hello",
    "deep": lambda whole: b"[" * 10**5,
    "no network": lambda whole: b"{}",
    **{name: with_text("name", name) for name in ("NaN", "-Infinity", "1e400")},
}


def with_config(change):
    def build():
        members = unzip(WHOLE["keras"])
        config = change(json.loads(members["config.json"]))
        return zipped(members | {"config.json": config})

    return build


def with_weights(build):
    return lambda: zipped(unzip(WHOLE["keras"]) | {"model.weights.h5": build()})


ZIPS = {
    "packed": lambda: with_bomb(unzip(WHOLE["keras"]), "model.weights.h5", 512),
    "a name that leads out": lambda: zipped(unzip(WHOLE["keras"]) | {"../evil": b""}),
    "assets": lambda: zipped(unzip(WHOLE["keras"]) | {"assets/evil.txt": b""}),
    "cut off": lambda: WHOLE["keras"][: len(WHOLE["keras"]) // 2],
    "no zip": lambda: b"hello",
}
NETWORKS = [
    *placed("backbone", "net.keras", features, ("a folder",)),
    *changed("backbone, zip", "net.keras", features, ZIPS),
    *sparse_inside(
        "backbone",
        "net.keras",
        "keras",
        features,
        {"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": b"\x89HDF"},
    ),
    *changed(
        "backbone, layers",
        "net.keras",
        features,
        {what: with_config(change) for what, change in CONFIGS.items()},
    ),
    *changed(
        "backbone, HDF5",
        "net.keras",
        features,
        {what: with_weights(build) for what, build in WEIGHTS.items()},
    ),
    *placed("weights of a backbone", "net.weights.h5", weights_of),
    *changed("weights of a backbone", "net.weights.h5", weights_of, UNSAFE_WEIGHTS),
    *placed("architecture and weights", "net.weights.h5", pair),
    *changed("architecture and weights", "net.weights.h5", pair, WEIGHTS),
    *placed("architecture", "net.json", architecture),
    *changed(
        "architecture",
        "net.json",
        architecture,
        {
            what: lambda change=change: change(json.loads(WHOLE["json"]))
            for what, change in CONFIGS.items()
        },
    ),
]


def saved_model(path):
    path.rename(path.parent / "variables.index")
    (path.parent / "saved_model.pb").write_bytes(b"")
    return features(path.parent)


# --- data -----------------------------------------------------------------------------


def samples(path):
    from skl_signlang.datasets import load_samples

    return lambda: load_samples(path)


def landmarks(path):
    def read():
        from skl_signlang.preprocessing._hand_model_files import find_model

        find_model(path)

    return read


def predictor(path):
    def read():
        from skl_signlang.inference import LetterPredictor

        LetterPredictor(path)

    return read


def begun(name, n_bytes):
    """Put a file in place that begins like an exported one and is sparse after that."""

    def make(folder, traps):
        sparse(folder / name, n_bytes)
        with (folder / name).open("r+b") as file:
            file.write(
                {".onnx": b"\x08", ".tflite": b"\x1c\0\0\0TFL3"}[Path(name).suffix]
            )
        return predictor(folder / name)

    return name, n_bytes, make


SPARSE = [
    begun("net.onnx", GIGABYTE - 1),
    begun("net.onnx", 2 * GIGABYTE - 1),
    begun("net.tflite", 2 * GIGABYTE - 1),
]


def images_npz(name, content):
    return lambda: zipped(
        {"images.npy": saved(X), "y.npy": saved(np.arange(12))} | {name: content}
    )


SAMPLES = {
    **{
        f"{name}: {what}": images_npz(name, content)
        for name in ("images.npy", "y.npy")
        for what, content in ARRAYS.items()
        if (name, what) != ("y.npy", "dates")
    },
    "packed": lambda: with_bomb({"y.npy": b""}, "images.npy", 512),
}
DATA = [
    *placed("samples", "samples.csv", samples, ("a folder", "nine gigabytes")),
    *changed("samples, arrays", "samples.npz", samples, SAMPLES),
    *placed("hand landmark model", "model.tflite", landmarks),
    *placed("exported file", "net.tflite", predictor),
    *(
        Case("exported file, sparse", f"{name} of {n_bytes:,}", make, name)
        for name, n_bytes, make in SPARSE
    ),
    *placed(
        "SavedModel",
        "variables",
        saved_model,
        ("a folder", "nothing", "a pickle", "three gigabytes"),
    ),
]
DATA = [
    case._replace(reason="variables.index") if case.kind == "SavedModel" else case
    for case in DATA
]

CASES = [*CHECKPOINTS, *SEARCHES, *NETWORKS, *DATA]
