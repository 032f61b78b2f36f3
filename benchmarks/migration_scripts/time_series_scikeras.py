"""The next value of a time series, by SciKeras."""

import keras
import numpy as np
from keras import layers
from scikeras.wrappers import KerasRegressor
from sklearn.model_selection import train_test_split

SEED = 0


def build(meta):
    return keras.Sequential(
        [
            keras.Input(meta["X_shape_"][1:]),
            layers.LSTM(8),
            layers.Dense(1),
        ]
    )


times = np.arange(1200)
series = np.sin(times / 8) + 0.1 * np.random.RandomState(0).randn(1200)
windows = np.lib.stride_tricks.sliding_window_view(series, 21).astype("float32")
X, y = windows[:, :-1, None], windows[:, -1]
X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)

model = KerasRegressor(
    build,
    loss="mse",
    optimizer="adam",
    optimizer__learning_rate=0.01,
    epochs=15,
    batch_size=32,
    random_state=SEED,
    verbose=0,
)
score = model.fit(X_train, y_train).score(X_test, y_test)
