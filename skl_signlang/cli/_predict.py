"""Naming the letters that photographs show."""

from skl_signlang._errors import print_error
from skl_signlang._image_files import read_picture_file
from skl_signlang._quiet import nothing_on_standard_error
from skl_signlang.cli._run_folder import newest_model
from skl_signlang.inference import LetterPredictor
from skl_signlang.pretrained import load_pretrained


def predict(images, *, model=None, saved_model=None):
    """Print the letter that each photograph shows, and its probability.

    Parameters
    ----------
    images : list of str
        Picture files.
    model : str, default=None
        A ``.signlang`` archive, or a file that `export` wrote as ONNX or LiteRT; None
        takes the newest run's, and where there is none the reader that comes with the
        package.
    saved_model : str, default=None
        The folder of the SavedModel that the archive needs.

    Returns
    -------
    status : int
        The exit status: 1 if a file could not be read, else 0.
    """
    source = newest_model() if model is None else model
    # LiteRT announces itself
    with nothing_on_standard_error():
        source = load_pretrained() if source is None else source
        predictor = LetterPredictor(source, saved_model=saved_model)
    status = 0
    for path in images:
        try:
            prediction = predictor.predict(read_picture_file(path))
        except (OSError, ValueError, MemoryError) as error:
            print_error(error, path)
            status = 1
            continue
        letter, probability, _ = prediction
        print(f"{path}  {letter}  {probability:.2f}", flush=True)
    return status
