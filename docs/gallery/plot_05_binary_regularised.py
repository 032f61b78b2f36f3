"""
5. Two classes, with and without regularization
===============================================

The courses read film reviews: is one kind or not? A review becomes a row of zeros and
ones, which of the frequent words occur in it, and a network of 16, 16 and 1 units soon
knows the training reviews by heart. This shows what holds it back.

The reviews themselves (IMDB) would have to be downloaded. **A stand-in takes their
place**, made by this rule: 1,000 words, the *n*-th most frequent in a share of the
reviews that falls like 1/n; each of 150 words, drawn at random, speaks for or against
the film by a number drawn from a normal distribution; the sum of those that occur,
with noise, decides.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_05.png"

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_score

from skl_signlang import DenseClassifier
from skl_signlang.inspection import TrainingHistoryDisplay


def make_reviews(n_samples, random_state):
    """Draw reviews as which words occur, and whether they are kind."""
    words = np.random.default_rng(0)  # what words say is the same in every call
    share = np.minimum(0.5, 12 / np.arange(1, 1001))
    verdict = np.zeros(1000)
    verdict[words.choice(1000, 150, replace=False)] = words.normal(size=150)
    rng = np.random.default_rng(random_state)
    X = (rng.random((n_samples, 1000)) < share).astype(np.float32)
    opinion = (X - share) @ verdict + rng.normal(0, 0.5, n_samples)
    return X, np.where(opinion > 0, "kind", "unkind")


X_train, y_train = make_reviews(1200, random_state=1)
X_test, y_test = make_reviews(5000, random_state=2)
print(f"{X_train.sum(axis=1).mean():.0f} of {X_train.shape[1]} words in a review")

# %%
# The network of the course
# -------------------------
# In plain Keras, with a fifth of the training reviews to watch. The labels have to be
# made numbers first.

keras.utils.set_random_seed(0)
network = keras.Sequential(
    [
        keras.Input((1000,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
network.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
history = network.fit(
    X_train,
    (y_train == "kind").astype(np.float32),
    validation_split=0.2,
    epochs=25,
    batch_size=128,
    verbose=0,
)
TrainingHistoryDisplay({"the course's network": history.history}).plot()

# %%
# The training loss falls to nothing, while the loss on the reviews that are watched
# turns and rises: from there on, the network learns its reviews and nothing about
# others.
#
# The same, held back
# -------------------
# Each way is a parameter of the estimator. Weights of no use can cost something
# (``l1``, ``l2``), units can rest (``dropout``), batches can be normalized
# (``batch_norm``), and training can stop when it should (``early_stopping``). Words
# that occur in one review of a hundred would be blown up by the standardization, so it
# is off: zeros and ones are fine as they are.

course = {
    "hidden_layer_sizes": (16, 16),
    "standardize": False,
    "batch_size": 128,
    "epochs": 20,
}
penalties = {"l1": 1e-3, "l2": 1e-3}
ways = {
    "nothing": {},
    "l1 and l2": penalties,
    "dropout": {"dropout": 0.2},
    "those and batch norm": {**penalties, "dropout": 0.2, "batch_norm": True},
    "early stopping": {"early_stopping": True},
}
fitted = {}
print(f"{'':>20}  training       5,000 other reviews, mean of 2 seeds")
print(f"{'':>20}  accuracy  accuracy (from, to)    log loss")
for way, parameters in ways.items():
    models = [
        DenseClassifier(**course, **parameters, random_state=seed).fit(X_train, y_train)
        for seed in range(2)
    ]
    fitted[way] = models[0]
    known = np.mean([model.score(X_train, y_train) for model in models])
    scores = [model.score(X_test, y_test) for model in models]
    losses = [log_loss(y_test, model.predict_proba(X_test)) for model in models]
    print(
        f"{way:>20} {known:9.3f} {np.mean(scores):9.3f} "
        f"({min(scores):.3f}, {max(scores):.3f}) {np.mean(losses):9.3f}"
    )

# %%
# The first column is what one likes to report, and the others are true. Of their
# differences believe those that are larger than what a seed does, which stands in
# brackets. The log loss also minds how sure an answer was, and need not agree with the
# accuracy: early stopping watches the loss, and stops a network before it is sure of
# everything, the wrong answers included.
#
# The penalties hold this network back best. Dropout makes it less sure of what it gets
# wrong. Batch normalization, which helps deep networks of images, here helps to learn
# the training reviews by heart. With other data the order is another: try it.

TrainingHistoryDisplay.from_estimator(
    fitted["nothing"],
    fitted["l1 and l2"],
    fitted["those and batch norm"],
    names=["nothing", "l1 and l2", "those and batch norm"],
).axes_["loss"].set_title("loss, with what the penalties add")

# %%
# And with real data
# ------------------
# Breast cancer: 569 tumours, 30 measurements each. Three folds, each with its own
# standardization, for the estimator takes it from what it is fitted on.

X, y = load_breast_cancer(return_X_y=True)
cv = StratifiedKFold(3, shuffle=True, random_state=0)
for way in ("nothing", "dropout"):
    model = DenseClassifier(
        hidden_layer_sizes=(16, 16),
        batch_size=32,
        epochs=20,
        random_state=0,
        **ways[way],
    )
    scores = cross_val_score(model, X, y, cv=cv)
    print(f"{way:>8}: {scores.mean():.3f}, folds from {scores.min():.3f} up")

# %%
# Thirty good measurements of five hundred tumours leave little to know by heart. Where
# nothing is overfitted, regularization gains nothing worth the name.
