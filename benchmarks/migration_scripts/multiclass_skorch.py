"""Ten classes of a table, by skorch."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier

SEED = 0


class Network(torch.nn.Module):
    def __init__(self, n_features, hidden):
        super().__init__()
        self.hidden = torch.nn.Linear(n_features, hidden)
        self.output = torch.nn.Linear(hidden, 10)

    def forward(self, X):
        return self.output(torch.relu(self.hidden(X)))


X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

X_train, X_test = X_train.astype("float32"), X_test.astype("float32")
torch.manual_seed(SEED)
network = NeuralNetClassifier(
    Network,
    module__n_features=X.shape[1],
    module__hidden=32,
    criterion=torch.nn.CrossEntropyLoss,
    optimizer=torch.optim.Adam,
    lr=1e-3,
    max_epochs=20,
    batch_size=32,
    train_split=None,
    verbose=0,
)
model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
score = model.score(X_test, y_test)
