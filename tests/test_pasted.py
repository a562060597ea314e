"""What a pasted text is taken apart into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.pasted import pieces

QUOTED = "We had no choice but to wait"


def shapes(text):
    return [(piece.text, piece.quoted) for piece in pieces(text)]


@pytest.mark.parametrize("marks", ['"{}"', "“{}”", "«{}»", "‘{}’", "'{},'"])
def test_text_in_quotation_marks_is_a_quotation_without_them(marks):
    (piece,) = pieces(marks.format(QUOTED))
    assert (piece.text.rstrip(","), piece.quoted) == (QUOTED, True)


def test_line_without_marks_is_one_statement_of_several_sentences():
    line = "The ferry sails at noon. It carries forty cars."
    assert shapes(line) == [(line, False)]


def test_lines_are_checked_one_by_one():
    assert shapes("The ferry sails at noon.\nThe bridge is closed") == [
        ("The ferry sails at noon.", False),
        ("The bridge is closed", False),
    ]


def test_paragraph_gives_its_quotations_and_the_statements_between_them_in_order():
    text = f"The bridge closed in March. “{QUOTED},” the mayor said. The ferry sails at noon."
    assert shapes(text) == [
        ("The bridge closed in March.", False),
        (f"{QUOTED},", True),
        ("The ferry sails at noon.", False),
    ]


def test_quotation_knows_the_sentence_that_names_its_speaker():
    *_, last = pieces(f'The bridge closed. "{QUOTED}. The ice was thick," Rutte said.')
    assert last.around == f'"{QUOTED}. The ice was thick," Rutte said.'


@pytest.mark.parametrize("end", [".", "!", "?"])
def test_speaker_behind_a_quotation_with_a_stop_of_its_own_is_no_statement(end):
    (piece,) = pieces(f"“{QUOTED}{end}” Mark Rutte said on Monday.")
    assert piece.quoted
    assert piece.around.endswith("Mark Rutte said on Monday.")
    assert len(pieces(f"“{QUOTED}{end}” The ferry sails at noon.")) == 2


def test_a_few_quoted_words_are_looked_up_and_their_sentence_is_judged_besides():
    sentence = 'The mayor called the closing of the bridge a "grave mistake" on Monday.'
    assert shapes(sentence) == [("grave mistake", True), (sentence, False)]


@pytest.mark.parametrize(
    "wrapped",
    [
        "The bridge over the strait closed in\nmarch and opens in May.",
        "“We had no choice but to close the\nHarbour Bridge,” the mayor said.",
    ],
)
def test_line_break_within_a_sentence_or_a_quotation_ends_neither(wrapped):
    (piece,) = pieces(wrapped)
    assert "\n" not in piece.text
    assert len(piece.text.split()) > 8


def test_quotation_of_two_paragraphs_is_looked_up_in_both():
    text = "“We had no choice but to wait.\n“The ice was thick as never before,” the mayor said."
    assert [quoted for _, quoted in shapes(text)] == [True, True]


@pytest.mark.parametrize("text", ["", " \n ", "?!", '""', "“ ”\n—"])
def test_text_without_a_word_holds_nothing(text):
    assert pieces(text) == ()


@given(st.text(alphabet='ab C."“”‘’\n,?', max_size=80))
def test_every_piece_is_in_the_text_and_holds_a_word(text):
    joined = " ".join(text.split())
    for piece in pieces(text):
        assert " ".join(piece.text.split()) in joined
        assert any(map(str.isalnum, piece.text))
