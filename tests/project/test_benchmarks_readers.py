import numpy as np
import pytest

from benchmarks import readers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hands")
    readers.write_hands(folder, 24)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("reader", "rival", "file"), readers.CASES)
def test_a_reader_and_its_rival_read_the_same(folder, reader, rival, file):
    ours, theirs = (readers.READERS[name](folder / file)() for name in (reader, rival))
    assert len(ours) == 24
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype == np.uint8
    # a JPEG that is decoded to half its size, or by TensorFlow, differs a little
    difference = np.abs(ours.astype(int) - theirs)
    assert difference.mean() < 3
    assert difference.mean() < 0.2 * np.abs(ours.astype(int) - theirs[::-1]).mean()
