"""Training images, and held-out images for reports."""

from collections import Counter
from typing import NamedTuple

import numpy as np
from sklearn.utils import Bunch

from skl_signlang._errors import list_some
from skl_signlang._language import translate
from skl_signlang.cli._output import print_progress, print_warning, shows_bars
from skl_signlang.cli._read_samples import (
    read_official_test,
    read_samples,
    read_to_train,
)
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.model_selection import near_duplicate_groups, split_samples

# Number of hands that render and train within three minutes on two cores
N_RENDERED = 36_000
RENDERED_PER_SIGNER = 20
HELD_OUT = 0.1
COPIES = 0.05


class HoldOut(NamedTuple):
    """Training data and two held-out parts.

    ``copies`` shares groups with ``train``, as under a random split; ``test`` shares no
    group with either.
    """

    train: Bunch
    copies: Bunch
    test: Bunch
    kind: str


def hold_out(
    data, seed, n_rendered=N_RENDERED, image_size=None, codes=None, model_shape=None
):
    """Load or render images, and hold out some that share no group with the rest."""
    if data is None:
        print_progress(translate("rendering hands"))
    else:
        print_progress(translate("loading {path}", path=data))
    if data is None:
        n_signers = max(2, n_rendered // RENDERED_PER_SIGNER)
        rendered = make_fingerspelling(
            n_rendered, n_signers=n_signers, progress=shows_bars(), random_state=seed
        )
        return _parts(*_divide(rendered, seed), "signer", seed)
    if model_shape is None:
        samples = read_to_train(data, image_size=image_size, codes=codes)
    else:
        samples = read_samples(
            data, image_size=image_size, codes=codes, model_shape=model_shape
        )
    test = read_official_test(data, codes=codes)
    if test is not None:
        return _parts(samples, test, "official test", seed)
    kind = "near-duplicates" if samples.groups is None else "group"
    if samples.groups is None:
        samples.groups = near_duplicate_groups(samples.images)
    return _parts(*_divide(samples, seed), kind, seed)


def _parts(samples, test, kind, seed):
    """Hold out random training samples, near-duplicates of the rest included."""
    order = np.random.RandomState(seed).permutation(len(samples.target))
    n_copies = max(1, round(COPIES * len(order)))
    copies, train = order[:n_copies], np.sort(order[n_copies:])
    return HoldOut(_rows(samples, train), _rows(samples, copies), test, kind)


def _rows(samples, rows):
    groups = samples.groups
    return Bunch(
        images=samples.images[rows],
        target=samples.target[rows],
        groups=None if groups is None else groups[rows],
        n_groups=None if groups is None else len(np.unique(groups[rows])),
    )


def _divide(samples, seed):
    """Hold out whole groups, with samples of each letter where possible."""
    if len(np.unique(samples.groups)) < 2:
        raise ValueError(
            translate(
                "The {n} images are near-duplicates of each other: none can be held"
                " out for evaluation.",
                n=len(samples.target),
            )
        )
    pairs = {*zip(samples.target.tolist(), samples.groups.tolist(), strict=True)}
    groups_of_letter = Counter(letter for letter, _ in pairs)
    train, test = split_samples(
        samples,
        (1 - HELD_OUT, HELD_OUT),
        stratify=min(groups_of_letter.values()) > 1,
        random_state=seed,
    )
    unseen = sorted({*test.target.tolist()} - {*train.target.tolist()})
    if unseen:
        print_warning(
            translate(
                "all images of {letters} are held out, since they are in one group: "
                "the score says how little is known of a letter without images to "
                "train on. Take two photographs of each letter, or more, that are not "
                "near-duplicates.",
                letters=list_some(unseen),
            )
        )
    return train, test
