"""Sentences, by Keras alone."""

import keras
import numpy as np
from keras import layers
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

vectorize = layers.TextVectorization(output_sequence_length=10)
vectorize.adapt(texts)
X = np.asarray(vectorize(texts))
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

keras.utils.set_random_seed(SEED)
model = keras.Sequential(
    [
        keras.Input((10,)),
        layers.Embedding(32, 8),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=32, verbose=0)
score = model.evaluate(X_test, y_test, verbose=0)[1]
