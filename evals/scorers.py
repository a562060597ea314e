"""Judge one sample: each scorer turns what came back into a ``Score``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evals import metrics
from evals.matching import facts_in, holds, without_markup
from evals.samples import Sample
from rag.types import Answer, Citation, Document, Passage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back for a sample.

    ``passages`` are the first ten that the search gave, ``pool`` as many as it gives at all, from
    which the number of relevant passages is counted. ``error`` names what went wrong; then there
    is no answer. ``documents`` maps ids to the documents behind the citations.
    """

    sample: Sample
    answer: Answer | None
    passages: Sequence[Passage] = ()
    pool: Sequence[Passage] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    seconds: float = 0.0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A judgement in [0, 1]: the value, what was judged, and why.

    ``value`` is ``None`` where the scorer does not apply to the sample; such scores are left out
    of every average.
    """

    value: float | None
    answer: str
    explanation: str


Scorer = Callable[[Outcome], Score]

DEPTH = 10
POOL_DEPTH = 100


def correct(outcome: Outcome) -> Score:
    """Right where the key facts are there; for the unanswerable, where the bot abstained."""
    answer, sample = outcome.answer, outcome.sample
    if answer is None:
        return Score(0.0, "", f"no answer: {outcome.error}")
    text = without_markup(answer.text)
    if sample.kind == "unanswerable":
        return _flag(answer.abstained, text, "abstained", "answered what no document answers")
    if sample.kind == "false-premise":
        return _false_premise(sample, answer, text)
    if answer.abstained:
        return Score(0.0, text, "abstained from an answerable question")
    return _key_facts(sample, text)


def quote_validity(outcome: Outcome) -> Score:
    """Whether each quote stands, word for word, where its citation says."""
    citations = outcome.answer.citations if outcome.answer else ()
    invalid = [c for c in citations if not _is_verbatim(c, outcome.documents.get(c.document))]
    value = 1 - len(invalid) / len(citations) if citations else None
    return Score(value, _quotes(citations), f"{len(invalid)} of {len(citations)} quotes invalid")


def citation_precision(outcome: Outcome) -> Score:
    """How many of the citations support the answer."""
    if not _cites(outcome):
        return _unscored("no answer whose citations can be judged")
    citations = outcome.answer.citations if outcome.answer else ()
    supports = [_supports(outcome.sample, c) for c in citations]
    value = metrics.citation_precision(supports)
    return Score(value, _quotes(citations), f"{sum(supports)} of {len(supports)} support it")


def citation_recall(outcome: Outcome) -> Score:
    """How many of the needed key facts stand in supporting quotes."""
    if not _cites(outcome):
        return _unscored("no answer whose citations can be judged")
    sample = outcome.sample
    citations = outcome.answer.citations if outcome.answer else ()
    quotes = " \n ".join(c.quote for c in citations if _supports(sample, c))
    covered = facts_in(sample.evidence, quotes)
    value = metrics.citation_recall(covered, needed=sample.evidence_needed)
    return Score(value, quotes, f"{sum(covered)} of {sample.evidence_needed} needed facts quoted")


def recall_at(k: int) -> Scorer:
    """Make the scorer of how many needed key facts the first ``k`` passages hold."""

    def score(outcome: Outcome) -> Score:
        sample = outcome.sample
        if not sample.evidence:
            return _unscored("no passage to be found")
        facts = [_facts_of(sample, passage) for passage in outcome.passages[:k]]
        value = metrics.recall_at(k, facts, needed=sample.evidence_needed)
        return Score(value, _first(outcome), f"{value:.2f} of the facts in {len(facts)} passages")

    return score


def reciprocal_rank(outcome: Outcome) -> Score:
    """How early the first relevant passage comes."""
    if not outcome.sample.evidence:
        return _unscored("no passage to be found")
    value = metrics.reciprocal_rank(_relevant(outcome.sample, outcome.passages))
    rank = f"first at rank {round(1 / value)}" if value else "none found"
    return Score(value, _first(outcome), f"relevant passage: {rank}")


def ndcg(outcome: Outcome) -> Score:
    """How well the relevant passages are ranked; the pool tells how many there are."""
    if not outcome.sample.evidence:
        return _unscored("no passage to be found")
    relevant = _relevant(outcome.sample, outcome.passages)
    total = max(sum(relevant), sum(_relevant(outcome.sample, outcome.pool)))
    value = metrics.ndcg_at(DEPTH, relevant, relevant_total=total)
    return Score(value, _first(outcome), f"{sum(relevant)} of {total} relevant passages found")


SCORERS: Mapping[str, Scorer] = {
    "accuracy": correct,
    "quote validity": quote_validity,
    "citation precision": citation_precision,
    "citation recall": citation_recall,
    "recall@8": recall_at(8),
    "MRR": reciprocal_rank,
    "nDCG@10": ndcg,
}


def _flag(right: bool, text: str, yes: str, no: str) -> Score:
    return Score(float(right), text, yes if right else no)


def _false_premise(sample: Sample, answer: Answer, text: str) -> Score:
    if answer.abstained:
        return Score(1.0, text, "abstained from a false premise")
    corrected = holds(sample.correction, text) and not holds(sample.must_not, text)
    return _flag(corrected, text, "set the premise right", "went along with a false premise")


def _key_facts(sample: Sample, text: str) -> Score:
    found = facts_in(sample.must, text)
    forbidden = holds(sample.must_not, text)
    right = metrics.answer_is_correct(found, needed=sample.needed, forbidden_found=forbidden)
    missing = [" / ".join(m) for m, hit in zip(sample.must, found, strict=True) if not hit]
    why = f"{sum(found)} of {sample.needed} needed facts"
    why += f"; missing: {', '.join(missing)}" if missing else ""
    why += f"; holds one of: {' / '.join(sample.must_not)}" if forbidden else ""
    return Score(float(right), text, why)


def _cites(outcome: Outcome) -> bool:
    return bool(outcome.sample.evidence and outcome.answer and not outcome.answer.abstained)


def _supports(sample: Sample, span: Citation | Passage) -> bool:
    """Tell whether a quote or passage is from a right document and holds a key fact."""
    return any(_facts_of(sample, span))


def _facts_of(sample: Sample, span: Citation | Passage) -> tuple[bool, ...]:
    if span.document not in sample.documents:
        return (False,) * len(sample.evidence)
    return facts_in(sample.evidence, span.quote if isinstance(span, Citation) else span.text)


def _relevant(sample: Sample, passages: Sequence[Passage]) -> list[bool]:
    return [_supports(sample, passage) for passage in passages]


def _is_verbatim(citation: Citation, document: Document | None) -> bool:
    return (
        document is not None
        and bool(citation.quote)
        and (document.text[citation.start : citation.end] == citation.quote)
    )


def _quotes(citations: Sequence[Citation]) -> str:
    return "\n".join(f"{c.document}: {c.quote}" for c in citations)


def _first(outcome: Outcome) -> str:
    return outcome.passages[0].text if outcome.passages else ""


def _unscored(why: str) -> Score:
    return Score(None, "", why)
