"""Displays of data, training and predictions.

As in scikit-learn, a Display is created by a ``from_...`` method, draws in `plot` and
stores its axes and figure in ``ax_`` and ``figure_``. Matplotlib is imported when one
draws.

Classes
-------
ActivationDisplay
    Activation maps of one image, one row per layer.
AugmentationDisplay
    Images beside their random augmentations.
ClassBalanceDisplay
    Bar chart of the number of samples per label.
ConfusedLettersDisplay
    Confusion matrix beside images of the most frequent errors.
KernelDisplay
    Kernels of the first convolution.
LeakageDisplay
    Scores under random and grouped splits, beside near-duplicates across folds.
SaliencyDisplay
    Images above their Grad-CAM heatmaps for the predicted class.
SampleGridDisplay
    Grid of images with true and predicted labels.
TrainingHistoryDisplay
    Curves of loss and metrics over the epochs of one or several runs.

Functions
---------
"""

import lazy_loader

_DISPLAYS = {
    "_activation_display": ["ActivationDisplay"],
    "_augmentation_display": ["AugmentationDisplay"],
    "_class_balance_display": ["ClassBalanceDisplay"],
    "_confused_letters_display": ["ConfusedLettersDisplay"],
    "_kernel_display": ["KernelDisplay"],
    "_leakage_display": ["LeakageDisplay"],
    "_saliency_display": ["SaliencyDisplay"],
    "_sample_grid_display": ["SampleGridDisplay"],
    "_training_history_display": ["TrainingHistoryDisplay"],
}
# used by the packages cli and report; not public
_SHARED = {
    "_confusion": ["count_confusions", "most_confused"],
    "_drawing": ["as_images", "draw_image", "scale_to_unit", "to_png"],
    "_layer_outputs": ["convolutions_of"],
}

__getattr__, _, _ = lazy_loader.attach(__name__, submod_attrs=_DISPLAYS | _SHARED)
__all__ = sorted(name for names in _DISPLAYS.values() for name in names)


def __dir__():
    return list(__all__)
