"""What happens at the ends of epochs: looking, validating, stopping, slowing down.

Each is a callback of Keras; `Training` puts them in order.
"""

import keras

from skl_signlang.networks._variables import read, write


class SwapInAverage(keras.callbacks.Callback):
    """Let the network hold what will predict while others look at it."""

    def __init__(self, average):
        super().__init__()
        self._average = average

    def on_epoch_end(self, epoch, logs=None):
        """Write the average into the network."""
        write(self.model.variables, self._average.values)


class SwapOutAverage(SwapInAverage):
    """Let the network hold again what it trains on with."""

    def on_epoch_end(self, epoch, logs=None):
        """Write the last weights into the network."""
        write(self.model.variables, self._average.last)


class Validation(keras.callbacks.Callback):
    """Measure loss and metrics on samples that are not trained on."""

    def __init__(self, measure):
        super().__init__()
        self._measure = measure

    def on_epoch_end(self, epoch, logs=None):
        """Add them to the logs."""
        for name, value in self._measure().items():
            logs[f"val_{name}"] = value


class ScaleLogs(keras.callbacks.Callback):
    """Bring losses of scaled targets to the units of the targets."""

    def __init__(self, units):
        super().__init__()
        self._units = units

    def on_epoch_end(self, epoch, logs=None):
        """Multiply."""
        for name in logs:
            logs[name] *= self._units.get(name.removeprefix("val_"), 1)


class PlateauMonitor(keras.callbacks.Callback):
    """Count the epochs in which a loss has not got better."""

    def __init__(self, patience, min_delta):
        super().__init__()
        self._patience, self._min_delta = patience, min_delta
        self.best, self.waited = float("inf"), 0

    def on_epoch_end(self, epoch, logs=None):
        """Compare, and act."""
        loss = logs.get("val_loss", logs["loss"])
        if loss < self.best - self._min_delta:
            self.best, self.waited = loss, 0
            self.on_improvement()
            return
        self.waited += 1
        if self.waited >= self._patience:
            self.on_plateau()

    def on_improvement(self):
        """Act on a loss that is the least so far."""

    def on_plateau(self):
        """Act on too many epochs without one."""


class EarlyStopping(PlateauMonitor):
    """Keep the best state, and stop when none better comes."""

    def __init__(self, patience, min_delta, average):
        super().__init__(patience, min_delta)
        self._average = average
        self.state = None

    def on_improvement(self):
        """Keep what predicts, what is trained on with, and the optimizer."""
        last = read(self.model.variables)
        values = last if self._average is None else self._average.values
        self.state = values, last, read(self.model.optimizer.variables)

    def on_plateau(self):
        """Stop."""
        self.model.stop_training = True


class ReduceLROnPlateau(PlateauMonitor):
    """Lower the learning rate when the loss has come to a plateau."""

    def __init__(self, factor, patience, min_delta):
        super().__init__(patience, min_delta)
        self._factor = factor

    def on_epoch_end(self, epoch, logs=None):
        """Note the rate of this epoch, then compare."""
        logs["learning_rate"] = float(self.model.optimizer.learning_rate.numpy())
        super().on_epoch_end(epoch, logs)

    def on_plateau(self):
        """Lower the rate."""
        rate = float(self.model.optimizer.learning_rate.numpy())
        self.model.optimizer.learning_rate = rate * self._factor
        self.waited = 0


def with_epoch(history, n_before, logs):
    """Add an epoch to a history."""
    return {
        name: [
            *history.get(name, [float("nan")] * n_before),
            float(logs.get(name, "nan")),
        ]
        for name in dict.fromkeys([*history, *logs])
    }
