"""Dense layers that classify."""

from skl_signlang.estimators._classifier import NetworkClassifier
from skl_signlang.training._dense_inputs import DenseInputsMixin


class DenseClassifier(DenseInputsMixin, NetworkClassifier):
    """Classify rows, or pictures as rows, with a network of dense layers.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(256, 128)
        Units of each hidden layer; ``()`` is logistic regression.
    activation : str or callable, default="relu"
        Activation of the hidden layers, by its Keras name.
    dropout : float, default=0.0
        Share of units dropped after each hidden layer while training, in [0, 1).
    batch_norm : bool, default=False
        Whether to normalise each batch before the activation of a hidden layer.
    l1, l2 : float, default=0.0
        Penalties on the absolute and squared weights of the hidden layers.
    kernel_initializer : str or keras.initializers.Initializer, \
            default="glorot_uniform"
        How weights begin.
    standardize : bool, default=True
        Whether the network's first layer standardises each feature by the mean and
        variance of the training data.
    optimizer : str, class or keras.optimizers.Optimizer, default="adam"
        A name or a class takes ``learning_rate`` and parameters set as
        ``optimizer__NAME``; an instance is copied as it is.
    learning_rate : float, default=1e-3
        Step size of the optimizer, in units of the weights per step.
    lr_schedule : {"constant", "cosine", "one_cycle"}, default="constant"
        How ``learning_rate`` changes over the epochs of one fit: not at all; from
        itself towards zero along half a cosine; or from 1/25 of itself up to itself
        in a third of the epochs, then towards zero.
    reduce_lr : bool or float, default=False
        What the learning rate is multiplied with each time that the loss has come to
        a plateau: for half of ``patience`` epochs it was not lower by ``min_delta``.
        It is the loss on the validation samples, where there are some. True is 0.2.
    clipnorm : float, default=None
        The largest norm of a gradient, for each variable; longer ones are cut. None
        cuts nothing.
    label_smoothing : float, default=0.0
        Share of each target that is spread over all classes evenly, in [0, 1).
    average : bool, default=False
        Whether the network predicts with the average of what its weights were after
        each epoch, late epochs counting more, instead of the last. With a constant
        learning rate that is steadier and reads better.
    epochs : int, default=20
        Passes through the training data.
    batch_size : int, default=128
        Samples per step.
    class_weight : dict, "balanced" or None, default=None
        Weight of each class; "balanced" is inverse to its frequency.
    early_stopping : bool, default=False
        Whether to set samples aside, validate on them after each epoch, stop when
        their loss gets no better, and keep the network of the best epoch.
    validation_fraction : float, default=0.1
        Share of the samples that is set aside for that, or for callbacks that watch a
        validation: of each class alike, and groups undivided if `fit` is given some.
        Nothing is set aside if `fit` is given ``X_val`` and ``y_val``.
    patience : int, default=5
        Epochs in which the loss may get no better before training stops.
    min_delta : float, default=0.0
        By how much the loss must fall to be better.
    callbacks : list of (str, callback), default=None
        Named callbacks, like the steps of a Pipeline: those of
        `skl_signlang.callbacks` or of Keras. Each fit uses copies. Their parameters
        are ``callbacks__NAME__PARAMETER``; None in the place of one leaves it out.
    checkpoint_dir : str or path-like, default=None
        A folder, for one fit only. It keeps the state after each epoch, from which
        `fit` goes on if it is called again after a kill, and the network of the best
        epoch as ``best.keras``.
    tensorboard_dir : str or path-like, default=None
        A folder that TensorBoard shows. Each `fit` writes a run of its own into it.
    warm_start : bool, default=False
        Whether `fit` goes on from the last network for ``epochs`` more.
    random_state : int, RandomState instance or None, default=None
        Decides the first weights, the order of the samples and what is dropped.
    verbose : int or "auto", default=0
        Keras' progress: 0 none, 1 a bar, 2 a line per epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    model_ : keras.Model
        The inference network.
    n_features_in_ : int
        Values in a sample.
    feature_names_in_ : ndarray of str, shape (`n_features_in_`,)
        Column names, if `X` was a DataFrame with names of strings.
    callbacks_ : list of (str, keras.callbacks.Callback)
        Those that the last fit used; a pickle does not hold them.
    n_iter_ : int
        Epochs trained.
    history_ : dict of str to list of float
        "loss" and "accuracy" of each epoch, on the training data, both also as
        ``val_...`` where there is validation, and "learning_rate" where it changes.

    See Also
    --------
    CNNClassifier : The same for pictures as pictures.
    DenseRegressor : The same for numbers.

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
        optimizer="adam",
        learning_rate=1e-3,
        lr_schedule="constant",
        reduce_lr=False,
        clipnorm=None,
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
        tensorboard_dir=None,
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
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.lr_schedule = lr_schedule
        self.reduce_lr = reduce_lr
        self.clipnorm = clipnorm
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
        self.tensorboard_dir = tensorboard_dir
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
