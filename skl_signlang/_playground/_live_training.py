"""One training, which waits between epochs until more are asked for."""

import logging
import queue
import threading
import time
from concurrent.futures import Future

import keras

from skl_signlang._playground._scene import Scene
from skl_signlang._web import HTTPError
from skl_signlang.callbacks import KerasCallback
from skl_signlang.estimators import DenseClassifier

MAX_EPOCHS = 20_000
"""Maximum number of epochs of a training."""

MAX_SECONDS = 600.0
"""Maximum seconds of a training, without the time in which it waits."""

ANSWER_SECONDS = 0.05
"""Seconds after which an answer is not delayed by another epoch."""

_DIVERGED = "the training diverged; start again with a lower learning rate"
_FAILED = "internal error; see the log of the server"

_log = logging.getLogger("skl_signlang.playground")


class LiveTraining:
    """A fit of `DenseClassifier` in a thread of its own."""

    def __init__(self, message):
        self._scene = Scene(message)
        self._model = DenseClassifier(
            hidden_layer_sizes=message.hidden_layer_sizes,
            activation=message.activation,
            optimizer=message.optimizer,
            l1=message.l1,
            l2=message.l2,
            batch_size=message.batch_size,
            epochs=MAX_EPOCHS,
            callbacks=[KerasCallback(_Pause, training=self)],
            random_state=message.network_seed,
        )
        self._asked = queue.SimpleQueue()
        self._lock, self._end, self._is_stopped = threading.Lock(), None, False
        self._n_left, self._seconds, self._since = 0, 0.0, time.monotonic()
        self._answer = _new_future()

    def start(self):
        """Start the thread, and return the future state before the first epoch."""
        answer = self._answer
        threading.Thread(target=self._fit, name="playground").start()
        return answer

    def describe(self):
        """Return the points and the features."""
        return self._scene.describe()

    def ask(self, message):
        """Return the future state after the epochs of a message."""
        if self._seconds > MAX_SECONDS:
            reason = f"the training has taken its {MAX_SECONDS:g} seconds; start again"
            raise HTTPError(429, reason)
        answer = _new_future()
        with self._lock:
            if self._end is not None:
                raise HTTPError(*self._end)
            self._asked.put((message, answer))
        return answer

    def stop(self):
        """End the training after its current epoch."""
        self._is_stopped = True
        self._asked.put(None)

    def advance(self, model, epoch):
        """Begin the next epoch, or first answer and wait for a message."""
        self._n_left -= 1
        now = time.monotonic()
        is_due = self._n_left <= 0 or now - self._since > ANSWER_SECONDS
        if is_due and not self._is_stopped:
            self._seconds += now - self._since
            state = self._scene.describe_network(model)
            if state is None:
                self._finish(422, _DIVERGED)
                self._is_stopped = True
            else:
                self._answer.set_result({"epoch": epoch, **state})
                self._take_message(model)
        model.stop_training = self._is_stopped

    def _take_message(self, model):
        asked = self._asked.get()
        if asked is None:
            return
        message, self._answer = asked
        model.optimizer.learning_rate = message.learning_rate
        self._n_left, self._since = message.epochs, time.monotonic()

    def _fit(self):
        try:
            self._model.fit(*self._scene.training_data)
            self._finish(429, f"the training has reached {MAX_EPOCHS:,} epochs")
        except ValueError as error:
            self._finish(422, str(error))
        except Exception:
            _log.exception("a training failed")
            self._finish(500, _FAILED)

    def _finish(self, *end):
        """Store the first reason for the end, and answer by it."""
        with self._lock:
            self._end = self._end or end
            waiting = [self._answer]
            while not self._asked.empty():
                asked = self._asked.get()
                waiting += [] if asked is None else [asked[1]]
        for answer in waiting:
            if not answer.done():
                answer.set_exception(HTTPError(*self._end))


class _Pause(keras.callbacks.Callback):
    """Callback that lets a training wait before the first epoch and after each."""

    def __init__(self, training):
        super().__init__()
        self._training = training

    def on_train_begin(self, logs=None):
        self._training.advance(self.model, 0)

    def on_epoch_end(self, epoch, logs=None):
        self._training.advance(self.model, epoch + 1)


def _new_future():
    """Return a future that a connection that ends cannot cancel."""
    future = Future()
    future.set_running_or_notify_cancel()
    return future
