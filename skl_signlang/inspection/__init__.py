"""Images of data and of what models make of them, and reports of all of them.

Displays follow scikit-learn's: they are made by a ``from_...`` method, draw in `plot`
and keep what they drew on in ``ax_`` and ``figure_``. Matplotlib is imported when one
draws.

Classes
-------
ActivationDisplay
    What the layers of a network make of one image.
AugmentationDisplay
    What a network sees while it trains.
ClassBalanceDisplay
    How often each letter occurs.
ConfusedLettersDisplay
    Which letters are read as which, with images of the worst.
KernelDisplay
    The kernels of the first convolution.
LeakageDisplay
    What a random split promises too much, and the copies that make it so.
SaliencyDisplay
    Where in an image a network found what it read.
SampleGridDisplay
    Some images of each letter, and as what they were read.
TrainingHistoryDisplay
    How trainings went, epoch by epoch.

Functions
---------
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_activation_display": ["ActivationDisplay"],
        "_augmentation_display": ["AugmentationDisplay"],
        "_class_balance_display": ["ClassBalanceDisplay"],
        "_confused_letters_display": ["ConfusedLettersDisplay"],
        "_kernel_display": ["KernelDisplay"],
        "_leakage_display": ["LeakageDisplay"],
        "_saliency_display": ["SaliencyDisplay"],
        "_sample_grid_display": ["SampleGridDisplay"],
        "_training_history_display": ["TrainingHistoryDisplay"],
    },
)
