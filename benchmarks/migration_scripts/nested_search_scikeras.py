"""A search inside of cross-validation, by SciKeras."""

import keras
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV, cross_val_score
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


X, y = load_wine(return_X_y=True)
network = KerasClassifier(
    build,
    hidden=8,
    loss="sparse_categorical_crossentropy",
    optimizer="adam",
    epochs=10,
    batch_size=16,
    random_state=SEED,
    verbose=0,
)
model = make_pipeline(StandardScaler(), network)
grid = {
    "kerasclassifier__hidden": [4, 16],
    "kerasclassifier__optimizer__learning_rate": [0.01, 0.03],
}
score = cross_val_score(GridSearchCV(model, grid, cv=2), X, y, cv=3).mean()
