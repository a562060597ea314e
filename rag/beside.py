"""Judge which further sentences are worth showing beside the best one.

How far a sentence scores behind the best tells part of it. That it runs on from one that ranks
higher tells more, and so does how alike the two are. The surer the best one is, the less is gained
by what may answer beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rag.reading import Scored
from rag.running_on import adjoin

# Weights of logistic regressions: over what ``signs`` lists, with a cross-encoder and without one,
# and of whether the best sentence answers over the logarithm of its share and 1, with one. Fitted
# on the 25 invented stories from 45 to 165 that are held back from the passes. See
# docs/experiments.md.
_ANSWERS_TOO_READ = (-0.37, -1.09, 0.83, 2.09, 1.73, -1.02)
_ANSWERS_TOO = (-0.33, -1.05, 1.0, 1.51, 2.47, -1.55)
_BEST_ANSWERS = (2.7, 2.5)
# How much the chance of the best one counts against each of the others.
_SURENESS = 0.6
MOST_JUDGED = 24


def worth_beside(scored: Sequence[Scored]) -> list[float]:
    """Rate sentences, best first, by what each adds to the best one; that one counts for most.

    It is the log odds that the sentence answers too, less a share of the log odds that the best one
    does. What ranks far behind counts for least.
    """
    if not scored:
        return []
    weights = _ANSWERS_TOO if scored[0].relevance is None else _ANSWERS_TOO_READ
    sure = _SURENESS * _best_answers(scored)
    judged = range(1, min(len(scored), MOST_JUDGED))
    rated = [float(np.dot(signs(scored, rank), weights)) - sure for rank in judged]
    return [math.inf, *rated, *(-math.inf for _ in scored[MOST_JUDGED:])]


def _best_answers(scored: Sequence[Scored]) -> float:
    """Estimate the log odds that the best sentence answers, by its share among all."""
    return float(np.dot((log_share(scored), 1.0), _BEST_ANSWERS))


def log_share(scored: Sequence[Scored]) -> float:
    """Return the logarithm of the best sentence's share among all (softmax of their scores)."""
    behind = np.array([item.score - scored[0].score for item in scored])
    return -float(np.log(np.exp(behind).sum()))


def signs(scored: Sequence[Scored], rank: int) -> tuple[float, ...]:
    """List what tells whether a sentence answers too.

    How far it scores behind the best; the logarithm of its rank; whether it adjoins one that ranks
    higher; how alike it is to the best (cosine); the share of the question's weight that it holds;
    1.
    """
    best, item = scored[0], scored[rank]
    return (
        best.score - item.score,
        math.log(1 + rank),
        float(any(adjoin(item.candidate, higher.candidate) for higher in scored[:rank])),
        float(best.vector @ item.vector),
        item.features[1],
        1.0,
    )
