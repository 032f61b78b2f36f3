"""Images of digits, by SciKeras."""

import keras
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 0


def build(meta):
    return keras.Sequential(
        [
            keras.Input(meta["X_shape_"][1:]),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(meta["n_classes_"], activation="softmax"),
        ]
    )


digits = load_digits()
X, y = digits.images[..., None] / 16, digits.target
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

model = KerasClassifier(
    build,
    loss="sparse_categorical_crossentropy",
    optimizer="adam",
    epochs=10,
    batch_size=32,
    random_state=SEED,
    verbose=0,
)
score = model.fit(X_train, y_train).score(X_test, y_test)
