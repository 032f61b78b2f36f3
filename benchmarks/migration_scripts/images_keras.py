"""Images of digits, by Keras alone."""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 0

digits = load_digits()
X, y = digits.images[..., None] / 16, digits.target
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=10, batch_size=32, verbose=0)
score = model.evaluate(X_test, y_test, verbose=0)[1]
