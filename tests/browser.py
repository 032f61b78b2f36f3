"""A page in a browser: its server, Debian's chromium, and its texts."""

import contextlib
import json
import shutil
import socket
import subprocess
import threading
import time

import pytest

from skl_signlang._web import read_page

SECONDS = 120


def assert_languages_say_everything(package):
    """Check that the page of a package uses all its texts, and has no others."""
    node = shutil.which("node")
    if not node:
        pytest.skip("needs node")
    page = {name: content.decode() for name, (content, _) in read_page(package).items()}
    code = page.pop("texts.js") + "\nconsole.log(JSON.stringify(TEXTS));\n"
    words = [node, "--input-type=module", "-"]
    run = subprocess.run(
        words, input=code, capture_output=True, text=True, check=True, timeout=SECONDS
    )
    texts = json.loads(run.stdout)
    assert texts["en"].keys() == texts["es"].keys()
    sources = "".join(page.values())
    assert not [key for key in texts["en"] if f'"{key}"' not in sources]


@contextlib.contextmanager
def serving(app):
    """Run an application in a thread; give its address."""
    import uvicorn

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            log_level="error",
            ws="websockets-sansio",
            timeout_graceful_shutdown=SECONDS,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            deadline = time.monotonic() + SECONDS
            while not server.started:
                assert thread.is_alive()
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(2 * SECONDS)


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
