"""The two pictures of a run, as PNG files in memory.

They are drawn without pyplot's global state, so no screen is needed.
"""

from matplotlib.figure import Figure

from skl_signlang.inspection import ConfusedLettersDisplay, TrainingHistoryDisplay
from skl_signlang.inspection._drawing import to_png


def draw_confusion(images, true, predicted, title):
    """Draw which letter was read as which.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, c)
        Pictures.
    true, predicted : ndarray of str, shape (n,)
        The letters.
    title : str
        Above the picture.

    Returns
    -------
    png : bytes
        The content of a PNG file.
    """
    figure = Figure(figsize=(13, 10), layout="constrained")
    display = ConfusedLettersDisplay.from_predictions(
        true, predicted, X=images, ax=figure.subplots()
    )
    display.ax_.set_title(f"{title}\n{display.ax_.get_title()}")
    return to_png(figure)


def draw_history(classifier, accuracy):
    """Draw how the training went.

    Parameters
    ----------
    classifier : estimator instance
        Fitted, with "loss" and "accuracy" in its history.
    accuracy : float
        On the pictures set aside, at the end.

    Returns
    -------
    png : bytes
        The content of a PNG file.
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    display = TrainingHistoryDisplay.from_estimator(classifier, ax=figure.subplots())
    axes = display.axes_["accuracy"]
    axes.axhline(accuracy, color="C1", linestyle="--", label="set aside, at the end")
    axes.legend(loc="best", fontsize=8)
    return to_png(figure)
