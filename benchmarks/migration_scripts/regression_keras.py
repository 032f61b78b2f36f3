"""A number from a table, by Keras alone."""

import keras
from keras import layers
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = 0

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

scaler, target_scaler = StandardScaler().fit(X_train), StandardScaler()
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
targets = target_scaler.fit_transform(y_train[:, None])
keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
        keras.Input((X.shape[1],)),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ]
)
model.compile("adam", "mse")
model.fit(X_train, targets, epochs=30, batch_size=32, verbose=0)
predicted = target_scaler.inverse_transform(model.predict(X_test, verbose=0))
score = r2_score(y_test, predicted)
