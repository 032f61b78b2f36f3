"""Words of the field: phrases that docs, docstrings and messages do not use."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# each phrase with what is written instead
PHRASES = {
    r"\breads? \.\d": "accuracy .98",
    r"\bhonest score": "grouped score",
    r"\brandom score\b": "score under random splits",
    r"\bis not to be had\b": "is not available; method not allowed",
    r"\bset aside\b": "held out; validation split",
    r"\bnamed wrong\b": "misclassified",
    r"\bwhole numbers?\b": "integer",
    r"\b[Rr]eaders?\b": "classifier, model; loader, parser",
    r"\b[Pp]ictures?\b": "image",
    r"\bstor(?:y|ies)\b": "example",
    r"\b[Gg]rey": "gray",
    r"(?<![Tt]here )\b(is|are) no (?!longer|more)\w": "is not a",
    r"\bwhich (is|are) none\b": "is not a",
    r"\bto the bit\b": "bit-for-bit identical",
    r"\bnot one of \{?\d": "none of",
    r"\bgoes on\b": "resumes, continues training",
    r"\btells? (what|how|which|whether)\b": "returns, states",
    r"\bfor ever\b": "forever",
    r"\b(hears|nobody vouches|a stranger'?s?)\b": "is called for; untrusted",
    r"\btrains on (as|where|to)\b": "continues training",
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
# verbs with which no summary begins
ODD_VERBS = (
    *("Ask", "Bring", "Give", "Have", "Hear", "Let", "Look", "Put", "Refuse", "Say"),
    *("Take", "Tell", "Turn"),
)


@cache
def trees():
    """Return (path, syntax tree) of each module."""
    paths = (ROOT / "skl_signlang").rglob("*.py")
    return [(path, ast.parse(path.read_text())) for path in paths]


@cache
def texts():
    """Return (place, text) of pages, the web page, docstrings and messages."""
    found = []
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    pages += (ROOT / "docs" / "results").glob("*.md")
    pages += (ROOT / "docs" / "gallery").glob("*.py")
    pages += (ROOT / "skl_signlang").rglob("page/*.*")
    for path in pages:
        if path.suffix in (".md", ".py", ".js", ".html", ".css"):
            found.append((str(path.relative_to(ROOT)), path.read_text()))
    for path, tree in trees():
        if path.name == "_class_names.py":  # the names of version 1
            continue
        strings = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        found.append((str(path.relative_to(ROOT)), "\n".join(strings)))
    return found


@pytest.mark.parametrize("phrase", PHRASES)
def test_words_of_the_field_are_used(phrase):
    found = {}
    for place, text in texts():
        for exception in EXCEPTIONS.get(phrase, ()):
            text = text.replace(exception, "")
        if not re.search(phrase, text):
            continue
        lines = [line for line in text.splitlines() if re.search(phrase, line)]
        if lines:
            found[place] = lines[:3]
    assert not found, f"write {PHRASES[phrase]!r}"


def test_summaries_begin_with_the_verbs_of_scikit_learn():
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                summary = (ast.get_docstring(node) or "-").partition(" ")[0]
                if summary in ODD_VERBS:
                    found.append((str(path.relative_to(ROOT)), node.name))
    assert not found
