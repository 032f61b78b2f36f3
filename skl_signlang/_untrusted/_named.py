"""Names of files in archives: nothing opens what only an archive has named."""

import re
from contextlib import contextmanager
from contextvars import ContextVar

# Of keras.applications; all else is a path
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
    """Tell whether this is the name of a network of `keras.applications`."""
    return name in _APPLICATIONS


_archive = ContextVar("archive", default=None)
_FILE = re.compile(r".*\.(h5|keras|tflite)", re.IGNORECASE | re.DOTALL)


@contextmanager
def archiving(saved_model=None):
    """Let estimators know that they are put into an archive or taken out of one."""
    token = _archive.set((saved_model,))
    try:
        yield
    finally:
        _archive.reset(token)


def is_archiving():
    """Tell whether this is a moment inside `archiving`."""
    return _archive.get() is not None


def is_place(name, value):
    """Tell whether the value of a parameter names a file or a folder."""
    if not isinstance(value, str):
        return False
    if name.endswith("backbone"):
        return not is_application(value)
    return name.endswith(("weights", "model")) and _FILE.fullmatch(value) is not None


def find_place(named):
    """Return the folder that the caller allows for one named in an archive, or None."""
    (allowed,) = _archive.get()
    if allowed is None:
        return None
    suffix = _FILE.fullmatch(named)
    same = allowed.suffix == f".{suffix[1]}" if suffix else allowed.is_dir()
    return str(allowed) if same else None


def move_places(state, names):
    """Point parameters of what comes out of an archive to what the caller allows."""
    missing = []
    for name in names:
        value = state.get(name)
        if is_place(name, value):
            found = find_place(value)
            state[name] = NamedByArchive(value) if found is None else found
            missing += [name] if found is None else []
    return missing


def explain_saved_model(named):
    """Say why an archive is refused that needs a file or a folder."""
    return (
        f"it needs a backbone that it does not hold, and calls it {named[:200]!r}. "
        "Nothing that an archive names is opened; a SavedModel runs like a program. If "
        "you have what it was fitted with, and trust it, pass its path: "
        "load(path, saved_model=FOLDER), or --saved-model FOLDER to a command."
    )


class NamedByArchive(str):
    """A path that came in an archive: it is shown, and nothing opens it."""

    __slots__ = ()


def check_named_by_caller(path, parameter):
    """Refuse a path that came in an archive."""
    if isinstance(path, NamedByArchive):
        raise ValueError(
            f"{parameter}={str(path)!r} was named by the archive that this estimator "
            f"was loaded from, not by you, and is not opened. If you trust that file, "
            f"say so: set_params({parameter}={str(path)!r})."
        )
