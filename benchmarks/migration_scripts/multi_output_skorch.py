"""The digit and whether it is odd, by skorch."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from skorch import NeuralNet

SEED = 0


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(64, 32)
        self.outputs = torch.nn.ModuleList(
            [torch.nn.Linear(32, 10), torch.nn.Linear(32, 2)]
        )

    def forward(self, X):
        hidden = torch.relu(self.hidden(X))
        return tuple(output(hidden) for output in self.outputs)


class TwoLosses(torch.nn.Module):
    def forward(self, outputs, y):
        losses = map(torch.nn.functional.cross_entropy, outputs, y.T)
        return sum(losses)


X, digit = load_digits(return_X_y=True)
X, y = X / 16, np.column_stack([digit, digit % 2])
X_train, X_test, y_train, y_test = train_test_split(
    X, y, stratify=digit, random_state=0
)

torch.manual_seed(SEED)
model = NeuralNet(
    Network,
    TwoLosses,
    optimizer=torch.optim.Adam,
    lr=1e-3,
    max_epochs=20,
    batch_size=32,
    train_split=None,
    verbose=0,
)
model.fit(X_train.astype("float32"), y_train.astype("int64"))
outputs = model.forward(X_test.astype("float32"))
predicted = np.column_stack([output.argmax(dim=1) for output in outputs])
score = np.mean(predicted == y_test)
