"""The README as PyPI shows it, and the catalogs of messages in a form to read.

Relative links of README.md would lead nowhere.

``SKL_SIGNLANG_SOURCE`` is the URL of the files of the version that is built, such as
``https://github.com/OWNER/skl_signlang/blob/v0.1.0``. Without it links become text.
"""

import os
import re
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(!?)\[([^\]]+)\]\((?!https?://|#)([^)\s]+)\)")


def without_relative_links(text, source):
    """Return Markdown whose relative links begin with `source`, or are text."""

    def replace(link):
        is_image, label, target = link.groups()
        if not source:
            return "" if is_image else label
        suffix = "?raw=true" if is_image else ""
        return f"{is_image}[{label}]({source.rstrip('/')}/{target}{suffix})"

    return LINK.sub(replace, text)


class Readme(MetadataHookInterface):
    """Hook that writes the README into the metadata."""

    def update(self, metadata):
        """Set the README."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        source = os.environ.get("SKL_SIGNLANG_SOURCE", "")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": without_relative_links(text, source),
        }


def compile_catalogs(root):
    """Write the .mo file of each .po file, which gettext reads, beside it."""
    for path in Path(root, "skl_signlang", "locale").rglob("*.po"):
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source))


class Catalogs(BuildHookInterface):
    """Hook that compiles the messages of the command in other languages."""

    def initialize(self, version, build_data):
        """Compile the catalogs, which git ignores."""
        compile_catalogs(self.root)
        build_data["artifacts"].append("/skl_signlang/locale/**/*.mo")
