import io
import json
import os
import pickle
import re
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import skops.io
from sklearn.base import clone

from skl_signlang import DenseClassifier
from skl_signlang.export import export_architecture, export_weights
from skl_signlang.persistence import card, load
from skl_signlang.persistence import save as save_archive
from skl_signlang.persistence._manifest import describe
from skl_signlang.persistence._skops_files import with_public_names

X = np.random.RandomState(0).randint(0, 256, (24, 4)).astype(np.uint8)
NETWORK = "network-0.keras"
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def fitted():
    model = DenseClassifier(hidden_layer_sizes=(3,), epochs=1, random_state=0)
    return model.fit(X, np.resize(list("ABC"), 24))


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model.signlang"
    save_archive(fitted, path)
    return path.read_bytes()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder that temporary files go to, and that must be empty in the end."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.chdir(folder)
    yield folder
    assert not list(folder.iterdir())


@pytest.fixture
def refuse(saved, place, tmp_path):
    """A function: write an archive, load it, and see it refused for a reason."""

    def refuse(content, reason):
        path = tmp_path / "hostile.signlang"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=reason) as caught:
            load(path)
        assert str(path) in str(caught.value)

    return refuse


class Touch:
    """Unpickled, it leaves a file behind."""

    def __reduce__(self):
        return os.mkdir, ("executed",)


def unzip(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def unzip_sizes(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {member.filename: member.file_size for member in archive.infolist()}


def zipped(members, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def resealed(saved, changes, compression=zipfile.ZIP_STORED, **said):
    """An archive with other members and a manifest that has their right hashes."""
    members = unzip(saved) | changes
    manifest = json.loads(members.pop("manifest.json"))
    manifest["members"] = {name: describe(c) for name, c in members.items()}
    text = json.dumps(manifest | said).encode()
    return zipped({"manifest.json": text, **members}, compression)


def with_network(saved, **changes):
    network = unzip(unzip(saved)[NETWORK]) | changes
    return resealed(saved, {NETWORK: zipped(network)})


def with_config(saved, change):
    config = json.loads(unzip(unzip(saved)[NETWORK])["config.json"])
    change(config["config"]["layers"])
    return with_network(saved, **{"config.json": json.dumps(config).encode()})


# --- the file -------------------------------------------------------------------------


def test_an_archive_that_is_written_anew_loads(saved, fitted, tmp_path):
    path = tmp_path / "same.signlang"
    path.write_bytes(with_config(saved, lambda layers: None))
    np.testing.assert_array_equal(load(path).predict_proba(X), fitted.predict_proba(X))


def test_an_archive_that_repeats_itself_is_saved_so_that_it_loads(fitted, tmp_path):
    repeated = clone(fitted).fit(X, np.resize(list("ABC"), 24))
    repeated.remark_ = ["A"] * 20_000  # packed to a few hundred bytes
    path = tmp_path / "repeated.signlang"
    save_archive(repeated, path)
    assert load(path).remark_ == repeated.remark_


def test_truncated_at_every_hundredth_of_its_length(saved, refuse):
    for percent in range(100):
        refuse(saved[: len(saved) * percent // 100], "cannot be loaded")


def test_a_flipped_bit_is_found_or_does_no_harm(saved, fitted, tmp_path):
    expected, path = fitted.predict_proba(X), tmp_path / "flipped.signlang"
    n_refused = 0
    for position in np.random.RandomState(0).randint(0, len(saved), 20):
        content = bytearray(saved)
        content[position] ^= 1
        path.write_bytes(bytes(content))
        try:
            proba = load(path).predict_proba(X)
        except ValueError:
            n_refused += 1
        else:
            np.testing.assert_array_equal(proba, expected)
    assert n_refused > 10


def whole_model():
    file = io.BytesIO()
    with h5py.File(file, "w") as h5:
        h5.attrs["model_config"] = "{}"
    return file.getvalue()


OTHER_FILES = {
    "h5 model": (whole_model(), "Whole models in HDF5 can run code"),
    "pickle": (pickle.dumps(Touch()), "is a pickle, which can run code"),
    "json": (b"{}", "goes with its weights"),
    "text": (b"hello", "not a zip file"),
    "the beginning of a zip": (b"PK\x03\x04", "damaged or cut off"),
    "empty": (b"", "not a zip file"),
    "zip of another kind": (zipped({"config.json": b"{}"}), "holds no manifest.json"),
    "a model of Keras": (
        zipped(
            dict.fromkeys(["config.json", "metadata.json", "model.weights.h5"], b"")
        ),
        r"is a model of Keras \(.keras\).* load takes .signlang archives",
    ),
    "an exported file": (b"\0\0\0\0TFL3", "LetterPredictor runs"),
}


@pytest.mark.parametrize("case", OTHER_FILES.values(), ids=OTHER_FILES)
def test_other_files_under_the_name_of_an_archive(case, refuse):
    refuse(*case)


def test_what_is_there_but_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="is a named pipe"):
        load(tmp_path / "pipe")
    with pytest.raises(ValueError, match="is a named pipe"):
        load(tmp_path / "pipe", weights=tmp_path / "pipe")


# --- the zip --------------------------------------------------------------------------


def test_pickles_are_no_members(saved, refuse):
    content = resealed(saved, {"model.pkl": pickle.dumps(Touch())})
    refuse(content, r"model\.pkl: it is not a part of an archive")
    refuse(
        resealed(saved, {"estimator.skops": pickle.dumps(Touch())}),
        "estimator.skops: it is not a zip file",
    )


@pytest.mark.parametrize(
    "name",
    ["../evil", "/tmp/evil", "folder/evil", "..\\evil", "C:evil", "folder/", ".."],
)
def test_names_that_are_paths(saved, refuse, name):
    refuse(resealed(saved, {name: b"x"}), "not a plain file name")


def test_symbolic_links(saved, refuse):
    file = io.BytesIO(saved)
    with zipfile.ZipFile(file, "a") as archive:
        link = zipfile.ZipInfo("card.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    refuse(file.getvalue(), "card.txt in it is not a regular file but a link")


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_members_that_are_there_twice(saved, refuse):
    file = io.BytesIO(saved)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(NETWORK, b"another")
    refuse(file.getvalue(), f"holds {NETWORK} twice")


def test_members_that_are_packed_in_unusual_ways(saved, refuse):
    content = resealed(saved, {}, compression=zipfile.ZIP_LZMA)
    refuse(content, "compressed by method 14")


def test_wrong_hashes(saved, refuse):
    members = unzip(saved)
    for name in members.keys() - {"manifest.json"}:
        changed = members | {name: members[name][:-1] + b"?"}
        refuse(zipped(changed), f"{name} does not match the manifest")


def test_bombs_are_refused_by_what_they_say(saved, refuse):
    bomb = {"card.md": bytes(64 * MEGABYTE)}
    content = resealed(saved, bomb, compression=zipfile.ZIP_DEFLATED)
    assert len(content) < MEGABYTE
    refuse(content, "would unpack to 67,")


def test_bombs_that_lie_of_their_size_are_not_unpacked(saved, refuse):
    n_bytes = 64 * MEGABYTE + 12_345
    members = json.loads(unzip(saved)["manifest.json"])["members"]
    members["card.md"] = describe(bytes(10))
    content = resealed(
        saved, {"card.md": bytes(n_bytes)}, zipfile.ZIP_DEFLATED, members=members
    )
    lie = content.replace(struct.pack("<L", n_bytes), struct.pack("<L", 10))
    assert unzip_sizes(lie)["card.md"] == 10
    tracemalloc.start()
    try:
        refuse(lie, "Bad CRC-32 for file 'card.md'")
        assert tracemalloc.get_traced_memory()[1] < 16 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", [NETWORK, "estimator.skops"])
def test_bombs_further_in(saved, refuse, name):
    inner = unzip(unzip(saved)[name]) | {"bomb.bin": bytes(MEGABYTE)}
    packed = zipped(inner, zipfile.ZIP_DEFLATED)
    refuse(resealed(saved, {name: packed}), f"{name}: it would unpack to 1,")


# --- the manifest ---------------------------------------------------------------------


MANIFESTS = {
    "no JSON": (b"hello", "manifest.json: it is not JSON"),
    "no text": (b"\xff{", "manifest.json: it is not JSON"),
    "a list": (b"[]", "is a JSON list"),
    "huge": (b"{}" + b" " * MEGABYTE, "at most 1,048,576 are read"),
    "deep": (b'{"a":' + b"[" * 10**5 + b"]" * 10**5 + b"}", "nested too deeply"),
    "long number": (b'{"a":' + b"9" * 10**5 + b"}", "is not JSON"),
}


@pytest.mark.parametrize("case", MANIFESTS.values(), ids=MANIFESTS)
def test_manifests_that_are_none(saved, refuse, case):
    text, reason = case
    refuse(zipped(unzip(saved) | {"manifest.json": text}), reason)


@pytest.mark.parametrize("version", [0, 3, 7, "1", 1.0, True, None, [1]])
def test_unknown_versions_are_refused_by_number(saved, refuse, version):
    content = resealed(saved, {}, format_version=version)
    refuse(content, re.escape(f"format version is {version!r}; this"))


LIES = {
    "classes": ["A", "B"],
    "estimator": "CNNClassifier",
    "image_shape": [28, 28, 1],
    "parameters": {"epochs": 1000},
}


@pytest.mark.parametrize("name", LIES)
def test_manifests_that_lie(saved, refuse, name):
    content = resealed(saved, {}, **{name: LIES[name]})
    refuse(content, f"its manifest has {name} .*, but the estimator in it has")


# --- the networks ---------------------------------------------------------------------


def lambda_layer():
    layer = keras.layers.Lambda(lambda x: os.mkdir("executed") or x)
    return keras.saving.serialize_keras_object(layer)


def named(module, name, config=None, **more):
    entry = {"module": module, "class_name": name, "config": config or {}}
    return {**entry, "registered_name": None, **more}


HOSTILE_LAYERS = {
    "Lambda": lambda_layer(),
    "Lambda by its inner name": {
        **lambda_layer(),
        "module": "keras.src.layers.core.lambda_layer",
    },
    "Lambda without a module": {"class_name": "Lambda", "config": {}},
    "TFSMLayer": named("keras.layers", "TFSMLayer", {"filepath": "/tmp"}),
    "TorchModuleWrapper": named("keras.layers", "TorchModuleWrapper"),
    "StringLookup": named("keras.layers", "StringLookup", {"vocabulary": "/etc/hosts"}),
    "get_file": named("keras.utils", "function", "get_file"),
    "os.system": named("os", "system"),
    "system": named("os", "function", "system"),
    "subprocess.Popen": named("subprocess", "Popen"),
    "registered": named("keras.layers", "Dense", registered_name="Custom>Dense"),
    "__lambda__": {"class_name": "__lambda__", "config": {"value": "AAAA"}},
}


@pytest.mark.parametrize("layer", HOSTILE_LAYERS.values(), ids=HOSTILE_LAYERS)
def test_layers_that_could_run_code_are_refused_by_name(saved, refuse, layer):
    def replace(layers):
        layers[-1] = layer

    def nest(layers):
        layers[-1]["config"]["activation"] = [layer]

    for change in (replace, nest):
        reason = f"{NETWORK}: it names .*{layer['class_name']}.* refused"
        refuse(with_config(saved, change), reason)


def test_networks_that_are_larger_than_their_weights(saved, refuse):
    def widen(layers):
        # the layers after it have shapes of their own
        del layers[2:-1]
        layers[-1]["config"]["units"] = 10**11
        layers[-1]["inbound_nodes"][0]["args"][0]["config"] = {
            **layers[1]["inbound_nodes"][0]["args"][0]["config"],
            "keras_history": [layers[1]["config"]["name"], 0, 0],
        }
        del layers[-1]["build_config"]

    refuse(with_config(saved, widen), "have 500,000,000,008 weights, but only")
    # Keras gives memory to what was left without it when such a scope ends
    with keras.StatelessScope():
        pass


def test_networks_hold_no_other_files(saved, refuse):
    network = unzip(unzip(saved)[NETWORK])
    for members in (
        network | {"assets.txt": b"x"},
        network | {"vocabulary.pkl": pickle.dumps(Touch())},
        {"model.weights.npz": b"", **network},
        {},
    ):
        content = resealed(saved, {NETWORK: zipped(members)})
        refuse(content, "expected a .keras file, which holds config.json")
    refuse(resealed(saved, {NETWORK: whole_model()}), f"{NETWORK}: it is not a zip")


def link(file):
    file["more"] = h5py.SoftLink("/layers")


def outer_link(file):
    file["more"] = h5py.ExternalLink("/etc/passwd", "/")


def outer_data(file):
    file.create_dataset("more", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def virtual(file):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
    file.create_virtual_dataset("more", layout)


def packed(file):
    file.create_dataset("more", (10**9,), "f4", chunks=(10**6,), compression="gzip")


def text(file):
    file.create_dataset("more", data=["text"], dtype=h5py.string_dtype())


def model(file):
    file.attrs["model_config"] = "{}"


def cycle(file):
    file["more"] = file["/"]


HOSTILE_WEIGHTS = {
    link: "more in it is a link",
    outer_link: "more in it is a link",
    outer_data: "more in it is in another file",
    virtual: "more in it is in another file",
    packed: "would unpack to 4,0",
    text: "expected numbers",
    model: "whole Keras model in HDF5",
    cycle: "more in it is another group under a second name",
}


@pytest.mark.parametrize("change", HOSTILE_WEIGHTS)
def test_weights_are_nothing_but_numbers(saved, refuse, change):
    file = io.BytesIO(unzip(unzip(saved)[NETWORK])["model.weights.h5"])
    with h5py.File(file, "a") as h5:
        change(h5)
    content = with_network(saved, **{"model.weights.h5": file.getvalue()})
    refuse(content, f"{NETWORK}: .*{HOSTILE_WEIGHTS[change]}")


# --- what skops writes ----------------------------------------------------------------


def with_skops(saved, change):
    members = unzip(unzip(saved)["estimator.skops"])
    schema = json.loads(members["schema.json"])
    change(members, schema)
    members["schema.json"] = json.dumps(schema).encode()
    return resealed(saved, {"estimator.skops": zipped(members)})


@pytest.mark.parametrize(
    "thing", [Path("x"), os.system, io.BytesIO, keras.layers.Dense]
)
def test_foreign_types_are_refused_by_name(saved, refuse, thing):
    name = getattr(thing, "__name__", type(thing).__name__)
    content = resealed(saved, {"estimator.skops": skops.io.dumps(thing)})
    refuse(content, f"Untrusted types found .*{name}")


def test_objects_of_foreign_types_are_refused_by_name(saved, refuse):
    def rename(members, schema):
        schema.update(__module__="subprocess", __class__="Popen")

    refuse(with_skops(saved, rename), "Untrusted types found .*subprocess.Popen")


def test_arrays_that_lie_of_their_shape(saved, refuse):
    def lie(members, schema):
        header = io.BytesIO()
        fields = {"descr": "<f4", "fortran_order": False, "shape": (10**12,)}
        np.lib.format.write_array_header_1_0(header, fields)
        name = next(name for name in members if name.endswith(".npy"))
        members[name] = header.getvalue()

    refuse(with_skops(saved, lie), r"an array of \(1000000000000,\) float32, which")


def test_parts_that_stand_for_ever_more_parts(saved, refuse):
    def laugh(members, schema):
        node = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode"}
        part = {**node, "content": [], "__id__": 1}
        for number in range(2, 60):
            again = {**node, "content": [], "__id__": number - 1}
            part = {**node, "content": [part, again], "__id__": number}
        schema["content"]["content"]["l1"] = part

    refuse(with_skops(saved, laugh), "refer to others")


def test_networks_are_files_of_their_own(saved, fitted, refuse):
    inline = {"estimator.skops": with_public_names(skops.io.dumps(fitted))}
    refuse(resealed(saved, inline), "a network in it is not a file of its own")

    def point(members, schema):
        text = json.dumps(schema).replace(NETWORK, "card.md")
        schema.update(json.loads(text))

    content = with_skops(saved, point)
    hidden = resealed(content, {"card.md": unzip(saved)[NETWORK]})
    refuse(hidden, "a network in it is not a file of its own")


# --- architecture and weights ---------------------------------------------------------


@pytest.fixture
def pair(fitted, tmp_path):
    paths = tmp_path / "net.json", tmp_path / "net.weights.h5"
    export_architecture(fitted, paths[0])
    export_weights(fitted, paths[1])
    return paths


@pytest.mark.parametrize("layer", HOSTILE_LAYERS.values(), ids=HOSTILE_LAYERS)
def test_architectures_run_no_code(pair, place, layer):
    config = json.loads(pair[0].read_text())
    config["config"]["layers"][-1] = layer
    pair[0].write_text(json.dumps(config))
    with pytest.raises(ValueError, match=f"names .*{layer['class_name']}.* refused"):
        load(pair[0], weights=pair[1])


@pytest.mark.parametrize("change", HOSTILE_WEIGHTS)
def test_weights_of_a_pair_are_nothing_but_numbers(pair, place, change):
    with h5py.File(pair[1], "a") as h5:
        change(h5)
    with pytest.raises(ValueError, match=HOSTILE_WEIGHTS[change]):
        load(pair[0], weights=pair[1])


def test_pairs_that_are_none(pair, place, fitted, tmp_path):
    other = tmp_path / "other.signlang"
    save_archive(fitted, other)
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(Touch()))
    for path, weights, reason in (
        (pair[0], other, "cannot be loaded as weights"),
        (pair[0], tmp_path / "x.pkl", "cannot be loaded as weights"),
        (other, pair[1], "cannot be loaded as an architecture: it is not JSON"),
        (pair[0], pair[0], "cannot be loaded as weights"),
    ):
        with pytest.raises(ValueError, match=reason):
            load(path, weights=weights)
    for path, reason in ((pair[0], "goes with its weights"), (pair[1], "is HDF5")):
        with pytest.raises(ValueError, match=reason):
            load(path)
    with pytest.raises(ValueError, match=r"has no card, .* is HDF5"):
        card(pair[1])
