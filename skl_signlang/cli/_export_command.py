"""Writing a model for other runtimes."""

from pathlib import Path

from skl_signlang._quiet import nothing_on_standard_error
from skl_signlang.cli._model_file import as_rows, load_reader
from skl_signlang.cli._read_samples import read_samples
from skl_signlang.export import export as export_model
from skl_signlang.persistence._pipeline_steps import takes_pictures


def export(
    path,
    *,
    format,
    model=None,
    int8=None,
    image_size=None,
    codes=None,
    saved_model=None,
):
    """Write a model for a runtime that needs nothing of this package.

    Parameters
    ----------
    path : str
        Where to write; nothing is added to the name.
    format : {"onnx", "litert", "saved_model"}
        For ONNX Runtime, LiteRT or TensorFlow Serving.
    model : str, default=None
        A ``.signlang`` archive; None takes the newest run's, and where there is none
        the reader that comes with the package.
    int8 : str, default=None
        Pictures such as will come, whatever `load_samples` reads, for LiteRT with 8
        bits; None keeps 32. Of a network of tables, only Python exports 8 bits.
    image_size : int, default=None
        Side in pixels that these are brought to as they are read, if they differ in
        size.
    codes : str, default=None
        What their labels stand for if these are integers, see `codes_to_letters`.
    saved_model : str, default=None
        The folder of the SavedModel that the archive needs.

    Returns
    -------
    status : int
        0, the exit status.
    """
    reader, image_shape = load_reader(model, saved_model, must_classify=False)
    pictures = None
    if int8 is not None:
        if not takes_pictures(reader):
            raise ValueError(
                "--int8 takes pictures, and this model takes rows of a table: call "
                "export.export in Python with rows as representative_data."
            )
        samples = read_samples(int8, image_size=image_size, codes=codes)
        pictures = as_rows(samples.images, image_shape)
    # the converters announce what they do, and that there is no GPU
    with nothing_on_standard_error():
        export_model(reader, path, format=format, representative_data=pictures)
    print(f"{path}  {format}  {_count_bytes(Path(path).expanduser()):,} bytes")
    return 0


def _count_bytes(path):
    if path.is_file():
        return path.stat().st_size
    newest = max(path.iterdir(), key=lambda version: int(version.name))
    return sum(file.stat().st_size for file in newest.rglob("*") if file.is_file())
