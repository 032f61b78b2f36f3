"""Words of the field: phrases that docs, docstrings and messages do not use."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# each phrase with what is written instead
PHRASES = {
    r"\breads? \.\d": "accuracy .98",
    r"\bhonest score": "grouped score",
    r"\brandom score\b": "score under random splits",
    r"\bnobody vouches": "untrusted",
    r"\bis not to be had\b": "is not available; method not allowed",
    r"\bset aside\b": "held out; validation split",
    r"\bnamed wrong\b": "misclassified",
    r"\bhears of\b": "implements; is called for",
    r"\bwhole numbers?\b": "integer",
    r"\b[Rr]eaders?\b": "classifier, model; loader, parser",
    r"\b[Pp]ictures?\b": "image",
    r"\bstor(?:y|ies)\b": "example",
}
# what may stand, by phrase, with the reason
EXCEPTIONS = {
    r"\b[Rr]eaders?\b": {
        "screen readers": "programs that read a screen aloud",
        "benchmarks.readers": "the name of a command",
        "a reader who had not seen": "a person",
        "The reader was the language model": "a reader of images, as a person",
    },
}


def texts():
    """Yield (place, text) of pages, the web page, docstrings and messages."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    pages += (ROOT / "docs" / "results").glob("*.md")
    pages += (ROOT / "docs" / "gallery").glob("*.py")
    pages += (ROOT / "skl_signlang" / "serving" / "page").glob("*.*")
    for path in pages:
        if path.suffix in (".md", ".py", ".js", ".html", ".css"):
            yield str(path.relative_to(ROOT)), path.read_text()
    for path in (ROOT / "skl_signlang").rglob("*.py"):
        strings = [
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        yield str(path.relative_to(ROOT)), "\n".join(strings)


@pytest.mark.parametrize("phrase", PHRASES)
def test_words_of_the_field_are_used(phrase):
    found = {}
    for place, text in texts():
        for exception in EXCEPTIONS.get(phrase, ()):
            text = text.replace(exception, "")
        lines = [line for line in text.splitlines() if re.search(phrase, line)]
        if lines:
            found[place] = lines[:3]
    assert not found, f"write {PHRASES[phrase]!r}"
