"""Entries of docstrings that several classes or functions share."""

import re
from inspect import Parameter, isclass, isfunction, signature
from textwrap import fill, indent
from typing import NamedTuple

_PLACE = re.compile(r"^( +)\{(\w+)\}\n", re.MULTILINE)
_WIDTH = 88


class Entry(NamedTuple):
    """Entry of a numpydoc section; `label` replaces its name."""

    type: str
    text: str
    label: str | None = None


def fill_docstring(entries):
    """Decorate a class or function: replace lines ``{name}`` in its docstring.

    Entries are `Entry` or the like, by name; defaults are those of the signature. The
    docstrings of the methods that a class defines are filled too.
    """

    def decorate(thing):
        _fill(thing, entries)
        if isclass(thing):
            for member in vars(thing).values():
                function = getattr(member, "__func__", member)
                if isfunction(function):
                    _fill(function, entries)
        return thing

    return decorate


def _fill(thing, entries):
    if thing.__doc__ and _PLACE.search(thing.__doc__):  # None under python -OO
        parameters = signature(thing).parameters
        thing.__doc__ = _PLACE.sub(
            lambda match: _describe(match[1], match[2], entries, parameters),
            thing.__doc__,
        )


def _describe(margin, name, entries, parameters):
    entry = entries[name]
    name = entry.label or name
    head = f"{name} : {entry.type}"
    if name in parameters and parameters[name].default is not Parameter.empty:
        default = parameters[name].default
        shown = f'"{default}"' if isinstance(default, str) else repr(default)
        head += f", default={shown}"
    text = fill(entry.text, _WIDTH - len(margin) - 4, break_on_hyphens=False)
    return indent(f"{head}\n{indent(text, '    ')}\n", margin)
