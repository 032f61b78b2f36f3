"""Pictures to train on, and others to report on."""

import zipfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.utils import Bunch

from skl_signlang.datasets import load_sign_mnist, make_fingerspelling
from skl_signlang.model_selection import near_duplicate_groups, split_samples

# As many hands as render and train within three minutes on two cores: 2.4 ms to render
# one, 0.4 ms to train on it, in each of 20 epochs
N_RENDERED = 16_000
RENDERED_PER_SIGNER = 20
HELD_OUT = 0.1


class HoldOut(NamedTuple):
    """Two parts of which the second says how well the first was learned."""

    train: Bunch
    test: Bunch
    kind: str


def hold_out(data, seed, n_rendered=N_RENDERED):
    """Read or render pictures, and set some aside that share nothing with the others.

    Parameters
    ----------
    data : str or None
        Sign Language MNIST: a zip, a folder or one CSV. None renders hands.
    seed : int
        Decides what is rendered, and who is set aside.
    n_rendered : int, default=N_RENDERED
        How many hands are rendered if there are no data.

    Returns
    -------
    parts : HoldOut
        ``train``, ``test`` and what divides them: "signer", "official test" or
        "near-duplicates".

    Raises
    ------
    FileNotFoundError
        If there are no such data.
    ValueError
        If they are damaged, or too much alike to be divided.
    """
    if data is None:
        n_signers = max(2, n_rendered // RENDERED_PER_SIGNER)
        rendered = make_fingerspelling(
            n_rendered, n_signers=n_signers, random_state=seed
        )
        return HoldOut(*_divide(rendered, seed), "signer")
    samples = load_sign_mnist(data, subset="train")
    if _may_hold_a_test(data):
        try:
            test = load_sign_mnist(data, subset="test")
            return HoldOut(samples, test, "official test")
        except FileNotFoundError:
            pass
    samples.groups = near_duplicate_groups(samples.images)
    return HoldOut(*_divide(samples, seed), "near-duplicates")


def _may_hold_a_test(data):
    path = Path(data).expanduser()
    return path.is_dir() or zipfile.is_zipfile(path)


def _divide(samples, seed):
    """Set whole groups aside, with some of every letter where groups allow it."""
    if len(np.unique(samples.groups)) < 2:
        raise ValueError(
            f"The {len(samples.target)} pictures are near-duplicates of each other: "
            "none can be set aside to tell how well the others were learned."
        )
    pairs = {*zip(samples.target.tolist(), samples.groups.tolist(), strict=True)}
    groups_of_letter = Counter(letter for letter, _ in pairs)
    return split_samples(
        samples,
        (1 - HELD_OUT, HELD_OUT),
        stratify=min(groups_of_letter.values()) > 1,
        random_state=seed,
    )
