"""Early stopping by a callback, by skorch."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from skorch import NeuralNetClassifier
from skorch.callbacks import EarlyStopping
from skorch.dataset import ValidSplit

SEED = 0


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(64, 32)
        self.output = torch.nn.Linear(32, 10)

    def forward(self, X):
        return self.output(torch.relu(self.hidden(X)))


X, y = load_digits(return_X_y=True)
X = X / 16
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

torch.manual_seed(SEED)
stop = EarlyStopping(patience=3, load_best=True)
model = NeuralNetClassifier(
    Network,
    criterion=torch.nn.CrossEntropyLoss,
    optimizer=torch.optim.Adam,
    lr=0.01,
    max_epochs=60,
    batch_size=32,
    train_split=ValidSplit(5, stratified=True),
    callbacks=[stop],
    verbose=0,
)
model.fit(X_train.astype("float32"), y_train)
score = model.score(X_test.astype("float32"), y_test)
