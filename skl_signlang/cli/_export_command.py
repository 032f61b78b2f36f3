"""Export of models to other runtimes."""

from pathlib import Path

from skl_signlang._language import translate
from skl_signlang._pipelines import takes_images
from skl_signlang._quiet import nothing_on_standard_error
from skl_signlang.cli._model_file import as_input, load_classifier, shape_of_model
from skl_signlang.cli._new_file import check_new
from skl_signlang.cli._output import print_result
from skl_signlang.cli._read_samples import read_samples
from skl_signlang.export import check_format
from skl_signlang.export import export as export_model


def export(
    path,
    *,
    format=None,
    model=None,
    int8=None,
    overwrite=False,
    image_size=None,
    codes=None,
    saved_model=None,
    **limits,
):
    """Write a model for another runtime."""
    format = check_format(path, format)
    if format != "saved_model":  # which adds a version to a folder
        check_new(path, overwrite)
    classifier = load_classifier(model, saved_model, must_classify=False)
    images = None
    if int8 is not None:
        if not takes_images(classifier):
            raise ValueError(
                translate(
                    "--int8 takes images, and this model takes rows of a table: "
                    "call export.export in Python with rows as representative_data."
                )
            )
        samples = read_samples(
            int8,
            image_size=image_size,
            codes=codes,
            model_shape=shape_of_model(classifier),
        )
        images = as_input(samples.images, classifier)
    # the converters print their progress, and that there is no GPU
    with nothing_on_standard_error():
        export_model(classifier, path, format, representative_data=images, **limits)
    n_bytes = _count_bytes(Path(path).expanduser())
    print_result(
        f"{path}  {format}  {n_bytes:,} {translate('bytes')}",
        path=path,
        format=format,
        n_bytes=n_bytes,
    )
    return 0


def _count_bytes(path):
    if path.is_file():
        return path.stat().st_size
    newest = max(path.iterdir(), key=lambda version: int(version.name))
    return sum(file.stat().st_size for file in newest.rglob("*") if file.is_file())
