"""Images of digits, by skorch."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from skorch import NeuralNetClassifier

SEED = 0


def build():
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(128, 10),
    )


digits = load_digits()
X, y = digits.images[:, None].astype("float32") / 16, digits.target
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

torch.manual_seed(SEED)
model = NeuralNetClassifier(
    build(),
    criterion=torch.nn.CrossEntropyLoss,
    optimizer=torch.optim.Adam,
    lr=1e-3,
    max_epochs=10,
    batch_size=32,
    train_split=None,
    verbose=0,
)
score = model.fit(X_train, y_train).score(X_test, y_test)
