"""Weight averaging over epochs."""

import keras
import numpy as np

from skl_signlang._keras import read_variables, write_variables

DECAY = 8  # chosen by grouped validation: python -m benchmarks.choose_recipe


class WeightAverage(keras.callbacks.Callback):
    """Average the weights over epochs by polynomial-decay averaging.

    After epoch t the average moves by (g + 1) / (t + g) towards the weights (Shamir,
    Zhang, "Stochastic Gradient Descent for Non-smooth Optimization", ICML 2013, section
    4), so the end of training need not be known. Untrained variables, such as the
    moments of batch normalization, are those of the last epoch.
    """

    def __init__(self, values):
        super().__init__()
        self.values = self.last = values

    def on_epoch_end(self, epoch, logs=None):
        """Update the average."""
        share = np.float32((DECAY + 1) / (epoch + 1 + DECAY))
        variables = self.model.variables
        trained = {id(variable) for variable in self.model.trainable_variables}
        self.last = read_variables(variables)
        self.values = [
            old + (new - old) * share if id(variable) in trained else new
            for variable, old, new in zip(
                variables, self.values, self.last, strict=True
            )
        ]

    def on_train_end(self, logs=None):
        """Write the average into the network."""
        write_variables(self.model.variables, self.values)
