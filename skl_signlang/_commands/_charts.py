"""The two pictures of a run, as PNG files in memory.

They are drawn without pyplot's global state, so no screen is needed.
"""

import io

from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import ConfusionMatrixDisplay

DOTS_PER_INCH = 100


def draw_confusion(true, predicted, title):
    """Draw which letter was read as which.

    Parameters
    ----------
    true, predicted : ndarray of str, shape (n,)
        The letters.
    title : str
        Above the picture.

    Returns
    -------
    png : bytes
        The content of a PNG file.
    """
    figure = Figure(figsize=(10, 10), layout="constrained")
    axes = figure.subplots()
    display = ConfusionMatrixDisplay.from_predictions(
        true,
        predicted,
        ax=axes,
        cmap="Blues",
        colorbar=False,
        # errors are few beside what is right: brighten them
        im_kw={"norm": PowerNorm(0.4)},
        text_kw={"fontsize": 9},
    )
    for text in display.text_.flat:
        text.set_visible(text.get_text() != "0")
    axes.set(title=title, xlabel="read as", ylabel="signed")
    return to_png(figure)


def draw_history(history, accuracy):
    """Draw how the training went.

    Parameters
    ----------
    history : dict of str to list of float
        "loss" and "accuracy" of each epoch, on the training data.
    accuracy : float
        On the pictures set aside, at the end.

    Returns
    -------
    png : bytes
        The content of a PNG file.
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], marker=".", label="training")
        axes.set(xlabel="epoch", title=name)
        axes.set_ylim(bottom=0, top=1.02 if name == "accuracy" else None)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid(alpha=0.3)
    axes.axhline(accuracy, color="C1", linestyle="--", label="set aside, at the end")
    axes.legend(loc="best")
    return to_png(figure)


def to_png(figure):
    """Turn a figure into the content of a PNG file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn.

    Returns
    -------
    png : bytes
        The content of a PNG file.
    """
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH)
    return file.getvalue()
