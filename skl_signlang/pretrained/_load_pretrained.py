"""Pretrained classifiers."""

from difflib import get_close_matches
from pathlib import Path

from skl_signlang.persistence import load

NAMES = ("letters", "letters-landmarks")
"""Names of the classifiers, and of the folders with recipe, card and archive."""


def load_pretrained(name="letters"):
    """Load a letter classifier that was trained on many hands.

    Both were trained on the train file of Sign Language MNIST, on rendered hands, and
    on those of Sign Language Digits that are letters too. What they read of other
    people's hands is in their cards and in ``docs/unseen_signers.md``. They always
    name a letter, also of an image without a hand.

    Parameters
    ----------
    name : {"letters", "letters-landmarks"}, default="letters"
        "letters" is a small convolutional network that needs no extra, no download, and
        a millisecond or so for an image.

        "letters-landmarks" reads other people's hands much better, and slower: it looks
        some ten times at each image with
        :class:`~skl_signlang.preprocessing.HandLandmarks`. It needs the extra
        ``landmarks``, and MediaPipe's model in the data home, where the first
        prediction downloads it to.

    Returns
    -------
    classifier : sklearn.pipeline.Pipeline or sklearn.ensemble.VotingClassifier
        Fitted. Its ``predict`` and ``predict_proba`` take images of any size, uint8,
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
    >>> from skl_signlang.pretrained import load_pretrained
    >>> hands = make_fingerspelling(4, letters="B", image_size=64, random_state=0)
    >>> classifier = load_pretrained("letters")
    >>> classifier.predict(hands.images).tolist()
    ['B', 'B', 'B', 'B']
    """
    return load(pretrained_path(name))


def pretrained_path(name="letters"):
    """Return the path of the archive of a pretrained classifier.

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
        For another name.

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
