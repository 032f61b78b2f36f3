"""
12. Small color images: batch norm, augmentation, callbacks
===========================================================

Few images and a network that could know them all by heart: the courses meet that with
CIFAR-10's small color images. Those would have to be downloaded; **rendered hands in
color stand in for them**, 24 by 24 pixels, six letters, and few on purpose.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_12.png"

import keras
import numpy as np

from skl_signlang import CNNClassifier
from skl_signlang.callbacks import KerasCallback, StopAtMetric
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.inspection import (
    AugmentationDisplay,
    SampleGridDisplay,
    TrainingHistoryDisplay,
)
from skl_signlang.model_selection import split_samples

hands = make_fingerspelling(
    1000, letters="ACDFLY", n_signers=40, image_size=24, color=True, random_state=0
)
train, test = split_samples(hands, (0.5, 0.5), random_state=0)
print(f"{train.images.shape} to learn from, {test.images.shape} of other signers")
SampleGridDisplay.from_samples(
    hands.images, hands.target, n_samples=24, n_columns=12, random_state=0
)

# %%
# The network of the course
# -------------------------
# Pairs of convolutions before each pooling. In plain Keras, with as much of it as is
# needed for the lesson:

letters, codes = np.unique(train.target, return_inverse=True)
keras.utils.set_random_seed(0)
network = keras.Sequential(
    [
        keras.Input((24, 24, 3)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(8, 3, activation="relu", padding="same"),
        keras.layers.Conv2D(8, 3, activation="relu", padding="same"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(16, 3, activation="relu", padding="same"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(6, activation="softmax"),
    ]
)
network.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
network.fit(train.images, codes, epochs=12, batch_size=32, verbose=0)
read = letters[network.predict(test.images, verbose=0).argmax(axis=1)]
print(f"signers never seen: {np.mean(read == test.target):.3f}")

# %%
# What augmentation does
# ----------------------
# Each time that an image is learned from, it is turned, moved, sized and lit a little
# differently. These are parameters of ``CNNClassifier``, in units that one can say
# aloud: degrees, and parts of the side, the size and the brightness.

augmentation = {
    "rotation": 12,
    "translation": 0.1,
    "zoom": 0.15,
    "brightness": 0.15,
    "contrast": 0.3,
    "horizontal_flip": 0.5,
}
AugmentationDisplay.from_estimator(
    CNNClassifier(**augmentation), train.images, n_samples=3, random_state=0
)

# %%
# The mirror makes left hands of right ones, which is right here: half of the signers'
# hands are left. A letter that means another one in the mirror would forbid it.
#
# One thing at a time
# -------------------
# The course's network as an estimator, then with normalized batches, then with
# augmentation as well, then with the average of the weights over the epochs. All get as
# many epochs, though augmentation makes learning harder and would profit from more.

course = CNNClassifier(
    filters=((8, 8), 16),
    kernel_size=3,
    hidden_layer_sizes=(64,),
    conv_dropout=0.0,
    dropout=0.0,
    batch_norm=False,
    average=False,
    learning_rate=3e-3,
    batch_size=32,
    epochs=12,
    random_state=0,
)
ways = {
    "course's": {},
    "batch norm": {"batch_norm": True},
    "and augmentation": {"batch_norm": True, **augmentation},
    "and averaged weights": {"batch_norm": True, "average": True, **augmentation},
}
models = {}
for way, parameters in ways.items():
    models[way] = CNNClassifier(**{**course.get_params(), **parameters})
    models[way].fit(train.images, train.target)
    known = models[way].score(train.images, train.target)
    new = models[way].score(test.images, test.target)
    print(f"{way:>20}: known signers {known:.3f}, signers never seen {new:.3f}")

# %%
# The second number is what to expect of new signers.
#
# Callbacks
# ---------
# Named, like the steps of a Pipeline, so that a search can change them:
# ``callbacks__slower__factor``. Any callback of Keras goes; ``StopAtMetric`` is the
# course's "stop at so much accuracy" without a class of one's own. As one of them
# watches a validation, ``fit`` sets signers aside for it.

model = CNNClassifier(
    **{
        **models["and augmentation"].get_params(deep=False),
        "epochs": 20,
        "callbacks": [
            ("enough", StopAtMetric("val_accuracy", 0.9)),
            (
                "slower",
                KerasCallback(
                    "ReduceLROnPlateau", monitor="val_loss", factor=0.5, patience=5
                ),
            ),
        ],
    }
)
model.set_params(callbacks__slower__patience=3)
model.fit(train.images, train.target, groups=train.groups)
print(f"stopped after {model.n_iter_} epochs of 20 at most")
print(f"learning rate at last: {model.history_['learning_rate'][-1]:.1e}")
print(f"signers never seen {model.score(test.images, test.target):.3f}")

# %%
# It stopped at what was called enough, and learned from fewer signers than those above:
# do not wonder if it reads less.

TrainingHistoryDisplay.from_estimator(model)
