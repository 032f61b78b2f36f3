"""
19. Letters from another side
=============================

G and H point to either side, and K, P and Q are shown from the front or from the
side. Data sets disagree, and both are right: a classifier should have seen both. The
hands are rendered.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_19.png"

import matplotlib.pyplot as plt
import numpy as np

from skl_signlang.datasets import make_fingerspelling


def show(rows, columns, title):
    """Draw rows of images."""
    fig, axes = plt.subplots(len(rows), len(columns), figsize=(1.3 * len(columns), 3))
    for axes_of_row, (name, images) in zip(axes, rows.items(), strict=True):
        axes_of_row[0].set_ylabel(name)
        for ax, image in zip(axes_of_row, images, strict=True):
            ax.imshow(image)
            ax.set(xticks=[], yticks=[])
    for ax, letter in zip(axes[0], columns, strict=True):
        ax.set_title(letter)
    fig.suptitle(title)
    fig.tight_layout()


def one_of_each(letters, chosen, hands):
    """Return the first of the chosen images of each letter."""
    return [hands.images[chosen & (hands.target == letter)][0] for letter in letters]


# %%
# Right and left hands
# --------------------
# The index finger of G and H points away from the thumb's side of the hand: to the one
# side with a right hand, to the other with a left hand. ``handedness`` says which.

hands = make_fingerspelling(
    96, image_size=96, color=True, letters=["G", "H"], n_signers=8, random_state=0
)
show(
    {
        side: one_of_each("GH", hands.handedness == side, hands)
        for side in ("right", "left")
    },
    "GH",
    "Either hand",
)

# %%
# A mirrored hand is the other hand
# ---------------------------------
# So the images of a left G, mirrored, are those of a right G. To mirror images is to
# ask for both hands, as ``horizontal_flip`` of the estimators does.

for letter in "GH":
    of_letter = hands.handedness[hands.target == letter]
    print(f"{letter}: {np.sum(of_letter == 'left')} of {len(of_letter)} hands are left")

# %%
# Front and side
# --------------
# ``max_rotation`` turns the hand about the vertical, up and down, and in the image.

letters = "KPQ"
front, around = (
    make_fingerspelling(
        96,
        image_size=96,
        color=True,
        letters=list(letters),
        n_signers=8,
        mirror=0,
        max_rotation=(yaw, 0, 0),
        random_state=4,
    )
    for yaw in (0, 80)
)
everything = np.ones(len(front.target), bool)
show(
    {
        "usual view": one_of_each(letters, everything, front),
        "turned": one_of_each(letters, everything, around),
    },
    letters,
    "Front and side",
)
