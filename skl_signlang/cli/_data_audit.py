"""Contents and problems of a data set."""

import numpy as np

from skl_signlang._images import shape_of_images
from skl_signlang.cli._findings import describe_problems, find_problems
from skl_signlang.cli._read_samples import read_parts
from skl_signlang.model_selection import near_duplicate_groups

FOUND = 1


def data_audit(data, *, image_size=None, codes=None, any_labels=False):
    """Print the contents and the problems of a data set."""
    parts = read_parts(data, image_size=image_size, codes=codes, on_error="report")
    samples = parts[0][1]
    print(f"format     {samples.format}: {samples.format_reason}")
    found = [_audit(name, part, any_labels) for name, part in parts]
    return FOUND if any(found) else 0


def _audit(name, samples, any_labels):
    """Print the contents of a part; return whether it has problems."""
    clean, problems = find_problems(samples, any_labels=any_labels)
    if name:
        print(f"part       {name}")
    height, width, channels = shape_of_images(clean.images.shape)
    color = {1: "gray", 3: "RGB"}.get(channels, f"{channels} channels")
    n_samples = len(clean.target)
    print(f"images   {n_samples} good, {height} x {width}, {color}")
    print(f"labels     {_describe_balance(clean.target)}")
    print(f"groups     {_describe_groups(clean)}")
    print(describe_problems(problems))
    return (problems["action"] == "removed").any()


def _describe_balance(target):
    names, counts = np.unique(target, return_counts=True)
    rare, often = counts.argmin(), counts.argmax()
    if counts[rare] == counts[often]:
        which = names[0] if len(names) == 1 else "each"
        return f"{len(names)}; {which} {counts[rare]} times"
    return (
        f"{len(names)}; {names[rare]} {counts[rare]} times to {names[often]} "
        f"{counts[often]} times"
    )


def _describe_groups(samples):
    if samples.groups is not None:
        return f"{len(np.unique(samples.groups))}, those of the data set"
    if shape_of_images(samples.images.shape)[0] == 1:
        return "none, and rows that are not images are not compared"
    sizes = np.bincount(near_duplicate_groups(samples.images))
    copies = sizes[sizes > 1].sum()
    return (
        f"{len(sizes)} of near-duplicates, the largest of {sizes.max()}; {copies} "
        f"images ({copies / len(samples.target):.0%}) have a near-duplicate"
    )
