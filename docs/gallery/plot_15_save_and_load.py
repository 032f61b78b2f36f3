"""
15. Save and load, in every way
===============================

A fitted network can be kept whole, as an archive that is safe to open; in two files of
Keras, one for its architecture and one for its weights; or as a pickle, which is a
program that runs when it is opened. This does all three, and shows the difference.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_01.png"

import json
import tempfile
import zipfile
from pathlib import Path

import joblib
import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split

from skl_signlang import DenseClassifier
from skl_signlang.export import export_architecture, export_weights
from skl_signlang.persistence import card, load, save

temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)
search = GridSearchCV(
    DenseClassifier(hidden_layer_sizes=(32,), epochs=8, batch_size=32, random_state=0),
    {"learning_rate": [1e-3, 5e-3]},
    cv=3,
).fit(X_train, y_train)
held_out = search.score(X_test, y_test)
print(f"digits that no fit and no choice has seen: {held_out:.3f}")

# %%
# The archive
# -----------
# ``save`` takes any fitted estimator of this package, also inside Pipelines and
# searches, and what only you know about it: on what it was trained, and the score on
# what it had not seen. What is loaded predicts the same, bit for bit.

path = folder / "digits.signlang"
save(
    search,
    path,
    metrics={"accuracy of digits held out": held_out},
    data="70 % of scikit-learn's digits, drawn at random",
)
again = load(path)
print(f"{path.stat().st_size / 1024:.0f} KiB, a {type(again).__name__}")
same = (again.predict_proba(X_test) == search.predict_proba(X_test)).all()
print(f"same probabilities, bit for bit: {same}")

# %%
# An archive is a zip. The manifest names each member with its hash; nothing in it is
# pickled.

with zipfile.ZipFile(path) as archive:
    for member in archive.infolist():
        print(f"{member.file_size:8,} bytes  {member.filename}")
    manifest = json.loads(archive.read("manifest.json"))
print(f"made with Keras {manifest['versions']['keras']}", end=" ")
print(f"and scikit-learn {manifest['versions']['scikit-learn']}")

# %%
# Its card is for people:

print(card(path))

# %%
# Architecture and weights apart
# ------------------------------
# As the courses do it. Keras reads these files, and ``load`` reads those of Keras. What
# comes back is a network and no estimator: it knows nothing of classes, so the order of
# its outputs has to be remembered elsewhere.

export_architecture(search, folder / "net.json")
export_weights(search, folder / "net.weights.h5")
ours = load(folder / "net.json", weights=folder / "net.weights.h5")
theirs = keras.models.model_from_json((folder / "net.json").read_text())
theirs.load_weights(folder / "net.weights.h5")
for name, network in (("load", ours), ("Keras", theirs)):
    outputs = network.predict(X_test, verbose=0)
    accuracy = np.mean(search.classes_[outputs.argmax(axis=1)] == y_test)
    print(f"{name:>6}: {network.count_params()} weights, {accuracy:.3f} of the test")

# %%
# Keras' own file of the whole network, without the estimator around it:

model = search.best_estimator_
model.model_.save(folder / "net.keras")
network = keras.models.load_model(folder / "net.keras", safe_mode=True)
apart = np.abs(network.predict(X_test, verbose=0) - model.predict_proba(X_test)).max()
print(f"probabilities of the .keras file differ by {apart:.0e} at most")

# %%
# Pickle and joblib
# -----------------
# Both work, and are right for what never leaves your own machine: caches and workers.

joblib.dump(search, folder / "digits.joblib")
mine = joblib.load(folder / "digits.joblib")
print(f"joblib: {mine.score(X_test, y_test):.3f}")

# %%
# But a pickle is a program. This one says that it is a model, and whoever opens it runs
# what its author wrote, with all of one's own rights. Here that only prints a line.


class Model:
    """What an untrusted file might hold."""

    def __reduce__(self):
        """Tell pickle what to call when this is opened."""
        return print, ("the untrusted code runs",)


joblib.dump(Model(), folder / "untrusted.joblib")
joblib.load(folder / "untrusted.joblib")

# %%
# ``load`` opens no pickles, whatever they are called:

(folder / "untrusted.joblib").rename(folder / "untrusted.signlang")
try:
    load(folder / "untrusted.signlang")
except ValueError as error:
    print(str(error).replace(str(folder), "..."))

# %%
# What an archive cannot do: make a bad model good. An untrusted one may predict
# wrongly, by chance or by will; score it on data of your own.

temporary.cleanup()
