"""A picture of a report for the docs: the package's reader on rendered hands.

``python -m benchmarks.report_picture [--samples 1200]`` (needs playwright and Debian's
``chromium``; it writes ``docs/images/report.png``)
"""

import argparse
import io
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from PIL import Image

from skl_signlang.datasets import make_fingerspelling
from skl_signlang.pretrained import load_pretrained
from skl_signlang.report import write_report

OUT = Path("docs/images/report.png")
# what stands side by side: two columns of the page's parts
COLUMNS = (("header", "#score"), ("#confusions", "#robustness"))
WIDTH, MARGIN = 1000, 20
SHOWN_WIDTH = 1400


def photograph(chromium, address):
    """Take pictures of parts of a page, by their names."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        size = {"width": WIDTH, "height": 900}
        page = browser.new_context(color_scheme="light", viewport=size).new_page()
        page.goto(address)
        pictures = {
            name: Image.open(io.BytesIO(page.locator(name).screenshot())).convert("RGB")
            for column in COLUMNS
            for name in column
        }
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        browser.close()
    return pictures, tuple(int(n) for n in ground[4:-1].split(","))


def arrange(pictures, ground):
    """Put the parts side by side, and bring them to the docs' width."""
    heights = [sum(pictures[n].height + MARGIN for n in names) for names in COLUMNS]
    height = MARGIN + max(heights)
    whole = Image.new("RGB", (2 * WIDTH, height), ground)
    for column, names in enumerate(COLUMNS):
        top = MARGIN
        for name in names:
            left = column * WIDTH + (WIDTH - pictures[name].width) // 2
            whole.paste(pictures[name], (left, top))
            top += pictures[name].height + MARGIN
    size = SHOWN_WIDTH, SHOWN_WIDTH * height // (2 * WIDTH)
    return whole.resize(size, Image.Resampling.LANCZOS)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1200)
    options = parser.parse_args(argv)
    chromium = shutil.which("chromium")
    if not chromium:
        sys.exit("benchmarks.report_picture needs chromium: apt-get install chromium")
    hands = make_fingerspelling(
        options.samples, n_signers=40, image_size=40, random_state=77
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.html")
        reader, start = load_pretrained(), time.perf_counter()
        write_report(reader, hands.images, hands.target, path, groups=hands.groups)
        seconds = time.perf_counter() - start
        print(f"{path.stat().st_size:,} bytes in {seconds:.0f} s")
        whole = arrange(*photograph(chromium, path.as_uri()))
    # few colours take a fraction of the bytes
    whole.quantize(256, kmeans=2).save(OUT, optimize=True)
    print(f"{OUT}: {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
