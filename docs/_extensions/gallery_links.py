"""Point links to the source of examples on GitHub to their pages."""

import re


def link_examples(app, docname, source):
    """Change the text of a page.

    Parameters
    ----------
    app : Sphinx
        What builds the site.
    docname : str
        The page.
    source : list of str
        Its text, which is changed in place.
    """
    text = re.sub(
        r"\]\(((?:\.\./)?)gallery\)", r"](\1auto_gallery/index.rst)", source[0]
    )
    source[0] = re.sub(
        r"\]\(((?:\.\./)?)gallery/(plot_\w+)\.py\)", r"](\1auto_gallery/\2.rst)", text
    )


def setup(app):
    """Connect it to Sphinx."""
    app.connect("source-read", link_examples)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
