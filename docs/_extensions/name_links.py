"""Make links of the names of the API that stand in backticks.

Pages are read on GitHub too, where a role such as ``{class}`` would show as text. So
a page says `CNNClassifier`, and the site makes a link to it, as it does of
`GridSearchCV`, where intersphinx knows scikit-learn's pages.
"""

import re
from functools import cache
from importlib import import_module

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform

import skl_signlang

SKLEARN = (
    "compose",
    "decomposition",
    "ensemble",
    "linear_model",
    "model_selection",
    "neural_network",
    "pipeline",
    "preprocessing",
    "svm",
)
# words of other packages too; they are links after the name of their sub-package
AMBIGUOUS = {"card", "export", "load", "save"}
NAME = re.compile(r"([\w.]+)(?:\(.*\))?", re.DOTALL)


def modules_of(package):
    """Yield the sub-packages of a package that list public names."""
    for name in package.__all__:
        module = getattr(package, name)
        if hasattr(module, "__all__"):
            yield module


@cache
def targets():
    """Return the full name of each name that becomes a link.

    Returns
    -------
    targets : dict of str to str
        Names as pages write them: alone, and behind their sub-package.
    """
    found = {}
    sklearn = [import_module(f"sklearn.{name}") for name in SKLEARN]
    for module in [*sklearn, *modules_of(skl_signlang)]:
        room = module.__name__.rpartition(".")[2]
        for name in module.__all__:
            full = f"{module.__name__}.{name}"
            found |= {full: full, f"{room}.{name}": full}
            if name not in AMBIGUOUS:
                found[name] = full
    found |= {
        f"skl_signlang.{name}": found[name]
        for name in skl_signlang.__all__
        if name in found
    }
    return found


class NameLinks(SphinxTransform):
    """Wrap literals that are public names into references."""

    default_priority = 500

    def apply(self, **kwargs):
        """Change the document in place.

        Parameters
        ----------
        **kwargs : dict
            Unused.
        """
        for literal in list(self.document.findall(nodes.literal)):
            match = NAME.fullmatch(literal.astext())
            target = match and targets().get(match[1])
            if target and isinstance(literal.parent, nodes.TextElement):
                self.link(literal, target)

    def link(self, literal, target):
        """Put a reference around a literal, unless one is there."""
        if isinstance(literal.parent, (nodes.reference, pending_xref)):
            return
        reference = pending_xref(
            refdomain="py",
            reftype="obj",
            reftarget=target,
            refexplicit=True,
            refdoc=self.env.docname,
        )
        literal.replace_self(reference)
        reference += literal


def setup(app):
    """Register the transform."""
    app.add_transform(NameLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
