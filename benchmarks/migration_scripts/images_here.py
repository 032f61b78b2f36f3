"""Images of digits, by this package."""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skl_signlang import NetworkClassifier

SEED = 0


def build(input_shape, n_outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(n_outputs),
        ]
    )


digits = load_digits()
X, y = digits.images[..., None] / 16, digits.target
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

model = NetworkClassifier(build, epochs=10, batch_size=32, random_state=SEED)
score = model.fit(X_train, y_train).score(X_test, y_test)
