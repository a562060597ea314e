import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import InputError
from rag.quotes import MAX_QUOTE_WORDS, find_quote
from rag.types import Document

HARBOUR = Document(
    "harbour",
    "The mayor spoke on Tuesday.\n\n"
    "“The old harbour will never be sold to a foreign company – not in my time,” said Ada Quill, "
    "the mayor of the town. “We have sailed from here for ages.”\n\n"
    "The council of 12 members meets again in spring, and the museum’s roof still leaks badly.",
)
MARKET = Document(
    "market",
    "Fishermen doubt the plan. Ada Quill said the old harbour will never be sold to a foreign "
    "company, but the council has not voted.",
)
CORPUS = (HARBOUR, MARKET)


def test_a_quotation_is_found_with_its_place_speaker_and_context():
    (found,) = find_quote("We have sailed from here for ages", CORPUS)
    assert (found.document, found.status, found.differences) == ("harbour", "exact", ())
    assert HARBOUR.text[found.start : found.end] == found.quote
    assert found.speaker == "Ada Quill"
    assert found.context == "“We have sailed from here for ages.”"


def test_the_same_statement_is_found_in_every_document():
    found = find_quote("the old harbour will never be sold to a foreign company", CORPUS)
    assert [match.document for match in found] == ["harbour", "market"]
    assert {match.status for match in found} == {"exact"}
    assert {match.speaker for match in found} == {"Ada Quill"}


def test_a_quotation_in_a_sentence_with_two_speakers_has_none():
    text = "“It will be sold,” said Ada Quill, while Ben Ross said: “It will never be sold.”"
    (found,) = find_quote("It will never be sold", [Document("pier", text)])
    assert found.speaker is None


@pytest.mark.parametrize(
    "quote",
    [
        '"The old harbour will never be sold to a foreign company - not in my time"',
        "the old harbour will never be sold to a foreign company — not in my time...",
        "  The old harbour\n will never be sold to a foreign company -- not in my time ",
        "the museum's roof still leaks",
    ],
)
def test_typography_is_forgiven(quote):
    assert find_quote(quote.replace("--", "—"), CORPUS)[0].status == "exact"


@pytest.mark.parametrize(
    ("quote", "asked", "found"),
    [
        ("the old harbour will never be sold to a local company", "local", "foreign"),
        ("The Council of 12 members meets again in spring", "Council", "council"),
        ("the council of 13 members meets again in spring", "13", "12"),
        ("the council of 12 members meets again in spring and the", "", ","),
    ],
)
def test_a_changed_word_makes_the_match_altered(quote, asked, found):
    match = find_quote(quote, (HARBOUR,))[0]
    assert match.status == "altered"
    assert [(d.asked, d.found) for d in match.differences] == [(asked, found)]


def test_a_dropped_not_shows_as_a_difference():
    match = find_quote("the old harbour will be sold to a foreign company", (MARKET,))[0]
    assert [(d.op, d.found) for d in match.differences] == [("insert", "never")]


def test_exact_matches_come_before_altered_ones():
    quote = "the old harbour will never be sold to a foreign company, but the council"
    assert [m.status for m in find_quote(quote, CORPUS)] == ["exact", "altered"]


@pytest.mark.parametrize("quote", ["", " … ", "“”", "Nobody has ever spoken about trains here"])
def test_what_no_document_holds_is_not_found(quote):
    assert find_quote(quote, CORPUS) == ()


def test_a_quotation_that_is_too_long_is_refused():
    with pytest.raises(InputError, match=str(MAX_QUOTE_WORDS)):
        find_quote("word " * (MAX_QUOTE_WORDS + 1), CORPUS)


WORDS = st.lists(
    st.sampled_from("amber boat candle delta ember fjord gravel hollow iron jetty kelp".split()),
    min_size=12,
    max_size=60,
)
INSIDE = [" ", " ", " ", ", ", " – ", " “", "” "]
STOPS = [*INSIDE, ". ", "\n\n"]


@st.composite
def texts(draw, stops):
    words = draw(WORDS)
    return "".join(
        f"{word}{i}{draw(st.sampled_from(stops))}" for i, word in enumerate(words)
    ).strip()


@given(texts(STOPS), st.data())
def test_any_slice_of_words_is_found_exact_at_its_place(text, data):
    words = list(re.finditer(r"\w+", text))
    first = data.draw(st.integers(0, len(words) - 5))
    last = data.draw(st.integers(first + 5, len(words)))
    start, end = words[first].start(), words[last - 1].end()
    (found,) = find_quote(text[start:end], (Document("a", "Nothing here."), Document("b", text)))
    assert (found.document, found.start, found.end) == ("b", start, end)
    assert (found.status, found.quote) == ("exact", text[start:end])


@given(texts(INSIDE), st.data())
def test_one_changed_word_is_altered_and_named(text, data):
    words = re.findall(r"\w+", text)
    place = data.draw(st.integers(2, 6))
    asked = words[2:8]
    old, asked[place - 2] = asked[place - 2], "zebra"
    found = find_quote(" ".join(asked), (Document("a", text),))
    assert found[0].status == "altered"
    assert any(d.asked == "zebra" and old in d.found.split() for d in found[0].differences)


@given(texts(STOPS), WORDS)
def test_words_from_elsewhere_are_not_found(text, words):
    assert find_quote(" ".join(f"{word}x" for word in words), (Document("a", text),)) == ()


@given(st.text(), st.text())
def test_any_match_is_a_slice_of_its_document(quote, text):
    for match in find_quote(quote, (Document("a", text),)):
        assert text[match.start : match.end] == match.quote


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["a ", "harbour ", "a. ", "“", "İ ", "a-"]), st.integers(1, 500))
def test_repetitive_text_is_searched_in_linear_time(unit, size):
    started = time.perf_counter()
    find_quote(unit * size + "end", (Document("a", unit * 20_000),))
    assert time.perf_counter() - started < 10  # seconds
