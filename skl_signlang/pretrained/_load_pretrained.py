"""Pretrained classifiers."""

from difflib import get_close_matches
from pathlib import Path

NAMES = ("letters", "letters-landmarks")
"""Names of the classifiers, and of the folders with recipe, card and archive."""


def load_pretrained(name="letters"):
    """Load a pretrained letter classifier.

    Both were trained on the training images of Sign Language MNIST, on rendered hands,
    on the images of Sign Language Digits that are letters too, and on the photographs
    of four authors, all listed with their licenses in the model cards. Their accuracy
    on unseen signers is there and in ``docs/unseen_signers.md``. They predict a letter
    for any image, also without a hand.

    .. versionadded:: 0.1

    Parameters
    ----------
    name : {"letters", "letters-landmarks"}, default="letters"
        "letters" is a small convolutional network, without extra or download, which
        takes about a millisecond per image.

        "letters-landmarks" is much more accurate on unseen signers, but slower: it runs
        :class:`~skl_signlang.preprocessing.HandLandmarks` about ten times per image. It
        needs the extra ``landmarks``, and the first prediction downloads MediaPipe's
        model to the data home.

    Returns
    -------
    classifier : sklearn.pipeline.Pipeline
        Fitted classifier. ``predict`` and ``predict_proba`` take images of any size,
        uint8, shape (n, h, w) or (n, h, w, 3).

    Raises
    ------
    ValueError
        If the name is unknown.

    See Also
    --------
    skl_signlang.persistence.load : Load any archive.
    skl_signlang.inference.LetterPredictor : Predict the letter in one image.

    Examples
    --------
    >>> from skl_signlang.datasets import make_fingerspelling
    >>> from skl_signlang.pretrained import load_pretrained
    >>> hands = make_fingerspelling(4, letters="B", image_size=64, random_state=0)
    >>> classifier = load_pretrained("letters")
    >>> classifier.predict(hands.images).tolist()
    ['B', 'B', 'B', 'B']
    """
    from skl_signlang.persistence import load

    return load(pretrained_path(name))


def pretrained_path(name="letters"):
    """Return the path of the archive of a pretrained classifier.

    .. versionadded:: 0.1

    Parameters
    ----------
    name : {"letters", "letters-landmarks"}, default="letters"
        See `load_pretrained`.

    Returns
    -------
    path : pathlib.Path
        A ``.signlang`` archive; ``card.md`` beside it says what it is.

    Raises
    ------
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> from skl_signlang.persistence import card
    >>> from skl_signlang.pretrained import pretrained_path
    >>> print(card(pretrained_path("letters")).splitlines()[0])
    # Pipeline
    """
    if name not in NAMES:
        near = get_close_matches(str(name), NAMES, n=1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"name must be {' or '.join(map(repr, NAMES))}; got {name!r}.{meant}"
        )
    return Path(__file__).parent / name.replace("-", "_") / f"{name}.signlang"
