"""A search inside of cross-validation, by this package."""

import keras
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV, cross_val_score

from skl_signlang import NetworkClassifier

SEED = 0


def build(input_shape, n_outputs, hidden=8):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(n_outputs),
        ]
    )


X, y = load_wine(return_X_y=True)
network = NetworkClassifier(
    build, standardize=True, epochs=10, batch_size=16, random_state=SEED
)
grid = {"model__hidden": [4, 16], "learning_rate": [0.01, 0.03]}
score = cross_val_score(GridSearchCV(network, grid, cv=2), X, y, cv=3).mean()
