"""A number from a table, by this package."""

import keras
from keras import layers
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_signlang import NetworkRegressor

SEED = 0


def build(input_shape, n_outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_outputs),
        ]
    )


X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

network = NetworkRegressor(build, epochs=30, batch_size=32, random_state=SEED)
model = make_pipeline(
    StandardScaler(),
    TransformedTargetRegressor(network, transformer=StandardScaler()),
)
score = model.fit(X_train, y_train).score(X_test, y_test)
