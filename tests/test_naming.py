"""Where a name is asked for, the sentence that names what the answer only describes comes along."""

import pytest
from invented import small_chatbot

from rag.types import Document

RISE = "The streaming service raises its prices from the first day of the season."


def told(before, question, answer=RISE):
    document = Document(id="a", text=f"{before}\n\n{answer}")
    return small_chatbot(document).ask(question).text


def test_the_sentence_that_names_it_stands_before_the_answer():
    answer = told("Get ready to pay more for Marlin Films.", "Which service raises its prices?")
    assert "Marlin Films" in answer
    assert answer.index("Marlin Films") < answer.index("raises its prices")


@pytest.mark.parametrize(
    ("before", "question", "answer"),
    [
        ("Get ready for Marlin Films.", "How does the service raise its prices?", RISE),
        ("Get ready for Marlin Films.", "What prices does the service raise?", RISE),
        ("Nobody expected that on Monday.", "Which service raises its prices?", RISE),
        ("Fans complained all last winter.", "Which service raises its prices?", RISE),
        (
            "Get ready for Marlin Films.",
            "Which service raises its prices?",
            "The service Coast View raises its prices.",
        ),
    ],
)
def test_nothing_is_added_where_no_name_is_asked_for_or_to_be_had(before, question, answer):
    assert told(before, question, answer) == f"{answer} [1]"
