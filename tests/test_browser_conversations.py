"""Conversations in a real browser: they outlast a reload, a pause and the app itself."""

from contextlib import contextmanager

from fake_chatbot import DOCUMENTS, FakeChatbot
from serving import free_port, served
from visitors import IN_A_BROWSER, PHONE, at, playwright

pytestmark = IN_A_BROWSER

QUESTION = "What does the treaty mean for Beijing and Pyongyang?"
SECOND = "Where are the North Korean soldiers?"


@contextmanager
def serving(tmp_path, chatbot, **settings):
    """Serve with conversations kept in this test's folder."""
    with served(chatbot, index=tmp_path, **settings) as address:
        yield address


def reload(visit):
    visit.page.reload()
    visit.page.locator("#question textarea").wait_for()


def shows(visit, *questions):
    said = visit.page.locator('#chat [data-testid="user"]')
    playwright.expect(said).to_have_text(list(questions))


def tab(visit, name):
    visit.page.get_by_role("tab", name=name).click()


def past(visit):
    return visit.page.locator("#conversations tbody tr")


def test_conversation_survives_a_reload_and_a_restart_of_the_app(browser, tmp_path):
    port = free_port()
    first = FakeChatbot()
    with serving(tmp_path, first, port=port) as address, at(browser, address) as visit:
        visit.ask(QUESTION)
        answered = visit.page.locator("#an-1").inner_text()
        reload(visit)
        shows(visit, QUESTION)
        assert visit.page.locator("#an-1").inner_text() == answered
        visit.page.locator("#an-1 a.cite").first.click()
        playwright.expect(visit.page.locator("#ev-1-1")).to_be_in_viewport()
        assert visit.surprises == []
        browsed = visit.page.context.storage_state()
    second = FakeChatbot()
    with (
        serving(tmp_path, second, port=port) as address,
        at(browser, address, storage_state=browsed) as visit,
    ):
        shows(visit, QUESTION)
        visit.ask(SECOND)
        shows(visit, QUESTION, SECOND)
        assert second.asked[0][1][0].text == QUESTION
        visit.page.screenshot(path=tmp_path / "restored.png")
        assert visit.surprises == []


def test_where_conversations_are_off_none_is_kept_and_none_listed(browser, tmp_path):
    with (
        serving(tmp_path, FakeChatbot(), conversations="off") as address,
        at(browser, address) as visit,
    ):
        assert visit.page.get_by_role("tab", name="Conversations").count() == 0
        visit.ask(QUESTION)
        reload(visit)
        visit.page.wait_for_timeout(1000)
        shows(visit)
        visit.ask(SECOND)
        shows(visit, SECOND)
        assert list(tmp_path.iterdir()) == []
        assert visit.surprises == []


def test_conversations_are_begun_listed_reopened_and_deleted(browser, tmp_path):
    with serving(tmp_path, FakeChatbot()) as address, at(browser, address) as visit:
        visit.ask(QUESTION)
        visit.page.get_by_role("button", name="New conversation").click()
        visit.page.locator("#evidence .empty").wait_for()
        reload(visit)
        visit.page.wait_for_timeout(1000)
        shows(visit)
        visit.ask(SECOND)
        tab(visit, "Conversations")
        playwright.expect(past(visit)).to_have_count(2)
        visit.page.screenshot(path=tmp_path / "list.png")
        past(visit).filter(has_text=QUESTION).get_by_role("button", name=QUESTION).click()
        shows(visit, QUESTION)
        playwright.expect(visit.page.locator("#chat")).to_be_visible()
        tab(visit, "Conversations")
        row = past(visit).filter(has_text=QUESTION)
        row.locator("summary").click()
        row.get_by_role("button", name="Yes, delete it").click()
        playwright.expect(past(visit)).to_have_count(1)
        tab(visit, "Ask")
        shows(visit)
        assert QUESTION.encode() not in (tmp_path / "conversations.sqlite").read_bytes()
        with at(browser, address) as stranger:
            shows(stranger)
            tab(stranger, "Conversations")
            stranger.page.get_by_text("No conversation is kept yet").wait_for()
        assert visit.surprises == []


def test_answer_that_was_stopped_or_left_comes_back_as_far_as_it_came(browser, tmp_path):
    chatbot = FakeChatbot(pause=1.0)
    with serving(tmp_path, chatbot) as address, at(browser, address) as visit:
        visit.type(QUESTION)
        visit.page.locator("#chat .growing a.cite").first.wait_for()
        visit.page.locator("#question .stop-button").click()
        visit.page.get_by_text("Stopped before the answer was complete.").wait_for()
        reload(visit)
        visit.page.get_by_text("Stopped before the answer was complete.").wait_for()
        assert visit.page.locator("#an-1 a.cite").count() in (1, 2)
        visit.type(SECOND)
        visit.page.locator("#chat .growing a.cite").first.wait_for()
        reload(visit)
        shows(visit, QUESTION, SECOND)
        said = visit.page.get_by_text("Stopped before the answer was complete.")
        playwright.expect(said).to_have_count(2)


def test_answer_whose_article_changed_meanwhile_comes_back_without_its_words(browser, tmp_path):
    port = free_port()
    with serving(tmp_path, FakeChatbot(), port=port) as address, at(browser, address) as visit:
        visit.ask(SECOND)
        browsed = visit.page.context.storage_state()
    left = FakeChatbot([d for d in DOCUMENTS if d.id != "kursk"])
    with (
        serving(tmp_path, left, port=port) as address,
        at(browser, address, storage_state=browsed) as visit,
    ):
        shows(visit, SECOND)
        assert "changed or removed since" in visit.page.locator("#chat .problem").inner_text()
        assert "8,000" not in visit.page.content()


def test_chat_goes_on_without_a_file_to_keep_it_in(browser, tmp_path):
    (tmp_path / "conversations.sqlite").write_bytes(b"not a database" * 400)
    with serving(tmp_path, FakeChatbot()) as address, at(browser, address) as visit:
        visit.ask(QUESTION)
        visit.page.get_by_text("conversations cannot be kept").first.wait_for()
        visit.ask(SECOND)
        assert visit.questions() == [QUESTION, SECOND]
        assert "Searched for" in visit.page.locator("#an-2 .query").inner_text()


def test_phone_shows_list_and_button_with_nothing_sideways(browser, tmp_path):
    with (
        serving(tmp_path, FakeChatbot()) as address,
        at(browser, address, viewport=PHONE) as visit,
    ):
        visit.ask(QUESTION)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        visit.page.screenshot(path=tmp_path / "phone.png")
        tab(visit, "Conversations")
        past(visit).locator("summary").click()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        visit.page.screenshot(path=tmp_path / "phone-list.png")
