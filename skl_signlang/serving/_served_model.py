"""The served model, reloaded when its file changes."""

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from copy import copy

from skl_signlang._files import check_path
from skl_signlang.inference import HandPredictor, LetterPredictor, LetterStream
from skl_signlang.serving._micro_batcher import MicroBatcher

RELOAD_SECONDS = 1.0
"""Seconds between two checks of the file."""

_log = logging.getLogger("skl_signlang.serving")


class LoadedModel:
    """Predictor that all requests share."""

    def __init__(self, predictor, words=None):
        self.image_shape = predictor.image_shape_
        self.classes = [str(letter) for letter in predictor.classes_]
        self.crop = predictor.crop
        self._predictor = predictor
        # one thread, so that calls of the model do not overlap
        thread = ThreadPoolExecutor(1, "model")
        self.batcher = MicroBatcher(self._predict, thread)
        self.has_words = words is not None
        self.follows_hand = _follows_hand(predictor)
        self._stream = LetterStream(predictor, words=words)

    def open_stream(self):
        """Return a stream for one connection; the lexicon is that of all."""
        stream = copy(self._stream)
        if self.follows_hand:
            stream.predictor = HandPredictor(self._predictor)
        stream.clear()
        return stream

    def _predict(self, crops):
        return self._predictor.predict_many(crops, top=len(self.classes))


def _follows_hand(predictor):
    """Return whether the hand can be followed, which may need models."""
    try:
        HandPredictor(predictor)
    except (ImportError, FileNotFoundError, TypeError) as error:
        _log.warning("the hand is not followed: %s", error)
        return False
    return True


class ServedModel:
    """The loaded model, and its replacement when the file changes."""

    def __init__(self, model, rejection_threshold=None, saved_model=None, words=None):
        is_path = isinstance(model, str | os.PathLike)
        self._path = check_path(model) if is_path else None
        self._options = {
            "rejection_threshold": rejection_threshold,
            "saved_model": saved_model,
        }
        self._words = words
        self.name = self._path.stem if is_path else "model"
        self.version = 1
        self.n_failures = 0
        # before the file is read, so that changes during reading are detected
        self._last_identity = self._identity()
        self.loaded = self._load(self._path if is_path else model)
        self._last_check = time.monotonic()
        self._loading = threading.Lock()

    def reload_if_changed(self):
        """Reload the file in a thread if it has changed.

        Until it has loaded, and if it fails, the current model remains in use.
        """
        now = time.monotonic()
        if self._path is None or now - self._last_check < RELOAD_SECONDS:
            return
        self._last_check = now
        identity = self._identity()
        if identity in (None, self._last_identity) or not self._loading.acquire(
            blocking=False
        ):
            return
        self._last_identity = identity
        threading.Thread(target=self._replace, daemon=True).start()

    def _replace(self):
        try:
            self.loaded = self._load(self._path)
            self.version += 1
            _log.info("reloaded %s", self._path)
        except Exception as error:
            self.n_failures += 1
            _log.warning(
                "reloading failed, the current model remains in use: %s", error
            )
        finally:
            self._loading.release()

    def _load(self, model):
        return LoadedModel(LetterPredictor(model, **self._options), self._words)

    def _identity(self):
        """Return the time, inode and size of the file; None if there is no file."""
        if self._path is None:
            return None
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size
