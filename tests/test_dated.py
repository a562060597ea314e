"""Where a date is asked for, what has its day from a sentence before it answers with that one."""

import pytest
from invented import Shelf, WholeDocuments, candidate

from rag.chatbot import Chatbot
from rag.dating import day_before
from rag.features import day_opening
from rag.premises import premises_of
from rag.questions import analyse
from rag.reading import Reader
from rag.relevance import held_against, times_unsaid
from rag.testing import HashEmbedder
from rag.types import Document, Heading, SentenceReading

VISIT = "The minister came to Norville on June 18. It was her first visit in years."
SIGNED = "She and the mayor used it to sign the harbour accord."
SOON = f"{VISIT} {SIGNED}"


def carried(text, sentence=SIGNED, headings=()):
    document = Document("d", text, headings=headings)
    return day_before(document, sentence, text.index(sentence))


@pytest.mark.parametrize(
    ("before", "day"),
    [
        (VISIT, "June 18"),
        ("They met in September 2023.", "September 2023"),
        ("They met on Thursday.", "Thursday"),
        ("They met on May 2. She left on May 3.", "May 3"),
        ("They met in 1961.", None),
        ("They met at last.", None),
        ("They met on May 2. She sat. He stood. They talked.", None),
    ],
)
@pytest.mark.parametrize("between", [" ", "\n\n"])
def test_a_day_is_carried_on_to_what_follows_soon(before, day, between):
    found = carried(f"{before}{between}{SIGNED}")
    assert (found and found.text) == day


def test_its_offsets_are_the_document_s():
    day = carried(SOON)
    assert SOON[day.start : day.end] == "June 18"


def test_no_day_is_carried_on_to_a_date_or_over_a_heading_or_a_long_sentence():
    dated = "She signed the accord in 1961."
    assert carried(f"{VISIT} {dated}", dated) is None
    start = SOON.index("It was")
    assert carried(SOON, headings=(Heading(start, start + 6, 2),)) is None
    assert carried(f"On June 18 {'it rained and ' * 30}hailed. {SIGNED}") is None


@pytest.mark.parametrize(
    ("told", "opening"),
    [
        ("on June 18", "On June 18, "),
        ("in June", "In June, "),
        ("on Monday", "On Monday, "),
    ],
)
def test_only_asked_for_a_date_a_sentence_is_read_with_its_day(told, opening):
    signed = candidate(Document("d", f"She came {told}. {SIGNED}"), SIGNED)
    assert day_opening(analyse("When was the accord signed?"), signed) == opening
    assert day_opening(analyse("Who signed the accord?"), signed) == ""


@pytest.mark.parametrize(
    ("question", "carried"),
    [
        ("When was the harbour accord signed?", True),
        ("When did the mayor sign it?", True),
        ("When did Norville's mayor resign from the board?", False),
        ("When did Norville vote?", False),
        ("When?", False),
    ],
)
def test_a_sentence_that_says_little_of_what_is_asked_is_not_dated_by_another(question, carried):
    signed = candidate(Document("d", SOON), SIGNED)
    assert bool(day_opening(analyse(question), signed)) == carried


def test_what_is_said_with_the_day_is_dated_there():
    text = "Gulls cried. They signed the accord on June 18. They signed the accord in Norville."
    again = candidate(Document("d", text), "They signed the accord in Norville.")
    assert day_opening(analyse("When was the accord signed?"), again) == ""
    assert day_opening(analyse("When was the accord signed in a town like Norville?"), again) == ""


@pytest.mark.parametrize(
    ("told", "published", "asked", "given"),
    [
        ("on June 18", "2024-07-02", "What was signed in June 2024?", ("2024", "June 18")),
        (
            "on June 18, 2019",
            "2024-07-02",
            "What was signed in June 2019?",
            ("2019", "June 18, 2019"),
        ),
        ("on June 18", "2024-07-02", "What was signed on June 18?", ("2024", "June 18")),
        ("on June 18", "2024-07-02", "What was signed on June 19?", ()),
        ("on June 18", "2024-07-02", "What was signed in June 2023?", ()),
        ("on June 18", "2024-07-02", "What was signed in July 2024?", ("2024",)),
        ("on June 18", None, "What was signed in June 2024?", ()),
        ("on Monday", "2024-07-02", "What was signed in June 2024?", ("2024",)),
    ],
)
def test_the_day_asked_about_goes_without_saying_behind_what_tells_it(
    told, published, asked, given
):
    text = f"The minister came to Norville {told}. It was her first visit in years. {SIGNED}"
    signed = candidate(Document("d", text, date=published), SIGNED)
    assert times_unsaid(signed, asked) == given


@pytest.mark.parametrize(
    ("question", "against"),
    [
        ("What was signed in June 2024?", False),
        ("What was signed on June 18, 2024?", False),
        ("What was signed on June 20, 2024?", True),
        ("What was signed in June 2023?", True),
    ],
)
def test_a_sentence_without_a_date_is_not_held_to_one_that_fits_its_day(question, against):
    signed = candidate(Document("d", SOON, date="2024-07-02"), SIGNED)
    read = SentenceReading(2.0)
    held = held_against(premises_of(question, ()), signed, read, question)
    assert (held.relevance < read.relevance) == against


class ReadsDays:
    """Stands in for the cross-encoder: the accord answers, to "when" beside its month only."""

    def read(self, question, passages):
        needed = "June" if question.startswith("When") else ""
        return [
            [SentenceReading(6.0 if "accord" in t and needed in t else -6.0) for t in p]
            for p in passages
        ]


def asked(question, text, published=None):
    shelf = Shelf([Document("d", text, date=published)])
    reader = Reader(HashEmbedder(dimensions=512), passages=ReadsDays())
    return Chatbot(shelf, WholeDocuments(shelf), reader).ask(question)


@pytest.mark.parametrize("between", [" ", "\n\n"])
def test_what_tells_the_day_and_what_stands_between_come_before_the_answer(between):
    text = f"Gulls cried. {VISIT}{between}{SIGNED} The accord covers dredging."
    answer = asked("When was the harbour accord signed?", text)
    came, first = VISIT.split(". ")
    assert [claim.text for claim in answer.claims[:3]] == [f"{came}.", first, SIGNED]


def test_asked_for_anything_else_nothing_comes_along():
    answer = asked(
        "Who signed the harbour accord with the mayor?", f"Gulls cried. {VISIT} {SIGNED}"
    )
    assert [claim.text for claim in answer.claims] == [SIGNED]


@pytest.mark.parametrize(("month", "comes"), [("June", True), ("July", False)])
def test_asked_about_a_day_what_tells_it_comes_before_the_answer(month, comes):
    text = f"Gulls cried. {VISIT} {SIGNED}"
    answer = asked(f"What did she sign with the mayor in {month} 2024?", text, "2024-07-02")
    assert (VISIT.split(". ")[0] in answer.text) == comes
