"""Judge which further sentences are worth showing beside the best one.

How far a sentence scores behind the best tells part of it. That it runs on from one that ranks
higher tells more, and so does how alike the two are. The surer the best one is, the less is gained
by what may answer beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rag.questions import Question
from rag.reading import Scored
from rag.running_on import adjoin
from rag.terms import terms

# Weights of logistic regressions: over what ``signs`` lists, with a cross-encoder and without one,
# and of whether the best sentence answers over the logarithm of its share and 1, with one. Fitted
# on the 25 invented stories from 45 to 165 that are held back from the passes; the constant of the
# first is set so that as much is shown as before. See docs/experiments.md.
_ANSWERS_TOO_READ = (-0.36, -1.15, 0.98, 1.92, 1.72, 1.2, -1.05)
_ANSWERS_TOO = (-0.33, -1.05, 1.0, 1.51, 2.47, 0.0, -1.55)
_BEST_ANSWERS = (2.7, 2.5)
# How much the chance of the best one counts against each of the others.
_SURENESS = 0.6
MOST_JUDGED = 24


def worth_beside(question: Question, scored: Sequence[Scored]) -> list[float]:
    """Rate sentences, best first, by what each adds to the best one; that one counts for most.

    It is the log odds that the sentence answers too, less a share of the log odds that the best one
    does. What ranks far behind counts for least.
    """
    if not scored:
        return []
    weights = _ANSWERS_TOO if scored[0].relevance is None else _ANSWERS_TOO_READ
    sure = _SURENESS * _best_answers(scored)
    judged = range(1, min(len(scored), MOST_JUDGED))
    rated = [float(np.dot(signs(question, scored, rank), weights)) - sure for rank in judged]
    return [math.inf, *rated, *(-math.inf for _ in scored[MOST_JUDGED:])]


def _best_answers(scored: Sequence[Scored]) -> float:
    """Estimate the log odds that the best sentence answers, by its share among all."""
    return float(np.dot((log_share(scored), 1.0), _BEST_ANSWERS))


def log_share(scored: Sequence[Scored]) -> float:
    """Return the logarithm of the best sentence's share among all (softmax of their scores)."""
    behind = np.array([item.score - scored[0].score for item in scored])
    return -float(np.log(np.exp(behind).sum()))


def signs(question: Question, scored: Sequence[Scored], rank: int) -> tuple[float, ...]:
    """List what tells whether a sentence answers too.

    How far it scores behind the best; the logarithm of its rank; whether it adjoins one that ranks
    higher; how alike it is to the best (cosine); the share of the question's weight that it holds;
    that of the words which answer in the best one, where they are not the question's; 1.
    """
    best, item = scored[0], scored[rank]
    return (
        best.score - item.score,
        math.log(1 + rank),
        float(any(adjoin(item.candidate, higher.candidate) for higher in scored[:rank])),
        float(best.vector @ item.vector),
        item.features[1],
        _answer_held(question, best, item),
        1.0,
    )


def _answer_held(question: Question, best: Scored, item: Scored) -> float:
    """Return the share of the words that answer in the best sentence that another one holds."""
    said = terms(best.reading.words) if best.reading else ()
    answer = set(said) - set(question.terms)
    return len(answer & set(terms(item.candidate.text))) / len(answer) if answer else 0.0
