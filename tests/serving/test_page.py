"""The page: its rules, and all of it in a browser."""

import base64
import io
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from browser import (
    SECONDS,
    assert_languages_say_everything,
    browsing,
    expect,
    serving,
)
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skl_signlang import DenseClassifier
from skl_signlang._web import read_page
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.preprocessing import HandLandmarks
from skl_signlang.serving import create_app

pytestmark = pytest.mark.slow

pytest.importorskip("uvicorn", reason="needs the extra serve")

PAGE = read_page("skl_signlang.serving")
WORD = "HOLA"
SIDE = 240
FRAMES_A_SECOND = 15


# --- the rules ------------------------------------------------------------------------


def run_spelling(tmp_path, code):
    """Run code with a `Spelling` of the page; return what it gives, as JSON."""
    node = shutil.which("node")
    if not node:
        pytest.skip("needs node")
    (tmp_path / "spelling.mjs").write_bytes(PAGE["spelling.js"][0])
    (tmp_path / "run.mjs").write_text(
        'import { Spelling } from "./spelling.mjs";\n'
        "const spelling = new Spelling();\n"
        "const answer = (settled, provisional = '', epoch = spelling.epoch) =>\n"
        "  spelling.take({ settled: settled.slice(-8), n_settled: settled.length,\n"
        "    provisional, candidates: [], epoch });\n"
        f"{code}\n"
        "console.log(JSON.stringify(spelling));\n"
    )
    command = [node, tmp_path / "run.mjs"]
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=SECONDS
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("answer('H'); answer('HO', 'L'); answer('HOLA')", "HOLA"),
        # only the last characters come
        ("answer('ABCDEFGH'); answer('ABCDEFGHIJKL')", "ABCDEFGHIJKL"),
        ("answer('HOL'); answer('HO')", "HO"),
        # the user's own text stays
        ("answer('HO'); spelling.text = 'Hi, '; answer('HOL'); answer('HO')", "Hi, "),
        ("answer('HO'); spelling.end(); answer('HOLA')", "HOLA "),
        ("answer('HO '); spelling.end(); answer('HO')", "HO "),
        # before the answer to an edit nothing counts
        ("answer('HO'); spelling.edit('delete'); answer('HOL', '', 0)", "HO"),
        ("answer('HO'); spelling.edit('delete'); answer('H')", "H"),
        ("answer('A '); answer('A ', 'BO'); spelling.choose('BOOK')", "A BOOK "),
        # what the server makes of the letters does not count
        (
            "answer('', 'BO'); spelling.choose('BOOK'); answer('BO'); answer('BOC')",
            "BOOK C",
        ),
        ("answer('A BUUK '); spelling.choose('BOOK'); answer('A BUUK')", "A BOOK "),
        ("answer('A', 'B'); spelling.begin(); answer('C')", "ABC"),
        ("'AB'.split('').forEach((one) => spelling.write(one))", "AB"),
        ("['A', 'space', 'B', 'del', 'none'].forEach((x) => spelling.write(x))", "A "),
    ],
)
def test_the_page_writes_what_the_server_settles(code, text, tmp_path):
    assert run_spelling(tmp_path, code)["text"] == text


def test_both_languages_say_everything():
    assert_languages_say_everything("skl_signlang.serving")


# --- in a browser ---------------------------------------------------------------------


NOTHING = "nothing"


def show(letters):
    """Render one hand of each letter, always of the same signer; or a wall."""
    hands = make_fingerspelling(240, letters=WORD, random_state=3)
    shown = {letter: hands.images[np.argmax(hands.target == letter)] for letter in WORD}
    shown[NOTHING] = np.full_like(hands.images[0], 90)
    return np.stack([shown[letter] for letter in letters])


def of_sizes(images):
    """Show hands larger and smaller, as squares around a hand that is followed do."""
    seen = np.full_like(images, 90)
    for i, image in enumerate(images):
        side = 28 - 4 * (i // (len(WORD) + 1) % 3)
        start, small = (28 - side) // 2, Image.fromarray(image).resize((side, side))
        seen[i, start : start + side, start : start + side] = np.asarray(small)
    return seen


@pytest.fixture(scope="module")
def model():
    """A model of these hands alone, and of nothing where there is no hand."""
    y = np.resize([*WORD, NOTHING], 200)
    random_state = np.random.RandomState(0)
    X = of_sizes(show(y).reshape(200, 28, 28)) + random_state.normal(
        0, 8, (200, 28, 28)
    )
    X = X.clip(0, 255).astype(np.uint8)
    network = DenseClassifier(hidden_layer_sizes=(32,), epochs=25, random_state=0)
    return network.fit(X, y)


FAKE_CAMERA = [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]


def camera_of(path):
    """Words for chromium: a camera that shows a film again and again."""
    return [*FAKE_CAMERA, f"--use-file-for-fake-video-capture={path}"]


def write_film(path, letters, is_upright=False):
    """Write a y4m film: each letter for 1.2 seconds, with a camera's noise."""
    random_state = np.random.RandomState(1)
    with path.open("wb") as file:
        width, height = SIDE * 4 // 3, SIDE
        if is_upright:
            width, height = height, width
        size = f"W{width} H{height} F{FRAMES_A_SECOND}:1"
        file.write(f"YUV4MPEG2 {size} Ip A1:1 C420jpeg\n".encode())
        colors = bytes([128]) * (SIDE * 4 // 3 * SIDE // 2)
        for image in show(letters).reshape(-1, 28, 28):
            hand = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX)
            scene = np.full((height, width), 90.0)
            top, left = (height - SIDE) // 2, (width - SIDE) // 2
            scene[top : top + SIDE, left : left + SIDE] = np.asarray(hand)
            for _ in range(int(1.2 * FRAMES_A_SECOND)):
                noisy = scene + random_state.normal(0, 4, scene.shape)
                pixels = noisy.clip(0, 255).astype(np.uint8).tobytes()
                file.write(b"FRAME\n" + pixels + colors)


@pytest.fixture(scope="module")
def address(model):
    with serving(create_app(model)) as address:
        yield address


def test_a_word_that_is_spelled_before_the_camera_appears(address, tmp_path):
    write_film(tmp_path / "word.y4m", [*WORD, NOTHING, NOTHING])
    elsewhere = []
    with browsing(*camera_of(tmp_path / "word.y4m"), locale="es-MX") as page:
        page.on(
            "request",
            lambda request: (
                request.url.startswith((address, "ws:" + address[5:], "data:", "blob:"))
                or elsewhere.append(request.url)
            ),
        )
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", "es")
        page.get_by_role("button", name="Abrir la cámara").click()
        # the film begins anew when it ends, so the word comes again and again
        expect(page.locator("#word")).to_have_value(re.compile(WORD))
        expect(page.locator("#bars li")).to_have_count(5)
        expect(page.locator("#model")).to_have_text(
            re.compile(r"^\d+ % de seguridad · modelo model$")
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


def image_of(letter):
    """A file of an image, as a browser takes it."""
    content = io.BytesIO()
    Image.fromarray(show([letter]).reshape(28, 28)).save(content, "PNG")
    image = {"name": f"{letter}.png", "mimeType": "image/png"}
    return image | {"buffer": content.getvalue()}


NO_IMAGE = {"name": "a.png", "mimeType": "image/png", "buffer": b"no image"}


def test_no_letter_stands_beside_an_error_and_errors_follow_the_language(address):
    with browsing(locale="en-US") as page:
        page.goto(address)
        page.set_input_files("#file", [image_of("L")])
        expect(page.locator("#letter")).to_have_text("L")
        page.set_input_files("#file", [NO_IMAGE])
        alert = page.locator("#problem")
        expect(alert).to_have_text(re.compile("did not read the image"))
        expect(page.locator("#letter")).to_have_text("\N{EN DASH}")
        expect(page.locator("#bars li")).to_have_count(0)
        expect(page.locator("#crop")).to_be_hidden()
        page.get_by_label("Language").select_option("es")
        expect(alert).to_have_text(re.compile("no leyó la imagen"))
        page.set_input_files("#file", [image_of("L")])
        expect(alert).to_have_text("")
        assert page.failures == []


def test_language_and_word_survive_a_reload(address):
    with browsing(locale="en-US") as page:
        page.goto(address)
        page.set_input_files("#file", [image_of("L"), image_of("A")])
        expect(page.locator("#word")).to_have_value("LA")
        page.get_by_label("Language").select_option("es")
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", "es")
        expect(page.get_by_role("textbox", name="Palabra")).to_have_value("LA")
        page.get_by_role("textbox", name="Palabra").fill("sola")
        page.reload()
        expect(page.locator("#word")).to_have_value("sola")
        expect(page.get_by_text("No se guardan.")).to_be_visible()


@pytest.mark.parametrize("is_upright", [False, True])
def test_a_phone_shows_letter_camera_and_word_together(address, tmp_path, is_upright):
    write_film(tmp_path / "word.y4m", WORD, is_upright)
    phone = {"width": 390, "height": 844}
    words = camera_of(tmp_path / "word.y4m")
    with browsing(*words, locale="es-MX", viewport=phone) as page:
        page.goto(address)
        page.get_by_role("button", name="Abrir la cámara").click()
        expect(page.locator("#word")).to_have_value(re.compile(WORD))
        for name in ("#video", "#letter", "#word", "#provisional", "#camera"):
            box = page.locator(name).bounding_box()
            assert box["width"] > 30, name
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= 390, name
            assert box["y"] >= 0, name
            assert box["y"] + box["height"] <= 844, name
        stage, video = (
            page.locator(name).bounding_box() for name in ("#stage", "#video")
        )
        assert (video["height"] > video["width"]) == is_upright
        assert video["height"] <= stage["height"]
        assert page.evaluate("scrollY") == 0
        assert page.evaluate("document.body.scrollWidth") <= 390
        assert not page.evaluate("document.querySelector('details').open")


def test_provisional_letters_are_gray_and_words_are_suggested(model, tmp_path):
    write_film(tmp_path / "word.y4m", [*WORD, NOTHING, NOTHING])
    app = create_app(model, words=["hola", "hotel"])
    words = camera_of(tmp_path / "word.y4m")
    with serving(app) as address, browsing(*words, locale="en-US") as page:
        page.goto(address)
        page.get_by_role("button", name="Open camera").click()
        expect(page.locator("#provisional")).to_have_text(re.compile("^HO"))
        colors = [
            page.locator(name).evaluate("(e) => getComputedStyle(e).color")
            for name in ("#word", "#provisional")
        ]
        assert colors[0] != colors[1]
        expect(page.locator("#word")).to_have_value(re.compile("HOLA "))
        page.get_by_role("button", name="Close camera").click()
        page.locator("#word").fill("OH ")
        page.get_by_role("button", name="Open camera").click()
        page.get_by_role("group", name="Suggested words").get_by_text(
            "HOLA", exact=True
        ).first.click()
        expect(page.locator("#word")).to_have_value(re.compile("^OH .*HOLA "))
        assert page.failures == []


def test_the_word_is_spoken_by_the_browser(address):
    with browsing(locale="en-US") as page:
        page.add_init_script(
            "window.said = []; speechSynthesis.speak = (one) => "
            "window.said.push([one.text, one.lang]);"
        )
        page.goto(address)
        page.get_by_role("textbox", name="Word").fill("HOLA")
        page.get_by_label("Language").select_option("es")
        page.get_by_role("button", name="Escuchar").click()
        assert page.evaluate("window.said") == [["hola", "es"]]


def test_the_hand_is_drawn_on_the_video(tmp_path):
    hands = make_fingerspelling(
        40, letters="BL", image_size=96, color=True, random_state=0
    )
    model = make_pipeline(HandLandmarks("own"), LogisticRegression())
    model.fit(hands.images, hands.target)
    with (tmp_path / "hand.y4m").open("wb") as file:
        file.write(b"YUV4MPEG2 W256 H192 F15:1 Ip A1:1 C420jpeg\n")
        image = Image.fromarray(hands.images[0]).convert("YCbCr").resize((192, 192))
        scene = Image.new("YCbCr", (256, 192), (200, 128, 128))
        scene.paste(image, (32, 0))
        gray, *colors = (np.asarray(one) for one in scene.split())
        planes = [gray, *(color[::2, ::2] for color in colors)]
        content = b"".join(plane.tobytes() for plane in planes)
        file.write((b"FRAME\n" + content) * 30)
    words = camera_of(tmp_path / "hand.y4m")
    with serving(create_app(model)) as address, browsing(*words) as page:
        page.goto(address)
        page.locator("#camera").click()
        expect(page.locator("#hand[data-joints='21']")).to_be_visible()
        painted = page.locator("#hand").evaluate(
            "(e) => e.getContext('2d').getImageData(0, 0, e.width, e.height).data"
            ".some((value) => value > 0)"
        )
        assert painted
        assert page.failures == []


def test_the_camera_asks_for_the_key_too(model, tmp_path):
    write_film(tmp_path / "word.y4m", WORD)
    words = camera_of(tmp_path / "word.y4m")
    app = create_app(model, api_key="open sesame")
    with serving(app) as address, browsing(*words, locale="en-US") as page:
        page.goto(address)
        page.get_by_role("button", name="Open camera").click()
        page.get_by_label("API key").fill("open sesame")
        expect(page.locator("#word")).to_have_value("")
        page.keyboard.press("Enter")
        expect(page.locator("#word")).to_have_value(re.compile(WORD))
        expect(page.locator("#problem")).to_have_text("")


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
        for _ in range(14):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id"))
        controls = {"language", "camera", "choose", "word", "space", "delete", "copy"}
        controls |= {"speak"}
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
