"""A number from a table, by skorch."""

import torch
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetRegressor

SEED = 0


class Network(torch.nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(n_features, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)
        )

    def forward(self, X):
        return self.layers(X)


X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

X_train, X_test = X_train.astype("float32"), X_test.astype("float32")
y_train = y_train.astype("float32")[:, None]
torch.manual_seed(SEED)
network = NeuralNetRegressor(
    Network,
    module__n_features=X.shape[1],
    optimizer=torch.optim.Adam,
    lr=1e-3,
    max_epochs=30,
    batch_size=32,
    train_split=None,
    verbose=0,
)
model = make_pipeline(
    StandardScaler(), TransformedTargetRegressor(network, transformer=StandardScaler())
)
score = model.fit(X_train, y_train).score(X_test, y_test)
