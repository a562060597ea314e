"""The shipped cross-encoder: what it says of sentences, and of claims."""

import pytest

from rag.cross_encoder import open_cross_encoder

HOW_MANY = "How many ships wait outside the harbour?"
ANSWERS = "Forty ships wait outside the breakwater."
HARBOUR = (
    "Dredging of the northern harbour began on Monday.",
    ANSWERS,
    "Captain Oduya calls the delay a scandal.",
)


@pytest.fixture(scope="module")
def encoder():
    return open_cross_encoder(threads=2)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (HOW_MANY, {"forty"}),
        ("When did dredging begin?", {"monday"}),
        ("Who complains of the delay?", {"oduya"}),  # a name of several word pieces
    ],
)
def test_what_answers_is_the_most_relevant_and_its_words_are_found_whole(encoder, question, words):
    (said,) = encoder.read(question, [HARBOUR])
    best = max(said, key=lambda reading: reading.relevance)
    assert best.relevance > 0
    assert words <= set(best.words.split())
    assert len(best.words.split()) <= 3


def test_where_nothing_answers_no_sentence_is_relevant_and_no_word_likely(encoder):
    (answered,) = encoder.read(HOW_MANY, [HARBOUR])
    (unanswered,) = encoder.read("Which minister closed the museum?", [HARBOUR])
    assert max(reading.relevance for reading in unanswered) < 0
    assert unanswered[0].wordless > answered[0].wordless


def test_passages_read_together_are_read_as_each_alone(encoder):
    passages = [HARBOUR, HARBOUR[1:], (ANSWERS,), ()]
    together = encoder.read(HOW_MANY, passages)
    assert [len(said) for said in together] == [3, 2, 1, 0]
    for passage, said in zip(passages, together, strict=True):
        (alone,) = encoder.read(HOW_MANY, [passage])
        assert [r.words for r in alone] == [r.words for r in said]
        assert [r.relevance for r in alone] == pytest.approx([r.relevance for r in said])


def test_sentences_that_do_not_fit_count_as_the_least_relevant_that_does(encoder):
    (said,) = encoder.read(HOW_MANY, [(*HARBOUR * 12, ANSWERS)])
    assert len(said) == 37
    assert said[-1].relevance == min(reading.relevance for reading in said)


@pytest.mark.parametrize("sentence", ["", "   ", "—", "\ud800 lone surrogate"])
def test_a_sentence_without_words_is_read_like_any_other(encoder, sentence):
    (said,) = encoder.read(HOW_MANY, [(sentence, ANSWERS)])
    assert said[1].relevance > said[0].relevance


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("Forty ships are waiting outside the breakwater.", 0),
        ("No ships wait outside the breakwater.", 1),
        ("The museum in Ostend was closed in May.", 2),
    ],
)
def test_a_claim_is_supported_contradicted_or_left_open(encoder, claim, verdict):
    chances = encoder.judge(claim, HARBOUR)
    assert sum(chances) == pytest.approx(1)
    assert chances.index(max(chances)) == verdict
