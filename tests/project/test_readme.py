"""What PyPI shows, and the animation."""

import importlib.util
import re
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
ANIMATION = ROOT / "docs" / "images" / "word.webp"
RELATIVE = re.compile(r"\]\((?!https?://|#)")


@pytest.fixture(scope="module")
def hook():
    pytest.importorskip("hatchling")
    pytest.importorskip("babel")
    spec = importlib.util.spec_from_file_location("hook", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("source", ["", "https://example.org/blob/v0.1.0"])
def test_no_link_is_relative_on_pypi(hook, monkeypatch, source):
    monkeypatch.setenv("SKL_SIGNLANG_SOURCE", source)
    metadata = {}
    hook.Readme(str(ROOT), {}).update(metadata)
    text = metadata["readme"]["text"]
    assert not RELATIVE.search(text)
    here = (ROOT / "README.md").read_text()
    assert RELATIVE.search(here)
    for target in re.findall(rf"\]\({re.escape(source)}/([^)#?]+)", text):
        assert (ROOT / target).exists(), target
    if source:
        assert text.count("](") == here.count("](")


def test_images_are_raw_files(hook):
    made = hook.without_relative_links("![a](b.png) [c](d.md)", "https://e.org/")
    assert made == "![a](https://e.org/b.png?raw=true) [c](https://e.org/d.md)"


def test_the_animation_moves_and_is_small():
    assert ANIMATION.stat().st_size < 1_000_000
    with Image.open(ANIMATION) as image:
        assert image.n_frames > 30
