"""The digit and whether it is odd, by this package."""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skl_signlang import NetworkClassifier

SEED = 0


def build(input_shape, n_outputs):
    inputs = keras.Input(input_shape)
    hidden = layers.Dense(32, activation="relu")(inputs)
    return keras.Model(inputs, [layers.Dense(n)(hidden) for n in n_outputs])


X, digit = load_digits(return_X_y=True)
X, y = X / 16, np.column_stack([digit, digit % 2])
X_train, X_test, y_train, y_test = train_test_split(
    X, y, stratify=digit, random_state=0
)

model = NetworkClassifier(build, epochs=20, batch_size=32, random_state=SEED)
model.fit(X_train, y_train)
score = np.mean(model.predict(X_test) == y_test)
