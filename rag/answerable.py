"""Judge whether any of the sentences read for a question answers it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.reading import RELEVANCE_SPAN, Scored

# Weights of logistic regressions over what ``_evidence`` and ``_evidence_read`` list, fitted on the
# dev questions of evals/gold.jsonl, those with a cross-encoder on others too; of one text nothing
# but the relevance tells. See docs/experiments.md.
_ANSWERABLE = (6.0, 3.0, 2.0, 0.7, 0.3, -4.6)
_ANSWERABLE_READ = (0.47, 0.2, 0.55, -1.0, 1.95, 2.5, -0.7)
_ANSWERABLE_TEXT = (0.63, 0.0, 0.0, 0.0, 0.0, 0.0, 1.54)
_MOST_UNSAID = 5.0
# Log odds off where the question names what no article does; see docs/experiments.md.
_FOREIGN = 2.5


def answerable_score(scored: Sequence[Scored], *, one_text: bool = False) -> float:
    """Estimate the probability that the best sentence answers the question, in [0, 1].

    ``one_text`` says that all come from a text that the question was asked of, and is about.
    """
    if not scored:
        return 0.0
    if any(item.relevance is not None for item in scored):
        odds = np.dot(_evidence_read(scored), _ANSWERABLE_TEXT if one_text else _ANSWERABLE_READ)
    else:
        odds = np.dot(_evidence(scored), _ANSWERABLE)
    if scored[0].foreign and not one_text:
        odds -= _FOREIGN
    return float(1.0 / (1.0 + np.exp(-odds)))


def _evidence(scored: Sequence[Scored]) -> tuple[float, ...]:
    """List similarity, coverage, reach and kind of the best sentence, its lead, 1."""
    similarity, coverage, reach, expected, *_ = scored[0].features
    lead = scored[0].score - scored[1].score if len(scored) > 1 else 1.0
    return (similarity, coverage, reach, expected, min(lead, 2.0), 1.0)


def _evidence_read(scored: Sequence[Scored]) -> tuple[float, ...]:
    """List what tells an answer from a near miss where a cross-encoder has read.

    The two highest relevances; of the sentence with the highest, how much of the question is
    unsaid, the weightiest of that, and the share that is said; the highest similarity of any; 1.
    The more is asked, the less relevant the sentence that answers it all; a single weighty word
    that is nowhere speaks against it.
    """
    read = [(item.relevance, item) for item in scored if item.relevance is not None]
    ranked = sorted(read, key=lambda pair: -pair[0])
    (first, best), second = ranked[0], ranked[1][0] if len(ranked) > 1 else -RELEVANCE_SPAN
    return (
        first,
        second,
        min(sum(best.unsaid), _MOST_UNSAID),
        max(best.unsaid, default=0.0),
        best.found,
        max(item.features[0] for item in scored),
        1.0,
    )
