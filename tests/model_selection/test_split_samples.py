import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.model_selection import near_duplicate_groups, split_samples

LETTERS = np.array(["A", "B", "C", "D"])


def grouped(n_groups=200, seed=0, mixed=False, **more):
    """Images of noise in groups of 1 to 12; image i holds nothing but noise."""
    rng = np.random.default_rng(seed)
    groups = rng.permutation(
        np.repeat(np.arange(n_groups), rng.integers(1, 13, n_groups))
    )
    letter = rng.choice(4, n_groups, p=(0.4, 0.3, 0.2, 0.1))[groups]
    if mixed:
        letter = rng.integers(0, 4, len(groups))
    images = rng.integers(0, 256, (len(groups), 8, 8), dtype=np.uint8)
    return image_bunch(images, LETTERS[letter], descr="Noise.", groups=groups, **more)


def copies(n=30, times=3, seed=0):
    """Photographs of noise, each a few times at different brightness."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 200, (n, 8, 8))
    images = np.concatenate([images + 10 * i for i in range(times)]).astype(np.uint8)
    return image_bunch(images, np.tile(LETTERS[np.arange(n) % 4], times), descr="")


def shares(parts):
    n_samples = [len(part.target) for part in parts]
    return np.array(n_samples) / sum(n_samples)


@pytest.mark.parametrize("stratify", [True, False])
@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("sizes", [(0.9, 0.05, 0.05), (0.5, 0.5), (0.1, 0.2, 0.3, 0.4)])
def test_parts_share_no_group_and_lose_no_sample(sizes, mixed, stratify):
    bunch = grouped(mixed=mixed)
    parts = split_samples(bunch, sizes, stratify=stratify, random_state=0)
    assert len(parts) == len(sizes)
    groups = [set(part.groups) for part in parts]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 200
    indices = np.concatenate([part.indices for part in parts])
    np.testing.assert_array_equal(np.sort(indices), np.arange(len(bunch.target)))


@pytest.mark.parametrize("stratify", [True, False])
@pytest.mark.parametrize("sizes", [(0.9, 0.05, 0.05), (0.6, 0.2, 0.2), (0.25, 0.75)])
@pytest.mark.parametrize("seed", range(5))
def test_parts_have_the_sizes_asked_for(sizes, seed, stratify):
    bunch = grouped(400, seed=seed)
    parts = split_samples(bunch, sizes, stratify=stratify, random_state=seed)
    np.testing.assert_allclose(shares(parts), sizes, atol=0.01)


@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_stratified_parts_have_the_letters_of_the_whole(seed, mixed):
    bunch = grouped(400, seed=seed, mixed=mixed)
    parts = split_samples(bunch, (0.7, 0.15, 0.15), random_state=seed)
    whole = pd.Series(bunch.target).value_counts(normalize=True)
    for part in parts:
        found = pd.Series(part.target).value_counts(normalize=True)
        np.testing.assert_allclose(found[whole.index], whole, atol=0.03)


def test_small_and_large_groups_go_to_every_part():
    bunch = grouped(1000)
    for part in split_samples(bunch, (0.8, 0.1, 0.1), random_state=0):
        assert len(part.target) / part.n_groups == pytest.approx(6.5, abs=0.7)


def test_without_groups_the_split_is_exact():
    bunch = Bunch(data=np.ones((1000, 3)), target=np.repeat(LETTERS, 250))
    parts = split_samples(bunch, (0.8, 0.12, 0.08), groups=None, random_state=0)
    np.testing.assert_allclose(shares(parts), (0.8, 0.12, 0.08), atol=1e-12)
    for part, aim in zip(parts, (200, 30, 20), strict=True):
        assert (np.unique(part.target, return_counts=True)[1] == aim).all()


def test_each_letter_is_in_each_part_as_long_as_there_are_groups():
    target = np.repeat(["A", "B"], (300, 3))
    parts = split_samples(
        Bunch(data=np.ones((303, 1)), target=target), groups=None, random_state=0
    )
    assert all(set(part.target) == {"A", "B"} for part in parts)


def test_auto_finds_near_duplicates_and_says_how_many():
    bunch = copies()
    parts = split_samples(bunch, (0.6, 0.4), random_state=0)
    assert sum(part.n_groups for part in parts) == 30
    assert near_duplicate_groups(bunch.images).max() + 1 == 30
    for number, part in enumerate(parts, 1):
        assert part.n_groups == len(set(part.groups))
        sizes = f"{len(part.target)} of 90 samples, {part.n_groups} of 30 groups"
        source = "(found by near_duplicate_groups)"
        made = f"Part {number} of 2: {sizes} {source}."
        assert made == part.DESCR
    rest = [set(part.indices % 30) for part in parts]
    assert not rest[0] & rest[1]


def test_auto_takes_the_groups_of_the_data_set():
    bunch = grouped()
    parts = split_samples(bunch, random_state=0)
    assert "of 200 groups (those of the data set)" in parts[0].DESCR
    for part in parts:
        np.testing.assert_array_equal(part.groups, bunch.groups[part.indices])


def test_groups_may_be_given_and_may_be_strings():
    bunch = copies()
    names = np.array([f"photo {i % 30}" for i in range(90)])
    parts = split_samples(bunch, (0.5, 0.5), groups=list(names), random_state=0)
    assert "of 30 groups (given by the caller)" in parts[0].DESCR
    assert not set(parts[0].groups) & set(parts[1].groups)


def test_entries_of_samples_are_cut_and_others_kept():
    n = len(grouped().target)
    bunch = grouped(
        joints=np.arange(n * 42).reshape(n, 21, 2),
        frame=pd.DataFrame({"place": np.arange(n)}, index=np.arange(n)[::-1]),
        files=[f"{i}.png" for i in range(n)],
        camera="webcam",
        image_shape=(8, 8, 1),
    )
    for part in split_samples(bunch, (0.7, 0.3), random_state=0):
        i = part.indices
        np.testing.assert_array_equal(part.images, bunch.images[i])
        np.testing.assert_array_equal(part.data, bunch.data[i])
        np.testing.assert_array_equal(part.target, bunch.target[i])
        np.testing.assert_array_equal(part.joints, bunch.joints[i])
        np.testing.assert_array_equal(part.frame["place"], i)
        assert part.files == [f"{place}.png" for place in i]
        assert (np.diff(i) > 0).all()
        assert (part.camera, part.image_shape) == ("webcam", (8, 8, 1))
        assert part.DESCR.startswith("Noise.\n\nPart ")
        assert np.shares_memory(part.data, part.images)


def test_target_names_are_kept_even_if_there_are_as_many_as_samples():
    bunch = copies(n=4, times=1)
    bunch.target_names = LETTERS
    for part in split_samples(bunch, (0.5, 0.5), stratify=False, random_state=0):
        np.testing.assert_array_equal(part.target_names, LETTERS)


def test_the_data_set_is_left_as_it_is():
    bunch = copies()
    before = dict(bunch)
    split_samples(bunch, (0.5, 0.5), random_state=0)
    assert bunch.keys() == before.keys()
    assert all(bunch[key] is before[key] for key in before)


def test_random_state_decides():
    bunch = grouped()
    first, again, other = (
        split_samples(bunch, random_state=seed)[0].indices for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert len(first) != len(other) or (first != other).any()


def test_a_part_can_be_split_again():
    bunch = grouped()
    train, _ = split_samples(bunch, (0.8, 0.2), random_state=0)
    for part in split_samples(train, (0.8, 0.2), random_state=0):
        np.testing.assert_array_equal(part.images, train.images[part.indices])


@pytest.mark.parametrize(
    "sizes", [(1.0,), (0.5, 0.6), (0.5, 0.4), (1.5, -0.5), (1, 0), 0.5, "ab", None]
)
def test_sizes_that_are_no_shares_are_refused(sizes):
    with pytest.raises(ValueError, match="two or more positive numbers that sum to 1"):
        split_samples(grouped(), sizes)


def test_a_letter_with_too_few_groups_is_refused_by_name():
    bunch = Bunch(data=np.ones((302, 1)), target=np.repeat(["A", "B"], (300, 2)))
    with pytest.raises(ValueError, match=r"3 parts: \{'B': 2\} \(label: groups\)"):
        split_samples(bunch, groups=None)
    assert len(split_samples(bunch, groups=None, stratify=False)) == 3


def test_fewer_groups_than_parts_are_refused():
    with pytest.raises(ValueError, match="2 groups cannot fill 3 parts"):
        split_samples(grouped(), groups=np.arange(len(grouped().target)) % 2)


def test_groups_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"one group for each of the \d+ samples"):
        split_samples(grouped(), groups=[1, 2, 3])


def test_numbers_to_predict_cannot_be_stratified():
    bunch = Bunch(data=np.ones((50, 1)), target=np.linspace(0, 1, 50))
    with pytest.raises(ValueError, match=r"it is continuous; pass stratify=False"):
        split_samples(bunch, groups=None)


@pytest.mark.slow
def test_a_table_has_no_near_duplicate_images():
    bunch = Bunch(data=np.ones((50, 2)), target=np.arange(50) % 2)
    with pytest.raises(ValueError, match=r"got rows of 2 features"):
        split_samples(bunch)
