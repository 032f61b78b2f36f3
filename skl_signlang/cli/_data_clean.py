"""Cleaning of data sets."""

from skl_signlang._language import translate
from skl_signlang.cli._findings import describe_problems, find_problems, list_problems
from skl_signlang.cli._output import label, print_result
from skl_signlang.cli._read_samples import read_parts
from skl_signlang.cli._sample_files import check_target, describe_files, write_parts


def data_clean(data, out, *, image_size=None, codes=None, any_labels=False):
    """Write a data set without damaged, contradictory and duplicated samples."""
    path, kind = check_target(out)
    parts = read_parts(
        data,
        image_size=image_size,
        codes=codes,
        any_labels=any_labels,
        on_error="report",
    )
    clean, lines, found = [], [], []
    for name, samples in parts:
        good, problems = find_problems(samples, any_labels=any_labels)
        clean.append((name, good))
        lines += [label(translate("part"), name)] if name else []
        lines.append(describe_problems(problems))
        found += [{"part": name or None, **row} for row in list_problems(problems)]
    files = write_parts(clean, path, kind)
    print_result(
        "\n".join([*lines, describe_files(files)]), problems=found, files=files
    )
    return 0
