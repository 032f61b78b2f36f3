"""Logs of fits for TensorBoard."""

from skl_signlang._files import to_folder
from skl_signlang.callbacks._searchable import SearchableCallback
from skl_signlang.callbacks._tensorboard_run import WriteRun


class TensorBoard(SearchableCallback):
    """Log each fit as a run for TensorBoard.

    A run holds the loss and metrics of each epoch, histograms of the weights, the
    graph, the hyperparameters, the last hidden layer in the projector and, for
    classifiers of images, samples and misclassified samples. `partial_fit` writes
    nothing. TensorBoard comes with the extra ``skl_signlang[tensorboard]``.

    Read more in the :doc:`User Guide </training>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    log_dir : str or path-like, default="logs"
        Folder of all runs, created if missing. Each `fit` writes to the next free
        ``run-0001``, ``run-0002`` and so on, also if several processes write at once.

    See Also
    --------
    keras.callbacks.TensorBoard : Logs of one run.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.callbacks import TensorBoard
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DenseClassifier(callbacks=[("board", TensorBoard("runs"))])
    >>> model.get_params()["callbacks__board__log_dir"]
    'runs'
    >>> model.fit(X, y)  # doctest: +SKIP
    """

    def __init__(self, log_dir="logs"):
        self.log_dir = log_dir

    def build(self):
        """Build the callback for one fit.

        Returns
        -------
        callback : keras.callbacks.Callback
            A new callback.

        Raises
        ------
        TypeError
            If `log_dir` is not a path.
        ValueError
            If `log_dir` is empty, or not a folder.
        """
        to_folder(self.log_dir, "log_dir")
        return WriteRun(self.log_dir)
