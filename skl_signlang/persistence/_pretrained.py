"""Readers of letters that come with this package."""

from difflib import get_close_matches
from importlib.resources import as_file, files

from skl_signlang.persistence._load import load

NAMES = ("letters",)
"""What `load_pretrained` knows."""


def load_pretrained(name="letters"):
    """Load a reader of letters that was trained on many hands.

    It was trained on rendered hands and on the train file of Sign Language MNIST, by
    ``python -m benchmarks.train_pretrained``, which prints what it reads of each set.
    It always names a letter, also of a picture without a hand.

    Parameters
    ----------
    name : {"letters"}, default="letters"
        "letters" is a small convolutional network that needs no extra and no network.

    Returns
    -------
    reader : sklearn.pipeline.Pipeline
        Fitted. Its ``predict`` and ``predict_proba`` take pictures of any size, uint8,
        shape (n, h, w) or (n, h, w, 3).

    Raises
    ------
    ValueError
        For another name.

    See Also
    --------
    skl_signlang.persistence.load : Read an archive of your own.

    Examples
    --------
    >>> from skl_signlang.datasets import make_fingerspelling
    >>> from skl_signlang.persistence import load_pretrained
    >>> hands = make_fingerspelling(4, letters="B", image_size=64, random_state=0)
    >>> reader = load_pretrained("letters")
    >>> reader.predict(hands.images).tolist()
    ['B', 'B', 'B', 'B']
    """
    if name not in NAMES:
        near = get_close_matches(str(name), NAMES, n=1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"name must be {' or '.join(map(repr, NAMES))}; got {name!r}.{meant}"
        )
    with as_file(files("skl_signlang.persistence") / f"{name}.signlang") as path:
        return load(path)
