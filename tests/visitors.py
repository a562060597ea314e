"""A visitor with a real browser: opens the page, asks, and notes what should never happen."""

import os
import shutil
from contextlib import contextmanager

import pytest
from serving import GRADIO_WARNINGS, served

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "chromium")) or shutil.which("chromium-browser")

IN_A_BROWSER = [
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine (apt install chromium)"),
    *GRADIO_WARNINGS,
]

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
DESKTOP, PHONE = {"width": 1360, "height": 850}, {"width": 390, "height": 844}

# Said by gradio 6.31 when it follows an upload.
EXPECTED = {"Method not implemented."}


@contextmanager
def launched():
    """Run a browser."""
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, headless=True, args=QUIET)
        yield chromium
        chromium.close()


class Visit:
    """A visitor's page, and everything about it that should never happen."""

    def __init__(self, page, address):
        self.page = page
        self.surprises = []
        page.on("dialog", lambda dialog: (self.surprises.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.surprises.append(str(error)))
        page.on("console", self._hear)
        page.on("request", lambda request: self._see(request.url, address))
        page.on("framenavigated", lambda frame: self._see(frame.url, address))
        page.on("popup", lambda popup: self.surprises.append(popup.url))
        page.goto(address)
        page.locator("#question textarea").wait_for()

    def _hear(self, message):
        if message.type in ("error", "warning") and message.text not in EXPECTED:
            self.surprises.append(message.text)

    def _see(self, url, address):
        if not url.startswith((address, "data:", "blob:", "about:blank")):
            self.surprises.append(url)

    def ask(self, question):
        answered = self.page.locator("#chat .answer").count()
        self.type(question)
        self.page.locator("#chat .answer").nth(answered).wait_for()
        self.rest()

    def type(self, question):
        self.page.locator("#question textarea").fill(question)
        self.page.keyboard.press("Enter")

    def rest(self):
        self.page.locator("#question .submit-button").wait_for()
        playwright.expect(self.page.locator("#chat .growing")).to_have_count(0)

    def wait_until_asked(self, times):
        """Wait for the chatbot to be asked so often; an answer may grow too fast to be seen."""
        for _ in range(200):
            if len(self.chatbot.asked) >= times:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"asked {len(self.chatbot.asked)} times, expected {times}")

    def questions(self):
        return self.page.locator('#chat [data-testid="user"]').all_inner_texts()


@contextmanager
def visiting(browser, chatbot, *, viewport=DESKTOP, uploads=None, conversations="off", **context):
    with (
        served(chatbot, uploads=uploads, conversations=conversations) as address,
        at(browser, address, viewport=viewport, **context) as visit,
    ):
        visit.chatbot = chatbot
        yield visit


@contextmanager
def at(browser, address, *, viewport=DESKTOP, **context):
    """Open the page at an address, as one more visitor."""
    visitor = browser.new_context(viewport=viewport, **context)
    visitor.set_default_timeout(20_000)
    yield Visit(visitor.new_page(), address)
    visitor.close()
