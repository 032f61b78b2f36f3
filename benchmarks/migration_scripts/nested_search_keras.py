"""A search inside of cross-validation, by Keras alone."""

from itertools import product

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

SEED = 0


def accuracy(hidden, learning_rate, X, y, train, test):
    scaler = StandardScaler().fit(X[train])
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input((13,)),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(scaler.transform(X[train]), y[train], epochs=10, batch_size=16, verbose=0)
    return model.evaluate(scaler.transform(X[test]), y[test], verbose=0)[1]


X, y = load_wine(return_X_y=True)
scores = []
for train, test in StratifiedKFold(3).split(X, y):
    inner = list(StratifiedKFold(2).split(X[train], y[train]))
    grid = list(product([4, 16], [0.01, 0.03]))
    means = [
        np.mean([accuracy(*one, X[train], y[train], *fold) for fold in inner])
        for one in grid
    ]
    scores.append(accuracy(*grid[np.argmax(means)], X, y, train, test))
score = np.mean(scores)
