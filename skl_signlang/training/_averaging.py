"""The average of a network's weights over the epochs of its training."""

import keras
import numpy as np

from skl_signlang.networks._variables import read, write

DECAY = 8  # chosen by grouped validation: python -m benchmarks.choose_recipe


class WeightAverage(keras.callbacks.Callback):
    """Average the weights after each epoch, late epochs counting more.

    After epoch t the average is the old one, moved by (g + 1) / (t + g) of the way
    towards the weights: polynomial-decay averaging [1]_. It needs not know when the
    training will end, so training on goes on with it. What is not trained, such as the
    moments of a batch normalisation, which are moving averages already, is as it was
    after the last epoch.
    """

    def __init__(self, values):
        super().__init__()
        self.values = self.last = values

    def on_epoch_end(self, epoch, logs=None):
        """Move the average towards the network."""
        share = np.float32((DECAY + 1) / (epoch + 1 + DECAY))
        variables = self.model.variables
        trained = {id(variable) for variable in self.model.trainable_variables}
        self.last = read(variables)
        self.values = [
            old + (new - old) * share if id(variable) in trained else new
            for variable, old, new in zip(
                variables, self.values, self.last, strict=True
            )
        ]

    def on_train_end(self, logs=None):
        """Leave the average in the network."""
        write(self.model.variables, self.values)
