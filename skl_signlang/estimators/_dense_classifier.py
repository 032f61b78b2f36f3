"""Dense classifier."""

from skl_signlang.estimators._classifier import BaseNetworkClassifier
from skl_signlang.estimators._shared_parameters import shared_parameters
from skl_signlang.training import DenseInputsMixin


@shared_parameters(hidden_layer_sizes=(256, 128))
class DenseClassifier(DenseInputsMixin, BaseNetworkClassifier):
    """Classify rows or images with a network of dense layers.

    Read more in the :doc:`User Guide </estimators>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(256, 128)
        Number of units of each hidden layer; ``()`` is logistic regression.
    {activation}
    {dropout}
    {batch_norm}
    {l1}
    {l2}
    {kernel_initializer}
    {standardize}
    {loss}
    {output_activation}
    {metrics}
    {optimizer}
    {learning_rate}
    {lr_schedule}
    {reduce_lr}
    {clipnorm}
    {weight_decay}
    {label_smoothing}
    {average}
    {epochs}
    {batch_size}
    {class_weight}
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
    {classes_}
    {model_}
    {n_features_in_}
    {feature_names_in_}
    {callbacks_}
    {n_iter_}
    {history_}

    See Also
    --------
    CNNClassifier : Convolutional classifier of images.
    DenseRegressor : Regressor of the same architecture.
    sklearn.neural_network.MLPClassifier : Multi-layer perceptron of scikit-learn.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import DenseClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> model = DenseClassifier(epochs=5, random_state=0).fit(X[:1500], y[:1500])
    >>> bool(model.score(X[1500:], y[1500:]) > 0.85)
    True
    """

    def __init__(
        self,
        *,
        hidden_layer_sizes=(256, 128),
        activation="relu",
        dropout=0.0,
        batch_norm=False,
        l1=0.0,
        l2=0.0,
        kernel_initializer="glorot_uniform",
        standardize=True,
        loss="auto",
        output_activation="auto",
        metrics=None,
        optimizer="adam",
        learning_rate=1e-3,
        lr_schedule="constant",
        reduce_lr=False,
        clipnorm=None,
        weight_decay=None,
        label_smoothing=0.0,
        average=False,
        epochs=20,
        batch_size=128,
        class_weight=None,
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
        self.activation = activation
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.l1 = l1
        self.l2 = l2
        self.kernel_initializer = kernel_initializer
        self.standardize = standardize
        self.loss = loss
        self.output_activation = output_activation
        self.metrics = metrics
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.lr_schedule = lr_schedule
        self.reduce_lr = reduce_lr
        self.clipnorm = clipnorm
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.average = average
        self.epochs = epochs
        self.batch_size = batch_size
        self.class_weight = class_weight
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
