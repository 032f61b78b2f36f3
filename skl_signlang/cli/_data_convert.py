"""A data set in another format."""

from skl_signlang.cli._read_samples import read_parts
from skl_signlang.cli._sample_files import check_target, write_parts


def data_convert(data, out, *, image_size=None, codes=None):
    """Write a data set in another format.

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

    Returns
    -------
    status : int
        0, the exit status.
    """
    path, kind = check_target(out)
    parts = read_parts(data, image_size=image_size, codes=codes)
    samples = parts[0][1]
    print(f"read       {samples.format}: {samples.format_reason}")
    write_parts(parts, path, kind)
    return 0
