"""The two charts of a run, as PNG files in memory.

They are drawn without pyplot's global state, so no screen is needed.
"""

from matplotlib.figure import Figure

from skl_signlang.inspection import (
    ConfusedLettersDisplay,
    TrainingHistoryDisplay,
    to_png,
)


def draw_confusion(images, true, predicted, title):
    """Draw the confusion matrix."""
    figure = Figure(figsize=(13, 10), layout="constrained")
    display = ConfusedLettersDisplay.from_predictions(
        true, predicted, X=images, ax=figure.subplots()
    )
    display.ax_.set_title(f"{title}\n{display.ax_.get_title()}")
    return to_png(figure)


def draw_history(classifier, accuracy):
    """Draw the training history."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    display = TrainingHistoryDisplay.from_estimator(classifier, ax=figure.subplots())
    axes = display.axes_["accuracy"]
    axes.axhline(accuracy, color="C1", linestyle="--", label="validation, last epoch")
    axes.legend(loc="best", fontsize=8)
    return to_png(figure)
