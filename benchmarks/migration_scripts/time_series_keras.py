"""The next value of a time series, by Keras alone."""

import keras
import numpy as np
from keras import layers
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

SEED = 0

times = np.arange(1200)
series = np.sin(times / 8) + 0.1 * np.random.RandomState(0).randn(1200)
windows = np.lib.stride_tricks.sliding_window_view(series, 21).astype("float32")
X, y = windows[:, :-1, None], windows[:, -1]
X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)

keras.utils.set_random_seed(SEED)
model = keras.Sequential([keras.Input((20, 1)), layers.LSTM(8), layers.Dense(1)])
model.compile(keras.optimizers.Adam(0.01), "mse")
model.fit(X_train, y_train, epochs=15, batch_size=32, verbose=0)
score = r2_score(y_test, model.predict(X_test, verbose=0))
