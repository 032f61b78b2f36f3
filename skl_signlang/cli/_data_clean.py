"""Cleaning of data sets."""

from skl_signlang.cli._findings import describe_problems, find_problems
from skl_signlang.cli._read_samples import read_parts
from skl_signlang.cli._sample_files import check_target, write_parts


def data_clean(data, out, *, image_size=None, codes=None, any_labels=False):
    """Write a data set without damaged, contradictory and duplicated samples."""
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
