"""Model reports as HTML files."""

from skl_signlang._files import write_whole
from skl_signlang._language import translate
from skl_signlang.cli._find_model import find_model
from skl_signlang.cli._model_file import as_input, load_classifier, shape_of_model
from skl_signlang.cli._new_file import check_new
from skl_signlang.cli._output import print_progress, print_result
from skl_signlang.cli._read_samples import read_official_test, read_samples
from skl_signlang.persistence import card
from skl_signlang.report import render_report


def report(
    model,
    data,
    *,
    out="report.html",
    overwrite=False,
    image_size=None,
    codes=None,
    saved_model=None,
):
    """Write a report on a model and labeled images."""
    path = check_new(out, overwrite)
    model = find_model(model)
    classifier = load_classifier(model, saved_model)
    samples = read_official_test(data, codes=codes)
    if samples is None:
        samples = read_samples(
            data,
            image_size=image_size,
            codes=codes,
            model_shape=shape_of_model(classifier),
        )
    n_images = len(samples.target)
    print_progress(translate("{n} images", n=n_images))
    content = render_report(
        classifier,
        as_input(samples.images, classifier),
        samples.target,
        groups=samples.groups,
        about=card(model),
        source=(model, data),
    )
    with write_whole(path) as file:
        file.write(content)
    print_result(
        translate("report: {path}", path=path),
        report=str(path),
        n_images=n_images,
    )
    return 0
