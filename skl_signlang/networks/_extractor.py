"""Feature extraction with a backbone, cached by image content."""

import tempfile
import threading
from collections import OrderedDict
from functools import partial
from hashlib import blake2b
from itertools import count
from pathlib import Path
from weakref import WeakValueDictionary

import keras
import numpy as np
import tensorflow as tf

from skl_signlang._forks import check_process
from skl_signlang._keras import (
    FEW_ROWS,
    ROW_BLOCK,
    SMALL_BLOCK,
    WIDEST_VALUES,
    Prediction,
    identity_of,
    leaves,
    read_variables,
    repeat_to,
    round_to_row_blocks,
    same_random_state,
    seed_positions,
    structure_of,
    widest,
)
from skl_signlang._untrusted import check_named_by_caller
from skl_signlang.networks._backbone import backbone_network
from skl_signlang.networks._feature_cache import through_cache
from skl_signlang.networks._load_backbone import check_backbone_file, path_of
from skl_signlang.networks._saved_model import hash_of, is_saved_model
from skl_signlang.networks._weights import IMAGENET, MAX_WEIGHTS_BYTES

MAX_BACKBONES = 4
MAX_FEATURE_BYTES = 2**30
"""Maximum bytes of features in memory; more are stored in a temporary file."""

_backbones = OrderedDict()
_runners = OrderedDict()
_numbers = count()
_extractors = WeakValueDictionary()
_lock = threading.RLock()


class Extractor:
    """A backbone with fixed weights."""

    def __init__(self, runner, values, what, weights_hash, saved_model=None):
        self.runner = runner
        self.values = values
        self.weights_hash = weights_hash
        self.saved_model = saved_model
        self.n_features = runner.n_features
        self._key = blake2b(f"{what} {weights_hash}".encode(), digest_size=16).digest()
        self._weights = [tf.constant(value) for value in values]

    def __call__(self, X):
        """Return features, (n, n_features) float32, from the cache where they are."""
        return through_cache(self._compute, self._key, X, self.n_features)

    def of_few(self, X):
        """Compute features; of few images faster, equal up to rounding."""
        return self.runner.run(X, self._weights) if len(X) < FEW_ROWS else self(X)

    def seeded_values(self, seed):
        """Return copies of the values, with the dropout generators seeded."""
        random_state = np.random.RandomState(seed)
        values = [value.copy() for value in self.values]
        for i in seed_positions(self.runner.model):
            values[i][:] = random_state.randint(2**31 - 1, size=2)
        return values

    def _compute(self, X, rows):
        size = self.runner.batch_size
        features = _room((len(rows), self.n_features))
        for start in range(0, len(rows), size):
            batch = repeat_to(X[rows[start : start + size]], size)
            found = self.runner.run(batch, self._weights)
            features[start : start + size] = found[: len(rows) - start]
        return features


class Runner:
    """The structure of a backbone, traced once for any weights."""

    def __init__(self, model, structure, custom=()):
        self.model = model
        self.structure = structure
        # features outlive a runner: a number distinguishes functions of equal names
        self.what = f"{structure} {next(_numbers)}" if custom else structure
        self.n_features = model.output_shape[1]
        self.run = Prediction(model)
        rows = round_to_row_blocks(
            min(ROW_BLOCK, max(1, WIDEST_VALUES // widest(model)))
        )
        self.batch_size = rows if rows >= SMALL_BLOCK else 1


def find_extractor(input_shape, *, seed, expected=None, **description):
    """Return the extractor of a backbone, cached."""
    check_process()
    backbone, weights = description["backbone"], description["weights"]
    path = path_of(backbone)
    check_named_by_caller(weights, "weights")
    hashes = [_hash_backbone(path) if path else None]
    if path and path.is_dir() and expected not in (None, hashes[0]):
        raise ValueError(
            f"The SavedModel {path} is not the one used in fit: its SHA-256 differs. "
            "Restore the original, or fit again."
        )
    if weights not in (None, IMAGENET) and Path(weights).expanduser().exists():
        hashes.append(hash_of(Path(weights).expanduser(), MAX_WEIGHTS_BYTES))
    # what is loaded is the same whatever the seed
    seed = seed if path is None and weights is None else 0
    known_as = backbone if callable(backbone) else str(backbone)
    recipe = partial(
        backbone_network, input_shape, **{**description, "backbone": known_as}
    )
    known_by = identity_of(recipe), *hashes, seed
    with _lock:
        if known_by not in _backbones:
            _backbones[known_by] = _build(input_shape, seed, description, hashes[0])
            while len(_backbones) > MAX_BACKBONES:
                _backbones.popitem(last=False)
        _backbones.move_to_end(known_by)
        return _backbones[known_by]


def _hash_backbone(path):
    """Compute the hash of a file or folder; a file that is too large is not read."""
    if not path.is_dir():
        check_backbone_file(path)
    return hash_of(path)


def _build(input_shape, seed, description, sha256=None):
    with _lock, same_random_state(seed):
        model = backbone_network(input_shape, **description)
    if any(isinstance(layer, keras.layers.TFSMLayer) for layer in leaves(model)):
        saved_model = {
            **description,
            "backbone": str(path_of(description["backbone"]).resolve()),
            "input_shape": tuple(input_shape),
            "sha256": sha256,
        }
        what = repr(sorted(saved_model.items()))
        values = read_variables(model.variables)
        return Extractor(Runner(model, None), values, what, sha256, saved_model)
    return extractor_of(model)


def restore_saved_model(saved_model, folder=None):
    """Load the extractor of a SavedModel again."""
    description = dict(saved_model)
    if folder is not None:
        description["backbone"] = folder
    if description["weights"] not in (None, IMAGENET):
        raise ValueError("A SavedModel has weights of its own.")
    path, sha256 = Path(description["backbone"]), description.pop("sha256")
    if not is_saved_model(path):
        raise FileNotFoundError(
            f"The SavedModel {path} is missing. A SavedModel is not stored with the "
            "estimator: put the folder back where it was in fit."
        )
    return find_extractor(seed=0, expected=str(sha256), **description)


def extractor_of(model, values=None):
    """Return the extractor of a built backbone, cached."""
    check_process()
    key = structure, custom = structure_of(model)
    values = read_variables(model.variables) if values is None else values
    with _lock:
        if key not in _runners:
            _runners[key] = Runner(model, structure, custom)
            while len(_runners) > MAX_BACKBONES:
                _runners.popitem(last=False)
        runner = _runners[key]
        weights_hash = _hash_of_values(runner, values)
        known_by = runner.what, weights_hash
        known = _extractors.get(known_by)
        if known is None:
            known = Extractor(runner, values, runner.what, weights_hash)
            _extractors[known_by] = known
        return known


def _hash_of_values(runner, values):
    """Compute a hash of the weights, without the states of dropout."""
    digest = blake2b(digest_size=16)
    # features do not depend on dropout generators
    seeds = set(seed_positions(runner.model))
    for i, value in enumerate(values):
        if i not in seeds:
            digest.update(np.ascontiguousarray(value))
    return digest.hexdigest()


def _room(shape):
    """Allocate features, float32, in a temporary file if they are large."""
    if np.prod(shape, dtype=np.int64) * 4 <= MAX_FEATURE_BYTES:
        return np.empty(shape, np.float32)
    with tempfile.TemporaryFile() as file:  # deleted with the array
        return np.memmap(file, np.float32, "w+", shape=shape)
