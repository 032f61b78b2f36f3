"""Classes of image files, named by their folders."""

import re
import warnings

from skl_signlang._errors import count_of, list_some
from skl_signlang._image_files import IMAGE_EXTENSIONS
from skl_signlang.datasets.reading._label_codes import find_letters

_SPLIT = re.compile(
    r"(?:.*[\W_])?(?:train(?:ing)?|test(?:ing)?|val(?:id(?:ation)?)?)(?:[\W_].*)?"
)


def find_empty(records, folders):
    """Return the names of folders without a file, subfolders first."""
    filled = {
        "/".join(record.parts[:depth])
        for record in records
        for depth in range(1, len(record.parts) + 1)
    }
    return sorted(f"{folder}/" for folder in folders if folder not in filled)


def find_classes(records, path, skipped):
    """Label the records; append files without a class to `skipped`."""
    named = [r.parts for r in records if r.name.lower().endswith(IMAGE_EXTENSIONS)]
    named = named or [record.parts for record in records]
    level = 0
    while all(len(p) > level + 2 and p[level] == named[0][level] for p in named):
        level += 1
    wrapper = named[0][:level]
    _check_not_splits(named, level, path)
    labeled, strange = [], []
    for record in records:
        found = _label(record, wrapper)
        is_image = record.problem or record.name.lower().endswith(IMAGE_EXTENSIONS)
        if is_image or (found.label and record.is_meant_as_image):
            labeled.append(found)
        else:
            skipped.append(record.name)
            strange += [record.name] if found.label else []
    if strange and labeled:
        shown = list_some(sorted(strange))
        warnings.warn(
            f"{path}: {count_of(len(strange), 'file')} in class folders skipped, as "
            f"neither the name nor the content is an image's: {shown}.",
            stacklevel=2,
        )
    skipped.sort()
    return labeled


def name_letters(records, codes, path):
    """Convert integer class names to letters, and sort the records."""
    labels = {record.label for record in records if record.label}
    letters, problems = find_letters(labels, codes, path)
    bad = {label: f"its folder {reason}" for label, reason in problems.items()}
    named = [
        record._replace(
            label=letters.get(record.label, record.label),
            problem=record.problem or bad.get(record.label),
        )
        for record in records
    ]
    return sorted(named, key=lambda record: (record.label, record.name))


def _check_not_splits(named, level, path):
    """Raise ValueError if the classes are splits such as ``train``."""
    tops = {parts[level] for parts in named if len(parts) > level + 1}
    deep = {parts[level] for parts in named if len(parts) > level + 2}
    splits = sorted(top for top in tops if _SPLIT.fullmatch(top.lower()))
    if not deep.isdisjoint(splits) and len(splits) >= min(2, len(tops)):
        place = "/".join([str(path), *named[0][:level]])
        raise ValueError(
            f"{place} holds {', '.join(splits)}, which are splits rather than classes. "
            f"Load one at a time, such as {place}/{splits[0]}; unpack a zip for that."
        )


def _label(record, wrapper):
    """Label a record by its folder."""
    parts, level = record.parts, len(wrapper)
    if parts[:level] == wrapper and len(parts) > level + 1:
        return record._replace(label=parts[level])
    expected = "/".join([*wrapper, "CLASS", parts[-1]])
    problem = record.problem or f"it is not in a class folder; expected {expected}"
    return record._replace(problem=problem)
