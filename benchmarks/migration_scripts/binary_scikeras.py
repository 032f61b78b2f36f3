"""Two classes of a table, by SciKeras."""

import keras
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 0


def build(hidden, meta):
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

network = KerasClassifier(
    build,
    hidden=16,
    loss="binary_crossentropy",
    optimizer="adam",
    epochs=30,
    batch_size=32,
    random_state=SEED,
    verbose=0,
)
model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
score = model.score(X_test, y_test)
