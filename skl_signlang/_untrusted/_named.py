"""Paths that are named in archives, which nothing opens."""

import re
from contextlib import contextmanager
from contextvars import ContextVar

# Names in keras.applications; any other string is a path
_APPLICATIONS = frozenset(
    [
        *("ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtSmall", "ConvNeXtTiny"),
        *("ConvNeXtXLarge", "DenseNet121", "DenseNet169", "DenseNet201"),
        *(f"EfficientNetB{i}" for i in range(8)),
        *(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "L", "M", "S")),
        *("InceptionResNetV2", "InceptionV3", "MobileNet", "MobileNetV2"),
        *("MobileNetV3Large", "MobileNetV3Small", "NASNetLarge", "NASNetMobile"),
        *(
            f"ResNet{depth}{version}"
            for depth in (50, 101, 152)
            for version in ("", "V2")
        ),
        *("VGG16", "VGG19", "Xception"),
    ]
)


def is_application(name):
    """Check whether a name is that of a network of `keras.applications`."""
    return name in _APPLICATIONS


_archive = ContextVar("archive", default=None)
_FILE = re.compile(r".*\.(h5|keras|tflite)", re.IGNORECASE | re.DOTALL)


@contextmanager
def archiving(saved_model=None, models=()):
    """Mark that estimators are being written to or read from an archive.

    `saved_model`, and the functions and classes `models`, are what the caller of `load`
    allows. The hook of a class is a function of it.
    """
    hooks = [kind.build_network for kind in models if hasattr(kind, "build_network")]
    token = _archive.set(
        (saved_model, {qualified_name(f): f for f in [*models, *hooks]})
    )
    try:
        yield
    finally:
        _archive.reset(token)


def is_archiving():
    """Check whether `archiving` is active."""
    return _archive.get() is not None


def is_local_path(name, value):
    """Check whether a parameter value is the path of a file or folder."""
    if not isinstance(value, str):
        return False
    if name.endswith("backbone"):
        return not is_application(value)
    return name.endswith(("weights", "model")) and _FILE.fullmatch(value) is not None


def find_local_path(named):
    """Return the folder that the caller allows for a path in an archive, or None."""
    allowed, _ = _archive.get()
    if allowed is None:
        return None
    suffix = _FILE.fullmatch(named)
    same = allowed.suffix == f".{suffix[1]}" if suffix else allowed.is_dir()
    return str(allowed) if same else None


def restore_local_paths(state, names):
    """Replace the paths in loaded estimators by those that the caller allows."""
    missing = []
    for name in names:
        value = state.get(name)
        if is_local_path(name, value):
            found = find_local_path(value)
            state[name] = NamedByArchive(value) if found is None else found
            missing += [name] if found is None else []
    return missing


def explain_saved_model(named):
    """Return the error message for an archive that needs a file or folder."""
    return (
        f"it needs a backbone that it does not contain, named {named[:200]!r}. "
        "Nothing that an archive names is opened; a SavedModel runs like a program. "
        "If you have the backbone and trust it, pass its path: load(path, "
        "saved_model=FOLDER), or --saved-model FOLDER to a command."
    )


def qualified_name(function):
    """Return the name by which an archive refers to a function that builds networks."""
    name = getattr(function, "__qualname__", None)
    if name is None or "<" in name:
        raise ValueError(
            f"model={name or repr(function)} has no name by which an archive could "
            "refer to it: define it with def at the top of a module. An archive holds "
            "weights and no code; load takes the function, load(path, model=FUNCTION)."
        )
    return f"{function.__module__}:{name}"


def find_model(name, params):
    """Return the function of this name that the caller of `load` passed."""
    if not isinstance(name, str):
        raise ValueError("the model in it is not the name of a function.")
    _, models = _archive.get()
    if name in models:
        return models[name]
    given = f"; got {', '.join(models)}" if models else ""
    shown = name.rpartition(":")[2].removesuffix(".build_network")
    raise ValueError(
        f"its network is built by the function {name[:200]}, with model_params="
        f"{str(params)[:500]}{given}. An archive holds weights and no code, and "
        "nothing that it names is imported: if you trust this function with these "
        f"arguments, pass it, load(path, model={shown[:100]})."
    )


def allow_class(kind):
    """Allow a class in the archive that is being written."""
    _archive.get()[1][qualified_name(kind)] = kind


def allowed_classes():
    """Return the classes that the caller of `load` passed, by their names."""
    models = _archive.get()[1].values() if is_archiving() else ()
    kinds = [kind for kind in models if hasattr(kind, "build_network")]
    return {f"{kind.__module__}.{kind.__qualname__}": kind for kind in kinds}


class NamedByArchive(str):
    """Path from an archive: it is displayed, but never opened."""

    __slots__ = ()


def check_named_by_caller(path, parameter):
    """Raise an error for a path from an archive."""
    if isinstance(path, NamedByArchive):
        raise ValueError(
            f"{parameter}={str(path)!r} was set by the archive of this estimator, not "
            "by you, and is not opened. If you trust that file, call "
            f"set_params({parameter}={str(path)!r})."
        )
