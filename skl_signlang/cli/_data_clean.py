"""A data set without what no one should learn from."""

from skl_signlang.cli._findings import describe_problems, find_problems
from skl_signlang.cli._read_samples import read_parts
from skl_signlang.cli._sample_files import check_target, write_parts


def data_clean(data, out, *, image_size=None, codes=None, any_labels=False):
    """Write a data set without what is damaged, contradictory or there twice.

    Parameters
    ----------
    data : str
        Whatever `load_samples` reads.
    out : str
        A file or folder that is not there yet; its ending tells the format. An
        official test goes into another, with ``_test`` in its name.
    image_size : int, default=None
        Side in pixels that pictures are brought to.
    codes : str, default=None
        What labels that are integers stand for, see `codes_to_letters`.
    any_labels : bool, default=False
        Whether labels may be other than letters.

    Returns
    -------
    status : int
        0, the exit status.
    """
    path, kind = check_target(out)
    parts = read_parts(data, image_size=image_size, codes=codes, on_error="report")
    clean = []
    for name, samples in parts:
        good, problems = find_problems(samples, any_labels=any_labels)
        clean.append((name, good))
        if name:
            print(f"part       {name}")
        print(describe_problems(problems))
    write_parts(clean, path, kind)
    return 0
