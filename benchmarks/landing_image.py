"""Draw the image of the landing page with the code that stands above it.

``python -m benchmarks.landing_image [--out FILE]`` (about a minute; it writes
``docs/images/landing.png``)
"""

import argparse
import re
from pathlib import Path

import matplotlib.pyplot as plt

from benchmarks.display_gallery import OUT, save_small

PAGE = OUT.parent / "index.md"


def program():
    """Return the first code block of the landing page."""
    return re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT / "landing.png")
    options = parser.parse_args(argv)
    plt.switch_backend("Agg")
    names = {}
    exec(compile(program(), PAGE.name, "exec"), names)
    print(names["model"].score(names["test"].images, names["test"].target))
    save_small(plt.gcf(), options.out, dpi=100)


if __name__ == "__main__":
    main()
