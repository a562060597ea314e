"""Who somebody is, is told by the sentence that introduces them, not by any that names them."""

import pytest
from invented import small_chatbot

from rag.types import Document

OPENING = "Ada Quill asks whether the harbour at Morrin is worth its price."
NOTE = "Quill chairs the harbour board and has written about ports for years."
OTHER = "The ferry to Hale leaves at noon."


def told(question, *sentences):
    document = Document("a", "\n\n".join(sentences), author="Ada Quill")
    return small_chatbot(document).ask(question).text


@pytest.mark.parametrize("question", ["Who is Ada Quill?", "who is ada quill", "Who's Ada Quill?"])
def test_the_sentence_that_introduces_somebody_answers_who_that_is(question):
    assert told(question, OPENING, OTHER, NOTE) == f"{NOTE} [1]"


def test_what_stands_beside_a_name_introduces_it():
    apposed = "The board heard Ada Quill, the chief pilot of Morrin, on Monday."
    assert told("Who is Ada Quill?", OPENING, OTHER, apposed) == f"{apposed} [1]"


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        ("Who is Ada Quill?", [OPENING, OTHER]),
        ("What does Ada Quill ask?", [OPENING, OTHER, NOTE]),
        ("Who is Ada Quill's rival?", [OPENING, OTHER, NOTE]),
    ],
)
def test_nothing_else_is_put_first(question, sentences):
    assert not told(question, *sentences).startswith(NOTE)


FERRIES = "The Morrin Line sails at noon and nobody knows what the Morrin Line is worth."


@pytest.mark.parametrize(
    "definition",
    [
        "Crews of the Morrin Line, the oldest ferry company, struck.",
        "The Morrin Line is a ferry company.",
        "A ferry company (the Morrin Line), a child of the war, closed.",
    ],
)
def test_what_a_thing_is_comes_first_in_its_answer(definition):
    assert told("What is the Morrin Line?", FERRIES, OTHER, definition).startswith(definition)


def test_an_item_of_a_list_is_no_definition():
    listed = "It paid the Morrin Line, the Hale Line and others."
    assert not told("What is the Morrin Line?", FERRIES, OTHER, listed).startswith(listed)


def test_the_long_form_defines_too():
    short = "The MFL sails at noon and nobody knows what the MFL is worth."
    long = "Crews of the Morrin Ferry Line, a small company, struck."
    assert told("What is the MFL?", short, OTHER, long).startswith(long)
