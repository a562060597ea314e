import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import BRIDGE, HARBOUR, plain, small_reader

from rag.phrasing import NOT_ANSWERED
from rag.sentences import split_sentences
from rag.texts import read_text

TEXT = f"{HARBOUR.text}\n\n{BRIDGE.text}"


def read(question, text, **options):
    return read_text(question, text, reader=small_reader(), **options)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("How many ships wait outside the breakwater?", "Forty ships wait outside the breakwater."),
        ("Who found cracks in the pillars?", "Engineers found cracks in its pillars."),
        ("When did the bridge over the strait close?", "The bridge over the strait closed in"),
    ],
)
def test_the_sentence_that_answers_comes_first_and_is_in_the_answer(question, best):
    reading = read(question, TEXT)
    assert not reading.abstained
    assert reading.sentences[0].text.startswith(best)
    assert reading.sentences[0].text in plain(reading.answer)


def test_offsets_count_characters_of_the_text_as_it_was_given():
    text = f" \r\n\t{TEXT.replace(chr(10), chr(13) + chr(10))}\u3000\n 🚢 Ships sail.  "
    reading = read("How many ships wait?", text)
    assert all(text[s.start : s.end] == s.text for s in reading.sentences)
    assert any(s.text == "🚢 Ships sail." for s in reading.sentences)


@pytest.mark.parametrize(
    "question", ["Which opera opened the festival in Salzburg?", "zzz qqq xxx", "Who is Beethoven?"]
)
def test_a_question_about_something_else_is_not_answered(question):
    reading = read(question, TEXT)
    assert reading.abstained
    assert reading.answer == NOT_ANSWERED
    assert reading.sentences, "what comes nearest can still be looked at"


@pytest.mark.parametrize("text", ["", " \n\t", "—\n\n* * *"])
def test_a_text_without_a_sentence_answers_nothing(text):
    reading = read("How many ships wait?", text)
    assert (reading.sentences, reading.abstained, reading.answerable_score) == ((), True, 0.0)
    assert reading.answer == NOT_ANSWERED


def test_a_text_without_a_sentence_answers_nothing_at_threshold_zero_either():
    assert read("How many ships wait?", "", abstain_below=0.0).abstained


def test_the_threshold_decides_and_the_score_does_not_move():
    question = "How many ships wait outside the breakwater?"
    never, always = (read(question, TEXT, abstain_below=limit) for limit in (1.1, 0.0))
    assert (never.abstained, always.abstained) == (True, False)
    assert never.answerable_score == always.answerable_score
    assert never.sentences == always.sentences


def test_the_answerable_text_scores_above_the_unrelated_one():
    question = "Who found cracks in the pillars?"
    answering, other = (read(question, text) for text in (BRIDGE.text, "A ferry serves the island"))
    assert answering.answerable_score > other.answerable_score


def test_a_hostile_text_is_quoted_not_obeyed():
    text = "# Cranes *lift* [1] <b>crates</b> daily."
    reading = read("What do cranes lift daily?", text, abstain_below=0.0)
    assert reading.answer == text


@settings(deadline=None, max_examples=80)
@given(
    st.one_of(st.text(max_size=40), st.just("How many ships wait?")),
    st.one_of(
        st.text(max_size=120),
        st.lists(st.sampled_from(TEXT.split()), max_size=40).map(" ".join),
    ),
)
def test_any_reading_has_each_sentence_once_best_first(question, text):
    reading = read(question, text)
    spans = sorted((s.start, s.end) for s in reading.sentences)
    assert spans == [(s.start, s.end) for s in split_sentences(text)]
    assert all(text[s.start : s.end] == s.text for s in reading.sentences)
    assert all(a.score >= b.score for a, b in itertools.pairwise(reading.sentences))
    assert 0 <= reading.answerable_score <= 1
    assert reading.abstained == (reading.answer == NOT_ANSWERED)
