"""What a data set holds, and what is wrong with it."""

import numpy as np

from skl_signlang._commands._findings import describe_problems, find_problems
from skl_signlang._commands._read_samples import read_samples
from skl_signlang._images import shape_of_images
from skl_signlang.model_selection import near_duplicate_groups

FOUND = 1


def data_audit(data, *, image_size=None, any_labels=False):
    """Print what a data set holds, and what is wrong with it.

    Parameters
    ----------
    data : str
        Whatever `load_samples` reads.
    image_size : int, default=None
        Side in pixels that pictures are brought to.
    any_labels : bool, default=False
        Whether labels may be other than letters.

    Returns
    -------
    status : int
        The exit status: 1 if something is wrong, else 0.
    """
    samples = read_samples(data, image_size=image_size, on_error="report")
    clean, problems = find_problems(samples, any_labels=any_labels)
    print(f"format     {samples.format}: {samples.format_reason}")
    height, width, channels = shape_of_images(clean.images.shape)
    colour = {1: "grey", 3: "RGB"}.get(channels, f"{channels} channels")
    n_samples = len(clean.target)
    print(f"pictures   {n_samples} good, {height} x {width}, {colour}")
    print(f"labels     {_describe_balance(clean.target)}")
    print(f"groups     {_describe_groups(clean)}")
    print(describe_problems(problems))
    return FOUND if (problems["action"] == "removed").any() else 0


def _describe_balance(target):
    names, counts = np.unique(target, return_counts=True)
    rare, often = counts.argmin(), counts.argmax()
    return (
        f"{len(names)}; {names[rare]} {counts[rare]} times to {names[often]} "
        f"{counts[often]} times"
    )


def _describe_groups(samples):
    if samples.groups is not None:
        return f"{len(np.unique(samples.groups))}, those of the data set"
    if shape_of_images(samples.images.shape)[0] == 1:
        return "none, and rows that are no pictures are not compared"
    sizes = np.bincount(near_duplicate_groups(samples.images))
    copies = sizes[sizes > 1].sum()
    return (
        f"{len(sizes)} of near-duplicates, the largest of {sizes.max()}; {copies} "
        f"pictures ({copies / len(samples.target):.0%}) have a near-duplicate"
    )
