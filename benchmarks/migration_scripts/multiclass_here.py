"""Ten classes of a table, by this package."""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_signlang import NetworkClassifier

SEED = 0


def build(input_shape, n_outputs, hidden):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(n_outputs),
        ]
    )


X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

network = NetworkClassifier(
    build, model_params={"hidden": 32}, epochs=20, batch_size=32, random_state=SEED
)
model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
score = model.score(X_test, y_test)
