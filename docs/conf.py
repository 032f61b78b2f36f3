"""How the site is built: ``python -m sphinx -W --keep-going docs docs/_build/html``.

Nothing here needs an internet connection. Examples 1 and 7 run while the site is built;
``-D sphinx_gallery_conf.filename_pattern=plot_`` runs all of them. With
``SKL_SIGNLANG_INTERSPHINX=1`` names of scikit-learn, NumPy, pandas and Matplotlib are
links to their sites, which are then asked for the lists of their pages.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

import skl_signlang

project = "skl_signlang"
author = "the authors of skl_signlang"
version = release = skl_signlang.__version__
html_title = f"{project} {version}"

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "gallery_links",
    "mathml",
    "name_links",
]
exclude_patterns = ["_build", "gallery"]

if os.environ.get("SKL_SIGNLANG_INTERSPHINX") == "1":
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {  # Keras and TensorFlow publish no such list
        "matplotlib": ("https://matplotlib.org/stable", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "pandas": ("https://pandas.pydata.org/docs", None),
        "python": ("https://docs.python.org/3", None),
        "sklearn": ("https://scikit-learn.org/stable", None),
    }

templates_path = ["_templates"]
default_role = "obj"  # `name` in a docstring is a link where the name is known
suppress_warnings = ["ref.term"]  # what scikit-learn's properties say, in its glossary

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

numpydoc_show_class_members = False  # autodoc shows them
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
maximum_signature_line_length = 80  # longer ones have a line for each parameter
smartquotes = False  # they would curl those of default="relu"

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "auto_gallery",
    "backreferences_dir": "generated/gallery",
    "doc_module": ("skl_signlang",),
    "filename_pattern": "plot_(01|07)_",
    "within_subsection_order": "FileNameSortKey",
    "matplotlib_animations": True,
    "remove_config_comments": True,
    "ignore_repr_types": r"Display|matplotlib\.",
    "write_computation_times": False,  # a page that loads scripts from elsewhere
}

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_sidebars = {"install": [], "start": [], "inicio": [], "glossary": []}
html_theme_options = {
    "logo": {"text": project},
    "header_links_before_dropdown": 7,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": False,
}


def skip_foreign(app, what, name, obj, skip, options):
    """Leave out methods that other packages document, such as scikit-learn's.

    Parameters
    ----------
    app : Sphinx
        What builds the site.
    what, name : str
        The kind of thing that is documented, and the member's name.
    obj : object
        The member.
    skip : bool
        Whether autodoc would leave it out.
    options : object
        Those of the directive.

    Returns
    -------
    skip : bool or None
        True, or None for whatever autodoc decides.
    """
    home = getattr(getattr(obj, "fget", obj), "__module__", None) or "skl_signlang"
    return None if what != "class" or home.startswith("skl_signlang") else True


def setup(app):
    """Connect it to Sphinx."""
    app.connect("autodoc-skip-member", skip_foreign)
