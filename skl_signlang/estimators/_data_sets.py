"""Data sets of batches, `tf.data.Dataset` and `keras.utils.PyDataset`, as arrays."""

import shutil
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile, gettempdir

import keras
import numpy as np
import tensorflow as tf

MEMORY = 2**28
"""Bytes of an array in memory; a larger one is a memory map of a temporary file."""

_BATCH = 1024  # of a data set whose elements are single samples
_PARTS = ("samples", "targets", "weights")
_TEXT = "OSU"  # kinds of dtypes


def is_dataset(value):
    """Return whether a value is a data set that `fit` takes."""
    return isinstance(value, tf.data.Dataset | keras.utils.PyDataset)


def arrays_of_dataset(dataset):
    """Return the samples, targets and weights of a data set; None for those absent.

    The data set is read once.
    """
    with ExitStack() as files:
        columns = []
        for number, batch in enumerate(_batches(dataset)):
            parts = batch if isinstance(batch, tuple) else (batch,)
            if not columns:
                names = _PARTS[: len(parts)]
                columns = [_Column(dataset, name, files) for name in names]
            if len(parts) != len(columns):
                raise ValueError(
                    f"Batch {number} of the {_name(dataset)} is a tuple of "
                    f"{len(parts)}; expected (X, y) or (X, y, sample_weight)."
                )
            for column, part in zip(columns, parts, strict=True):
                column.add(number, part)
        if not columns:
            raise ValueError(f"The {_name(dataset)} holds no batch.")
        arrays = [column.array() for column in columns]
    return *arrays, *[None] * (len(_PARTS) - len(arrays))


def _name(dataset):
    is_tf = isinstance(dataset, tf.data.Dataset)
    return "tf.data.Dataset" if is_tf else type(dataset).__name__


def _batches(dataset):
    """Return an iterator over the batches, of which there is a last."""
    if isinstance(dataset, tf.data.Dataset):
        _check_specs(dataset)
        if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
            raise ValueError(
                "The tf.data.Dataset is infinite, but fit reads all of it: leave "
                "repeat() out, as epochs is a parameter, or use take(N)."
            )
        if not _is_batched(dataset):
            dataset = dataset.batch(_BATCH)
        return dataset.as_numpy_iterator()
    if dataset.num_batches is None:
        raise ValueError(
            f"The {_name(dataset)} is infinite, but fit reads all of it: let __len__ "
            "return the number of batches of one epoch."
        )
    return (dataset[number] for number in range(dataset.num_batches))


def _check_specs(dataset):
    """Raise TypeError for elements that are not arrays, or of unknown shape."""
    parts = dataset.element_spec
    for spec in parts if isinstance(parts, tuple) else (parts,):
        if not isinstance(spec, tf.TensorSpec):
            raise _not_an_array("tf.data.Dataset", spec)
        if spec.shape.rank is None:
            raise ValueError(
                "The tf.data.Dataset has elements of unknown shape, so that samples "
                "and batches look alike: give from_generator its output_signature."
            )


def _not_an_array(name, part):
    return TypeError(
        f"The {name} holds {type(part).__name__} {part!r:.60}; expected one array for "
        "X and one for y. Let map() join several, as columns side by side (inputs "
        "names those of each input), and make ragged and sparse ones dense."
    )


def _is_batched(dataset):
    """Return whether the elements are batches rather than single samples."""
    parts = dataset.element_spec
    shapes = [part.shape for part in (parts if isinstance(parts, tuple) else (parts,))]
    if any(shape.rank == 0 for shape in shapes):
        return False
    if any(shape[0] is None for shape in shapes):
        return True
    # batches of a fixed size
    return len({shape[0] for shape in shapes}) == 1 and shapes[0].rank > 1


class _Column:
    """An array that grows by batches, in a file once it is large."""

    def __init__(self, dataset, name, files):
        self._name, self._of = name, _name(dataset)
        file = SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115
        self._file = files.enter_context(file)
        self._most = shutil.disk_usage(gettempdir()).free // 2
        self._texts, self._first = [], None
        self._n_rows = self._n_bytes = 0

    def add(self, number, part):
        """Append a batch."""
        if isinstance(part, dict | list | tuple):
            raise _not_an_array(self._of, part)
        part = np.asarray(part)
        first = part if self._first is None else self._first
        if part.ndim == 0 or part.shape[1:] != first.shape[1:]:
            raise ValueError(
                f"Batch {number} of the {self._of} has {self._name} of shape "
                f"{part.shape}, the first one of {first.shape}: all need one shape "
                "but for the number of rows. Pad or resize them."
            )
        self._first = first[:0]
        self._n_rows += len(part)
        if part.dtype.kind in _TEXT:
            self._texts.append(_decode(part))
            return
        part = part.astype(first.dtype, copy=False)
        self._n_bytes += part.nbytes
        if self._n_bytes > max(self._most, MEMORY):
            raise OSError(
                f"The {self._of} has {self._name} of more than {self._n_bytes:,} "
                f"bytes, half of what is free in {gettempdir()}: set TMPDIR to a "
                "larger place, or pass a part, take(N)."
            )
        self._file.write(part.tobytes())

    def array(self):
        """Return all rows; large ones as a memory map."""
        if self._texts:
            return np.concatenate(self._texts)
        shape, dtype = (self._n_rows, *self._first.shape[1:]), self._first.dtype
        if self._n_bytes > MEMORY:
            self._file.flush()
            return np.memmap(self._file, dtype, "r", shape=shape)
        self._file.seek(0)
        return np.frombuffer(bytearray(self._file.read()), dtype).reshape(shape)


def _decode(part):
    """Return an array of strings, which TensorFlow holds as bytes."""
    values = [v.decode() if isinstance(v, bytes) else v for v in part.ravel().tolist()]
    return np.array(values, dtype=object).reshape(part.shape)
