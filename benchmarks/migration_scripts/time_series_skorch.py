"""The next value of a time series, by skorch."""

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from skorch import NeuralNetRegressor

SEED = 0


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(1, 8, batch_first=True)
        self.output = torch.nn.Linear(8, 1)

    def forward(self, X):
        return self.output(self.lstm(X)[0][:, -1])


times = np.arange(1200)
series = np.sin(times / 8) + 0.1 * np.random.RandomState(0).randn(1200)
windows = np.lib.stride_tricks.sliding_window_view(series, 21).astype("float32")
X, y = windows[:, :-1, None], windows[:, -1]
X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)

torch.manual_seed(SEED)
model = NeuralNetRegressor(
    Network,
    optimizer=torch.optim.Adam,
    lr=0.01,
    max_epochs=15,
    batch_size=32,
    train_split=None,
    verbose=0,
)
score = model.fit(X_train, y_train[:, None]).score(X_test, y_test)
