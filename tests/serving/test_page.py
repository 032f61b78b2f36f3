"""The page: its rules, and all of it in a browser."""

import base64
import contextlib
import io
import json
import re
import shutil
import socket
import subprocess
import threading
import time

import numpy as np
import pytest
from PIL import Image

from skl_signlang import DenseClassifier
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.serving import create_app
from skl_signlang.serving._page import read_page

pytestmark = pytest.mark.slow

uvicorn = pytest.importorskip("uvicorn", reason="needs the extra serve")

WORD = "HOLA"
SIDE = 240
FRAMES_A_SECOND = 15
SECONDS = 120


# --- the rules ------------------------------------------------------------------------


def test_the_page_writes_letters_that_are_held_by_a_majority_of_frames(tmp_path):
    node = shutil.which("node")
    if not node:
        pytest.skip("needs node")
    (tmp_path / "letters.mjs").write_bytes(read_page()["letters.js"][0])
    (tmp_path / "run.mjs").write_text(
        'import { Letters } from "./letters.mjs";\n'
        'import { readFileSync } from "node:fs";\n'
        "const texts = JSON.parse(readFileSync(0)).map((frames) => {\n"
        "  const letters = new Letters();\n"
        "  frames.forEach((letter, i) => letters.push(letter, i / 15));\n"
        "  return letters.text;\n"
        "});\n"
        "console.log(JSON.stringify(texts));\n"
    )
    none, gap, pause = ["none"], ["none"] * 8, ["none"] * 40
    held, noisy = ["A"] * 12, (["A"] * 3 + ["B"]) * 5
    cases = {
        "A": held,
        "AA": held + gap + held,
        "A A": none + held + pause + held,
        "AB": held + ["B"] * 12,
        "": ["A", "B"] * 12,
        "A ": held + ["space"] * 12,
    }
    run = subprocess.run(
        [node, tmp_path / "run.mjs"],
        input=json.dumps([*cases.values(), noisy]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == [*cases, "A"]


def test_both_languages_say_everything():
    node = shutil.which("node")
    if not node:
        pytest.skip("needs node")
    page = {name: content.decode() for name, (content, _) in read_page().items()}
    code = page["texts.js"] + "\nconsole.log(JSON.stringify(TEXTS));\n"
    words = [node, "--input-type=module", "-"]
    run = subprocess.run(words, input=code, capture_output=True, text=True, check=True)
    texts = json.loads(run.stdout)
    assert texts["en"].keys() == texts["es"].keys()
    used = set()
    for source in (page["index.html"], page["page.js"]):
        used |= {key for key in texts["en"] if f'"{key}"' in source}
    assert used == texts["en"].keys()


# --- in a browser ---------------------------------------------------------------------


def show(letters):
    """Render one hand of each letter, always of the same signer."""
    hands = make_fingerspelling(240, letters=WORD, random_state=3)
    first = {letter: np.argmax(hands.target == letter) for letter in WORD}
    return np.stack([hands.images[first[letter]] for letter in letters])


@pytest.fixture(scope="module")
def model():
    """A model of these hands alone, and of nothing where there is no hand."""
    y = np.resize([*WORD], 160)
    random_state = np.random.RandomState(0)
    X = show(y).reshape(160, 28, 28) + random_state.normal(0, 8, (160, 28, 28))
    X = X.clip(0, 255).astype(np.uint8)
    network = DenseClassifier(hidden_layer_sizes=(32,), epochs=25, random_state=0)
    return network.fit(X, y)


def write_film(path, letters):
    """Write a y4m film: each letter for 1.2 seconds, with a camera's noise."""
    random_state = np.random.RandomState(1)
    with path.open("wb") as file:
        size = f"W{SIDE * 4 // 3} H{SIDE} F{FRAMES_A_SECOND}:1"
        file.write(f"YUV4MPEG2 {size} Ip A1:1 C420jpeg\n".encode())
        colors = bytes([128]) * (SIDE * 4 // 3 * SIDE // 2)
        for image in show(letters).reshape(-1, 28, 28):
            hand = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX)
            scene = np.full((SIDE, SIDE * 4 // 3), 90.0)
            left = SIDE // 6
            scene[:, left : left + SIDE] = np.asarray(hand)
            for _ in range(int(1.2 * FRAMES_A_SECOND)):
                noisy = scene + random_state.normal(0, 4, scene.shape)
                pixels = noisy.clip(0, 255).astype(np.uint8).tobytes()
                file.write(b"FRAME\n" + pixels + colors)


@contextlib.contextmanager
def serving(app):
    """Run an application in a thread; give its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def browsing(*words, **options):
    """Open Debian's chromium; give a page of it."""
    reason = "needs playwright and chromium"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("needs chromium: apt-get install chromium")
    # as long as a busy machine may need, which is more than playwright waits by itself
    playwright.expect.set_options(timeout=SECONDS * 1000)
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", *words]
        )
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.failures = []
        page.on("pageerror", lambda error: page.failures.append(str(error)))
        try:
            yield page
        finally:
            browser.close()


def expect(locator):
    """Wait from outside: the page's policy forbids functions that wait in it."""
    from playwright.sync_api import expect

    return expect(locator)


@pytest.fixture(scope="module")
def address(model):
    with serving(create_app(model)) as address:
        yield address


def test_a_word_that_is_spelled_before_the_camera_appears(address, tmp_path):
    write_film(tmp_path / "word.y4m", WORD)
    words = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'word.y4m'}",
    ]
    elsewhere = []
    with browsing(*words, locale="es-MX") as page:
        page.on(
            "request",
            lambda request: (
                request.url.startswith((address, "data:", "blob:"))
                or elsewhere.append(request.url)
            ),
        )
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", "es")
        page.get_by_role("button", name="Abrir la cámara").click()
        # the film begins anew when it ends, so the word comes again and again
        expect(page.locator("#word")).to_have_value(re.compile(WORD))
        expect(page.locator("#bars li")).to_have_count(4)
        expect(page.locator("#crop")).to_have_attribute(
            "src", re.compile("^data:image/png")
        )
        page.get_by_role("button", name="Cerrar la cámara").click()
        assert page.failures == []
        assert elsewhere == []


def test_images_spell_and_the_keyboard_edits(address):
    with browsing(locale="en-US") as page:
        page.goto(address)
        files = []
        for letter, pixels in zip(WORD, show(WORD).reshape(-1, 28, 28), strict=True):
            content = io.BytesIO()
            Image.fromarray(pixels).save(content, "PNG")
            payload = {"name": f"{letter}.png", "mimeType": "image/png"}
            files.append(payload | {"buffer": content.getvalue()})
        page.set_input_files("#file", files)
        expect(page.locator("#word")).to_have_value(WORD)
        expect(page.get_by_text("Letter A", exact=True)).to_be_visible()
        for name, expected in (("Space", f"{WORD} "), ("Delete", WORD)):
            page.get_by_role("button", name=name).focus()
            page.keyboard.press("Enter")
            expect(page.get_by_role("textbox", name="Word")).to_have_value(expected)
        page.get_by_role("button", name="Copy").click()
        told = re.compile(r"^Copied\.$|it is selected, press Ctrl\+C\.$")
        expect(page.locator("#status")).to_have_text(told)
        page.get_by_label("Language").select_option("es")
        expect(page.get_by_role("button", name="Borrar")).to_be_visible()
        text = {"name": "a.png", "mimeType": "image/png", "buffer": b"no image"}
        page.set_input_files("#file", [text])
        page.get_by_role("alert").get_by_text("El servidor no leyó").wait_for()
        assert page.failures == []


def test_a_image_that_is_dropped_is_read(address):
    content = io.BytesIO()
    Image.fromarray(show("O").reshape(28, 28)).save(content, "PNG")
    text = base64.b64encode(content.getvalue()).decode()
    drop = """(text) => {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], "o.png", { type: "image/png" }));
      const event = new DragEvent("drop", { dataTransfer, bubbles: true });
      document.getElementById("stage").dispatchEvent(event);
    }"""
    with browsing(locale="en-US") as page:
        page.goto(address)
        page.evaluate(drop, text)
        expect(page.locator("#word")).to_have_value("O")
        expect(page.get_by_alt_text("o.png")).to_be_visible()


def test_a_camera_that_is_refused_is_explained(address):
    with browsing("--deny-permission-prompts", locale="en-US") as page:
        page.goto(address)
        page.get_by_role("button", name="Open camera").click()
        page.get_by_role("alert").get_by_text("camera").wait_for()
        page.add_init_script(
            "Object.defineProperty(window, 'isSecureContext', {value: false})"
        )
        page.goto(address)
        page.get_by_role("button", name="Open camera").click()
        page.get_by_role("alert").get_by_text("--ssl-certfile").wait_for()


def test_everything_has_a_name_and_takes_the_focus(address):
    with browsing(locale="en-US") as page:
        page.goto(address)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("button, select, textarea, input")]
            .filter((e) => e.offsetParent !== null)
            .filter((e) => !(e.innerText || e.labels?.length
              || e.getAttribute("aria-labelledby")))
            .map((e) => e.outerHTML)"""
        )
        assert unnamed == []
        reached = set()
        for _ in range(12):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id"))
        controls = {"language", "camera", "choose", "word", "space", "delete", "copy"}
        assert controls <= reached


def test_a_key_is_asked_for_on_the_page(model):
    with (
        serving(create_app(model, api_key="open sesame")) as address,
        browsing(locale="en-US") as page,
    ):
        page.goto(address)
        content = io.BytesIO()
        Image.fromarray(show("L").reshape(28, 28)).save(content, "PNG")
        image = {"name": "l.png", "mimeType": "image/png"}
        image["buffer"] = content.getvalue()
        page.set_input_files("#file", [image])
        page.get_by_label("API key").fill("open sesame")
        page.keyboard.press("Enter")
        page.set_input_files("#file", [image])
        expect(page.locator("#word")).to_have_value("L")
