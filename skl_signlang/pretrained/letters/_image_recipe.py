"""The recipe of ``letters``; `benchmarks.train_pretrained` trains it."""

from sklearn.pipeline import Pipeline

from skl_signlang.estimators import CNNClassifier
from skl_signlang.preprocessing import ImageDecoder


def make_classifier(epochs=36, random_state=0):
    """Make a small convolutional network behind an `ImageDecoder`, not fitted.

    Parameters
    ----------
    epochs : int, default=36
        Passes through the images.
    random_state : int, RandomState instance or None, default=0
        Seed of weights, batches and augmentation.

    Returns
    -------
    classifier : sklearn.pipeline.Pipeline
        With the steps "decoder" and "cnn".
    """
    network = CNNClassifier(
        filters=(24, 48, 96, 128),
        kernel_size=3,
        conv_dropout=0.05,
        dropout=0.3,
        epochs=epochs,
        learning_rate=2e-3,
        lr_schedule="cosine",
        rotation=12,
        translation=0.1,
        zoom=0.25,
        shear=8,
        brightness=0.15,
        contrast=0.4,
        random_erasing=0.15,
        horizontal_flip=0.5,
        random_state=random_state,
    )
    decoder = ImageDecoder(40, pad_to_aspect_ratio=True)
    return Pipeline([("decoder", decoder), ("cnn", network)])
