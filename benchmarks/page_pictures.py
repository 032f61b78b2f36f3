"""Pictures of the pages for the docs, with hands rendered for the camera.

``python -m benchmarks.page_pictures`` (needs playwright and Debian's ``chromium``; it
writes ``page_camera.png``, ``page_image.png``, ``playground.png`` to ``docs/images``)
"""

import io
import os
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

from skl_signlang import pretrained
from skl_signlang.datasets import make_fingerspelling

WORD = "BLUE"
SIDE, FRAMES_A_SECOND, SECONDS_A_LETTER = 240, 15, 1.5
FOLDER = Path("docs/images")
LETTERS = Path(pretrained.__file__).parent / "letters" / "letters.signlang"  # its name


def render(letter):
    """Render one hand, gray, 0 to 255."""
    hands = make_fingerspelling(4, letters=letter, image_size=SIDE, random_state=3)
    return hands.images[0].reshape(SIDE, SIDE)


def write_film(path, hands):
    """Write a y4m film: each hand for a while, in the middle of a wide picture."""
    width = SIDE * 4 // 3
    colours = bytes([128]) * (width * SIDE // 2)
    with path.open("wb") as file:
        file.write(
            f"YUV4MPEG2 W{width} H{SIDE} F{FRAMES_A_SECOND}:1 C420jpeg\n".encode()
        )
        for hand in hands:
            margin = (width - SIDE) // 2
            frame = np.pad(hand, ((0, 0), (margin, margin)), mode="edge").tobytes()
            for _ in range(int(SECONDS_A_LETTER * FRAMES_A_SECOND)):
                file.write(b"FRAME\n" + frame + colours)


@contextmanager
def serving(app):
    """Serve an application; give the address."""
    import uvicorn

    config = uvicorn.Config(app, log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)


def main():
    chromium = shutil.which("chromium")
    if not chromium:
        sys.exit("benchmarks.page_pictures needs chromium: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    from skl_signlang._playground import create_playground
    from skl_signlang.serving import create_app

    hands = [render(letter) for letter in WORD]
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(create_app(LETTERS)) as address,
        serving(create_playground()) as playground,
        sync_playwright() as play,
    ):
        film = Path(folder, "word.y4m")
        write_film(film, hands)
        browser = play.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
            ],
        )
        size = {"width": 900, "height": 760}
        page = browser.new_context(locale="en-US", viewport=size).new_page()
        page.goto(address)
        page.get_by_role("button", name="Open camera").click()
        # the page's policy forbids functions that wait
        expect(page.locator("#word")).to_have_value(re.compile("...."), timeout=120_000)
        page.screenshot(path=FOLDER / "page_camera.png")
        page = browser.new_context(locale="es-MX", viewport=size).new_page()
        page.goto(address)
        content = io.BytesIO()
        Image.fromarray(hands[0]).save(content, "PNG")
        picture = {"name": "mano.png", "mimeType": "image/png"}
        page.set_input_files("#file", [picture | {"buffer": content.getvalue()}])
        expect(page.locator("#word")).to_have_value(re.compile("."), timeout=120_000)
        page.screenshot(path=FOLDER / "page_image.png")
        size = {"width": 1280, "height": 800}
        page = browser.new_context(locale="en-US", viewport=size).new_page()
        page.goto(playground)
        page.get_by_role("button", name="Play").click()
        learned = re.compile(r"^0\.0[0-5]")
        expect(page.locator("#train-loss")).to_have_text(learned, timeout=120_000)
        page.get_by_role("button", name="Pause").click()
        page.screenshot(path=FOLDER / "playground.png")
        browser.close()
    for name in ("page_camera.png", "page_image.png", "playground.png"):
        print(f"{FOLDER / name}: {(FOLDER / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
