"""Judge whether any of the sentences read for a question answers it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.reading import Scored
from rag.relevance import RELEVANCE_SPAN

# Weights of logistic regressions over what ``_evidence`` and ``_evidence_read`` list, fitted on the
# dev questions of evals/gold.jsonl and those with a cross-encoder on others too; and, of one text,
# what ``evidence_of_text`` lists (`python -m training.weights`, which gives "wordless" more; that
# costs ClapNQ too much). See docs/experiments.md.
_ANSWERABLE = (6.0, 3.0, 2.0, 0.7, 0.3, -4.6)
_ANSWERABLE_READ = (0.47, 0.2, 0.55, -1.0, 1.95, 2.5, -0.7)
_ANSWERABLE_TEXT = (0.44, -0.55, 0.86)
_MOST_UNSAID = 5.0
# Log odds off where the question names what no article does; see docs/experiments.md.
_FOREIGN = 2.5


def answerable_score(scored: Sequence[Scored], *, one_text: bool = False) -> float:
    """Estimate the probability that the best sentence answers the question, in [0, 1].

    ``one_text`` says that all come from a text that the question was asked of, and is about.
    """
    if not scored:
        return 0.0
    ranked = sorted((item for item in scored if item.reading), key=lambda item: -_relevance(item))
    if not ranked:
        odds = np.dot(_evidence(scored), _ANSWERABLE)
    elif one_text:
        odds = np.dot(evidence_of_text(ranked[0]), _ANSWERABLE_TEXT)
    else:
        odds = np.dot(_evidence_read(scored, ranked), _ANSWERABLE_READ)
    if scored[0].foreign and not one_text:
        odds -= _FOREIGN
    return float(1.0 / (1.0 + np.exp(-odds)))


def _relevance(item: Scored) -> float:
    return -RELEVANCE_SPAN if item.relevance is None else item.relevance


def _evidence(scored: Sequence[Scored]) -> tuple[float, ...]:
    """List similarity, coverage, reach and kind of the best sentence, its lead, 1."""
    similarity, coverage, reach, expected, *_ = scored[0].features
    lead = scored[0].score - scored[1].score if len(scored) > 1 else 1.0
    return (similarity, coverage, reach, expected, min(lead, 2.0), 1.0)


def _evidence_read(scored: Sequence[Scored], ranked: Sequence[Scored]) -> tuple[float, ...]:
    """List what tells an answer from a near miss where a cross-encoder has read.

    ``ranked`` has what was read, the most relevant first. The two highest relevances; of the
    sentence with the highest, how much of the question is unsaid, the weightiest of that, and the
    share that is said; the highest similarity of any; 1. The more is asked, the less relevant the
    sentence that answers it all; a single weighty word that is nowhere speaks against it.
    """
    best = ranked[0]
    return (
        _relevance(best),
        _relevance(ranked[1]) if len(ranked) > 1 else -RELEVANCE_SPAN,
        min(sum(best.unsaid), _MOST_UNSAID),
        max(best.unsaid, default=0.0),
        best.found,
        max(item.features[0] for item in scored),
        1.0,
    )


def evidence_of_text(best: Scored) -> tuple[float, ...]:
    """List the highest relevance, how wordless the passage is that has it, 1.

    Of a text that is about the question, what similarity or coverage say tells nothing more.
    """
    wordless = best.reading.wordless if best.reading else 0.0
    return (_relevance(best), wordless, 1.0)
