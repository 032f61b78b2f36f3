"""Write formulas as MathML, which browsers draw without a script from elsewhere."""

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml


def visit_inline(writer, node):
    """Write a formula within a line.

    Parameters
    ----------
    writer : HTML5Translator
        What writes the page.
    node : docutils.nodes.math
        The formula.
    """
    writer.body.append(str(tex2mathml(node.astext())))
    raise nodes.SkipNode


def visit_block(writer, node):
    """Write a formula as a block.

    Parameters
    ----------
    writer : HTML5Translator
        What writes the page.
    node : docutils.nodes.math_block
        The formula.
    """
    formula = tex2mathml(node.astext(), as_block=True)
    writer.body.append(f'<div class="math">{formula}</div>\n')
    raise nodes.SkipNode


def setup(app):
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
