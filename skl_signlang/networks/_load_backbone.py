"""Loading of backbones by name, or from a file, a folder or a function."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras

from skl_signlang._files import open_regular
from skl_signlang._keras import model_from_bytes
from skl_signlang._untrusted import (
    check_keras_size,
    check_named_by_caller,
    read_keras_file,
)
from skl_signlang.networks._backbone_names import find_application, reset_names
from skl_signlang.networks._saved_model import (
    MAX_BYTES,
    is_saved_model,
    load_saved_model,
)
from skl_signlang.networks._weights import (
    IMAGENET,
    build_with_imagenet,
    load_weights,
)


@dataclass
class LoadedBackbone:
    """A whole backbone with its weights, and the images that it takes."""

    layer: object
    image_size: tuple
    n_channels: int = 3
    scale: str = "0-255"
    path: Path | None = None


def path_of(backbone):
    """Return the path of a backbone, None for a name or a function."""
    if callable(backbone):
        return None
    check_named_by_caller(backbone, "backbone")
    if isinstance(backbone, str) and hasattr(keras.applications, backbone):
        return None
    path = Path(backbone).expanduser()
    if is_saved_model(path):
        return path
    looks_like_one = isinstance(backbone, os.PathLike) or any(
        (path.suffix in (".keras", ".h5"), len(path.parts) > 1, path.exists())
    )
    if not looks_like_one:
        return None
    if not path.exists():
        raise FileNotFoundError(f"backbone={str(backbone)!r}: there is no such file.")
    if path.suffix == ".keras" and not path.is_dir():
        return path
    if path.suffix == ".h5":
        raise ValueError(
            f"backbone={str(backbone)!r}: .h5 models are never loaded, because they "
            "can run code. If you trust it, load it with Keras and save it as .keras."
        )
    raise ValueError(
        f"backbone={str(backbone)!r} is neither a .keras file nor a folder with a "
        "SavedModel (saved_model.pb)."
    )


def load_backbone(backbone, weights, image_size, input_size, backbone_params):
    """Build or load a backbone."""
    path = path_of(backbone)
    if path is None and isinstance(backbone, str):
        return _by_name(backbone, weights, image_size, backbone_params)
    if path is None:
        size = image_size or input_size
        loaded = LoadedBackbone(_by_function(backbone, size, backbone_params), size)
    elif backbone_params:
        raise ValueError(
            f"backbone_params={backbone_params!r} is for named networks and functions, "
            "not for files."
        )
    elif path.is_dir():
        return _from_folder(path, weights, image_size, input_size)
    else:
        model = _from_file(path)
        shape = model.input_shape[1:]
        size = _agree(shape[:2], image_size, input_size, path)
        loaded = LoadedBackbone(model, size, n_channels=shape[2])
    if weights not in (None, IMAGENET):
        load_weights(loaded.layer, Path(weights).expanduser())
    return loaded


def _by_name(name, weights, image_size, params):
    """Build a network of keras.applications."""
    build, side, scale = find_application(name)
    size = image_size or (side, side)
    own = {"include_top", "weights", "input_shape", "input_tensor", "pooling"}
    taken = sorted(own.intersection(params))
    if taken:
        raise ValueError(
            f"backbone_params={params!r} may not hold {', '.join(taken)}: use "
            "image_size, weights and pooling."
        )
    arguments = {"include_top": False, "input_shape": (*size, 3), **params}
    if weights == IMAGENET:
        model = build_with_imagenet(build, name, **arguments)
    else:
        try:
            model = build(weights=None, **arguments)
        # a wrong argument is a TypeError or an error of the first layer that takes it
        except Exception as error:
            raise ValueError(
                f"backbone={name!r} cannot be built for images of {size[0]}x"
                f"{size[1]} pixels with backbone_params={params!r}: {error}"
            ) from error
    if weights not in (None, IMAGENET):
        load_weights(model, Path(weights).expanduser())
    reset_names(model)
    return LoadedBackbone(model, size, scale=scale)


def _by_function(function, size, params):
    """Build a backbone with the user's function."""
    name = getattr(function, "__name__", repr(function))
    try:
        model = function((*size, 3), **params)
        model = _checked(model, "the network", name="backbone")
        reset_names(model)
        # a saved backbone must load without running the user's code
        keras.models.model_from_json(model.to_json())
    # user code and Keras may raise any error
    except Exception as error:
        raise ValueError(
            f"The backbone {name}{(*size, 3)} cannot be used: {error}"
        ) from error
    if not _takes(model.input_shape[1:], (*size, 3)):
        raise ValueError(
            f"The backbone {name} was requested for images {(*size, 3)}, but is a "
            f"network for {model.input_shape[1:]}."
        )
    return model


def check_backbone_file(path):
    """Raise an error for a ``.keras`` file that is larger than its layers need."""
    with (
        _refusing(path),
        open_regular(path, MAX_BYTES, expected="a .keras file") as file,
    ):
        check_keras_size(file)


def _from_file(path):
    """Load a ``.keras`` file that holds only layers and their weights."""
    with _refusing(path):
        content = read_keras_file(path, MAX_BYTES)
        return _checked(model_from_bytes(content), "it")


@contextmanager
def _refusing(path):
    """Context manager: errors name the ``.keras`` file."""
    try:
        yield
    # what damaged files make h5py, Keras and zipfile raise has no common class
    except Exception as error:
        raise ValueError(
            f"backbone={str(path)!r} cannot be loaded as a backbone: {error}"
        ) from error


def _from_folder(path, weights, image_size, input_size):
    """Load a SavedModel."""
    if weights not in (None, IMAGENET):
        raise ValueError(
            f"weights={str(weights)!r} cannot be loaded into a SavedModel, which has "
            "its own; leave weights at its default."
        )
    layer, shape = load_saved_model(path)
    size = _agree(shape[:2], image_size, input_size, path)
    # TF-Hub's convention for images
    return LoadedBackbone(layer, size, n_channels=shape[2] or 3, scale="0-1", path=path)


def _checked(model, what, name=None):
    """Check that a model takes images and has one input and one output."""
    single = [
        getattr(model, f"{side}s", None) is not None and len(getattr(model, f"{side}s"))
        for side in ("input", "output")
    ]
    if not isinstance(model, keras.Model) or single != [1, 1]:
        raise ValueError(
            f"{what} must be a functional or Sequential keras.Model of one input and "
            f"one output; got {type(model).__name__}"
        )
    shape = model.inputs[0].shape
    if len(shape) != 4 or shape[3] not in (1, 3):
        raise ValueError(
            f"{what} is not a network for images: its input has the shape "
            f"{tuple(shape)}, expected (None, height, width, 1 or 3)"
        )
    return keras.Model(model.inputs[0], model.outputs[0], name=name or model.name)


def _agree(own, image_size, input_size, path):
    """Return the image size (height, width) of a loaded backbone."""
    size = tuple(
        side or wanted
        for side, wanted in zip(own, image_size or input_size, strict=True)
    )
    if image_size is not None and size != image_size:
        raise ValueError(
            f"image_size={image_size} does not fit the backbone {path}, which takes "
            f"images of {own[0]}x{own[1]} pixels. Leave image_size=None."
        )
    return size


def _takes(shape, wanted):
    return all(side in (None, want) for side, want in zip(shape, wanted, strict=True))
