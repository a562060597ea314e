"""What is disputed, at large."""

import pytest
from invented import small_chatbot

from rag.disputes import disputes_asked
from rag.questions import analyse
from rag.types import Document

WEIR = Document(
    "weir",
    "The weir broke on Monday. The mayor said that frost had cracked its gates. "
    "Ada Quill, an engineer, disputes that. Ferries sail again. "
    "Boats lie off the disputed islands.",
    date="2025-03-10",
)
MILL = Document(
    "mill",
    "Experts do not agree on whether the mill was to blame. It grinds barley.",
    date="2025-03-12",
)


@pytest.mark.parametrize(
    "question",
    [
        "Where do the articles disagree?",
        "What do the experts disagree about?",
        "do the sources contradict each other??",
        "What is disputed in this affair?",
        "Are there any contradictions between the articles?",
        "List the disagreements.",
        "So, what remains unclear?",
    ],
)
def test_questions_for_what_is_disputed(question):
    assert disputes_asked(analyse(question))


@pytest.mark.parametrize(
    "question",
    [
        "Where do the articles disagree on the number of boats?",
        "Do the experts agree that the weir broke?",
        "What is disputed about the weir?",
        "How do Quill and the mayor differ?",
        "Which islands are disputed?",
    ],
)
def test_questions_on_a_matter_are_read(question):
    assert not disputes_asked(analyse(question))


def test_disputes_are_told_newest_first_with_what_they_answer():
    answer = small_chatbot(WEIR, MILL).ask("Where do the articles disagree?")
    assert [claim.text for claim in answer.claims] == [
        "Experts do not agree on whether the mill was to blame.",
        "The mayor said that frost had cracked its gates.",
        "Ada Quill, an engineer, disputes that.",
    ]
    assert [c.quote for c in answer.citations] == [
        "Experts do not agree on whether the mill was to blame.",
        "The mayor said that frost had cracked its gates. Ada Quill, an engineer, disputes that.",
    ]


def test_where_nothing_is_disputed_nothing_is_made_up():
    calm = Document("calm", "The ferry sails at noon. It takes an hour.")
    assert small_chatbot(calm).ask("Where do the articles disagree?").abstained
