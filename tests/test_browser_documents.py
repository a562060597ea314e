"""The documents tab in a real browser: articles come, are cited, and go."""

from contextlib import contextmanager

import pytest
from fake_chatbot import FakeChatbot
from serving import served
from visitors import IN_A_BROWSER, PHONE, at, playwright, visiting

from rag.api import index_documents, open_chatbot
from rag.config import load_settings
from rag.testing import HashEmbedder

pytestmark = IN_A_BROWSER

BRIDGE = "The bridge over the strait closed in March. Engineers found cracks in its pillars.\n"
FERRY = "The ferry to the island sails at noon. It carries forty cars and a brass band.\n"
SAILING = "When does the ferry to the island sail?"


@contextmanager
def serving(tmp_path, monkeypatch):
    """Serve an index of one article."""
    monkeypatch.setenv("RAG_READER", "off")
    (tmp_path / "bridge.txt").write_text(BRIDGE)
    settings = load_settings(index=tmp_path / "index")
    embedder = HashEmbedder(dimensions=512)
    index_documents([tmp_path / "bridge.txt"], settings=settings, embedder=embedder)
    with (
        open_chatbot(settings=settings, embedder=embedder) as bot,
        served(bot, index=settings.index) as address,
    ):
        yield address


def file(tmp_path, name, content):
    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / name


def tab(visit, name):
    visit.page.get_by_role("tab", name=name).click()


def send(visit, *files):
    visit.page.locator("#upload input[type=file]").set_input_files(files)
    visit.page.locator("#verdicts li").nth(len(files) - 1).wait_for()


def rows(visit):
    return visit.page.locator("#documents tbody tr")


def remove(visit, title):
    row = rows(visit).filter(has_text=title)
    row.locator("summary").click()
    row.get_by_role("button", name="Yes, remove it").click()
    visit.page.locator("#verdicts", has_text="Removed").wait_for()


def cited(visit):
    return visit.page.locator("#evidence mark").all_inner_texts()


def test_article_is_uploaded_cited_and_removed(browser, tmp_path, monkeypatch):
    with serving(tmp_path, monkeypatch) as address, at(browser, address) as visit:
        tab(visit, "Documents")
        playwright.expect(rows(visit)).to_have_count(1)
        photo = file(tmp_path, "photo.txt", bytes(range(256)) * 20)
        send(visit, file(tmp_path, "ferry.txt", FERRY), photo)
        said = visit.page.locator("#verdicts li").all_inner_texts()
        assert said == ["ferry.txt added", "photo.txt not added: it looks binary, not text"]
        playwright.expect(rows(visit)).to_have_count(2)
        visit.page.screenshot(path=tmp_path / "uploaded.png")

        tab(visit, "Ask")
        visit.ask(SAILING)
        assert any("sails at noon" in quote for quote in cited(visit))

        tab(visit, "Documents")
        remove(visit, "ferry")
        playwright.expect(rows(visit)).to_have_count(1)
        tab(visit, "Ask")
        visit.ask(SAILING)
        answer = visit.page.locator("#chat .answer").nth(1)
        assert "noon" not in answer.inner_text()
        assert visit.surprises == []


def test_other_visitors_see_what_one_adds_and_removes(browser, tmp_path, monkeypatch):
    with (
        serving(tmp_path, monkeypatch) as address,
        at(browser, address) as one,
        at(browser, address) as other,
    ):
        for visit in (one, other):
            tab(visit, "Documents")
            playwright.expect(rows(visit)).to_have_count(1)
        send(one, file(tmp_path, "ferry.txt", FERRY))
        # Promised within 2 s; three times that on a busy machine.
        playwright.expect(rows(other)).to_have_count(2, timeout=6_000)
        tab(other, "Ask")
        other.page.locator("#sources input").click()
        other.page.get_by_role("option", name="ferry").click()
        other.ask(SAILING)
        assert any("sails at noon" in quote for quote in cited(other))
        remove(one, "ferry")
        tab(other, "Documents")
        playwright.expect(rows(other)).to_have_count(1, timeout=6_000)
        tab(other, "Ask")
        other.ask("Who found cracks?")
        assert any("found cracks" in quote for quote in cited(other)), "the filter let go of it"
        assert one.surprises == other.surprises == []


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(browser, tmp_path, monkeypatch):
    with serving(tmp_path, monkeypatch) as address, at(browser, address) as visit:
        tab(visit, "Documents")
        large = file(tmp_path, "large.txt", b"x" * (11 * 1024 * 1024))
        visit.page.locator("#upload input[type=file]").set_input_files(large)
        visit.page.get_by_text("exceed the maximum").wait_for()
        assert rows(visit).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_shows_the_tab_with_nothing_sideways(browser, tmp_path, monkeypatch, scheme):
    look = {"viewport": PHONE, "color_scheme": scheme}
    with serving(tmp_path, monkeypatch) as address, at(browser, address, **look) as visit:
        tab(visit, "Documents")
        send(visit, file(tmp_path, f"{'a-long-name-' * 12}.txt", FERRY))
        visit.page.locator("#documents summary").first.click()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        visit.page.screenshot(path=tmp_path / f"documents-{scheme}.png")


def test_without_uploads_there_is_neither_a_box_nor_a_button(browser):
    with visiting(browser, FakeChatbot(), uploads="off") as visit:
        tab(visit, "Documents")
        playwright.expect(rows(visit)).to_have_count(2)
        assert visit.page.locator("#upload").count() == 0
        assert visit.page.locator("#documents button, #documents summary").count() == 0
