"""Dense regressor."""

from skl_signlang.estimators._regressor import OF_REGRESSORS, BaseNetworkRegressor
from skl_signlang.estimators._shared_parameters import shared_parameters
from skl_signlang.training import DenseInputsMixin


@shared_parameters(OF_REGRESSORS, hidden_layer_sizes=(64, 64), loss="mse")
class DenseRegressor(DenseInputsMixin, BaseNetworkRegressor):
    """Predict one or several targets with a network of dense layers.

    With a linear output and the mean squared or absolute error, targets above 1024, or
    with a range below 1/1024, are centered and divided by a power of two for training,
    and predictions are transformed back. Other targets are not scaled.

    Read more in the :doc:`User Guide </estimators>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(64, 64)
        Number of units of each hidden layer; ``()`` is linear regression.
    {loss}
    {output_activation}
    {metrics}
    {activation}
    {dropout}
    {batch_norm}
    {l1}
    {l2}
    {kernel_initializer}
    {standardize}
    {optimizer}
    {learning_rate}
    {lr_schedule}
    {reduce_lr}
    {clipnorm}
    {weight_decay}
    {average}
    {epochs}
    {batch_size}
    {early_stopping}
    {validation_fraction}
    {patience}
    {min_delta}
    {callbacks}
    {checkpoint_dir}
    {on_interrupt}
    {warm_start}
    {random_state}
    {verbose}

    Attributes
    ----------
    {model_}
    {n_features_in_}
    {feature_names_in_}
    n_outputs_ : int
        Number of targets.
    {callbacks_}
    {n_iter_}
    {history_}

    See Also
    --------
    DenseClassifier : Classifier of the same architecture.
    sklearn.neural_network.MLPRegressor : Multi-layer perceptron of scikit-learn.
    sklearn.compose.TransformedTargetRegressor : Scale targets for other losses.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang import DenseRegressor
    >>> X = np.random.RandomState(0).normal(size=(1000, 3))
    >>> y = X[:, 0] * X[:, 1]
    >>> model = DenseRegressor(epochs=40, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.8)
    True
    """

    def __init__(
        self,
        *,
        hidden_layer_sizes=(64, 64),
        loss="mse",
        output_activation="auto",
        metrics=None,
        activation="relu",
        dropout=0.0,
        batch_norm=False,
        l1=0.0,
        l2=0.0,
        kernel_initializer="glorot_uniform",
        standardize=True,
        optimizer="adam",
        learning_rate=1e-3,
        lr_schedule="constant",
        reduce_lr=False,
        clipnorm=None,
        weight_decay=None,
        average=False,
        epochs=20,
        batch_size=128,
        early_stopping=False,
        validation_fraction=0.1,
        patience=5,
        min_delta=0.0,
        callbacks=None,
        checkpoint_dir=None,
        on_interrupt="restore",
        warm_start=False,
        random_state=None,
        verbose=0,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.loss = loss
        self.output_activation = output_activation
        self.metrics = metrics
        self.activation = activation
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.l1 = l1
        self.l2 = l2
        self.kernel_initializer = kernel_initializer
        self.standardize = standardize
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.lr_schedule = lr_schedule
        self.reduce_lr = reduce_lr
        self.clipnorm = clipnorm
        self.weight_decay = weight_decay
        self.average = average
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.min_delta = min_delta
        self.callbacks = callbacks
        self.checkpoint_dir = checkpoint_dir
        self.on_interrupt = on_interrupt
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def _defaults(self):
        # pickles from before this parameter
        return {**super()._defaults(), "output_activation": "linear"}
