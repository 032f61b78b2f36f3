"""What happens at the ends of epochs: looking, validating, stopping, slowing down.

Each is a callback of Keras; `Training` puts them in order.
"""

import keras

from skl_signlang.networks._variables import read, write


class Show(keras.callbacks.Callback):
    """Let the network hold what will predict while others look at it.

    Parameters
    ----------
    average : WeightAverage
        It has what will predict.
    """

    def __init__(self, average):
        super().__init__()
        self._average = average

    def on_epoch_end(self, epoch, logs=None):
        """Write the average into the network.

        Parameters
        ----------
        epoch : int
            Ignored.
        logs : dict, default=None
            Ignored.
        """
        write(self.model.variables, self._average.values)


class Hide(Show):
    """Let the network hold again what it trains on with."""

    def on_epoch_end(self, epoch, logs=None):
        """Write the last weights into the network.

        Parameters
        ----------
        epoch : int
            Ignored.
        logs : dict, default=None
            Ignored.
        """
        write(self.model.variables, self._average.last)


class Validate(keras.callbacks.Callback):
    """Measure loss and metrics on samples that are not trained on.

    Parameters
    ----------
    measure : callable
        Returns a dict of them, of the network as it is.
    """

    def __init__(self, measure):
        super().__init__()
        self._measure = measure

    def on_epoch_end(self, epoch, logs=None):
        """Add them to the logs.

        Parameters
        ----------
        epoch : int
            Ignored.
        logs : dict
            Gets a ``val_`` for each.
        """
        for name, value in self._measure().items():
            logs[f"val_{name}"] = value


class ToUnits(keras.callbacks.Callback):
    """Bring losses of scaled targets to the units of the targets.

    Parameters
    ----------
    units : dict of str to float
        What each name in the logs is multiplied with, also with ``val_`` before it.
    """

    def __init__(self, units):
        super().__init__()
        self._units = units

    def on_epoch_end(self, epoch, logs=None):
        """Multiply.

        Parameters
        ----------
        epoch : int
            Ignored.
        logs : dict
            Changed.
        """
        for name in logs:
            logs[name] *= self._units.get(name.removeprefix("val_"), 1)


class Watcher(keras.callbacks.Callback):
    """Count the epochs in which a loss has not got better.

    Parameters
    ----------
    patience : int
        How many of them are too many.
    min_delta : float
        By how much a loss must fall to be better.
    """

    def __init__(self, patience, min_delta):
        super().__init__()
        self._patience, self._min_delta = patience, min_delta
        self.best, self.waited = float("inf"), 0

    def on_epoch_end(self, epoch, logs=None):
        """Compare, and act.

        Parameters
        ----------
        epoch : int
            Ignored.
        logs : dict
            With "loss", and "val_loss" where there is validation.
        """
        loss = logs.get("val_loss", logs["loss"])
        if loss < self.best - self._min_delta:
            self.best, self.waited = loss, 0
            self.on_better()
            return
        self.waited += 1
        if self.waited >= self._patience:
            self.on_impatience()

    def on_better(self):
        """Act on a loss that is the least so far."""

    def on_impatience(self):
        """Act on too many epochs without one."""


class EarlyStopping(Watcher):
    """Keep the best state, and stop when none better comes.

    Parameters
    ----------
    patience, min_delta : int and float
        See `Watcher`.
    average : WeightAverage or None
        It has what will predict, if that is an average.
    """

    def __init__(self, patience, min_delta, average):
        super().__init__(patience, min_delta)
        self._average = average
        self.state = None

    def on_better(self):
        """Keep what predicts, what is trained on with, and the optimizer."""
        last = read(self.model.variables)
        values = last if self._average is None else self._average.values
        self.state = values, last, read(self.model.optimizer.variables)

    def on_impatience(self):
        """Stop."""
        self.model.stop_training = True


class SlowDown(Watcher):
    """Lower the learning rate when the loss has come to a plateau.

    Parameters
    ----------
    factor : float
        What the rate is multiplied with, in (0, 1).
    patience, min_delta : int and float
        See `Watcher`.
    """

    def __init__(self, factor, patience, min_delta):
        super().__init__(patience, min_delta)
        self._factor = factor

    def on_epoch_end(self, epoch, logs=None):
        """Note the rate of this epoch, then compare.

        Parameters
        ----------
        epoch : int
            Ignored.
        logs : dict
            Gets "learning_rate".
        """
        logs["learning_rate"] = float(self.model.optimizer.learning_rate.numpy())
        super().on_epoch_end(epoch, logs)

    def on_impatience(self):
        """Lower the rate."""
        rate = float(self.model.optimizer.learning_rate.numpy())
        self.model.optimizer.learning_rate = rate * self._factor
        self.waited = 0


def with_epoch(history, n_before, logs):
    """Add an epoch to a history.

    Parameters
    ----------
    history : dict of str to list of float
        Of the epochs before.
    n_before : int
        Their number.
    logs : dict of str to float
        Of this epoch.

    Returns
    -------
    history : dict of str to list of float
        A new one; what was not measured in an epoch is NaN.
    """
    return {
        name: [
            *history.get(name, [float("nan")] * n_before),
            float(logs.get(name, "nan")),
        ]
        for name in dict.fromkeys([*history, *logs])
    }
