"""Quotations with words left out: found in order in one document, with what was left out named."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.elisions import MAX_PIECES
from rag.errors import InputError
from rag.quotes import difference_line, find_quote
from rag.types import Document

FLEET = Document(
    "fleet",
    "The admiral spoke on Monday.\n\n"
    "“We will never sell our boats,” said Ada Quill. “They feed the whole town. The old harbour "
    "must be repaired first, and the lighthouse after it.”\n\n"
    "The council met again in spring.",
)
OTHER = Document("other", "Fishermen cheered. The council of the next town must pay for it all.")


def told(quote, *documents):
    matches = find_quote(quote, documents or (FLEET, OTHER))
    return [(m.document, m.status, [difference_line(d) for d in m.differences]) for m in matches]


@pytest.mark.parametrize(
    "gap", ["...", "…", " … ", " [...] ", " […] ", " (…) ", " . . . ", ".... "]
)
def test_what_an_ellipsis_leaves_out_is_named_and_counted(gap):
    quote = f"We will never sell our boats{gap}The old harbour must be repaired first"
    (match,) = find_quote(quote, (FLEET, OTHER))
    assert (match.document, match.status, match.speaker) == ("fleet", "altered", "Ada Quill")
    assert FLEET.text[match.start : match.end] == match.quote
    assert match.quote.startswith("We will never")
    assert match.quote.endswith("repaired first")
    (gap,) = match.differences
    assert (gap.op, gap.asked, gap.elided_words) == ("elide", "…", 8)
    assert gap.found == ", said Ada Quill . They feed the whole town ."


def test_each_of_several_ellipses_is_told():
    quote = "We will never sell … They feed … The old harbour … the lighthouse"
    assert told(quote) == [
        (
            "fleet",
            "altered",
            [
                "your ellipsis leaves out 5 words: “our boats , said Ada Quill .”",
                "your ellipsis leaves out 3 words: “the whole town .”",
                "your ellipsis leaves out 5 words: “must be repaired first , and”",
            ],
        )
    ]


@pytest.mark.parametrize(
    "quote",
    ["… They feed the whole town …", "[...] they feed the whole town […]", "...They feed"],
)
def test_an_ellipsis_at_the_start_or_end_alters_nothing(quote):
    assert told(quote) == [("fleet", "exact", [])]


@pytest.mark.parametrize(
    "quote",
    [
        "The old harbour must be repaired first … We will never sell our boats",
        "We will never sell our boats … must pay for it all",
        "We will never sell our boats … unless somebody asks … The old harbour must be repaired",
        "The old harbour must be repaired first … harbour must be repaired first",
    ],
    ids=["out of order", "two documents", "a piece that nobody said", "one place twice"],
)
def test_pieces_that_nobody_said_in_that_order_are_no_quote(quote):
    assert told(quote) == []


def test_pieces_far_apart_are_no_quote():
    between = "The rain went on and on. " * 25
    text = f"We will never sell our boats. {between}The old harbour must be repaired."
    quote = "We will never sell our boats … The old harbour must be repaired"
    assert told(quote, Document("far", text)) == []


def test_fewer_words_may_leave_out_less():
    text = f"Never here. {'Rain fell all day. ' * 6}Not again."
    assert told("Never … again", Document("short", text)) == []
    assert told("Never … again", Document("short", "Never will it rain again.")) != []


def test_pieces_nearest_to_each_other_are_taken():
    text = "Our boats are old. Our boats are new and they sail. They sail at noon."
    (match,) = find_quote("our boats are … they sail", (Document("a", text),))
    assert match.quote == "Our boats are new and they sail"


def test_a_changed_word_in_a_piece_is_told_beside_the_gap():
    ((_, _, differences),) = told("We will always sell our boats … They feed the whole town")
    assert differences == [
        "you have “always”, the document has “never”",
        "your ellipsis leaves out 3 words: “, said Ada Quill .”",
    ]


def test_an_ellipsis_that_the_document_has_too_is_exact():
    text = "“Well … we shall see about the boats,” he said, and then … nothing more came."
    assert told("Well... we shall see", Document("a", text)) == [("a", "exact", [])]
    ((_, _, differences),) = told("Well … we shall … then … nothing more", Document("a", text))
    assert len(differences) == 1


def test_an_ellipsis_that_leaves_out_nothing_is_said():
    ((_, status, differences),) = told("They feed … the whole town")
    assert (status, differences) == ("altered", ["your ellipsis leaves out no word"])


@pytest.mark.parametrize(
    "quote", ["We will [never] sell our boats", "[T]he old harbour must be repaired first"]
)
def test_brackets_of_an_editor_are_typography(quote):
    assert told(quote) == [("fleet", "exact", [])]


def test_a_word_put_in_in_brackets_is_told_as_that_word_alone():
    ((_, _, differences),) = told("They [the boats] feed the whole town")
    assert differences == ["you have “the boats”, the document has “”"]


def test_too_many_pieces_are_refused():
    with pytest.raises(InputError, match=f"at most {MAX_PIECES}"):
        find_quote("boat … " * (MAX_PIECES + 1), (FLEET,))


WORDS = "amber boat candle delta ember fjord gravel hollow iron jetty kelp".split()


@given(st.lists(st.sampled_from(WORDS), min_size=20, max_size=60), st.data())
def test_any_words_left_out_are_named(words, data):
    words = [f"{word}{i}" for i, word in enumerate(words)]
    cuts = sorted(
        data.draw(st.lists(st.integers(1, len(words) - 1), min_size=4, max_size=4, unique=True))
    )
    a, b, c, d = cuts
    quote = f"{' '.join(words[a:b])} … {' '.join(words[c:d])}"
    found = find_quote(quote, (Document("a", " ".join(words)),))
    if c - b > 10 * (b - a + d - c):
        assert found == ()
        return
    (match,) = found
    assert match.quote == " ".join(words[a:d])
    assert [(x.found, x.elided_words) for x in match.differences] == [(" ".join(words[b:c]), c - b)]


@given(st.lists(st.sampled_from(["…", "...", "[", "]", "boat ", "sea ", ". "])).map("".join))
def test_any_match_of_an_elided_quotation_is_a_slice(quote):
    document = Document("a", "The boat … left the sea. [The] boat sank. A sea of boats. " * 3)
    for match in find_quote(quote, (document,)):
        assert document.text[match.start : match.end] == match.quote


def test_repetitive_pieces_are_searched_in_linear_time():
    started = time.process_time()
    find_quote("a … " * MAX_PIECES, (Document("a", "a b " * 10_000),))
    find_quote("a … " * (MAX_PIECES - 1) + "end", (Document("a", "a b " * 10_000),))
    assert time.process_time() - started < 10  # seconds
