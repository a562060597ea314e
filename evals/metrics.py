"""Metrics as pure functions. Each names its source; all lie in [0, 1] and higher is better."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Precision and recall of a decision, with the counts they come from.

    ``precision`` is ``None`` when nothing was decided, ``recall`` when nothing was to be found.
    """

    right: int
    decided: int
    wanted: int

    @property
    def precision(self) -> float | None:
        """The share of the decisions that were right."""
        return self.right / self.decided if self.decided else None

    @property
    def recall(self) -> float | None:
        """The share of the wanted cases that were decided."""
        return self.right / self.wanted if self.wanted else None

    @property
    def f1(self) -> float:
        """The harmonic mean (van Rijsbergen, Information Retrieval, 1979); 0 without a hit."""
        return 2 * self.right / (self.decided + self.wanted) if self.right else 0.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Median and 95th percentile, in seconds."""

    median: float
    p95: float


def share(flags: Sequence[bool]) -> float | None:
    """Return the share of true flags; ``None`` where there are none."""
    return sum(flags) / len(flags) if flags else None


def answer_is_correct(
    facts_found: Sequence[bool], *, needed: int, forbidden_found: bool = False
) -> bool:
    """Judge an answer by its key facts ("nuggets"; Voorhees, TREC 2003 QA track).

    Right is an answer that holds ``needed`` of them and nothing forbidden.
    """
    return sum(facts_found) >= needed and not forbidden_found


def citation_precision(supports: Sequence[bool]) -> float | None:
    """Return the share of citations that support their answer; ``None`` without citations.

    After ALCE (Gao et al., EMNLP 2023), with written key facts in the place of an entailment
    model: a citation supports an answer when its document is one of the sample's documents and
    its quote holds at least one key fact.
    """
    return share(supports)


def citation_recall(covered: Sequence[bool], *, needed: int) -> float | None:
    """Return the share of the needed key facts that supporting quotes hold, at most 1.

    After ALCE (Gao et al., EMNLP 2023), counted over key facts instead of sentences.
    """
    return min(1.0, sum(covered) / needed) if needed else None


def abstention(abstained: Sequence[bool], unanswerable: Sequence[bool]) -> PrecisionRecall:
    """Judge when a bot declines: the positive class is "declined", the truth "unanswerable".

    After SQuAD 2.0 (Rajpurkar et al., ACL 2018).
    """
    right = sum(a and u for a, u in zip(abstained, unanswerable, strict=True))
    return PrecisionRecall(right, sum(abstained), sum(unanswerable))


def recall_at(k: int, facts_by_rank: Sequence[Sequence[bool]], *, needed: int) -> float:
    """Return the share of the needed key facts that the first ``k`` passages hold, at most 1.

    Recall@k over key facts instead of passages, as in S-recall (Zhai et al., SIGIR 2003).
    """
    covered = (any(column) for column in zip(*facts_by_rank[:k], strict=True))
    return min(1.0, sum(covered) / needed)


def reciprocal_rank(relevant: Sequence[bool]) -> float:
    """One over the rank of the first relevant passage, 0 without one (Voorhees, TREC-8, 1999)."""
    return next((1 / rank for rank, hit in enumerate(relevant, start=1) if hit), 0.0)


def ndcg_at(k: int, relevant: Sequence[bool], *, relevant_total: int) -> float:
    """nDCG@k with binary gains (Järvelin and Kekäläinen, TOIS 2002).

    ``relevant_total`` is how many relevant passages exist; the ideal ranking has them first.
    """
    gained = sum(_discount(rank) for rank, hit in enumerate(relevant[:k], start=1) if hit)
    ideal = sum(_discount(rank) for rank in range(1, min(k, relevant_total) + 1))
    return gained / ideal if ideal else 0.0


def latency(seconds: Sequence[float]) -> Latency:
    """Median and 95th percentile (nearest rank) of times; at least one is needed."""
    ordered = sorted(seconds)
    rank = math.ceil(0.95 * len(ordered))
    return Latency(statistics.median(ordered), ordered[rank - 1])


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the chance that a positive outscores a negative, ties counting half, in [0, 1].

    The area under the ROC curve as the Mann-Whitney statistic (Hanley and McNeil 1982). Raises
    ``ValueError`` when either side is empty.
    """
    if not positives or not negatives:
        raise ValueError("AUROC needs scores on both sides")
    ranked = sorted(negatives)
    wins = sum(bisect_left(ranked, p) + bisect_right(ranked, p) for p in positives) / 2
    return wins / (len(positives) * len(negatives))
