"""Files for other runtimes."""

import io
import json
import shutil
import warnings
import zipfile
from contextlib import contextmanager
from numbers import Real
from pathlib import Path
from secrets import token_hex

import numpy as np

from skl_signlang._files import check_path, check_place, write_whole
from skl_signlang.persistence._exported import METADATA, open_exported
from skl_signlang.persistence._fitted_model import FittedModel
from skl_signlang.persistence._manifest import facts_of
from skl_signlang.persistence._steps import (
    check_takes_bytes,
    decodes,
    fit_of,
    list_steps,
    picture_shape,
)

FORMATS = ("onnx", "litert", "saved_model")

TOLERANCE = 1e-5
"""How far a probability of a float format may be from the estimator's."""

_MOST_REPRESENTATIVE = 500


def export(
    estimator,
    path,
    format="onnx",
    *,
    representative_data=None,
    max_accuracy_loss=0.01,
):
    """Write a fitted classifier for a runtime that needs nothing of this package.

    What is written takes raw pixels (``"pixels"``, uint8, shape (n, height, width,
    channels)) and gives probabilities (``"probabilities"``, float32, shape (n,
    n_classes)); the transformers before the network are part of it. Its metadata say
    what the letters and the shape are. Before it takes its place it is run on pictures,
    and must agree with the estimator.

    Parameters
    ----------
    estimator : estimator instance
        Fitted on pixels from 0 to 255: a classifier of this package, or a Pipeline or
        search that ends in one, after nothing but `ImageReshaper`, `ImageResizer`,
        `ImageScaler` and `ColorConverter`. An `ImageDecoder` in the beginning is left
        out, for pixels come decoded.
    path : str or path-like
        Where to write; nothing is added to the name, and a file that is there is
        replaced. The folder around it must exist. A SavedModel is a folder as
        TensorFlow Serving wants it: ``path/1``, and where there is one, ``path/2``.
    format : {"onnx", "litert", "saved_model"}, default="onnx"
        ONNX, LiteRT (once TensorFlow Lite), or TensorFlow's SavedModel.
    representative_data : array-like of shape (n, features), (n, h, w) or (n, h, w, \
            c), default=None
        Pictures such as will come, for LiteRT: weights and values between layers then
        have 8 bits, on scales found with these. At most 500 of them, evenly spaced,
        make the scales; all are compared. For a Pipeline that begins with an
        `ImageDecoder`, whatever that takes. None keeps 32 bits.
    max_accuracy_loss : float, default=0.01
        With 8 bits, the largest share of `representative_data` that may be named
        otherwise than by the estimator, so the most that its accuracy on them can
        have lost.

    Raises
    ------
    TypeError
        If this is no fitted classifier with a network.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    ValueError
        If a step cannot be exported, the network was fitted on values in 0-1, the
        format is unknown, the path is taken by something else, or what was written
        does not agree; then nothing is left behind.
    FileNotFoundError
        If there is no such folder.
    ImportError
        If a package of the extra ``export`` is not installed.

    See Also
    --------
    skl_signlang.inference.LetterPredictor : Run a file of the first two formats.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.inference import LetterPredictor
    >>> from skl_signlang.persistence import export
    >>> X, y = load_digits(return_X_y=True)
    >>> X = X.astype(np.uint8)
    >>> model = DenseClassifier(epochs=5, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export(model, f"{folder}/digits.tflite", format="litert")
    ...     predictor = LetterPredictor(f"{folder}/digits.tflite")
    >>> predictor.predict(X[0]).letter
    '0'
    """
    path = _check_target(path, format)
    _check_estimator(estimator)
    check_takes_bytes(estimator)
    limit = _check_share(max_accuracy_loss)
    function = _function_of(estimator)
    pictures = _check_pictures(representative_data, format, estimator)
    writer = {
        "onnx": _write_onnx,
        "litert": _write_litert,
        "saved_model": _write_saved_model,
    }[format]

    def check(run):
        if pictures is None:
            _check_agreement(run, estimator)
        else:
            _check_letters(run, estimator, pictures, limit)

    writer(function, path, _describe(estimator), check, pictures)


def _function_of(estimator):
    """Import late: importing this package does not import TensorFlow."""
    from skl_signlang.persistence._pixel_function import pixel_function

    return pixel_function(estimator)


def _describe(estimator):
    """Give the metadata, as plain data."""
    import skl_signlang

    return {
        "letters": facts_of(estimator)["classes"],
        "image_shape": list(picture_shape(estimator)),
        "fit": fit_of(estimator),
        "skl_signlang": skl_signlang.__version__,
    }


# --- what comes in --------------------------------------------------------------------


def _check_target(path, format):
    if format not in FORMATS:
        raise ValueError(
            f"format must be one of {', '.join(map(repr, FORMATS))}; got {format!r}."
        )
    if format != "saved_model":
        return check_place(path)
    path = check_path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path} cannot be written: there is no folder {path.parent}."
        )
    is_ours = path.is_dir() and all(_is_version(inner) for inner in path.iterdir())
    if path.exists() and not is_ours:
        raise ValueError(
            f"{path} cannot be written: it is there and is no folder of versions. A "
            "SavedModel goes into a folder that is empty, is not there yet, or holds "
            "nothing but numbered versions of it."
        )
    return path


def _is_version(path):
    return path.is_dir() and path.name.isascii() and path.name.isdecimal()


def _check_estimator(estimator):
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import check_is_fitted

    if isinstance(estimator, type) or not isinstance(estimator, BaseEstimator):
        raise TypeError(
            "export writes fitted classifiers of skl_signlang, such as CNNClassifier, "
            f"and Pipelines and searches around one; got {estimator!r}."
        )
    check_is_fitted(estimator)


def _check_pictures(data, format, estimator):
    """Give representative pictures the shape of the estimator's."""
    if data is None:
        return None
    if format != "litert":
        raise ValueError(
            "representative_data are for format='litert', which alone has 8 bits; got "
            f"format={format!r}."
        )
    first, shape = list_steps(estimator)[0], picture_shape(estimator)
    pixels = first.transform(list(data)) if decodes(first) else np.asarray(data)
    fits = pixels.ndim > 1 and pixels.size == len(pixels) * np.prod(shape) > 0
    if not fits or pixels.dtype.kind not in "buif":
        raise ValueError(
            f"representative_data must hold pictures of shape {shape}, as arrays; got "
            f"shape {pixels.shape}, dtype {pixels.dtype}."
        )
    rounded = pixels.astype(np.uint8)
    if not np.array_equal(rounded, pixels):
        raise ValueError(
            "representative_data must hold whole numbers from 0 to 255; got values "
            f"from {pixels.min():.3g} to {pixels.max():.3g}."
        )
    return rounded.reshape(-1, *shape)


def _check_share(share):
    if not isinstance(share, Real) or isinstance(share, bool) or not 0 <= share <= 1:
        raise ValueError(
            f"max_accuracy_loss must be a share from 0 to 1; got {share!r}."
        )
    return float(share)


# --- what goes out --------------------------------------------------------------------


def _check_agreement(run, estimator):
    """Compare probabilities on pictures of every kind."""
    pictures = _samples(picture_shape(estimator))
    found, expected = run(pictures), FittedModel(estimator)(pictures)
    same_shape = found.shape == expected.shape
    difference = np.abs(found - expected).max() if same_shape else np.inf
    # of NaN too
    if not difference <= TOLERANCE:
        raise ValueError(
            f"What was exported differs from the estimator by {difference:.2g} in a "
            f"probability; at most {TOLERANCE:g} is allowed. Nothing was written."
        )


def _check_letters(run, estimator, pictures, limit):
    """Compare letters on the representative pictures."""
    found = run(pictures).argmax(axis=1)
    share = np.mean(found != FittedModel(estimator)(pictures).argmax(axis=1))
    if share > limit:
        raise ValueError(
            f"With 8 bits, {share:.1%} of the representative pictures get another "
            f"letter than from the estimator; max_accuracy_loss={limit:g} allows "
            f"{limit:.1%}. Nothing was written. Give more of the pictures that will "
            "come, allow more, or keep 32 bits."
        )


def _samples(shape):
    """Draw pictures: noise of several contrasts, patches, black and white."""
    random_state = np.random.RandomState(0)
    noise = random_state.randint(256, size=(16, *shape))
    contrast = np.linspace(0.1, 1, 16).reshape(16, 1, 1, 1)
    grid = random_state.randint(256, size=(16, 4, 4, shape[2]))
    rows, columns = (np.arange(side) * 4 // side for side in shape[:2])
    patches = grid[:, rows][:, :, columns]
    flat = np.zeros((2, *shape))
    flat[1] = 255
    return np.concatenate([noise * contrast, patches, flat]).astype(np.uint8)


def _write_onnx(function, path, said, check, pictures):
    try:
        import onnx
        import tf2onnx
    except ImportError as error:
        raise ImportError(
            "onnx and tf2onnx are needed to write ONNX, and not both are installed; "
            'run pip install "skl_signlang[export]".'
        ) from error

    with _without_warnings_of_converters():
        model, _ = tf2onnx.convert.from_function(function, function.input_signature)
    onnx.helper.set_model_props(
        model, {name: json.dumps(value) for name, value in said.items()}
    )
    _write_checked(path, model.SerializeToString(), check)


def _write_litert(function, path, said, check, pictures):
    import tensorflow as tf

    concrete = function.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    if pictures is not None:
        chosen = np.linspace(0, len(pictures) - 1, _MOST_REPRESENTATIVE).astype(int)
        chosen = np.unique(chosen)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: (
            [pictures[i : i + 1]] for i in chosen.tolist()
        )
    with _without_warnings_of_converters():
        content = converter.convert()
    _write_checked(path, _with_metadata(content, said), check)


def _with_metadata(content, said):
    """Append a zip, as TensorFlow Lite's metadata keep their lists of labels."""
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        # of a fixed date, so that the same model makes the same file
        member = zipfile.ZipInfo(METADATA, (1980, 1, 1, 0, 0, 0))
        archive.writestr(member, json.dumps(said))
    return file.getvalue()


def _write_checked(path, content, check):
    """Write a file, run it, and only then give it its name."""
    with write_whole(path) as file:
        file.write(content)
        file.flush()
        check(open_exported(file.name))


def _write_saved_model(function, path, said, check, pictures):
    import tensorflow as tf

    from skl_signlang.persistence._pixel_function import INPUT, OUTPUT

    module = tf.Module()
    module.serve = function
    versions = [int(inner.name) for inner in path.iterdir()] if path.exists() else []
    version = str(max(versions, default=0) + 1)
    unfinished = path.with_name(f".{path.name[:100]}.{token_hex(4)}.tmp")
    try:
        folder = unfinished / version
        signatures = {"serving_default": function.get_concrete_function()}
        tf.saved_model.save(module, str(folder), signatures=signatures)
        # TensorFlow's place for what it does not read itself
        Path(folder, "assets.extra").mkdir()
        Path(folder, "assets.extra", METADATA).write_text(json.dumps(said))
        run = tf.saved_model.load(str(folder)).signatures["serving_default"]
        check(lambda pictures: run(**{INPUT: tf.constant(pictures)})[OUTPUT].numpy())
        if path.exists():
            folder.replace(path / version)
        else:
            unfinished.replace(path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _without_warnings_of_converters():
    """Let converters warn of what is theirs to mend, or is meant so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
