"""Ten classes of a table, by SciKeras."""

import keras
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 0


def build(hidden, meta):
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(meta["n_classes_"], activation="softmax"),
        ]
    )


X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

network = KerasClassifier(
    build,
    hidden=32,
    loss="sparse_categorical_crossentropy",
    optimizer="adam",
    epochs=20,
    batch_size=32,
    random_state=SEED,
    verbose=0,
)
model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
score = model.score(X_test, y_test)
