"""Conversion of data sets to other formats."""

from skl_signlang.cli._output import print_result
from skl_signlang.cli._read_samples import describe_format, read_parts
from skl_signlang.cli._sample_files import check_target, describe_files, write_parts


def data_convert(data, out, *, image_size=None, codes=None):
    """Write a data set in another format."""
    path, kind = check_target(out)
    parts = read_parts(data, image_size=image_size, codes=codes)
    samples = parts[0][1]
    files = write_parts(parts, path, kind)
    print_result(
        f"{describe_format(samples)}\n{describe_files(files)}",
        format=samples.format,
        reason=samples.format_reason,
        files=files,
    )
    return 0
