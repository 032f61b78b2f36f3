"""Two classes of unequal size, by Keras alone."""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight

SEED = 0

X, y = make_classification(2000, weights=[0.9], flip_y=0.05, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
weights = dict(
    enumerate(compute_class_weight("balanced", classes=np.unique(y), y=y_train))
)
keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
        keras.Input((X.shape[1],)),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, class_weight=weights, epochs=20, batch_size=32, verbose=0)
predicted = (model.predict(X_test, verbose=0)[:, 0] > 0.5).astype(int)
score = balanced_accuracy_score(y_test, predicted)
