"""What the page's events do once the server has let go of the turns that the page still shows."""

import sqlite3
import time
from contextlib import closing, contextmanager
from types import SimpleNamespace

import gradio as gr
import pytest
from fake_chatbot import FakeChatbot

from rag.archive import ARCHIVE_FILE, Archive
from rag.desk import Desk
from rag.shelf import Shelf

QUESTION = "What does the treaty mean for Beijing and Pyongyang?"
SECOND = "Where are the North Korean soldiers?"
REQUEST = SimpleNamespace(session_hash="page")


class Page:
    """A page that asks, and holds what it is sent; ``forget`` is an hour without a question."""

    def __init__(self, archive=None):
        self.chatbot = FakeChatbot()
        self.desk = Desk(self.chatbot, Shelf(self.chatbot, archive))
        self.forget()
        self.bookmark = {}

    def forget(self):
        self.turns = ()

    def ask(self, question):
        for turns, bookmark, *_ in self.desk.answer(
            question, self.turns, self.bookmark, [], REQUEST
        ):
            self.turns, self.bookmark = turns, bookmark

    def asked(self):
        return [turn.question for turn in self.turns]


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / ARCHIVE_FILE)


def test_kept_conversation_goes_on_with_its_history(archive):
    page = Page(archive)
    page.ask(QUESTION)
    page.forget()
    page.ask(SECOND)
    assert page.asked() == [QUESTION, SECOND]
    assert page.chatbot.asked[1][1][0].text == QUESTION


@pytest.mark.parametrize(
    "event",
    [
        lambda page: page.ask(SECOND),
        lambda page: page.desk.undo(page.turns, page.bookmark, SimpleNamespace(index=0), REQUEST),
        lambda page: next(
            page.desk.retry(page.turns, page.bookmark, [], SimpleNamespace(index=0), REQUEST)
        ),
        lambda page: next(
            page.desk.edit(
                page.turns, page.bookmark, [], SimpleNamespace(index=0, value="x?"), REQUEST
            )
        ),
    ],
)
def test_conversation_that_is_not_kept_is_said_to_have_expired(event):
    page = Page()
    page.ask(QUESTION)
    page.forget()
    with pytest.raises(gr.Error, match="has expired"):
        event(page)
    assert len(page.chatbot.asked) == 1


def test_first_question_of_a_new_page_has_not_expired():
    page = Page()
    page.ask(QUESTION)
    page.forget()
    page.bookmark = {**page.bookmark, "page": "the one before"}
    page.ask(SECOND)
    assert page.asked() == [SECOND]


def test_question_asked_before_the_page_was_restored_has_its_history(archive):
    page = Page(archive)
    page.ask(QUESTION)
    page.forget()
    page.bookmark = {**page.bookmark, "page": "the one before"}
    page.ask(SECOND)
    assert page.asked() == [QUESTION, SECOND]


def test_a_new_conversation_begins_without_history(archive):
    page = Page(archive)
    page.ask(QUESTION)
    page.turns, page.bookmark, *_ = page.desk.begin(page.bookmark, REQUEST)
    page.ask(SECOND)
    assert page.asked() == [SECOND]
    assert page.chatbot.asked[1][1] == ()
    assert len(archive.list(page.bookmark["reader"])) == 2


def test_an_answer_under_way_keeps_its_place_however_it_ends(archive):
    page = Page(archive)
    growing = page.desk.answer(QUESTION, (), {}, [], REQUEST)
    _, page.bookmark, *_ = next(growing)
    next(growing)
    growing.close()
    turns, *_ = page.desk.restore(page.bookmark, REQUEST)
    assert turns[0].stopped
    assert turns[0].answer.citations


@contextmanager
def unreadable(archive):
    """Let another program hold the file, so that nobody reads or writes it."""
    with closing(sqlite3.connect(archive.path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def test_a_stopped_answer_goes_with_its_article_whatever_was_asked_after_it(archive):
    page = Page(archive)
    growing = page.desk.answer(QUESTION, (), {}, [], REQUEST)
    next(growing)
    page.turns, page.bookmark, *_ = next(growing)
    page.turns, *_ = page.desk.stop(page.turns, page.bookmark, REQUEST)
    growing.close()
    assert page.turns[0].stopped
    assert "pact" in dict(page.turns[0].rests_on)
    page.ask(SECOND)
    assert b"headache" in archive.path.read_bytes()
    archive.forget(lambda: page.chatbot.revision + 1, dict)
    assert b"headache" not in archive.path.read_bytes()


def test_answer_whose_end_the_page_never_got_is_kept_with_what_it_rests_on(archive):
    page = Page(archive)
    growing = page.desk.answer(QUESTION, (), {}, [], REQUEST)
    next(growing)
    page.turns, page.bookmark, *_ = next(growing)
    growing.close()
    page.ask(SECOND)
    archive.forget(lambda: page.chatbot.revision + 1, dict)
    assert b"headache" not in archive.path.read_bytes()


@pytest.mark.parametrize("session", ["page", "the one before"])
def test_conversation_that_cannot_be_read_now_is_not_overwritten(archive, session):
    page = Page(archive)
    page.ask(QUESTION)
    page.ask(SECOND)
    page.forget()
    page.bookmark = {**page.bookmark, "page": session}
    with unreadable(archive), pytest.raises(gr.Error, match=r"cannot be read.*locked"):
        page.ask("What of the bridge?")
    page.ask("What of the bridge?")
    assert page.asked() == [QUESTION, SECOND, "What of the bridge?"]


def test_page_that_was_told_of_a_failure_goes_on_once_that_has_passed(archive):
    page = Page(archive)
    page.ask(QUESTION)
    page.forget()
    with unreadable(archive), pytest.warns(UserWarning, match="locked"):
        _, page.bookmark, *_ = page.desk.restore(page.bookmark, REQUEST)
    assert "locked" in page.bookmark["told"]
    page.ask(SECOND)
    assert page.asked() == [QUESTION, SECOND]


def test_locked_file_holds_up_no_question_and_the_answer_is_kept_once_it_is_free(archive):
    page, other = Page(archive), Page(archive)
    page.ask(QUESTION)
    other.turns, other.bookmark = page.turns, page.bookmark
    growing = page.desk.answer(SECOND, page.turns, page.bookmark, [], REQUEST)
    began = time.monotonic()
    with unreadable(archive), pytest.warns(UserWarning, match="locked"):
        next(growing)
    assert time.monotonic() - began < 3
    *_, (page.turns, page.bookmark, *_) = growing
    assert page.bookmark["told"] == ""
    other.ask("What of the bridge?")  # from before the second question: a conversation of its own
    assert {c.turns for c in archive.list(page.bookmark["reader"])} == {2}
    assert len(archive.list(page.bookmark["reader"])) == 2


def test_two_tabs_of_a_fresh_browser_share_its_secret(archive):
    one, other = Page(archive), Page(archive)
    _, one.bookmark, *_ = one.desk.restore(None, REQUEST)
    # The browser's next tab begins with what the first one was given.
    _, other.bookmark, *_ = other.desk.restore(one.bookmark, SimpleNamespace(session_hash="other"))
    one.ask(QUESTION)
    other.ask(SECOND)
    assert len(archive.list(one.bookmark["reader"])) == 2


def test_browser_gets_no_secret_where_nothing_is_kept():
    page = Page()
    _, bookmark, *_ = page.desk.restore(None, REQUEST)
    assert bookmark["reader"] == ""
