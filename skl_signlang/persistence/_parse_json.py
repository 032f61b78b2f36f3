"""JSON that nobody vouches for."""

import json


def parse_json(content, limit):
    """Parse JSON of bounded size.

    Parameters
    ----------
    content : bytes
        In UTF-8.
    limit : int
        The most bytes.

    Returns
    -------
    value : dict
        What it says.

    Raises
    ------
    ValueError
        If it is larger, no JSON, nested too deeply, or no object.
    """
    if len(content) > limit:
        raise ValueError(f"it has {len(content):,} bytes; at most {limit:,} are read.")
    try:
        value = json.loads(content.decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply.") from None
    except ValueError as error:
        raise ValueError(f"it is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"it is a JSON {type(value).__name__}; expected an object.")
    return value
