"""``python -m training.weights --data FOLDER``: fit the weights that judge what was read.

They are few, and stand in the code: whether one text answers (``rag.answerable``), and what is
worth showing beside the best sentence (``rag.beside``). Fitted on what the cross-encoder was not:
the further questions and the half of SQuAD 2 that are only measured on, and of the invented
stories every fifth from 45 to 170. Each is given with the AUROC that it reaches on a fifth it was
not fitted on.
"""

from __future__ import annotations

import argparse
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from evals.metrics import auroc
from rag.answerable import evidence_of_text
from rag.beside import MOST_JUDGED, log_share, signs
from rag.cross_encoder import open_cross_encoder
from rag.embedding import open_minilm
from rag.questions import Question, analyse
from rag.reading import Reader, Scored
from rag.texts import score_text, weighing
from training.data import held_examples
from training.example import Example
from training.logistic import Floats, fitted, rated
from training.stories import LAST_FITTED, stories, tells

_FOLDS = 5
_FIRST_STORY = 45  # what ships is measured on those before
_SETS = ("asked", "squad2")

_LOG = logging.getLogger("training")


@dataclass(slots=True)
class Rows:
    """Signs, whether they are of what is right, and which group each belongs to."""

    signs: list[tuple[float, ...]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def add(self, signs: Sequence[float], right: bool, group: int) -> None:
        """Add an example."""
        self.signs.append(tuple(signs))
        self.right.append(right)
        self.groups.append(group)


def fit(name: str, rows: Rows) -> Floats:
    """Report and return the weights, the constant last; each group counts the same."""
    signs, right = np.array(rows.signs, float), np.array(rows.right)
    _, groups = np.unique(rows.groups, return_inverse=True)
    counts = np.bincount(groups)
    share = (len(groups) / len(counts) / counts)[groups]
    fold = np.zeros(len(groups), int)
    for group in range(len(counts)):  # in order, for neighbours are often of one text
        own = np.flatnonzero(groups == group)
        fold[own] = np.arange(len(own)) * _FOLDS // len(own)
    odds = np.zeros(len(right))
    for number in range(_FOLDS):
        rest = fold != number
        odds[~rest] = rated(signs[~rest], fitted(signs[rest], right[rest], counts=share[rest]))
    weights = fitted(signs, right, counts=share)
    reached = auroc(odds[right].tolist(), odds[~right].tolist())
    shown = ", ".join(f"{weight:.2f}" for weight in weights)
    _LOG.info("%s: (%s); %d examples, AUROC %.3f", name, shown, len(right), reached)
    return weights


def of_one_text(reader: Reader, examples: Sequence[Example], group: int, rows: Rows) -> None:
    """Add what tells whether each text answers its question."""
    for example in examples:
        scored = score_text(example.question, " ".join(example.sentences), reader=reader)
        read = [item for item in scored if item.relevance is not None]
        if read:
            best = max(read, key=lambda item: item.relevance or 0.0)
            *signs, _ = evidence_of_text(best)
            rows.add(signs, bool(example.answers), group)


def beside(reader: Reader) -> tuple[Rows, Rows]:
    """List what tells which further sentences answer, and whether the best one does."""
    others, best = Rows(), Rows()
    for number, question, scored, answers in _ranked(reader):
        best.add((log_share(scored),), answers[0], number)
        for rank in range(1, min(len(scored), MOST_JUDGED)):
            *found, _ = signs(question, scored, rank)
            others.add(found, answers[rank], number)
    return others, best


def _ranked(reader: Reader) -> Iterator[tuple[int, Question, Sequence[Scored], list[bool]]]:
    """Yield, for each question with an answer, its sentences best first and which answer it."""
    for number, story, articles in stories(random.Random(0), held=True):
        judged = _FIRST_STORY <= number <= LAST_FITTED
        candidates = list(chain.from_iterable(articles)) if judged else []
        weigh = weighing(candidates)
        for asked in story["questions"] if candidates else ():
            if evidence := asked["evidence"]:
                question = analyse(asked["question"])
                scored = reader.score(question, candidates, weigh=weigh)
                yield number, question, scored, [tells(s.candidate, evidence) for s in scored]


def main() -> None:
    """Fit and report all of them."""
    parser = argparse.ArgumentParser(prog="python -m training.weights", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and others")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    reader = Reader(open_minilm(), passages=open_cross_encoder())
    held, rows = held_examples(given.data), Rows()
    for group, name in enumerate(_SETS):
        of_one_text(reader, held[name], group, rows)
    fit("one text, relevance and how wordless", rows)
    others, best = beside(reader)
    fit("beside the best, by its signs", others)
    fit("the best, by the logarithm of its share", best)


if __name__ == "__main__":
    main()
