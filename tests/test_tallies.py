"""The figures that articles give."""

import pytest
from invented import small_chatbot

from rag.questions import analyse
from rag.tallies import matter_of, tally_asked
from rag.terms import terms
from rag.types import Document

PORT = Document(
    "port",
    "The port of Brill ordered 40 cranes for 9 million crowns. The mayor was glad of it. "
    "Two unions were not. It happened in May 2031. Some 300 dockers walked out for 11 days.",
)
MILL = Document("mill", "The mill grinds on. Its owner sold 25 percent of the weir.")


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("Key figures please", ""),
        ("What are the key numbers?", ""),
        ("what are the main figures", ""),
        ("List every number in the articles.", ""),
        ("What statistics are mentioned?", ""),
        ("pull out the key numbers from the articles", ""),
        ("What numbers are given for the dockers?", "dockers"),
        ("Give me all figures on cranes", "cranes"),
        ("key money figures at a glance", "money"),
    ],
)
def test_figures_at_large_are_asked_for(question, matter):
    asked = analyse(question)
    assert tally_asked(asked)
    assert matter_of(asked) == frozenset(terms(matter))


@pytest.mark.parametrize(
    "question",
    [
        "What is the number of cranes?",
        "What figure is given for the cranes?",
        "Who are the main figures?",
        "Name the key figures.",
        "How many cranes were ordered?",
        "Figures",
        "Do the figures agree?",
    ],
)
def test_other_questions_ask_for_no_figures_at_large(question):
    assert not tally_asked(analyse(question))


def test_the_sentences_that_give_figures_are_listed():
    answer = small_chatbot(PORT, MILL).ask("What are the key figures?")
    assert {claim.text for claim in answer.claims} == {
        "The port of Brill ordered 40 cranes for 9 million crowns.",
        "Some 300 dockers walked out for 11 days.",
        "Its owner sold 25 percent of the weir.",
    }
    assert answer.text.startswith("- ")


def test_figures_on_a_matter_are_those_of_its_sentences():
    answer = small_chatbot(PORT, MILL).ask("What numbers are given for the dockers?")
    assert [c.quote for c in answer.citations] == ["Some 300 dockers walked out for 11 days."]


def test_money_is_known_by_its_currency():
    answer = small_chatbot(PORT, MILL).ask("key money figures at a glance")
    assert [claim.text for claim in answer.claims] == [
        "The port of Brill ordered 40 cranes for 9 million crowns."
    ]


def test_of_many_sentences_those_with_most_figures_are_shown():
    plain = " ".join(f"Ship {name} lost 3 masts." for name in "ABCDEFGHIJKL")
    log = Document("log", f"{plain} The Petrel lost 9 masts and 14 sails.")
    answer = small_chatbot(log).ask("What are the key figures?")
    assert len(answer.claims) == 10
    assert any("14 sails" in claim.text for claim in answer.claims)
