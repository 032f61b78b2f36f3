"""The page of the playground in a browser."""

import re

import pytest
from browser import assert_languages_say_everything, browsing, expect, serving

pytest.importorskip("uvicorn", reason="needs the extra serve")

from skl_signlang._playground import (
    _live_training,
    create_playground,
)

pytestmark = pytest.mark.slow

PACKAGE = "skl_signlang._playground"
PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def address():
    with serving(create_playground()) as address:
        yield address


def epoch(page):
    return int(re.sub(r"\D", "", page.locator("#epoch").text_content()))


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def pixels(page, name):
    """What a canvas shows."""
    return page.locator(name).evaluate("(e) => e.toDataURL()")


def wait_for_start(page):
    expect(page.locator("#test-loss")).to_have_text(re.compile(r"^\d"))


def test_both_languages_say_everything():
    assert_languages_say_everything(PACKAGE)


def test_play_pause_step_and_reset(address):
    elsewhere = []
    with browsing(locale="en-US", viewport=SCREEN) as page:
        page.on(
            "request",
            lambda request: (
                request.url.startswith((address, "ws:" + address[5:], "data:"))
                or elsewhere.append(request.url)
            ),
        )
        page.goto(address)
        wait_for_start(page)
        assert epoch(page) == 0
        untrained = pixels(page, "#boundary")
        page.get_by_text("Gaussian", exact=True).click()
        press(page, "Step")
        expect(page.locator("#epoch")).to_have_text("1")
        press(page, "Play")
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        expect(page.locator("#epoch")).not_to_have_text("1")
        expect(page.locator("#train-loss")).to_have_text(re.compile(r"^0\.[0-2]"))
        press(page, "Pause")
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        assert epoch(page) > 1
        assert pixels(page, "#boundary") != untrained
        press(page, "Reset")
        expect(page.locator("#epoch")).to_have_text("0")
        assert page.failures == []
        assert elsewhere == []


def test_the_page_speaks_spanish_and_remembers_it(address):
    with browsing(locale="es-MX", viewport=SCREEN) as page:
        page.goto(address)
        wait_for_start(page)
        expect(page.locator("html")).to_have_attribute("lang", "es")
        expect(page.locator("#test-loss")).to_have_text(re.compile(r"^\d,\d{3}$"))
        press(page, "Un paso")
        expect(page.locator("#epoch")).to_have_text("1")
        page.get_by_label("Idioma").select_option("en")
        page.reload()
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_layers_neurons_and_features_change_the_network(address):
    with browsing(locale="en-US", viewport=PHONE) as page:
        page.goto(address)
        wait_for_start(page)
        for _ in range(4):
            press(page, "Add a hidden layer")
        expect(page.get_by_role("button", name="Add a hidden layer")).to_be_disabled()
        for _ in range(4):
            press(page, "Add a neuron to layer 1")
        more = page.get_by_role("button", name="Add a neuron to layer 1")
        expect(more).to_be_disabled()
        press(page, "Remove a neuron from layer 6")
        page.locator("#features").get_by_text("sin x").first.click()
        network = page.locator("#network")
        drawn = "Network with 3 features, hidden layers of 8, 2, 2, 2, 2, 1 neurons"
        expect(network).to_have_attribute("aria-label", re.compile(drawn))
        press(page, "Step")
        expect(page.locator("#epoch")).to_have_text("1")
        options = page.locator("#shown option").all_text_contents()
        assert len(options) == 1 + 17
        assert page.evaluate("document.body.scrollWidth") <= 390
        for _ in range(6):
            press(page, "Remove the last hidden layer")
        expect(network).to_have_attribute("aria-label", re.compile("no hidden layer"))
        press(page, "Step")
        expect(page.locator("#epoch")).to_have_text("1")
        assert page.failures == []


def test_the_last_feature_stays(address):
    with browsing(locale="en-US", viewport=SCREEN) as page:
        page.goto(address)
        wait_for_start(page)
        labels = page.locator("#features label")
        for i in (0, 1, 1):
            labels.nth(i).click()
        assert page.locator("#features input:checked").count() == 1
        assert page.failures == []


def test_a_neuron_is_shown_large_by_a_click_or_by_its_name(address):
    with browsing(locale="en-US", viewport=SCREEN) as page:
        page.goto(address)
        wait_for_start(page)
        press(page, "Step")
        expect(page.locator("#epoch")).to_have_text("1")
        output = pixels(page, "#boundary")
        page.get_by_label("Shown").select_option("Layer 1, neuron 2")
        neuron = pixels(page, "#boundary")
        assert neuron != output
        box = page.locator("#network").bounding_box()
        # the output is at the right, in the middle
        place = {"x": box["width"] * 7 / 8, "y": box["height"] / 2}
        page.locator("#network").click(position=place)
        expect(page.get_by_label("Shown")).to_have_value("")
        assert pixels(page, "#boundary") == output
        for name in ("Show test points", "Only two colors"):
            page.get_by_label(name).check()
            assert pixels(page, "#boundary") != output
            page.get_by_label(name).uncheck()
        assert page.failures == []


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
def test_the_training_is_seen_without_scrolling(address, size):
    with browsing(locale="es-MX", viewport=size) as page:
        page.goto(address)
        wait_for_start(page)
        for name in ("#play", "#step", "#reset", "#epoch", "#test-loss", "#boundary"):
            box = page.locator(name).bounding_box()
            assert box["width"] > 5, name
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= size["width"], name
            assert box["y"] >= 0, name
            assert box["y"] + box["height"] <= size["height"], name
        assert page.evaluate("document.body.scrollWidth") <= size["width"]


def test_everything_has_a_name(address):
    with browsing(locale="en-US", viewport=SCREEN) as page:
        page.goto(address)
        wait_for_start(page)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("button, select, input, canvas")]
            .filter((e) => e.offsetParent !== null)
            .filter((e) => !(e.innerText || e.labels?.length || e.ariaLabel))
            .map((e) => e.outerHTML)"""
        )
        assert unnamed == []


def test_the_end_of_a_training_is_explained_in_both_languages(monkeypatch):
    monkeypatch.setattr(_live_training, "MAX_EPOCHS", 2)
    with (
        serving(create_playground()) as address,
        browsing(locale="en-US", viewport=SCREEN) as page,
    ):
        page.goto(address)
        wait_for_start(page)
        press(page, "Play")
        alert = page.locator("#problem")
        expect(alert).to_have_text(re.compile("has had its epochs"))
        page.get_by_label("Language").select_option("es")
        expect(alert).to_have_text(re.compile("ha agotado sus épocas"))
        press(page, "Reiniciar")
        expect(page.locator("#epoch")).to_have_text("0")
        expect(alert).to_have_text("")
        assert page.failures == []


def test_a_server_that_is_gone_is_explained():
    with browsing(locale="en-US", viewport=SCREEN) as page:
        with serving(create_playground()) as address:
            page.goto(address)
            wait_for_start(page)
        press(page, "Step")
        alert = page.locator("#problem")
        expect(alert).to_have_text(re.compile("connection to the server ended|answer"))
        press(page, "Play")
        expect(alert).to_have_text(re.compile("skl-signlang playground"))
        assert page.failures == []
