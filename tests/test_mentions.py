"""Which articles name a thing."""

import pytest
from invented import small_chatbot

from rag.mentions import mention_asked
from rag.types import Document

PORT = Document(
    "port",
    "The port of Brill closed on Monday. Its cranes are older than the pier. "
    "The mayor spoke of the ferry line.",
    title="A port closes",
    date="2031-05-02",
)
FERRY = Document(
    "ferry",
    "The ferry line lost nine ships. Nobody asked for new cranes. The crews went home.",
    author="Ada Quill",
)
MILL = Document("mill", "The mill grinds on. Its owner sold the weir.", title="A mill")


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("Which article mentions the cranes?", "the cranes"),
        ("Which mentions the cranes?", "the cranes"),
        ("Which articles talk about the cranes?", "the cranes"),
        ("which of the three articles bring up cranes", "cranes"),
        ("How many of the articles discuss cranes?", "cranes"),
        ("Does any article mention cranes?", "cranes"),
        ("Does any of the pieces talk about cranes, and which?", "cranes"),
        ("In which articles do cranes come up?", "cranes"),
        ("Are cranes mentioned anywhere?", "cranes"),
        ("Are cranes discussed in any of the articles?", "cranes"),
        ("Where are cranes mentioned?", "cranes"),
        ("How often are the cranes mentioned in the articles?", "the cranes"),
    ],
)
def test_where_a_thing_is_named_is_asked_for(question, matter):
    assert mention_asked(question) == matter


@pytest.mark.parametrize(
    "question",
    [
        "Which countries are mentioned?",
        "Was a successor named?",
        "What covers the costs of the cranes?",
        "What names do the cranes have?",
        "Is a new pier being discussed?",
        "Which mayor spoke of the cranes?",
        "Does any ship have cranes?",
        "Who mentions the cranes?",
        "What do the articles say about the cranes?",
        "Is it mentioned?",
    ],
)
def test_other_questions_are_not_about_mentions(question):
    assert mention_asked(question) is None


def test_each_article_that_names_a_thing_is_named_with_a_sentence():
    answer = small_chatbot(PORT, FERRY, MILL).ask("Which articles mention cranes?")
    assert {c.document: c.quote for c in answer.citations} == {
        "port": "Its cranes are older than the pier.",
        "ferry": "Nobody asked for new cranes.",
    }
    said = [claim.text for claim in answer.claims]
    assert "“A port closes” (2031-05-02): Its cranes are older than the pier." in said
    assert "The article by Ada Quill: Nobody asked for new cranes." in said


def test_of_one_article_two_sentences_are_enough():
    again = Document("ferry", " ".join([FERRY.text, "The ferry sails.", "A ferry sank."]))
    answer = small_chatbot(again, MILL).ask("Which article mentions a ferry?")
    assert len(answer.claims) == 2


def test_what_stands_nowhere_is_said_to_stand_nowhere():
    answer = small_chatbot(PORT, FERRY).ask("Does any article mention lighthouses?")
    assert answer.abstained
    assert "No indexed article has “lighthouses”." in answer.notes
