"""What leads up to a question in its own sentence."""

import pytest
from invented import small_chatbot

from rag.preambles import without_preamble


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("Do you know who built the lock?", "who built the lock?"),
        ("Could you tell me how much the lock cost?", "how much the lock cost?"),
        ("I'd like to know when the lock failed.", "when the lock failed."),
        ("I was wondering what the mayor wants", "what the mayor wants"),
        ("For a seminar paper: why did the lock fail?", "why did the lock fail?"),
        ("For our database: under which flag does it sail?", "under which flag does it sail?"),
        ("My editor wants one number: how many ships wait?", "how many ships wait?"),
        ("I'm on air soon - in one sentence, who built the lock?", "who built the lock?"),
        ("As a former pilot I'd like to know who built the lock", "who built the lock"),
        ("Can you tell me whether the lock is shut?", "Is it true that the lock is shut?"),
        ("I need to plan: do you know if it rains?", "Is it true that it rains?"),
    ],
)
def test_what_leads_up_to_a_question_is_taken_off(typed, question):
    assert without_preamble(typed) == question


@pytest.mark.parametrize(
    "question",
    [
        "Does Quill know who built the lock?",
        "I keep seeing different numbers: how many ships wait?",
        "For whom was the lock built?",
        "Tell me about the lock",
        "Who told the mayor what the lock costs?",
        "What did the mayor do as a result?",
        "My question?",
        "For a pilot, Quill is young.",
        "I need the name of the pilot.",
    ],
)
def test_a_question_without_one_stays(question):
    assert without_preamble(question) == question


def test_the_question_is_read_for_without_what_leads_up_to_it():
    answer = small_chatbot().ask("Do you happen to know when the bridge over the strait closed?")
    assert answer.query == "when the bridge over the strait closed?"
    assert [c.document for c in answer.citations] == ["bridge"]
