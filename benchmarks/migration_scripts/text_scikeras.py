"""Sentences, by SciKeras."""

import keras
import numpy as np
from keras import layers
from scikeras.wrappers import KerasClassifier
from sklearn.model_selection import train_test_split

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


def build(meta):
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            layers.Embedding(32, 8),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


vectorize = layers.TextVectorization(output_sequence_length=10)
vectorize.adapt(texts)
X = np.asarray(vectorize(texts))
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

model = KerasClassifier(
    build,
    loss="binary_crossentropy",
    optimizer="adam",
    epochs=20,
    batch_size=32,
    random_state=SEED,
    verbose=0,
)
score = model.fit(X_train, y_train).score(X_test, y_test)
