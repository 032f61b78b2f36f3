"""Contents and problems of a data set."""

import numpy as np

from skl_signlang._image_shapes import shape_of_images
from skl_signlang._language import translate
from skl_signlang.cli._findings import describe_problems, find_problems, list_problems
from skl_signlang.cli._output import label, print_result
from skl_signlang.cli._read_samples import describe_format, read_parts, read_to_train
from skl_signlang.model_selection import near_duplicate_groups

FOUND = 1


def data_audit(data, *, image_size=None, codes=None, any_labels=False):
    """Print the contents and the problems of a data set."""
    parts = read_parts(
        data,
        read=read_to_train,
        image_size=image_size,
        codes=codes,
        any_labels=any_labels,
        on_error="report",
    )
    samples = parts[0][1]
    audits = [_audit(name, part, any_labels) for name, part in parts]
    print_result(
        "\n".join(
            [
                describe_format(samples),
                *(text for text, _ in audits),
            ]
        ),
        format=samples.format,
        reason=samples.format_reason,
        parts=[facts for _, facts in audits],
    )
    return FOUND if any(facts["problems"] for _, facts in audits) else 0


def _audit(name, samples, any_labels):
    """Describe the contents and the problems of a part, as text and as facts."""
    clean, problems = find_problems(samples, any_labels=any_labels)
    height, width, channels = shape_of_images(clean.images.shape)
    color = {1: translate("gray"), 3: "RGB"}.get(
        channels, translate("{n} channels", n=channels)
    )
    n_samples = len(clean.target)
    labels, counts = np.unique(clean.target, return_counts=True)
    groups, n_groups = _describe_groups(clean)
    lines = [
        *([label(translate("part"), name)] if name else []),
        label(
            translate("images"),
            translate(
                "{n} good, {height} x {width}, {color}",
                n=n_samples,
                height=height,
                width=width,
                color=color,
            ),
        ),
        label(translate("labels"), _describe_balance(labels, counts)),
        label(translate("groups"), groups),
        describe_problems(problems),
    ]
    return "\n".join(lines), {
        "part": name or None,
        "n_images": n_samples,
        "image_shape": [height, width, channels],
        "labels": dict(zip(map(str, labels), counts.tolist(), strict=True)),
        "n_groups": n_groups,
        "problems": list_problems(problems),
    }


def _describe_balance(names, counts):
    rare, often = counts.argmin(), counts.argmax()
    if counts[rare] == counts[often]:
        which = names[0] if len(names) == 1 else translate("each")
        return translate(
            "{n}; {which} {count} times", n=len(names), which=which, count=counts[rare]
        )
    return translate(
        "{n}; {rare} {least} times to {often} {most} times",
        n=len(names),
        rare=names[rare],
        least=counts[rare],
        often=names[often],
        most=counts[often],
    )


def _describe_groups(samples):
    """Return the groups as text, and their number."""
    if samples.groups is not None:
        n_groups = len(np.unique(samples.groups))
        return translate("{n}, those of the data set", n=n_groups), n_groups
    if shape_of_images(samples.images.shape)[0] == 1:
        return translate("none, and rows that are not images are not compared"), None
    sizes = np.bincount(near_duplicate_groups(samples.images))
    copies = sizes[sizes > 1].sum()
    return (
        translate(
            "{n} of near-duplicates, the largest of {largest}; {copies} images "
            "({share:.0%}) have a near-duplicate",
            n=len(sizes),
            largest=sizes.max(),
            copies=copies,
            share=copies / len(samples.target),
        ),
        len(sizes),
    )
