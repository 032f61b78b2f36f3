"""Blocks of a report, and their rendering with report.html.jinja."""

import base64
import warnings
from numbers import Integral, Real
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from skl_signlang.inspection import to_png

DOTS_PER_INCH = 130
# no resource is loaded and no script runs
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
NO_VALUE = "-"


class Paragraph(NamedTuple):
    """Text; `style` is None, "note" or "code"."""

    text: str
    style: str | None = None
    block = "paragraph"


class Table(NamedTuple):
    """Table whose first column names the rows; `bars` names a column with bars."""

    caption: str
    header: list
    rows: list
    bars: str | None = None
    block = "table"


class EmbeddedImage(NamedTuple):
    """PNG file in base64; `style` is "chart" or "images"."""

    content: str
    alt: str
    width: int
    style: str
    block = "image"


class Details(NamedTuple):
    """Blocks that are shown after a click on the title."""

    title: str
    parts: list
    block = "details"


class TrustedHtml(NamedTuple):
    """Markup that is escaped already."""

    content: str
    block = "html"


def embed(figure, alt, style="chart"):
    """Return a Matplotlib figure as an EmbeddedImage."""
    if style == "chart":
        for part in (figure, *figure.axes):
            part.patch.set_alpha(0)
    with warnings.catch_warnings():
        # the tables show the glyphs that Matplotlib's fonts lack
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        content = base64.b64encode(to_png(figure, DOTS_PER_INCH)).decode()
    return EmbeddedImage(content, alt, round(figure.get_figwidth() * 100), style)


def render_page(title, lines, headlines, sections, footer):
    """Render the page; `sections` maps ids to (heading, blocks)."""
    environment = Environment(
        loader=PackageLoader("skl_signlang", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["numeric"] = _is_numeric
    environment.filters["number"] = format_number
    return environment.get_template("report.html.jinja").render(
        title=title,
        lines=lines,
        headlines=headlines,
        sections=sections,
        footer=footer,
        policy=POLICY,
    )


def _is_numeric(value):
    return value is None or isinstance(value, Real)


def format_number(value):
    """Format a number: integers with thousands separators, floats with 3 decimals."""
    if value is None or value != value:
        return NO_VALUE
    return f"{value:,}" if isinstance(value, Integral) else f"{value:.3f}"
