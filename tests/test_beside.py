"""What is shown beside the best sentence, and in which order."""

import math
from dataclasses import replace

import numpy as np
import pytest
from invented import HARBOUR, candidate

from rag.beside import worth_beside
from rag.choosing import choose
from rag.questions import analyse
from rag.reading import Scored
from rag.types import SentenceReading

DREDGING = candidate(HARBOUR, "Dredging of the northern harbour began on Monday.")
FORTY = candidate(HARBOUR, "Forty ships wait outside the breakwater.")
HOW_MANY = analyse("How many ships wait outside?")


def item(of, score, *, alike=0.0, covers=0.5, relevance=0.0):
    """Make a sentence that scored so, at a cosine of ``alike`` to the best."""
    vector = np.array([alike, math.sqrt(1 - alike**2)])
    reading = None if relevance is None else SentenceReading(relevance)
    return Scored(of, (0.5, covers, *[0.0] * 6), score, vector, reading)


def best(score=5.0, relevance=0.0):
    """Make the best sentence, to which others are as alike as they are made."""
    return replace(item(DREDGING, score, relevance=relevance), vector=np.array([1.0, 0.0]))


def apart(number):
    """Make a candidate that stands in another document each time."""
    return replace(FORTY, document=replace(HARBOUR, id=f"harbour-{number}"))


def second(relevance, *, of=None, score=4.0, **signs):
    """Rate a sentence beside the best, a score unit behind it unless told otherwise."""
    other = item(of or apart(1), score, relevance=relevance, **signs)
    return worth_beside(HOW_MANY, [best(relevance=relevance), other])[1]


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ({"score": 4.5}, {"score": 2.0}),
        ({"alike": 0.7}, {"alike": 0.1}),
        ({"covers": 0.9}, {"covers": 0.1}),
        ({"of": FORTY}, {"of": apart(1)}),
    ],
)
@pytest.mark.parametrize("relevance", [0.0, None])
def test_each_sign_that_a_sentence_answers_too_makes_it_worth_more(more, less, relevance):
    assert second(relevance, **more) > second(relevance, **less)


@pytest.mark.parametrize(
    ("words", "more"),
    [("forty", True), ("breakwater", True), ("sixty", False), ("ships", False), ("", False)],
)
def test_a_sentence_with_the_words_that_answer_in_the_best_one_is_worth_more(words, more):
    """Words that the question has tell nothing."""
    read = replace(best(), reading=SentenceReading(0.0, words=words))
    beside = item(apart(1), 4.0)
    with_words, without = (worth_beside(HOW_MANY, [b, beside])[1] for b in (read, best()))
    assert (with_words > without) is more
    assert with_words >= without


def test_the_surer_the_best_one_is_the_less_another_adds():
    beside = item(apart(1), 4.0)
    rivals = [item(apart(number), 4.0) for number in range(2, 8)]
    assert (
        worth_beside(HOW_MANY, [best(), beside])[1]
        < worth_beside(HOW_MANY, [best(), beside, *rivals])[1]
    )


def test_the_best_is_worth_most_and_what_ranks_far_behind_nothing():
    rated = worth_beside(HOW_MANY, [best(), *(item(apart(n), 4.0) for n in range(40))])
    assert rated[0] == math.inf
    assert rated[1:24] == sorted(rated[1:24], reverse=True)
    assert set(rated[24:]) == {-math.inf}
    assert len(rated) == 41


def test_nothing_is_rated_where_nothing_was_read():
    assert worth_beside(HOW_MANY, []) == []


@pytest.mark.parametrize("relevance", [0.0, None])
def test_a_sure_answer_stands_alone_and_a_doubtful_one_does_not(relevance):
    def shown(behind):
        others = [item(apart(n), 5.0 - behind, alike=0.3, relevance=relevance) for n in range(3)]
        return choose(HOW_MANY, [best(relevance=relevance), *others])

    assert len(shown(4.0)) == 1
    assert len(shown(0.1)) > 1


def test_a_fact_is_told_by_its_best_sentence_first_and_an_account_as_it_runs():
    tunnel = replace(HARBOUR, text=f"{HARBOUR.text}\n\nA third thing is said here, much later on.")
    start = len(HARBOUR.text) + 2
    early = replace(DREDGING, document=tunnel)
    late = replace(DREDGING, document=tunnel, start=start, end=len(tunnel.text))
    read = [replace(best(), candidate=late), item(early, 4.9, alike=0.5)]
    order = [s.lead.candidate.start for s in choose(HOW_MANY, read)]
    assert order == [late.start, early.start]
    told = [s.lead.candidate.start for s in choose(analyse("Explain why ships wait."), read)]
    assert told == sorted(told)


def test_of_one_text_more_is_shown_and_as_it_stands_there():
    early, late = item(DREDGING, 0.3, alike=0.5), replace(best(), candidate=FORTY)
    read = [late, early, *(item(apart(number), -9.0) for number in range(3))]
    assert [s.lead for s in choose(HOW_MANY, read)] == [late]
    assert [s.lead for s in choose(HOW_MANY, read, one_text=True)] == [early, late]
