"""Files that a command writes."""

from skl_signlang._files import check_output_path
from skl_signlang._language import translate


def check_new(path, overwrite):
    """Return the path of a file to write, before any work; refuse to replace one."""
    path = check_output_path(path)
    if path.exists() and not overwrite:
        raise ValueError(
            translate("{path} exists already; --overwrite replaces it.", path=path)
        )
    return path
