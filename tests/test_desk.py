"""What the page's events do once the server has let go of the turns that the page still shows."""

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
