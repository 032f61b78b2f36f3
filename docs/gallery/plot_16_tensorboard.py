"""
16. TensorBoard
===============

With `callbacks.TensorBoard` each ``fit`` writes a run of its own into a folder, in a
search as well, and TensorBoard shows them side by side. This makes some runs, looks
into the folder without a server, and reads the numbers back.

To see them in a browser, outside of this script: ``pip install
"skl_signlang[tensorboard]"``, then ``tensorboard --logdir runs``.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_16.png"

import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.model_selection import GridSearchCV, GroupKFold
from tensorflow.core.util.event_pb2 import Event

from skl_signlang import CNNClassifier
from skl_signlang.callbacks import TensorBoard
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.model_selection import split_samples

temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
hands = make_fingerspelling(600, letters="ABLY", n_signers=24, random_state=0)
train, test = split_samples(hands, (0.7, 0.3), random_state=0)

# %%
# The way of the course
# ---------------------
# In Keras, a callback that is made anew for each training, with a folder that must be
# another each time.

keras.utils.set_random_seed(0)
network = keras.Sequential(
    [
        keras.Input((28, 28)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(4, activation="softmax"),
    ]
)
network.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
network.fit(
    train.images,
    np.searchsorted(train.target_names, train.target),
    epochs=3,
    callbacks=[keras.callbacks.TensorBoard(folder / "course", write_graph=False)],
    verbose=0,
)
for path in sorted((folder / "course").rglob("*")):
    if path.is_file():
        print(path.relative_to(folder).parent, f"{path.stat().st_size:,} bytes")

# %%
# The same as a callback
# ----------------------
# A search over two values and two folds trains five networks, the best one once more on
# all; each is a run. The networks watch a few signers, for an early stop.

runs = folder / "runs"
model = CNNClassifier(
    filters=(8, 16),
    kernel_size=3,
    hidden_layer_sizes=(32,),
    batch_size=64,
    epochs=8,
    early_stopping=True,
    callbacks=[("board", TensorBoard(runs))],
    random_state=0,
)
search = GridSearchCV(model, {"learning_rate": [1e-3, 1e-2]}, cv=GroupKFold(2))
search.fit(train.images, train.target, groups=train.groups)
print(f"best: {search.best_params_}, {search.best_score_:.3f} of new signers")
print(f"signers held out: {search.score(test.images, test.target):.3f}")

# %%
# What lies in the folder
# -----------------------
# Files of events, and for the Projector what the last hidden layer makes of some
# images, with their letters and a sheet of thumbnails.

for path in sorted(runs.iterdir()):
    files = [file for file in path.rglob("*") if file.is_file()]
    print(f"{path.name}: {sum(file.stat().st_size for file in files) / 1024:.0f} KiB")
for file in sorted(file for file in path.rglob("*") if file.is_file()):
    name = file.relative_to(path)
    print("   ", "events" if "tfevents" in file.name else name)

# %%
# Read back without a server
# --------------------------
# Files of events are records of TensorFlow, one message each. Scalars are what
# ``history_`` holds; the other tags are images, histograms of weights, and the
# parameters of the run. (The graph stands in a record of its own.)


def read_events(path):
    """Give (tag, step, value) of all that a run holds."""
    for file in sorted(path.rglob("*tfevents*")):
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            event = Event.FromString(record)
            for value in event.summary.value:
                yield value.tag, event.step, value


kinds = {}
for tag, _, value in read_events(runs / "run-0005"):
    kinds.setdefault(value.metadata.plugin_data.plugin_name or "other", set()).add(tag)
for kind, tags in sorted(kinds.items()):
    print(f"{kind:>10}: {len(tags)} tags, such as {min(tags)}")

# %%

figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
for path in sorted(runs.iterdir()):
    points = [
        (step + 1, float(tf.make_ndarray(value.tensor)))
        for tag, step, value in read_events(path)
        if tag == "val_loss"
    ]
    ax.plot(*zip(*sorted(points), strict=True), marker=".", label=path.name)
ax.set(xlabel="epoch", title="val_loss, as TensorBoard shows it", ylim=(0, None))
ax.legend()
temporary.cleanup()
