"""A data set in another format."""

from skl_signlang._commands._read_samples import read_samples
from skl_signlang._commands._sample_files import check_target, write_samples


def data_convert(data, out, *, image_size=None):
    """Write a data set in another format.

    Parameters
    ----------
    data : str
        Whatever `load_samples` reads.
    out : str
        A file or folder that is not there yet; its ending tells the format.
    image_size : int, default=None
        Side in pixels that pictures are brought to.

    Returns
    -------
    status : int
        0, the exit status.
    """
    path, kind = check_target(out)
    samples = read_samples(data, image_size=image_size)
    write_samples(samples, path, kind)
    print(f"read       {samples.format}: {samples.format_reason}")
    print(f"{len(samples.target)} pictures are in {path}")
    return 0
