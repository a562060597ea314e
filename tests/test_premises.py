"""What a question takes for granted, held against the sentence that is to answer."""

import pytest

from rag.features import Candidate
from rag.premises import premises_of
from rag.questions import analyse
from rag.reading import Reader
from rag.terms import terms
from rag.testing import HashEmbedder
from rag.types import Document, SentenceReading

OTHERS = ("Gulls cried.", "Rain fell on the quay.", "The market was shut.", "Nobody came.")


def against(question, sentence, near="", others=OTHERS):
    held = [set(terms(text)) for text in (sentence, *others)]
    return premises_of(question, held).against(sentence, f"{near} {sentence}")


@pytest.mark.parametrize(
    ("question", "fits", "differs"),
    [
        (
            "When did Norville open its harbour?",
            "Norville opened its harbour in May.",
            "Eastmoor opened its harbour in May.",
        ),
        (
            "What did the council decide in 2017?",
            "In 2017 the council decided on a tunnel.",
            "In 2019 the council decided on a tunnel.",
        ),
        (
            "How many crews took part in the 8,000 mile race?",
            "Forty crews took part in the 8000 mile race.",
            "Forty crews took part in the 300 mile race.",
        ),
        (
            "What does the second rule of the club forbid?",
            "The second rule of the club forbids whistling.",
            "The first rule of the club forbids whistling.",
        ),
        (
            "Which ship had the largest crew of the fleet?",
            "The Petrel had the largest crew of the fleet.",
            "The Petrel had the smallest crew of the fleet.",
        ),
        (
            "Which crews did not leave the port that night?",
            "Two crews never left the port that night.",
            "Two crews left the port that night.",
        ),
        (
            "What did the AHC vote on in spring?",
            "The Allied Harbour Council voted on dues in spring.",
            "The Northern Bridge Union voted on dues in spring.",
        ),
    ],
)
def test_only_what_differs_speaks_against_a_sentence(question, fits, differs):
    assert against(question, fits) == 0
    assert against(question, differs) > 1


def test_a_name_near_the_sentence_is_enough():
    question = "When did Norville open its harbour?"
    assert against(question, "It opened its harbour in May.", near="Norville grew fast.") == 0


def test_a_part_of_a_name_or_a_slip_in_it_is_enough():
    assert against("What did Ada Stone say of the tunnel?", "Stone called the tunnel safe.") == 0
    assert against("What did Eastmoar build in spring?", "Eastmoor built a tunnel in spring.") == 0


def test_a_name_that_most_sentences_hold_is_the_topic():
    others = ("Norville is small.", "Norville has a quay.", "Norville likes fish.")
    assert against("When did Norville open its harbour?", "The harbour opened.", others=others) == 0


def test_a_name_that_tells_the_kind_asked_for_may_be_missing():
    assert against("Which Norville ship sank?", "The Petrel sank off the cape.") == 0


def test_what_a_follow_up_was_searched_with_is_no_premise():
    assert against("What did she say? (Norville harbour 2017)", "She said that it opened.") == 0


def test_an_opposite_counts_only_between_sentences_that_are_alike():
    question = "Which ship had the largest crew of the fleet?"
    assert against(question, "Small boats came too, the smallest of all in the rain.") == 0


class Trusting:
    """A cross-encoder that takes every sentence for an answer."""

    def read(self, question, passages):
        return [[SentenceReading(4.0)] * len(passage) for passage in passages]


def test_the_reader_prefers_the_sentence_that_states_the_same():
    text = "Eastmoor opened its harbour in May. Rain fell. Norville opened its harbour in June."
    document = Document("ports", text)
    ends = (35, 46, len(text))
    spans = zip((0, 36, 47), ends, strict=True)
    candidates = [Candidate(document, start, end) for start, end in spans]
    reader = Reader(HashEmbedder(dimensions=64), passages=Trusting())
    scored = reader.score(
        analyse("When did Norville open its harbour?"),
        candidates,
        weigh=lambda wanted: dict.fromkeys(wanted, 1.0),
    )
    by_text = {item.candidate.text: item.relevance for item in scored}
    assert by_text[text[47:]] == 4.0
    assert by_text[text[:35]] < 3.0


def test_the_reader_takes_no_question_for_an_answer():
    text = "When did Norville open its harbour? Norville opened its harbour in June."
    document = Document("ports", text)
    reader = Reader(HashEmbedder(dimensions=64), passages=Trusting())
    scored = reader.score(
        analyse("When did Norville open its harbour?"),
        [Candidate(document, 0, 35), Candidate(document, 36, len(text))],
        weigh=lambda wanted: dict.fromkeys(wanted, 1.0),
    )
    by_start = {item.candidate.start: item.relevance for item in scored}
    assert by_start[36] == 4.0
    assert by_start[0] == 1.0


@pytest.mark.parametrize(
    ("sentence", "near", "fits"),
    [
        ("The ferry sank on June 18.", "", True),  # news seldom writes the year
        ("The ferry sank on June 18, 2031.", "", True),
        ("The ferry sank on June 18, 2030.", "", False),
        ("In April 2031 the ferry sank.", "", False),
        ("In July the ferry was raised.", "The ferry sank on June 18.", True),
        ("The ferry sank off the cape.", "2031", True),  # the article's own year
        ("The ferry sank off the cape.", "", False),
    ],
)
def test_a_date_fits_where_nothing_in_it_differs(sentence, near, fits):
    held = against("On which day in June 2031 did the ferry sink?", sentence, near=near)
    assert (held == 0) == fits


@pytest.mark.parametrize(("year", "fits"), [(2031, True), (2012, False), (None, True)])
def test_a_date_without_a_year_is_of_the_year_that_is_known(year, fits):
    premises = premises_of("On which day in June 2031 did the ferry sink?", [])
    told = "The ferry sank on June 18."
    assert (premises.against(told, told, year=lambda date: year) == 0) == fits
