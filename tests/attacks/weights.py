"""Weights in HDF5: links, other files, packed arrays."""

import io
import json

from attacks.table import GOLDEN, NETWORK, Case, archive, unzip, with_network

WEIGHTS = unzip(unzip(GOLDEN.read_bytes())[NETWORK])["model.weights.h5"]


def changed(change, traps):
    """Give an archive whose weights were changed by a function."""
    import h5py

    file = io.BytesIO(WEIGHTS)
    with h5py.File(file, "a") as h5:
        change(h5, traps)
    return with_network(**{"model.weights.h5": file.getvalue()})


def soft(file, traps):
    import h5py

    file["more"] = h5py.SoftLink("/layers")


def outer(file, traps):
    import h5py

    file["more"] = h5py.ExternalLink(str(traps / "pipe"), "/")


def outer_inside(file, traps):
    import h5py

    file["layers/more"] = h5py.ExternalLink("/etc/passwd", "/")


def data_elsewhere(file, traps):
    external = [(str(traps / "pipe"), 0, 16)]
    file.create_dataset("more", (4,), "f4", external=external)


def virtual(file, traps):
    import h5py

    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource(str(traps / "pipe"), "x", (4,))
    file.create_virtual_dataset("more", layout)


def packed(file, traps):
    file.create_dataset("more", (10**9,), "f4", chunks=(10**6,), compression="gzip")


def in_chunks(file, traps):
    file.create_dataset("more", (10,), "f4", chunks=(5,))


def unwritten(file, traps):
    file.create_dataset("more", (10**10,), "f8")


def text(file, traps):
    import h5py

    file.create_dataset("more", data=["text"], dtype=h5py.string_dtype())


def wide_text(file, traps):
    file.create_dataset("more", (2,), "S1000000")


def references(file, traps):
    import h5py

    file.create_dataset("more", (2,), h5py.ref_dtype)


def compound(file, traps):
    file.create_dataset("more", (2,), [("a", "f4"), ("b", "i4")])


def circle(file, traps):
    file["more"] = file["/"]


def second_name(file, traps):
    file["more"] = file["layers"]


def many_names(file, traps):
    for number in range(30_000):
        file[f"{number:x}"] = file["layers"]


def many_groups(file, traps):
    for number in range(30_000):
        file.create_group(f"{number:x}")


def whole_model(file, traps):
    file.attrs["model_config"] = "{}"


def whole_model_as_group(file, traps):
    file.create_group("model_weights")


def a_type(file, traps):
    import numpy as np

    file["more"] = np.dtype("f8")


def fewer(file, traps):
    name = next(n for n in file["layers"] if len(file[f"layers/{n}/vars"]))
    del file[f"layers/{name}"]


def nothing(file, traps):
    del file["layers"]


CHANGES = {
    soft: "link",
    outer: "link",
    outer_inside: "link",
    data_elsewhere: "another file",
    virtual: "another file",
    packed: "would unpack",
    in_chunks: "chunks",
    unwritten: "would unpack",
    text: "expected numbers",
    wide_text: "expected numbers",
    references: "expected numbers",
    compound: "expected numbers",
    circle: "second name",
    second_name: "second name",
    many_names: "HDF5 entries|second name",
    many_groups: "HDF5 entries",
    whole_model: "whole Keras model",
    whole_model_as_group: "whole Keras model",
    a_type: "not an array",
    fewer: "weights",
    nothing: "weights",
}
CASES = [
    Case(
        "weights that are more than numbers",
        change.__name__,
        archive(lambda traps, change=change: changed(change, traps)),
        f"{NETWORK}: .*{reason}",
    )
    for change, reason in CHANGES.items()
]
CASES += [
    Case(
        "damaged weights",
        f"cut off at {tenths}0 %",
        archive(
            lambda n=tenths: with_network(
                **{"model.weights.h5": WEIGHTS[: len(WEIGHTS) * n // 10]}
            )
        ),
        NETWORK,
    )
    for tenths in range(0, 10, 2)
]


def pair(change):
    """Make a case's `make` of what `load` reads as architecture and weights."""

    def make(folder, traps):
        import h5py

        from skl_signlang.persistence import load

        paths = folder / "net.json", folder / "net.weights.h5"
        config = json.loads(unzip(unzip(GOLDEN.read_bytes())[NETWORK])["config.json"])
        paths[0].write_text(json.dumps(config))
        paths[1].write_bytes(WEIGHTS)
        with h5py.File(paths[1], "a") as h5:
            change(h5, traps)
        return lambda: load(paths[0], weights=paths[1])

    return make


CASES += [
    Case(
        "weights beside an architecture",
        change.__name__,
        pair(change),
        "net.*" + reason,
    )
    for change, reason in CHANGES.items()
    if change not in (nothing,)
]
