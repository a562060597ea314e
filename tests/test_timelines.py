from dataclasses import replace

import numpy as np
import pytest
from invented import Shelf, WholeDocuments

from rag.candidates import view
from rag.chatbot import Chatbot
from rag.questions import analyse
from rag.reading import Reader, Scored
from rag.testing import HashEmbedder
from rag.timelines import matter_of, timeline_asked, timeline_of
from rag.types import Document, SentenceReading

EVENTS = analyse("Give me a timeline of events.")


def scored(*documents):
    """Give each sentence a vector of its own."""
    candidates = [
        seen.candidate(index)
        for seen in map(view, documents)
        for index in range(len(seen.sentences))
    ]
    vectors = np.eye(len(candidates), dtype=np.float32)
    return [Scored(c, (), 0.0, vector) for c, vector in zip(candidates, vectors, strict=True)]


def shown(question, *documents):
    return [s.lead.candidate.text for s in timeline_of(question, scored(*documents))]


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("Give me a timeline of events.", set()),
        ("Show the key dates in chronological order.", set()),
        ("timeline of the ferry", {"ferri"}),
        ("What was the sequence of events at the bridge?", {"bridg"}),
    ],
)
def test_timelines_are_asked_of_all_or_of_a_matter(question, matter):
    asked = analyse(question)
    assert timeline_asked(asked)
    assert asked.shape == "summary"
    assert matter_of(asked) == matter


@pytest.mark.parametrize("question", ["When was the bridge closed?", "Who ordered the sequence?"])
def test_other_questions_are_none(question):
    assert not timeline_asked(analyse(question))


def test_sentences_come_in_the_order_of_their_dates():
    one = Document("one", "The ferry sank on May 3, 2021. It was built in 1962. Crews mourned.")
    two = Document("two", "The bridge opened in April 2021.")
    assert shown(EVENTS, one, two) == [
        "It was built in 1962.",
        "The bridge opened in April 2021.",
        "The ferry sank on May 3, 2021.",
    ]


def test_a_day_without_a_year_is_of_the_year_of_its_article():
    january = "2022-01-10"
    late = Document(
        "late", "The quay flooded on Dec. 28. The pumps failed on Jan. 4.", date=january
    )
    early = Document("early", "The dam was built in 2021. The gates broke on March 2.")
    newer = Document("newer", "The mayor spoke on January 3, 2022.")
    assert shown(EVENTS, late, early, newer) == [
        "The dam was built in 2021.",
        "The gates broke on March 2.",
        "The quay flooded on Dec. 28.",
        "The mayor spoke on January 3, 2022.",
        "The pumps failed on Jan. 4.",
    ]


def test_a_day_of_no_known_year_and_a_weekday_are_left_out():
    document = Document("d", "The gates broke on March 2. The mayor spoke on Monday.")
    assert shown(EVENTS, document) == []


def test_a_matter_keeps_what_is_about_it():
    text = "The ferry sank on May 3, 2021. The council met on June 1, 2021. The mayor spoke."
    assert shown(analyse("timeline of the ferry"), Document("d", text)) == [
        "The ferry sank on May 3, 2021.",
        "The council met on June 1, 2021.",  # the sentence before it explains it
    ]
    assert shown(analyse("timeline of the tunnel"), Document("d", text)) == []


def test_of_many_the_fullest_dates_are_shown_and_repeats_once():
    years = " ".join(f"Storm number {n} came in {1900 + n}." for n in range(15))
    days = " ".join(f"The dam broke again on May {n}, 1999." for n in range(1, 13))
    texts = shown(EVENTS, Document("d", f"{years} {days}"))
    assert len(texts) == 12
    assert all("1999" in text for text in texts)
    twice = scored(Document("a", "The dam broke in 1999."), Document("b", "The dam broke in 1999."))
    alike = [Scored(s.candidate, (), 0.0, twice[0].vector) for s in twice]
    assert len(timeline_of(EVENTS, alike)) == 1


HISTORY = Document(
    "history",
    "The ferry sank on May 3, 2021. Divers came in May 2021. The pier burnt on May 3, 1962. "
    "The court met in 2022, and the mayor of Ostend fell on June 7, 2022.",
    date="2023-01-01",
)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What happened in May 2021?", ["Divers came", "The ferry sank"]),
        ("What happened on May 3?", ["The pier burnt", "The ferry sank"]),
        ("What else happened in 1962?", ["The pier burnt"]),
        ("What took place on 7 June 2022 in Ostend?", ["The court met"]),
        ("What happened on 8 June 2022?", []),
        ("What happened in Bruges in 2022?", []),
    ],
)
def test_what_happened_then_is_told_by_sentences_of_that_date(question, told):
    asked = analyse(question)
    assert timeline_asked(asked)
    texts = shown(asked, HISTORY)
    assert len(texts) == len(told)
    assert all(text.startswith(start) for text, start in zip(texts, told, strict=True))


@pytest.mark.parametrize(
    "question",
    [
        "What happened after May 3, 2021?",
        "What happened between 1962 and 2021?",
        "What happened to the ferry?",
        "What was signed in May 2021?",
    ],
)
def test_what_happened_otherwise_is_no_timeline(question):
    assert not timeline_asked(analyse(question))


def test_what_happened_then_may_be_told_without_its_date():
    class Sunk:
        """Finds what tells of a sinking."""

        def read(self, question, passages):
            return [
                [SentenceReading(8.0 if "sank" in text else -8.0) for text in p] for p in passages
            ]

    shelf = Shelf([Document("d", "A barge sank in Bruges last week.", date="2022-05-01"), HISTORY])
    reader = Reader(HashEmbedder(dimensions=512), passages=Sunk())
    answer = Chatbot(shelf, WholeDocuments(shelf), reader, abstain_below=0.6).ask(
        "What happened in Bruges in 2022?"
    )
    assert [citation.quote for citation in answer.citations] == [
        "A barge sank in Bruges last week."
    ]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "Timeline from April to June 2021",
            ["The bridge opened in April 2021.", "It sank on May 3, 2021."],
        ),
        ("Timeline between April 20 and May 3, 2021", ["It sank on May 3, 2021."]),
        (
            "Timeline, spring to May 2021",
            ["The bridge opened in April 2021.", "It sank on May 3, 2021."],
        ),
        ("Timeline of 2022", ["The mayor spoke on January 3, 2022."]),
        (
            "Timeline",
            [
                "It was built in 1962.",
                "The bridge opened in April 2021.",
                "It sank on May 3, 2021.",
            ],
        ),
    ],
)
def test_a_timeline_keeps_to_the_days_that_are_asked_for(question, told):
    one = Document("one", "It was built in 1962. It sank on May 3, 2021.")
    two = Document("two", "The bridge opened in April 2021. The mayor spoke on January 3, 2022.")
    assert shown(analyse(question), one, two)[: len(told)] == told
    assert len(shown(analyse(question), one, two)) == len(told) or question == "Timeline"


def test_a_timeline_is_as_long_as_it_is_wanted_and_keeps_the_fullest_dates():
    one = Document("one", "It was built in 1962. It sank on May 3, 2021. It rose in June 2021.")
    asked = replace(analyse("Timeline"), most=2)
    assert shown(asked, one) == ["It sank on May 3, 2021.", "It rose in June 2021."]


def test_a_day_to_come_is_of_the_year_in_which_it_is_near():
    spring = Document(
        "d",
        "The ban ends on 30 June. Snow fell on 20 December. It began on 3 March.",
        date="2025-03-11",
    )
    assert shown(EVENTS, spring) == [
        "Snow fell on 20 December.",
        "It began on 3 March.",
        "The ban ends on 30 June.",
    ]


def test_of_too_many_each_day_is_told_once_before_one_is_told_twice():
    first, second, other = (
        "The hull cracked on May 3, 2021.",
        "Crews fled on May 3, 2021.",
        "Tugs came on May 4, 2021.",
    )
    document = Document("one", f"{first} {second} {other}")
    assert shown(replace(analyse("Timeline"), most=2), document) == [first, other]


@pytest.mark.parametrize(("likeness", "told"), [(0.7, 1), (0.3, 2)])
def test_of_two_sentences_in_mostly_the_same_words_one_is_shown(likeness, told):
    document = Document(
        "one",
        "The ferry Ada sank on May 3, 2021. The ferry Ada sank off Morrin on May 3, 2021, at noon.",
    )
    one, other = scored(document)
    near = np.array([likeness, (1 - likeness**2) ** 0.5], dtype=np.float32)
    assert len(timeline_of(EVENTS, [one, replace(other, vector=near)])) == told
