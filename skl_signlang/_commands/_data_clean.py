"""A data set without what no one should learn from."""

from skl_signlang._commands._findings import describe_problems, find_problems
from skl_signlang._commands._read_samples import read_samples
from skl_signlang._commands._sample_files import check_target, write_samples


def data_clean(data, out, *, image_size=None, any_labels=False):
    """Write a data set without what is damaged, contradictory or there twice.

    Parameters
    ----------
    data : str
        Whatever `load_samples` reads.
    out : str
        A file or folder that is not there yet; its ending tells the format.
    image_size : int, default=None
        Side in pixels that pictures are brought to.
    any_labels : bool, default=False
        Whether labels may be other than letters.

    Returns
    -------
    status : int
        0, the exit status.
    """
    path, kind = check_target(out)
    samples = read_samples(data, image_size=image_size, on_error="report")
    clean, problems = find_problems(samples, any_labels=any_labels)
    write_samples(clean, path, kind)
    print(describe_problems(problems))
    print(f"{len(clean.target)} pictures are in {path}")
    return 0
