"""Two classes of unequal size, by SciKeras."""

import keras
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
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


X, y = make_classification(2000, weights=[0.9], flip_y=0.05, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

network = KerasClassifier(
    build,
    hidden=16,
    loss="binary_crossentropy",
    optimizer="adam",
    class_weight="balanced",
    epochs=20,
    batch_size=32,
    random_state=SEED,
    verbose=0,
)
model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
score = balanced_accuracy_score(y_test, model.predict(X_test))
