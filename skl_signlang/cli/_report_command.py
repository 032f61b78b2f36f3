"""A report on a model, as one HTML file."""

from skl_signlang._files import check_place, write_whole
from skl_signlang.cli._model_file import as_rows, load_reader
from skl_signlang.cli._read_samples import read_official_test, read_samples
from skl_signlang.persistence import card
from skl_signlang.report._write_report import make_report


def report(
    model, data, *, out="report.html", image_size=None, codes=None, saved_model=None
):
    """Write a report on how a model reads pictures whose letters are known.

    Parameters
    ----------
    model : str
        A ``.signlang`` archive.
    data : str
        Whatever `load_samples` reads; of Sign Language MNIST the test is, if there
        is one. Its groups are taken, if it has some.
    out : str, default="report.html"
        The file to write.
    image_size : int, default=None
        Side in pixels that pictures are brought to as they are read, if they differ
        in size; they are then brought to the size of the model's.
    codes : str, default=None
        What labels that are integers stand for, see `codes_to_letters`.
    saved_model : str, default=None
        The folder of the SavedModel that the archive needs.

    Returns
    -------
    status : int
        0, the exit status.
    """
    path = check_place(out)
    reader, image_shape = load_reader(model, saved_model)
    samples = read_official_test(data, codes=codes)
    if samples is None:
        samples = read_samples(data, image_size=image_size, codes=codes)
    print(f"{len(samples.target)} pictures", flush=True)
    content = make_report(
        reader,
        as_rows(samples.images, image_shape),
        samples.target,
        groups=samples.groups,
        about=card(model),
        source=(model, data),
    )
    with write_whole(path) as file:
        file.write(content)
    print(f"the report is in {path}")
    return 0
