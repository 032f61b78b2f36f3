"""The digit and whether it is odd, by SciKeras."""

import keras
import numpy as np
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder

SEED = 0


class TwoTargets(TransformerMixin, BaseEstimator):
    def fit(self, y):
        self.encoders_ = [LabelEncoder().fit(column) for column in y.T]
        self.classes_ = [encoder.classes_ for encoder in self.encoders_]
        self.n_outputs_ = self.n_outputs_expected_ = 2
        return self

    def transform(self, y):
        return [e.transform(column) for e, column in zip(self.encoders_, y.T)]

    def inverse_transform(self, y, return_proba=False):
        if return_proba:
            return y
        return np.column_stack(
            [
                encoder.inverse_transform(output.argmax(axis=1))
                for encoder, output in zip(self.encoders_, y)
            ]
        )

    def get_metadata(self):
        return {"classes_": self.classes_, "n_outputs_": 2, "n_outputs_expected_": 2}


class TwoOutputs(KerasClassifier):
    @property
    def target_encoder(self):
        return TwoTargets()


def build(meta):
    inputs = keras.Input((meta["n_features_in_"],))
    hidden = layers.Dense(32, activation="relu")(inputs)
    outputs = [
        layers.Dense(len(c), activation="softmax")(hidden) for c in meta["classes_"]
    ]
    return keras.Model(inputs, outputs)


X, digit = load_digits(return_X_y=True)
X, y = X / 16, np.column_stack([digit, digit % 2])
X_train, X_test, y_train, y_test = train_test_split(
    X, y, stratify=digit, random_state=0
)

model = TwoOutputs(
    build,
    loss=["sparse_categorical_crossentropy"] * 2,
    optimizer="adam",
    epochs=20,
    batch_size=32,
    random_state=SEED,
    verbose=0,
)
model.fit(X_train, y_train)
score = np.mean(model.predict(X_test) == y_test)
