"""Parts of a page: everything that comes in is text, and is escaped here."""

import base64
import warnings
from html import escape
from importlib.resources import files
from numbers import Integral, Real

from skl_signlang.inspection import to_png

DOTS_PER_INCH = 130
# what a browser must not do: load anything, run anything
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
NOTHING = "-"


def paragraph(text, kind=None):
    """Write a paragraph."""
    if kind == "code":
        return f"<pre><code>{escape(text)}</code></pre>"
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{escape(text)}</p>"


def table(caption, header, rows, bars=None):
    """Write a table, whose first column names its rows."""
    numeric = [bool(rows) and _is_number(cell) for cell in rows[0]]
    head = "".join(map(_head, header, numeric))
    drawn = [name == bars for name in header]
    body = "\n".join(f"<tr>{_row(row, drawn)}</tr>" for row in rows)
    label = escape(caption, quote=True)
    return (
        f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">'
        f"<table><caption>{escape(caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _is_number(value):
    return value is None or isinstance(value, Real)


def _head(name, is_number):
    mark = ' class="number"' if is_number else ""
    return f'<th scope="col"{mark}>{escape(name)}</th>'


def _row(row, drawn):
    name = f'<th scope="row">{escape(str(row[0]))}</th>'
    return name + "".join(map(_cell, row[1:], drawn[1:]))


def _cell(value, is_drawn):
    if not _is_number(value):
        return f"<td>{escape(value)}</td>"
    if is_drawn:
        share = f' style="--share:{value:.3f}"'
        return f'<td class="number bar"{share}>{write_number(value)}</td>'
    return f'<td class="number">{write_number(value)}</td>'


def write_number(value):
    """Write a number as the report writes all of them."""
    if value is None or value != value:
        return NOTHING
    return f"{value:,}" if isinstance(value, Integral) else f"{value:.3f}"


def folded(title, *parts):
    """Write what is shown only to those who open it."""
    return f"<details><summary>{escape(title)}</summary>{''.join(parts)}</details>"


def image(figure, alt, kind="chart"):
    """Embed a figure."""
    if kind == "chart":
        for part in (figure, *figure.axes):
            part.patch.set_alpha(0)
    with warnings.catch_warnings():
        # the tables have what no font of matplotlib's can write
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        content = base64.b64encode(to_png(figure, DOTS_PER_INCH)).decode()
    width = round(figure.get_figwidth() * 100)
    return (
        f'<p class="{kind}"><img src="data:image/png;base64,{content}" '
        f'alt="{escape(alt, quote=True)}" style="width:{width}px"></p>'
    )


def tiles(facts):
    """Write the numbers that matter most, large."""
    entries = "".join(
        f"<div><dt>{escape(name)}</dt><dd><strong>{escape(number)}</strong>"
        f"<span>{escape(more)}</span></dd></div>"
        for name, (number, more) in facts.items()
    )
    return f'<dl class="tiles">{entries}</dl>'


def section(name, title, parts):
    """Write a section."""
    body = "\n".join(parts)
    return (
        f'<section id="{name}" aria-labelledby="{name}-title">\n'
        f'<h2 id="{name}-title">{escape(title)}</h2>\n{body}\n</section>'
    )


def page(title, lines, facts, sections, foot):
    """Write the whole page."""
    style = (files("skl_signlang.report") / "report.css").read_text("utf-8")
    links = "".join(
        f'<li><a href="#{name}">{escape(heading)}</a></li>'
        for name, (heading, _) in sections.items()
    )
    body = "\n".join(section(name, *rest) for name, rest in sections.items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
{"".join(map(paragraph, lines))}
{tiles(facts)}
<nav aria-label="Sections"><ul>{links}</ul></nav>
</header>
<main>
{body}
</main>
<footer>{paragraph(foot)}</footer>
</body>
</html>
"""
