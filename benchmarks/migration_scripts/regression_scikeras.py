"""A number from a table, by SciKeras."""

import keras
from keras import layers
from scikeras.wrappers import KerasRegressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 0


def build(meta):
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            layers.Dense(16, activation="relu"),
            layers.Dense(1),
        ]
    )


X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

network = KerasRegressor(
    build,
    loss="mse",
    optimizer="adam",
    epochs=30,
    batch_size=32,
    random_state=SEED,
    verbose=0,
)
model = make_pipeline(
    StandardScaler(), TransformedTargetRegressor(network, transformer=StandardScaler())
)
score = model.fit(X_train, y_train).score(X_test, y_test)
