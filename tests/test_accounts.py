"""What several articles say: what is asked, what values differ, what is shown of each."""

from dataclasses import replace

import pytest
from invented import small_chatbot
from test_composing import scored

from rag.accounts import asks_across, choose_across, core
from rag.asked_kind import brings_asked_kind
from rag.choosing import choose
from rag.questions import analyse
from rag.types import Document, SentenceReading
from rag.values import counts_the_same, values


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("The survey counted 412 species in 54 dives.", True),
        ("Its 38 researchers made 54 dives.", False),
        ("Many species were seen.", False),
    ],
)
def test_a_count_of_the_very_thing_is_told_from_others(text, same):
    assert counts_the_same(analyse("How many animal species did they find?"), text) is same


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("Where did the ships go: which ports do the articles name?", "Where did the ships go?"),
        (
            "What is the fleet of ships for, by the different accounts?",
            "What is the fleet of ships for?",
        ),
        (
            "Do the sources agree on how many ships were lost?",
            "how many ships were lost?",
        ),
        (
            "How many ships were lost according to the various reports?",
            "How many ships were lost?",
        ),
        ("How many ships were lost? The numbers I have seen differ.", "How many ships were lost"),
        ("Did the ship sink or not? What do the two sides say?", "Did the ship sink or not"),
        ("When did the ship sink? What are the different accounts?", "When did the ship sink"),
        ("When did the ship sink? I have seen different dates.", "When did the ship sink"),
        ("Did the ship sink at once? What do the authors say?", "Did the ship sink at once"),
        (
            "Did the ship sink, or did it burn? Do the reports differ?",
            "Did the ship sink, or did it burn",
        ),
        ("Compare what the articles say.", "Compare what the articles say."),
        (
            "When did it sink at Ostend? My sources don't give the same time.",
            "When did it sink at Ostend",
        ),
        ("Did the ship burn? Check all the articles.", "Did the ship burn"),
        ("How many ships were lost - do the estimates agree?", "How many ships were lost"),
        ("Where did the ship sink? Sources seem to clash.", "Where did the ship sink"),
        (
            "Where did the ship sink? The reports contradict each other.",
            "Where did the ship sink",
        ),
    ],
)
def test_what_names_the_articles_is_not_read(question, read):
    asked = analyse(question)
    assert asks_across(asked)
    assert core(asked).text == read
    assert core(asked).shape == "comparison"


@pytest.mark.parametrize(
    "question",
    ["How many ships were lost?", "What does the article say?", "How do Corr and Schuster differ?"],
)
def test_other_questions_ask_nothing_across_articles(question):
    assert not asks_across(analyse(question))


ONE = Document(
    "one", "The storm sank 40 ships off Brest. Crews swam ashore. All 40 ships sank fast."
)
TWO = Document("two", "The office counts 55 ships lost near Lorient. Gulls were seen.")


def shown(question, *rated, choosing=choose_across):
    asked = analyse(question)
    return [s.lead.candidate.text for s in choosing(asked, scored(*rated))]


def test_each_account_that_brings_another_figure_is_shown():
    question = "How many ships were lost according to the different articles?"
    assert shown(question, (ONE, [5.0, 4.9, 4.8]), (TWO, [4.0, 3.9])) == [
        "The storm sank 40 ships off Brest.",
        "The office counts 55 ships lost near Lorient.",
    ]


def test_each_account_that_brings_another_place_is_shown():
    question = "Where were ships lost: which places do the articles name?"
    assert shown(question, (ONE, [5.0, 4.9, 4.8]), (TWO, [4.0, 3.9])) == [
        "The storm sank 40 ships off Brest.",
        "The office counts 55 ships lost near Lorient.",
    ]


def test_where_nothing_can_be_compared_an_article_has_two_sentences():
    question = "What do the articles say of the storm?"
    assert len(shown(question, (ONE, [5.0, 4.9, 4.8]), (TWO, [4.5, 4.4]))) == 4


def test_without_a_new_value_the_answer_stands():
    port = Document("port", "The fleet was lost in France.")
    question = "Where do the articles say the fleet was lost?"
    assert core(analyse(question)).text == "Where the fleet was lost?"
    assert shown(question, (port, [5.0])) == ["The fleet was lost in France."]


def test_all_articles_are_searched_where_all_are_asked():
    bot = small_chatbot(ONE, TWO, abstain_below=0.0)
    answer = bot.ask("How many ships were lost according to the different articles?")
    assert {c.document for c in answer.citations} == {"one", "two"}


def test_a_figure_that_another_article_gives_otherwise_is_shown_beside_it():
    rated = scored((ONE, [5.0, 1.0, 0.9]), (TWO, [2.0, 1.0]))
    read = [replace(s, reading=SentenceReading(s.score - 1.5)) for s in rated]
    asked = analyse("How many ships were lost?")
    assert {s.lead.candidate.document.id for s in choose(asked, read)} == {"one", "two"}
    unlikely = [replace(s, reading=SentenceReading(s.score - 5.5)) for s in rated]
    assert {s.lead.candidate.document.id for s in choose(asked, unlikely)} == {"one"}


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("How many ships?", "There were 40 ships and 3 tugs.", {"40-40 ", "3-3 "}),
        ("When did it sink?", "It sank on May 3, 2021.", {"May 3, 2021"}),
        ("When in 2021 did it sink?", "It sank in 2021.", set()),
        ("Where did it sink?", "It sank near Brest in the Gulf.", {"Brest", "Gulf"}),
        ("Where in Brest?", "It sank near Brest.", set()),
        ("Where did it sink?", "It sank in France.", set()),
        ("Why did it sink?", "It was old.", None),
    ],
)
def test_values_are_of_the_kind_asked_for(question, text, found):
    got = values(analyse(question), text)
    if found is None:
        assert got is None
    else:
        assert got == found


@pytest.mark.parametrize(
    ("question", "text", "brings"),
    [
        ("How many crews were saved?", "The crews were saved near Brest.", False),
        ("How many crews were saved?", "Some 40 were saved.", True),
        ("How many crews were saved?", "Dozens of them were saved.", True),
        ("How many crews were saved?", "None of them was saved.", True),
        ("How many crews were saved?", "It happened in April 2024.", False),
        ("How many crews were saved?", "The search took 3 days.", False),
        ("How many days did the search take?", "The search took 3 days.", True),
        ("How many days did the search take?", "The search took a week.", True),
        ("How many crews were saved?", "Hundreds were saved.", True),
        ("How many crews were saved?", "Nobody was saved.", True),
        ("How many tons of fish were lost?", "9 million tonnes were lost.", True),
        ("How much influence has the office?", "The office has little say.", True),
        ("When was it renewed?", "It was renewed when the mayor came.", True),
        ("When did it end?", "It ended at night.", True),
        ("When can it be renewed?", "It needs a vote.", True),
        ("When was the port founded?", "It was founded in 753 BC.", True),
        ("How many kilometres is it?", "It is 40 kilometres.", True),
        ("How many crews were saved?", "It is 40 kilometres off.", False),
        ("How much did it cost?", "It cost $40 million.", True),
        ("How much of it is lost?", "About 40 percent is lost.", True),
        ("When was the 1961 treaty renewed?", "The treaty of 1961 was renewed.", False),
        ("When was the 1961 treaty renewed?", "It was renewed in 1981.", True),
        ("When was it renewed?", "It was renewed last week.", True),
        ("On which day did it end?", "It ended well.", False),
        ("Why did it end?", "It ended well.", True),
        ("What number of crews was saved?", "It ended well.", False),
    ],
)
def test_what_lacks_the_kind_asked_for_does_not_answer(question, text, brings):
    assert brings_asked_kind(analyse(question), [text]) is brings


def test_a_count_that_no_sentence_gives_is_declined():
    bot = small_chatbot(Document("d", "The crews were saved near Brest."), abstain_below=0.0)
    assert bot.ask("How many crews were saved near Brest?").abstained
    assert not bot.ask("Were the crews saved near Brest?").abstained
