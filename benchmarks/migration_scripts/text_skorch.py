"""Sentences, by skorch."""

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import train_test_split
from skorch import NeuralNetClassifier

SEED = 0
NOUNS = ["film", "book", "song", "dinner", "journey", "lesson", "match", "talk"]
GOOD = ["good", "bright", "lovely", "funny", "warm", "clever"]
BAD = ["bad", "dull", "awful", "boring", "cold", "silly"]


def sentence(random, kind):
    words = [random.choice(NOUNS) for _ in range(6)]
    words += [
        random.choice(kind if random.rand() < 0.7 else GOOD + BAD) for _ in range(4)
    ]
    return " ".join(random.permutation(words))


random = np.random.RandomState(0)
y = random.randint(2, size=800)
texts = [sentence(random, [BAD, GOOD][one]) for one in y]


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(32, 8)
        self.output = torch.nn.Linear(8, 2)

    def forward(self, X):
        return self.output(self.embedding(X).mean(dim=1))


vocabulary = CountVectorizer().fit(texts).vocabulary_
X = np.array([[vocabulary[word] for word in text.split()] for text in texts])
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

torch.manual_seed(SEED)
model = NeuralNetClassifier(
    Network,
    criterion=torch.nn.CrossEntropyLoss,
    optimizer=torch.optim.Adam,
    lr=1e-3,
    max_epochs=20,
    batch_size=32,
    train_split=None,
    verbose=0,
)
score = model.fit(X_train, y_train).score(X_test, y_test)
