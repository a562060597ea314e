"""Whom a question describes instead of naming them."""

import pytest
from invented import small_chatbot

from rag.presented import described_in, with_name
from rag.types import Document

TEXTS = (
    "The harbour's chief pilot, Ada Quill, left at noon. Bo Rask, a retired judge from Oslo, came.",
    "Energy Minister Nora Vale said no. “I wait,” said Tom Reed, spokesman for the Pilots Union.",
)


@pytest.mark.parametrize(
    ("question", "described"),
    [
        ("What does the harbour's chief pilot want?", "the harbour's chief pilot"),
        ("How does Norway's energy minister explain it?", "Norway's energy minister"),
        ("What did the head of the Pilots Union say?", "the head of the Pilots Union"),
        ("Who is the chief pilot?", None),
        ("What is the name of the chief pilot?", None),
        ("What does the pilot want?", None),  # any pilot
        ("What does Minister Vale want?", None),
        ("When did the ferry sink?", None),
    ],
)
def test_a_description_has_an_office_and_more(question, described):
    assert described_in(question) == described


@pytest.mark.parametrize(
    ("described", "name"),
    [
        ("the harbour's chief pilot", "Ada Quill"),
        ("the retired judge", "Bo Rask"),
        ("the energy minister", "Nora Vale"),
        ("the Pilots Union spokesman", "Tom Reed"),
    ],
)
def test_who_is_presented_so_takes_the_place_of_the_description(described, name):
    question = f"What does {described} want?"
    assert with_name(question, described, TEXTS) == f"What does {name} want? ({described})"


@pytest.mark.parametrize(
    ("described", "presented"),
    [
        ("the head of Norline", "Norline CEO Ada Quill left."),
        ("the boss of Norline", "Ada Quill, the director of Norline, left."),
        ("the Pilots Union chief", "Ada Quill, leader of the Pilots Union, left."),
        ("the Baltic League chief", "Baltic League Secretary-General Ada Quill left."),
    ],
)
def test_who_is_at_the_head_of_a_thing_goes_by_many_words(described, presented):
    texts = [f"{presented} Quill was tired."]
    question = with_name(f"What does {described} want?", described, texts)
    assert question == f"What does Ada Quill want? ({described})"


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("The harbour has a chief pilot. Ada Quill left at noon.",),
        (
            "The harbour's chief pilot, Ada Quill, left.",
            "Bo Rask, the harbour's chief pilot, came.",
        ),
        ("Ada Quill met the harbour's chief pilot, who left.",),
    ],
)
def test_nobody_is_named_where_nobody_or_more_than_one_is_presented_so(texts):
    question = "What does the harbour's chief pilot want?"
    assert with_name(question, "the harbour's chief pilot", texts) == question


def test_an_answer_says_what_was_searched_for():
    document = Document("one", f"{TEXTS[0]}\n\nQuill wants a new pier before the winter.")
    answer = small_chatbot(document).ask("What does the harbour's chief pilot want?")
    assert answer.query == "What does Ada Quill want? (the harbour's chief pilot)"
    assert answer.question == "What does the harbour's chief pilot want?"


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did the governor say?", "What did Ada Quill say? (the governor)"),
        ("What did the mayor say?", "What did the mayor say?"),
        ("What did the expert say?", None),
    ],
)
def test_an_office_that_only_one_person_has_names_them(question, named):
    texts = ["Penrose Gov. Ada Quill came.", "Mayor Ben Ross met Mayor Cy Dunn, an expert."]
    described = described_in(question)
    assert (with_name(question, described, texts) if described else None) == named
