"""The average of a network's weights over the epochs of its training."""

import keras
import numpy as np

from skl_signlang.networks._variables import read

DECAY = 8  # chosen by grouped validation: python -m benchmarks.choose_recipe


class WeightAverage(keras.callbacks.Callback):
    """Average the weights after each epoch, late epochs counting more.

    After epoch t the average is the old one, moved by (g + 1) / (t + g) of the way
    towards the weights: polynomial-decay averaging [1]_. It needs not know when the
    training will end, so training on goes on with it. What is not trained, such as the
    moments of a batch normalisation, which are moving averages already, is as it was
    after the last epoch.

    Parameters
    ----------
    values : list of ndarray
        The average of the epochs before, one array per variable of the network.

    References
    ----------
    .. [1] O. Shamir, T. Zhang, "Stochastic Gradient Descent for Non-smooth
       Optimization: Convergence Results and Optimal Averaging Schemes", ICML 2013,
       section 4.
    """

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        """Move the average towards the network.

        Parameters
        ----------
        epoch : int
            From 0, over all trainings.
        logs : dict, default=None
            Ignored.
        """
        share = np.float32((DECAY + 1) / (epoch + 1 + DECAY))
        trained = {id(variable) for variable in self.model.trainable_variables}
        self.values = [
            old + (new - old) * share if id(variable) in trained else new
            for variable, old, new in zip(
                self.model.variables,
                self.values,
                read(self.model.variables),
                strict=True,
            )
        ]
