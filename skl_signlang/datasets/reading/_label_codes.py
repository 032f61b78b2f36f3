"""Conversion of the labels of a file to letters."""

from sklearn.utils._param_validation import StrOptions

from skl_signlang._errors import quote
from skl_signlang._letters import (
    CODINGS,
    MOVING_LETTERS,
    as_code,
    as_letter,
    find_coding,
    hint_at_others,
)

CODES = [StrOptions({"auto", *CODINGS}), None]
"""Constraint of the parameter ``codes`` of loaders."""


def find_letters(labels, codes, name, *, is_kaggle=False, more=()):
    """Return {label: letter} and {label: problem} for the labels of a file."""
    labels = dict.fromkeys(labels)
    if codes is None:
        return {label: label for label in labels}, {}
    integers = {label: as_code(label) for label in labels}
    named = {label: as_letter(label) for label in labels}
    try:
        coding = find_coding([*labels, *more], codes, is_kaggle=is_kaggle)
    except ValueError as error:
        raise ValueError(
            f"{name}: {error} If they are not letters, pass codes=None to load_samples."
        ) from None
    others = hint_at_others([*labels, *more]) if codes == "auto" else ""
    letters, problems = {}, {}
    for label, code in integers.items():
        shown = quote(label) if isinstance(label, str) else label
        if named[label] in MOVING_LETTERS:
            problems[label] = (
                f"is {shown}, which is signed with a motion that an image cannot show"
            )
        elif code is None:
            letters[label] = named[label] or label
        elif code in coding.letters:
            letters[label] = coding.letters[code]
        else:
            problems[label] = f"is {shown}. {coding.refusal()}{others}"
    return letters, problems
