"""Keras callbacks at the end of epochs: validation, stopping, learning rate."""

import keras

from skl_signlang._keras import read_variables, write_variables


class SwapInAverage(keras.callbacks.Callback):
    """Swap the averaged weights in."""

    def __init__(self, average):
        super().__init__()
        self._average = average

    def on_epoch_end(self, epoch, logs=None):
        """Write the average into the network."""
        write_variables(self.model.variables, self._average.values)


class SwapOutAverage(SwapInAverage):
    """Swap the averaged weights out."""

    def on_epoch_end(self, epoch, logs=None):
        """Write the last weights into the network."""
        write_variables(self.model.variables, self._average.last)


class Validation(keras.callbacks.Callback):
    """Evaluate loss and metrics on the validation data."""

    def __init__(self, measure):
        super().__init__()
        self._measure = measure

    def on_epoch_end(self, epoch, logs=None):
        """Add the validation loss and metrics to the logs."""
        for name, value in self._measure().items():
            logs[f"val_{name}"] = value


class ScaleLogs(keras.callbacks.Callback):
    """Rescale losses to the units of the unscaled targets."""

    def __init__(self, units):
        super().__init__()
        self._units = units

    def on_epoch_end(self, epoch, logs=None):
        """Rescale the logs."""
        for name in logs:
            logs[name] *= self._units.get(name.removeprefix("val_"), 1)


class PlateauMonitor(keras.callbacks.Callback):
    """Count the epochs without improvement of the loss."""

    def __init__(self, patience, min_delta):
        super().__init__()
        self._patience, self._min_delta = patience, min_delta
        self.best, self.waited = float("inf"), 0

    def on_epoch_end(self, epoch, logs=None):
        """Compare the loss with the best so far."""
        loss = logs.get("val_loss", logs["loss"])
        if loss < self.best - self._min_delta:
            self.best, self.waited = loss, 0
            self.on_improvement()
            return
        self.waited += 1
        if self.waited >= self._patience:
            self.on_plateau()

    def on_improvement(self):
        """Handle a new best loss."""

    def on_plateau(self):
        """Handle a plateau."""


class EarlyStopping(PlateauMonitor):
    """Keep the best state, and stop on a plateau."""

    def __init__(self, patience, min_delta, average):
        super().__init__(patience, min_delta)
        self._average = average
        self.state = None

    def on_improvement(self):
        """Keep the weights for inference and training, and the optimizer's state."""
        last = read_variables(self.model.variables)
        values = last if self._average is None else self._average.values
        self.state = values, last, read_variables(self.model.optimizer.variables)

    def on_plateau(self):
        """Stop training."""
        self.model.stop_training = True


class ReduceLROnPlateau(PlateauMonitor):
    """Reduce the learning rate on a plateau."""

    def __init__(self, factor, patience, min_delta):
        super().__init__(patience, min_delta)
        self._factor = factor

    def on_epoch_end(self, epoch, logs=None):
        """Log the learning rate, then compare."""
        logs["learning_rate"] = float(self.model.optimizer.learning_rate.numpy())
        super().on_epoch_end(epoch, logs)

    def on_plateau(self):
        """Reduce the learning rate."""
        rate = float(self.model.optimizer.learning_rate.numpy())
        self.model.optimizer.learning_rate = rate * self._factor
        self.waited = 0


class KeepLastEpoch(keras.callbacks.Callback):
    """Keep the state after each epoch, for a training that is interrupted."""

    def __init__(self, average, history, n_iter):
        super().__init__()
        self._average = average
        self.history, self.n_iter, self.state = history, n_iter, None

    def on_epoch_end(self, epoch, logs=None):
        """Keep the weights for inference and training, and the optimizer's state."""
        last = read_variables(self.model.variables)
        values = last if self._average is None else self._average.values
        self.state = values, last, read_variables(self.model.optimizer.variables)
        self.history = with_epoch(self.history, self.n_iter, logs)
        self.n_iter = epoch + 1


def with_epoch(history, n_before, logs):
    """Return a history with one more epoch."""
    return {
        name: [
            *history.get(name, [float("nan")] * n_before),
            float(logs.get(name, "nan")),
        ]
        for name in dict.fromkeys([*history, *logs])
    }
