"""A search inside of cross-validation, by skorch."""

import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier

SEED = 0


class Network(torch.nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.hidden = torch.nn.Linear(13, hidden)
        self.output = torch.nn.Linear(hidden, 3)

    def forward(self, X):
        return self.output(torch.relu(self.hidden(X)))


X, y = load_wine(return_X_y=True)
torch.manual_seed(SEED)
network = NeuralNetClassifier(
    Network,
    criterion=torch.nn.CrossEntropyLoss,
    optimizer=torch.optim.Adam,
    max_epochs=10,
    batch_size=16,
    train_split=None,
    verbose=0,
)
model = make_pipeline(StandardScaler(), network)
grid = {
    "neuralnetclassifier__module__hidden": [4, 16],
    "neuralnetclassifier__lr": [0.01, 0.03],
}
score = cross_val_score(
    GridSearchCV(model, grid, cv=2), X.astype("float32"), y, cv=3
).mean()
