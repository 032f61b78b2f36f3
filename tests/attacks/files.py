"""The archive itself: the file, the zip, the manifest."""

import io
import json
import pickle
import stat
import struct
import zipfile

from attacks.table import (
    ESTIMATOR,
    GOLDEN,
    MEGABYTE,
    NETWORK,
    Case,
    archive,
    resealed,
    unzip,
    with_hole,
    zipped,
)

WHOLE = GOLDEN.read_bytes()


def case(kind, name, build, reason=""):
    return Case(kind, name, archive(build), reason)


OTHERS = {
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(100),
    "a pickle": pickle.dumps({"a": 1}),
    "JSON": b"{}",
    "text": b"hello",
    "nothing": b"",
    "gzip": b"\x1f\x8b" + bytes(100),
    "an empty zip": zipped({}),
    "another zip": zipped({"config.json": b"{}"}),
}
CASES = [
    case("other files", name, lambda content=content: content)
    for name, content in OTHERS.items()
]
CASES += [
    case("cut off", f"at {tenths}0 %", lambda n=tenths: WHOLE[: len(WHOLE) * n // 10])
    for tenths in range(1, 10)
]

NAMES = {
    "up": "../evil",
    "absolute": "/tmp/evil",
    "a folder": "folder/evil",
    "Windows": "..\\evil",
    "a drive": "C:evil",
    "only a folder": "folder/",
    "dots": "..",
    "long": "x" * 1000,
    "a line": "a\nb",
    "hidden": ".bashrc",
    "a NUL": "card.md\x00.txt",
}
CASES += [
    case("names of members", name, lambda n=path: resealed({n: b"x"}), "")
    for name, path in NAMES.items()
]


def with_member(info, content=b"x"):
    file = io.BytesIO(WHOLE)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(info, content)
    return file.getvalue()


def special(mode):
    info = zipfile.ZipInfo("card.txt")
    info.external_attr = (mode | 0o777) << 16
    return with_member(info, "/etc/passwd")


MODES = {
    "link": stat.S_IFLNK,
    "pipe": stat.S_IFIFO,
    "device": stat.S_IFCHR,
    "disk": stat.S_IFBLK,
    "socket": stat.S_IFSOCK,
}
CASES += [
    case(
        "members that are not files",
        name,
        lambda mode=mode: special(mode),
        r"card\.txt",
    )
    for name, mode in MODES.items()
]


def encrypted():
    content = bytearray(WHOLE)
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


CASES += [
    case("packed members", "LZMA", lambda: resealed({}, zipfile.ZIP_LZMA), "method 14"),
    case("packed members", "BZIP2", lambda: resealed({}, zipfile.ZIP_BZIP2), "method"),
    case("packed members", "encrypted", encrypted, "encrypted"),
    case("packed members", "twice", lambda: with_member(NETWORK), "twice"),
    case(
        "packed members",
        "a bomb",
        lambda: resealed({"card.md": bytes(300 * MEGABYTE)}, zipfile.ZIP_DEFLATED),
        "would unpack to",
    ),
    case(
        "packed members",
        "a bomb inside",
        lambda: resealed(
            {NETWORK: zipped({"b.bin": bytes(64 * MEGABYTE)}, zipfile.ZIP_DEFLATED)},
            zipfile.ZIP_DEFLATED,
        ),
        f"{NETWORK}: it would unpack to",
    ),
]


def sparse_member(name, beginning=b""):
    def make(folder, traps):
        from skl_signlang.persistence import load

        members = unzip(WHOLE)
        manifest = json.loads(members["manifest.json"])
        manifest["members"][name] = {"bytes": 3 << 30, "sha256": "0" * 64}
        members["manifest.json"] = json.dumps(manifest).encode()
        with_hole(folder / "hostile.signlang", members, name, beginning)
        return lambda: load(folder / "hostile.signlang")

    return make


CASES += [
    Case("sparse members", name, sparse_member(name, beginning), f"{name}: ")
    for name, beginning in (("card.md", b"#"), (NETWORK, b"PK"), (ESTIMATOR, b"PK"))
]


def lying():
    n_bytes = 64 * MEGABYTE + 12_345
    members = json.loads(unzip(WHOLE)["manifest.json"])["members"]
    from skl_signlang.persistence._manifest import describe

    members["card.md"] = describe(bytes(10))
    content = resealed(
        {"card.md": bytes(n_bytes)}, zipfile.ZIP_DEFLATED, members=members
    )
    return content.replace(struct.pack("<L", n_bytes), struct.pack("<L", 10))


def crowded(n, into=None):
    names = {f"m{i}.npy": b"" for i in range(n)}
    if into is None:
        return resealed(names)
    return resealed({into: zipped(unzip(unzip(WHOLE)[into]) | names)})


CASES += [
    case("packed members", "a bomb that lies", lying, r"card\.md"),
    case("many members", "20,000", lambda: crowded(20_000), "files|manifest"),
    case("many members", "in skops", lambda: crowded(20_000, ESTIMATOR), ESTIMATOR),
    case("many members", "in a network", lambda: crowded(20_000, NETWORK), NETWORK),
    case(
        "many members",
        "a long list",
        lambda: zipped({f"{i:0>99}": b"" for i in range(40_000)}),
        "list of members",
    ),
]

MANIFESTS = {
    "no JSON": b"hello",
    "no text": b"\xff{",
    "a list": b"[]",
    "huge": b"{}" + b" " * (2 * MEGABYTE),
    "deep": b'{"a":' + b"[" * 10**5 + b"]" * 10**5 + b"}",
    "a long number": b'{"a":' + b"9" * 10**5 + b"}",
    "nothing": b"{}",
    "no members": b'{"format_version": 1}',
    "members as a list": b'{"format_version": 1, "members": ["estimator.skops"]}',
    "members as numbers": b'{"format_version": 1, "members": {"estimator.skops": 1}}',
}
CASES += [
    case(
        "manifests",
        name,
        lambda text=text: zipped(unzip(WHOLE) | {"manifest.json": text}),
    )
    for name, text in MANIFESTS.items()
]
CASES += [
    case(
        "numbers that are none",
        number,
        lambda number=number: zipped(
            {
                "manifest.json": unzip(resealed({}, more="x"))["manifest.json"].replace(
                    b'"x"', number.encode()
                )
            }
        ),
        r"manifest\.json: it is not JSON: .*" + number[:4],
    )
    for number in ("NaN", "Infinity", "-Infinity", "1e400", "-1e999", "9" * 400)
]
CASES += [
    case(
        "manifests",
        f"version {version!r}",
        lambda version=version: resealed({}, format_version=version),
        r"manifest\.json: its format version",
    )
    for version in (0, 3, "1", 1.0, True, None, [1])
]
CASES += [
    case(
        "other hashes",
        name,
        lambda n=name: zipped(unzip(WHOLE) | {n: unzip(WHOLE)[n][:-1] + b"?"}),
        f"{name} does not match the manifest",
    )
    for name in ("card.md", ESTIMATOR, NETWORK)
]
CASES += [
    case(
        "members that are not parts",
        name,
        lambda n=name: resealed({n: pickle.dumps(1)}),
        f"{name}: it is not a part",
    )
    for name in ("model.pkl", "model.joblib", "code.py", "x.so")
]
