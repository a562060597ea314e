"""What is to come."""

import pytest
from invented import small_chatbot

from rag.outlook import matter_of, outlook_asked
from rag.questions import analyse
from rag.types import Document

LOCK = Document(
    "lock",
    "The lock failed on 3 March. The council is due to vote on a wall on 2 April. "
    "Repairs are scheduled to last all summer. The mill closed in 2019. "
    "If the rain stays, the wall is expected to be higher. Barges wait below the weir.",
    date="2025-03-10",
)
OLD = Document("old", "The lock opened in May. It was the pride of the town.", date="2020-06-01")


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("What happens next?", set()),
        ("So, what happens next with the wall?", {"wall"}),
        ("What's next for the mill?", {"mill"}),
        ("what comes next in this dispute?", set()),
        ("What can we expect?", set()),
    ],
)
def test_questions_for_what_is_to_come(question, matter):
    asked = analyse(question)
    assert outlook_asked(asked)
    assert matter_of(asked) == matter


@pytest.mark.parametrize(
    "question",
    [
        "What happened next?",
        "What happens if the lock fails?",
        "Who comes next?",
        "What is next to it?",
    ],
)
def test_questions_for_something_else(question):
    assert not outlook_asked(analyse(question))


def told(question, *documents):
    return [c.text for c in small_chatbot(*documents).ask(question).claims]


def test_what_is_fixed_or_dated_later_than_its_article_is_listed():
    assert told("What happens next?", LOCK, OLD) == [
        "The council is due to vote on a wall on 2 April.",
        "Repairs are scheduled to last all summer.",
    ]


def test_of_a_matter_only_what_tells_of_it():
    assert told("What happens next with the wall?", LOCK, OLD) == [
        "The council is due to vote on a wall on 2 April."
    ]
