"""Early stopping by a callback, by this package."""

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
            layers.Dense(32, activation="relu"),
            layers.Dense(n_outputs),
        ]
    )


X, y = load_digits(return_X_y=True)
X = X / 16
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

stop = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
model = NetworkClassifier(
    build,
    learning_rate=0.01,
    epochs=60,
    batch_size=32,
    validation_fraction=0.2,
    callbacks=[stop],
    random_state=SEED,
)
score = model.fit(X_train, y_train).score(X_test, y_test)
