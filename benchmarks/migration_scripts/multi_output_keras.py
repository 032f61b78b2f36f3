"""The digit and whether it is odd, by Keras alone."""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 0

X, digit = load_digits(return_X_y=True)
X, y = X / 16, np.column_stack([digit, digit % 2])
X_train, X_test, y_train, y_test = train_test_split(
    X, y, stratify=digit, random_state=0
)

keras.utils.set_random_seed(SEED)
inputs = keras.Input((64,))
hidden = layers.Dense(32, activation="relu")(inputs)
outputs = [layers.Dense(n, activation="softmax")(hidden) for n in (10, 2)]
model = keras.Model(inputs, outputs)
model.compile("adam", ["sparse_categorical_crossentropy"] * 2)
model.fit(X_train, list(y_train.T), epochs=20, batch_size=32, verbose=0)
outputs = model.predict(X_test, verbose=0)
score = np.mean(np.column_stack([one.argmax(axis=1) for one in outputs]) == y_test)
