"""Checks of untrusted files of skops."""

import io
import json
import zipfile

from skl_signlang._untrusted import parse_json, unpack
from skl_signlang.persistence._class_names import (
    names_in,
    to_public_names,
    to_true_names,
)
from skl_signlang.persistence._skops_nodes import Nodes
from skl_signlang.persistence._trusted import trusted_types

_SCHEMA = "schema.json"
_MAX_SCHEMA_BYTES = 64 << 20
_ENDINGS = (".npy", ".npz", ".bin")
_PROTOCOLS = (1, 2)  # functions differ between the two


def check_skops_file(content, budget, version=None):
    """Raise an error for content other than values, arrays, trusted estimators.

    `version` is that of the class names; None means the true names.
    """
    # skops compresses only sparse arrays
    members = unpack(content, len(content), budget)
    if _SCHEMA not in members:
        raise ValueError(f"it is not a skops file: it holds no {_SCHEMA}.")
    for name in members.keys() - {_SCHEMA}:
        if not name.endswith(_ENDINGS):
            raise ValueError(f"it holds {name}, which skops does not write.")
    schema = parse_json(members.pop(_SCHEMA), _MAX_SCHEMA_BYTES, budget)
    if schema.get("protocol") not in _PROTOCOLS:
        raise ValueError(f"its protocol is {str(schema.get('protocol'))[:80]}.")
    nodes = Nodes(members, budget)
    try:
        is_renamed = version is not None and to_true_names(schema, version)
        nodes.check(schema)
    # missing or misplaced entries
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(
            f"it is not a skops file: {type(error).__name__}: {error}"
        ) from error
    if not nodes.changed and not is_renamed:
        return content
    return _zip({**members, _SCHEMA: json.dumps(schema).encode()})


def trusted_in(content):
    """Return the trusted types that a checked skops file holds.

    skops compares each part of a file with all of them.
    """
    names = names_in(_unzip(content)[1])
    return [name for name in trusted_types() if name in names]


def with_public_names(content):
    """Return a skops file in which classes have their public names."""
    members, schema = _unzip(content)
    to_public_names(schema)
    return _zip({**members, _SCHEMA: json.dumps(schema).encode()})


def _unzip(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return members, json.loads(members[_SCHEMA])


def _zip(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()
