"""
13. Two kinds of hands from folders
===================================

Images in one folder a class, as the courses get their cats and dogs. This writes two
folders of **rendered hands, which stand in for animals**: "paper" is a flat hand (the
letter B) and "rock" is a fist (S). Then it forgets how they came about, and does what
one does with folders from others: read, look, clean, group, train, test.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_13.png"

import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.model_selection import (
    LearningCurveDisplay,
    StratifiedGroupKFold,
    ValidationCurveDisplay,
    cross_val_score,
)

from skl_signlang import CNNClassifier
from skl_signlang.datasets import load_image_folder, make_fingerspelling
from skl_signlang.inference import LetterPredictor
from skl_signlang.inspection import SampleGridDisplay
from skl_signlang.model_selection import split_samples

rendered = make_fingerspelling(
    600, letters="BS", n_signers=30, image_size=48, color=True, random_state=0
)
temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
for number, (image, letter, signer) in enumerate(
    zip(rendered.images, rendered.target, rendered.groups, strict=True)
):
    kind = {"B": "paper", "S": "rock"}[letter]
    (folder / kind).mkdir(exist_ok=True)
    Image.fromarray(image).save(folder / kind / f"signer{signer:02d}_{number:03d}.png")
(folder / "rock" / "broken.png").write_bytes(b"this is not an image")
for kind in sorted(folder.iterdir()):
    print(f"{kind.name}: {len(list(kind.iterdir()))} files")

# %%
# Read
# ----
# ``load_image_folder`` brings all to one size. The class is the folder. A file that is
# no image is an error that names it, or, with ``on_error="report"``, a row of a
# table; it never disappears in silence. (``cache=`` keeps what is decoded on disk, for
# folders larger than memory.)

hands = load_image_folder(folder, image_size=32, on_error="report")
print(hands.images.shape, hands.images.dtype, hands.target_names)
for bad in hands.rejected.itertuples():
    print(f"{bad.position}: {bad.reason}")
SampleGridDisplay.from_samples(
    hands.images, hands.target, n_samples=16, n_columns=8, random_state=0
)

# %%
# The network of the course
# -------------------------
# In Keras, straight from the folder: it knows the classes by their order, and splits
# by images.

(folder / "rock" / "broken.png").unlink()
keras.utils.set_random_seed(0)
parts = keras.utils.image_dataset_from_directory(
    folder,
    image_size=(32, 32),
    color_mode="grayscale",
    label_mode="binary",
    validation_split=0.3,
    subset="both",
    seed=0,
    verbose=False,
)
network = keras.Sequential(
    [
        keras.Input((32, 32, 1)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
network.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
network.fit(parts[0], epochs=6, shuffle=False, verbose=0)  # it is shuffled already
_, accuracy = network.evaluate(parts[1], verbose=0)
print(f"images held out at random: {accuracy:.3f}")

# %%
# Who is who
# ----------
# A folder does not say whose hand an image shows, but these file names do. With names
# that say nothing, ``split_samples`` finds copies of one photograph by itself.

hands.groups = np.array(
    [int(Path(name).name[len("signer") :][:2]) for name in hands.filenames]
)
train, test = split_samples(hands, (0.7, 0.3), random_state=0)
print(f"{train.n_groups} signers to learn from, {test.n_groups} to test with")

# %%
# Accuracy on unseen data
# -----------------------
# Grouped folds of the training part say what to expect, and the signers held out say
# whether that was true.

model = CNNClassifier(
    filters=(8, 16),
    kernel_size=3,
    hidden_layer_sizes=(32,),
    epochs=8,
    batch_size=32,
    rotation=10,
    translation=0.1,
    random_state=0,
)
scores = cross_val_score(
    model, train.images, train.target, groups=train.groups, cv=StratifiedGroupKFold(3)
)
model.fit(train.images, train.target)
print(f"expected of new signers {scores.mean():.3f} (folds from {scores.min():.3f})")
print(f"new signers {model.score(test.images, test.target):.3f}")

# %%
# More images, or another rate?
# -----------------------------
# scikit-learn's own curves take the estimator as it is. The learning curve shows what
# more images would bring: if its test line still rises at the right end, collect. The
# validation curve shows what a parameter does. Both keep each signer on one side.
# (``shuffle``, because folders are read one class after the other.)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
shared = {
    "estimator": model,
    "X": train.images,
    "y": train.target,
    "groups": train.groups,
    "cv": StratifiedGroupKFold(3),
}
LearningCurveDisplay.from_estimator(
    **shared, train_sizes=[0.25, 0.5, 1.0], shuffle=True, random_state=0, ax=left
)
display = ValidationCurveDisplay.from_estimator(
    **shared, param_name="learning_rate", param_range=[2e-4, 1e-3, 5e-3], ax=right
)
display.ax_.set_xscale("log")
for rate, scores in zip(display.param_range, display.test_scores, strict=True):
    print(f"learning rate {rate:g}: {scores.mean():.3f} of new signers")

# %%
# With so few epochs a larger rate than the one above is better; example 17 searches for
# it.
#
# One more image, as it comes: any size, in color, as a file.

Image.fromarray(rendered.images[0]).resize((300, 200)).save(folder / "new.jpg")
answer = LetterPredictor(model).predict(folder / "new.jpg")
print(f"predicted as {answer.letter}, probability {answer.probability:.3f}", end=" ")
print(f"(it was rendered as a letter {rendered.target[0]})")
temporary.cleanup()
