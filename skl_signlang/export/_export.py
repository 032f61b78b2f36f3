"""Export of fitted estimators to other runtimes."""

import errno
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

import skl_signlang
from skl_signlang._files import check_output_path, check_path, write_whole
from skl_signlang._pipelines import (
    check_exclusive_classes,
    check_takes_numbers,
    takes_images,
)
from skl_signlang.export._exported import METADATA, open_exported

FORMATS = ("onnx", "litert", "saved_model")
_EXTENSIONS = {".onnx": "onnx", ".tflite": "litert"}


def export(
    estimator,
    path,
    format=None,
    *,
    representative_data=None,
    max_accuracy_loss=0.05,
):
    """Write a fitted network for a runtime without this package.

    The input of an image classifier is ``"pixels"``, uint8, shape (n, height, width,
    channels); that of a network of tables is ``"features"``, float32, shape (n,
    n_features). The output is ``"probabilities"``, float32, shape (n, n_classes), or
    for a regressor ``"predictions"``, float32, shape (n, n_outputs). The transformers
    before the network are included. The metadata contain the classes and the image
    shape or the features. The file is run before it is written to its path, and its
    results must agree with those of the estimator.

    .. versionadded:: 0.1

    Parameters
    ----------
    estimator : estimator instance
        Fitted network of this package, or a Pipeline or search that ends with one. For
        images: a classifier fitted on pixels from 0 to 255, after `ImageReshaper`,
        `ImageResizer`, `ImageScaler` and `ColorConverter` only; an `ImageDecoder` at
        the start is left out. For tables: after numeric transformers of scikit-learn,
        such as a ColumnTransformer of a StandardScaler and a SimpleImputer; a regressor
        also in a TransformedTargetRegressor.
    path : str or path-like
        Path of the file, without an added extension; an existing file is replaced. The
        folder must exist. A SavedModel is a folder in the layout of TensorFlow Serving:
        ``path/1``, or the next free number.
    format : {"onnx", "litert", "saved_model"}, default=None
        ONNX, LiteRT (formerly TensorFlow Lite), or TensorFlow's SavedModel. None takes
        the format of the extension of `path`: ``.onnx`` or ``.tflite``. With one of
        these extensions, another format is an error.
    representative_data : array-like of shape (n, features), (n, h, w) or (n, h, w, \
            c), default=None
        Images or rows like the future input, for LiteRT with 8 bits: weights, and for
        images activations too, are quantized on scales computed from at most 500 of
        them, evenly spaced. The results on all of them are compared. For a Pipeline
        that begins with an `ImageDecoder`, its input. None uses 32 bits.
    max_accuracy_loss : float, default=0.05
        With 8 bits, the maximum fraction of `representative_data` whose predicted class
        may differ from the estimator's, an upper bound of the loss of accuracy on them;
        for a regressor, the maximum of 1 - R2, with the estimator's predictions as true
        values.

    Raises
    ------
    TypeError
        If `estimator` has no network.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If a step cannot be exported, a network of images was fitted on values from 0 to
        1, the format is unknown, the path cannot be replaced, or the results do not
        agree. Then no file is written.
    FileNotFoundError
        If the folder does not exist.
    ImportError
        If a package of the extra ``export`` is not installed.

    See Also
    --------
    skl_signlang.inference.LetterPredictor : Run ONNX and LiteRT files of image
        classifiers.
    skl_signlang.persistence.save : Save an estimator for this package.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.inference import LetterPredictor
    >>> from skl_signlang.export import export
    >>> X, y = load_digits(return_X_y=True)
    >>> X = X.astype(np.uint8)
    >>> model = DenseClassifier(epochs=5, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export(model, f"{folder}/digits.tflite", format="litert")
    ...     predictor = LetterPredictor(f"{folder}/digits.tflite")
    >>> predictor.predict(X[0]).letter
    '0'
    """
    format = check_format(path, format)
    path = _check_target(path, format)
    _check_estimator(estimator)
    limit = _check_fraction(max_accuracy_loss)
    exported = _wrap_for_export(estimator)
    function = exported.function()
    data = None
    if representative_data is not None:
        if format != "litert":
            raise ValueError(
                "representative_data is for format='litert' only, which supports 8 "
                f"bits; got format={format!r}."
            )
        data = exported.check_data(representative_data)
    writer = {
        "onnx": _write_onnx,
        "litert": _write_litert,
        "saved_model": _write_saved_model,
    }[format]

    def check(run):
        if data is None:
            _check_agreement(run, exported)
        else:
            _check_loss(run, exported, data, limit)

    metadata = {**exported.describe(), "skl_signlang": skl_signlang.__version__}
    calibration = None if data is None else exported.calibration(data)
    writer(function, path, metadata, check, calibration)


def _wrap_for_export(estimator):
    """Return the estimator wrapped for export; imports TensorFlow late."""
    from skl_signlang.export._exported_images import ImageExport
    from skl_signlang.export._exported_tables import TableExport

    check_takes_numbers(estimator, "export")
    is_of_images = takes_images(estimator)
    if is_of_images or isinstance(getattr(estimator, "classes_", None), list):
        check_exclusive_classes(estimator, "export")
    return (ImageExport if is_of_images else TableExport)(estimator)


# --- checks ---------------------------------------------------------------------------


def check_format(path, format):
    """Return the format; the extension of the path decides if it is None."""
    if format not in (None, *FORMATS):
        raise ValueError(
            f"format must be one of {', '.join(map(repr, FORMATS))}; got {format!r}."
        )
    name = check_path(path).name
    of_path = _EXTENSIONS.get(Path(name).suffix.lower())
    if (format or of_path) is None:
        raise ValueError(
            f"{name} does not end in .onnx or .tflite, which decides the format; pass "
            "format='onnx', 'litert' or 'saved_model'."
        )
    if of_path not in (None, format or of_path):
        raise ValueError(
            f"{name} has the extension of {of_path!r}; got format={format!r}. Leave "
            "format out, or change the extension."
        )
    return format or of_path


def _check_target(path, format):
    if format != "saved_model":
        return check_output_path(path)
    path = check_path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path} cannot be written: there is no folder {path.parent}."
        )
    is_ours = path.is_dir() and all(_is_version(inner) for inner in path.iterdir())
    if path.exists() and not is_ours:
        raise ValueError(
            f"{path} cannot be written: it exists and is not a folder of versions. A "
            "SavedModel goes into a folder that is empty, does not exist, or holds "
            "nothing but numbered versions of it."
        )
    return path


def _is_version(path):
    return path.is_dir() and path.name.isascii() and path.name.isdecimal()


def _check_estimator(estimator):
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import check_is_fitted

    from skl_signlang.estimators import NetworkEstimator
    from skl_signlang.export._table_steps import split_steps

    if isinstance(estimator, type) or not isinstance(estimator, BaseEstimator):
        raise TypeError(
            "export writes fitted networks of skl_signlang, such as CNNClassifier, "
            f"and Pipelines and searches around one; got {estimator!r}."
        )
    check_is_fitted(estimator)
    _, last, _ = split_steps(estimator)
    if not isinstance(last, NetworkEstimator):
        raise TypeError(
            "export writes networks of skl_signlang, such as CNNClassifier, and "
            "Pipelines and searches around one; this ends in "
            f"{type(last).__name__}, which is not one."
        )


def _check_fraction(share):
    if not isinstance(share, Real) or isinstance(share, bool) or not 0 <= share <= 1:
        raise ValueError(
            f"max_accuracy_loss must be a fraction from 0 to 1; got {share!r}."
        )
    return float(share)


# --- output ---------------------------------------------------------------------------


def _check_agreement(run, exported):
    """Compare the results of file and estimator on samples of every kind."""
    samples = exported.samples()
    found, expected = run(samples), exported.expected(samples)
    same_shape = found.shape == expected.shape
    difference = exported.difference(found, expected) if same_shape else np.inf
    # false for NaN too
    if not difference <= exported.tolerance:
        raise ValueError(
            f"The exported file differs from the estimator by {difference:.2g} in a "
            f"{exported.result}; at most {exported.tolerance:g} is allowed. Nothing "
            "was written."
        )


def _check_loss(run, exported, data, limit):
    """Compare the results on the representative data."""
    loss = exported.loss(run(data), exported.expected(data))
    if not loss <= limit:
        raise ValueError(
            f"With 8 bits, {exported.describe_loss(loss)}; max_accuracy_loss={limit:g} "
            f"allows {limit:.1%}. Nothing was written. Give more {exported.data} like "
            "the future input, allow more, or use 32 bits."
        )


def _write_onnx(function, path, metadata, check, calibration):
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
        model, {name: json.dumps(value) for name, value in metadata.items()}
    )
    _write_checked(path, model.SerializeToString(), check)


def _write_litert(function, path, metadata, check, calibration):
    import tensorflow as tf
    from tensorflow.lite.python.convert_phase import ConverterError

    concrete = function.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    if calibration is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        # otherwise only the weights have 8 bits
        if len(calibration):
            converter.representative_dataset = lambda: (
                [calibration[i : i + 1]] for i in range(len(calibration))
            )
    try:
        with _without_warnings_of_converters():
            content = converter.convert()
    except ConverterError as error:
        raise ValueError(
            "TensorFlow Lite has no form of this network: "
            f"{str(error).strip().splitlines()[0][-200:]}. Recurrent layers need "
            "unroll=True; ONNX and SavedModel take more."
        ) from error
    _write_checked(path, _with_metadata(content, metadata), check)


def _with_metadata(content, metadata):
    """Append the metadata as a zip, as TensorFlow Lite does with label lists."""
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        # with a fixed date, so that equal models give equal files
        member = zipfile.ZipInfo(METADATA, (1980, 1, 1, 0, 0, 0))
        archive.writestr(member, json.dumps(metadata))
    return file.getvalue()


def _write_checked(path, content, check):
    """Write a file, run it, and rename it only if it is right."""
    with write_whole(path) as file:
        file.write(content)
        file.flush()
        check(open_exported(file.name, trusted=True))


def _write_saved_model(function, path, metadata, check, calibration):
    import tensorflow as tf

    module = tf.Module()
    module.serve = function
    unfinished = path.with_name(f".{path.name[:100]}.{token_hex(4)}.tmp")
    signatures = {"serving_default": function.get_concrete_function()}
    try:
        tf.saved_model.save(module, str(unfinished), signatures=signatures)
        # TensorFlow's folder for files that it does not read
        Path(unfinished, "assets.extra").mkdir()
        Path(unfinished, "assets.extra", METADATA).write_text(
            json.dumps(metadata), encoding="utf-8"
        )
        run = tf.saved_model.load(str(unfinished)).signatures["serving_default"]
        (source,) = run.structured_input_signature[1]
        (target,) = run.structured_outputs
        check(lambda samples: run(**{source: tf.constant(samples)})[target].numpy())
        _rename_to_version(unfinished, path)
    # TensorFlow's disk errors are not OSErrors
    except tf.errors.OpError as error:
        raise OSError(errno.EIO, error.message, str(path)) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _rename_to_version(folder, path):
    """Rename a folder to the next version number, safe under concurrency."""
    while True:
        path.mkdir(exist_ok=True)
        version = 1 + max((int(inner.name) for inner in path.iterdir()), default=0)
        try:
            folder.rename(path / str(version))
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        else:
            return


@contextmanager
def _without_warnings_of_converters():
    """Suppress warnings of converters that users cannot act on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
