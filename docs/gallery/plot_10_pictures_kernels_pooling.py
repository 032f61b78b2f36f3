"""
10. Images, kernels and pooling
===============================

An image is an array. This turns files into arrays, arrays into other arrays, slides a
kernel over one by hand and by Keras, pools the result, and then looks at the kernels
that a network found by itself.

The photograph is one of the two that come with scikit-learn; the hands are rendered.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_10.png"

import base64
import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image
from sklearn.pipeline import make_pipeline

from skl_signlang import CNNClassifier
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.inspection import ActivationDisplay, KernelDisplay
from skl_signlang.model_selection import split_samples
from skl_signlang.preprocessing import (
    ColorConverter,
    ImageDecoder,
    ImageResizer,
    ImageScaler,
)

photograph = load_sample_image("china.jpg")
print(f"height, width, channels: {photograph.shape}")
print(f"values: {photograph.dtype}, {photograph.min()} to {photograph.max()}")

# %%
# Into an array, whatever it was
# ------------------------------
# Images come as files, as bytes, or as base64 text from a web page. ``ImageDecoder``
# takes all of them, mixed; nothing is opened twice, and what is not an image is an
# error that says which one.

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "china.png"
    Image.fromarray(photograph).save(path)
    content = path.read_bytes()
    as_text = "data:image/png;base64," + base64.b64encode(content).decode()
    decoded = ImageDecoder(color=True).transform([path, content, as_text])
print(f"a file, bytes, a data URL: {decoded.shape}, all the same:", end=" ")
print(all((image == photograph).all() for image in decoded))

# %%
# Gray, small, from 0 to 1
# ------------------------
# Each step is a transformer, and together they are a Pipeline that can stand before any
# estimator. (Networks of this package need no scaling step: they standardize pixels in
# their first layer.)

prepare = make_pipeline(ColorConverter("gray"), ImageResizer((107, 160)), ImageScaler())
gray = prepare.fit_transform(photograph[np.newaxis])[0].squeeze()
print(f"{photograph.shape} {photograph.dtype} became {gray.shape} {gray.dtype}")
figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
axes[0].imshow(photograph)
axes[1].imshow(gray, cmap="gray")
for ax in axes:
    ax.set_axis_off()

# %%
# A kernel by hand
# ----------------
# A kernel lies on each place of the image in turn; what lies under it is multiplied
# with it and summed. NumPy shows all places at once as windows, so that there is
# nothing left to do but one sum of products. Keras must give the same.

KERNELS = {
    "blur": np.full((3, 3), 1 / 9),
    "upright edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "level edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
}


def convolve(image, kernel):
    """Slide a kernel over an image, without its margin."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel)


by_hand = {name: convolve(gray, kernel) for name, kernel in KERNELS.items()}
layer = keras.layers.Conv2D(len(KERNELS), 3, use_bias=False)
layer.build((None, *gray.shape, 1))
layer.set_weights([np.stack(list(KERNELS.values()), axis=-1)[:, :, np.newaxis, :]])
by_layer = np.asarray(layer(gray[np.newaxis, :, :, np.newaxis]))[0]
apart = np.abs(np.stack(list(by_hand.values()), axis=-1) - by_layer).max()
assert apart < 1e-5
print(f"by hand and by layer differ by {apart:.0e} at most")

# %%
# Pooling by hand
# ---------------
# Of each square of 2 by 2 only the largest value stays: a quarter of the numbers, and
# an edge that moves by a pixel mostly stays where it was.


def pool(image, size=2):
    """Keep the largest value of each square."""
    height, width = (side // size for side in image.shape)
    squares = image[: height * size, : width * size].reshape(height, size, width, size)
    return squares.max(axis=(1, 3))


pooled = {name: pool(np.maximum(made, 0)) for name, made in by_hand.items()}
by_layer = keras.layers.MaxPooling2D(2)(keras.ops.relu(by_layer[np.newaxis]))
assert np.allclose(np.stack(list(pooled.values()), axis=-1), by_layer[0], atol=1e-5)
figure, axes = plt.subplots(2, 4, figsize=(11, 4), layout="constrained")
for column, name in zip(axes.T, KERNELS, strict=True):
    column[0].imshow(by_hand[name], cmap="gray")
    column[0].set_title(f"{name}\n{by_hand[name].shape}", fontsize=9)
    column[1].imshow(pooled[name], cmap="gray")
    column[1].set_title(f"relu, pooled {pooled[name].shape}", fontsize=9)
for ax in axes.flat:
    ax.set_axis_off()

# %%
# Kernels that a network finds
# ----------------------------
# The kernels above were thought out; a network learns its own. Three letters, rendered,
# of signers some of whom only the test has. Blue weights are negative and red ones
# positive. After so short a training most still look like the chance that they began
# with, and some lean towards an edge or a spot.

hands = make_fingerspelling(900, letters="BLY", n_signers=30, random_state=0)
train, test = split_samples(hands, (0.7, 0.3), random_state=0)
model = CNNClassifier(filters=(16, 16), epochs=8, batch_size=32, random_state=0)
model.fit(train.images, train.target)
KernelDisplay.from_estimator(model)

# %%
# And what they make of one hand, layer by layer:

ActivationDisplay.from_estimator(
    model, test.images[:1], layers=["conv_1", "pool_1", "conv_2", "pool_2"]
)

# %%
# Accuracy on unseen data
# -----------------------

print(f"training signers {model.score(train.images, train.target):.3f}")
print(f"signers never seen {model.score(test.images, test.target):.3f}", end=" ")
print(f"({test.n_groups} of them, {len(test.target)} images)")
