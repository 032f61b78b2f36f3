"""Read the Parquet file on standard input, and write its rows to standard output.

A script for a process of its own, since damaged files can abort pyarrow. It imports
nothing of this package, so that it starts fast. Frames are a length of 4 bytes and
JSON or bytes: the columns first, then label and image of each row; an error is last.
"""

import json
import os
import struct
import sys

LABELS = ("label", "labels", "class", "target", "letter")
BATCH_ROWS = 16
MAX_COLUMNS = 10_000
NULL = 2**32 - 1  # length of an image that is missing


def _limit(n_bytes, seconds):
    """Limit the memory and the time that this process may use from now on."""
    try:
        import resource
    except ImportError:  # on Windows
        return
    try:
        with open("/proc/self/status", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file)
        n_bytes += int(lines["VmData"].split()[0]) << 10
        resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, n_bytes))
    except OSError:
        pass
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _class_labels(metadata):
    """Return {column: names} of Hugging Face's ClassLabels in the metadata."""
    try:
        about = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        labels = {
            column: feature["names"]
            for column, feature in about["info"]["features"].items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    # The metadata may hold any JSON or none
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {
        column: names
        for column, names in labels.items()
        if isinstance(names, list) and all(isinstance(name, str) for name in names)
    }


def _find_columns(schema, image, target):
    """Return name and leaf of the images, the name of the labels and class names."""
    from pyarrow import types

    def is_bytes(kind):
        return types.is_binary(kind) or types.is_large_binary(kind)

    leaves = {}
    for field in schema:
        if is_bytes(field.type):
            leaves[field.name] = field.name
        elif types.is_struct(field.type):
            parts = {part.name: part.type for part in field.type}
            if "bytes" in parts and is_bytes(parts["bytes"]):
                leaves[field.name] = f"{field.name}.bytes"
    found = list(leaves) if image is None else [image]
    shown = ", ".join(repr(name)[:50] for name in schema.names[:20])
    if len(found) != 1 or found[0] not in leaves or schema.names.count(found[0]) > 1:
        raise ValueError(
            f"it has the columns {shown}, of which {len(leaves)} hold images, as bytes "
            "or structs with bytes; expected exactly one, or image= with its name"
        )
    class_labels = _class_labels(schema.metadata)
    known = [*class_labels, *LABELS] if target is None else [target]
    name = next((name for name in known if schema.names.count(name) == 1), None)
    kind = None if name is None else schema.field(name).type
    if kind is not None and types.is_dictionary(kind):
        kind = kind.value_type
    checks = types.is_integer, types.is_string, types.is_large_string
    if kind is None or not any(check(kind) for check in checks):
        raise ValueError(
            f"it has the columns {shown}; expected strings or integers as labels in "
            f"the column {' or '.join(map(repr, known))[:300]}. Pass target= with its "
            "name"
        )
    return found[0], leaves[found[0]], name, class_labels.get(name)


def _read(stream, image, target, write):
    """Write the columns, then label and image of each row."""
    from pyarrow import parquet

    file = parquet.ParquetFile(
        stream,
        pre_buffer=False,
        buffer_size=1 << 16,
        thrift_container_size_limit=MAX_COLUMNS,
    )
    image, leaf, target, names = _find_columns(file.schema_arrow, image, target)
    write(json.dumps([image, target, names]).encode())
    batches = file.iter_batches(BATCH_ROWS, columns=[leaf, target], use_threads=False)
    for batch in batches:
        images = batch.column(batch.schema.get_field_index(image))
        if leaf != image:
            images = images.field("bytes")
        labels = batch.column(batch.schema.get_field_index(target))
        for content, label in zip(images, labels, strict=True):
            write(json.dumps(label.as_py()).encode())
            write(content.as_py())


def _main(image, target, n_bytes, seconds):
    out = os.fdopen(os.dup(1), "wb")
    for place in (1, 2):  # output of pyarrow
        os.dup2(os.open(os.devnull, os.O_WRONLY), place)

    def write(content):
        size = NULL if content is None else len(content)
        out.write(struct.pack("<I", size))
        out.write(content or b"")

    import pyarrow  # noqa: F401

    _limit(int(n_bytes), int(seconds))
    try:
        _read(os.fdopen(0, "rb"), json.loads(image), json.loads(target), write)
    # pyarrow raises errors of many types for damaged files
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        if isinstance(error, MemoryError):
            reason = f"it needs more than {int(n_bytes):,} bytes of memory"
        write(json.dumps({"error": reason[:600]}).encode())
    else:
        write(json.dumps({"error": None}).encode())
    out.flush()
    os._exit(0)


if __name__ == "__main__":
    _main(*sys.argv[1:])
