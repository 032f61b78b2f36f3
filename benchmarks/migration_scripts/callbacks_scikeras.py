"""Early stopping by a callback, by SciKeras."""

import keras
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 0


def build(meta):
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            layers.Dense(32, activation="relu"),
            layers.Dense(meta["n_classes_"], activation="softmax"),
        ]
    )


X, y = load_digits(return_X_y=True)
X = X / 16
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

model = KerasClassifier(
    build,
    loss="sparse_categorical_crossentropy",
    optimizer="adam",
    optimizer__learning_rate=0.01,
    epochs=60,
    batch_size=32,
    validation_split=0.2,
    callbacks=keras.callbacks.EarlyStopping,
    callbacks__monitor="val_loss",
    callbacks__patience=3,
    callbacks__restore_best_weights=True,
    random_state=SEED,
    verbose=0,
)
score = model.fit(X_train, y_train).score(X_test, y_test)
