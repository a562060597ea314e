"""Choose the sentences that make up an extractive answer, and put them in order.

The best sentence comes with what it announces or what runs on from it; then the next best.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.beside import worth_beside
from rag.dated import dated_before
from rag.features import Candidate, follows
from rag.introductions import introduced
from rag.naming import named_before
from rag.questions import Question, Shape
from rag.reading import Scored
from rag.running_on import following, in_rows, leant_on, promised
from rag.tables import in_tables
from rag.terms import terms
from rag.values import counts_the_same, values
from rag.verification import verify

# At most so many claims, and the least worth of one beside the best, see ``worth_beside``.
_MOST: dict[Shape, int] = {
    "fact": 4,
    "explanation": 5,
    "list": 6,
    "comparison": 6,
    "summary": 8,
}
_LEAST_WORTH: dict[Shape, float] = {
    "fact": -2.1,
    "explanation": -1.9,
    "list": -2.0,
    "comparison": -2.4,
    "summary": -math.inf,
}
# Of a text that the question is asked of, and is about, more belongs to the answer.
_MORE_OF_ONE_TEXT = 0.8

# What may answer at all is so near the best in score, and in log odds the most relevant.
_NEAR_BEST = 3.0
_LESS_LIKELY: dict[Shape, float] = {
    "fact": 2.5,
    "explanation": 5.5,
    "list": 5.0,
    "comparison": 6.0,
    "summary": 16.0,
}

# Cosine from which two sentences say the same (other document) or repeat each other (same one).
_SAME_STATEMENT = 0.80
_REPEATED = 0.92

_FIGURE = re.compile(r"\d[\d,.]*\d|\d")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence to show, with the sentences of other documents that say the same."""

    lead: Scored
    others: tuple[Scored, ...] = ()

    @property
    def sources(self) -> tuple[Scored, ...]:
        """All sentences to cite, the one shown first."""
        return (self.lead, *self.others)


def choose(
    question: Question, scored: Sequence[Scored], *, one_text: bool = False
) -> tuple[Statement, ...]:
    """Choose what answers and return it in reading order; a fact with the best sentence first.

    The best sentence brings what it announces or what runs on from it, then the next best; a
    sentence that repeats one already chosen backs it with a citation of its own. ``one_text`` says
    that all come from a text that the question was asked of: more is shown then, in its order.
    """
    if not scored:
        return ()
    scored = introduced(question, scored)
    most = _MOST[question.shape]
    if question.shape == "summary":
        most = min(most, question.most or most)
    least = _LEAST_WORTH[question.shape] - (_MORE_OF_ONE_TEXT if one_text else 0.0)
    pool = _spread(question, scored) if question.shape == "comparison" else scored
    ranked = [scored[0], *(item for item in pool if item is not scored[0])]
    worth = dict(zip(map(id, ranked), worth_beside(question, ranked), strict=True))
    belonging = following(question, pool[0], scored)
    others = _other_values(question, pool[0], scored)
    pool = [*pool[:1], *belonging, *others, *pool[1:]]
    kept = {id(item) for item in (*belonging, *others)}
    chosen: list[Statement] = []
    for item in pool:
        if id(item) not in kept and worth[id(item)] < least:
            continue
        if not any(item is statement.lead for statement in chosen):
            _add(chosen, item, None if id(item) in kept else most)
    rows = (in_rows,) if question.shape == "list" else ()
    dated, named = (functools.partial(more, question) for more in (dated_before, named_before))
    for more in (leant_on, promised, in_tables, *rows, dated, named):
        leads = [statement.lead for statement in chosen]
        shown = {id(source) for statement in chosen for source in statement.sources}
        for item in more(leads, shown, scored):
            _add(chosen, item)
    apart = question.shape == "fact" and not one_text
    return _best_first(chosen) if apart else in_reading_order(chosen)


def _add(chosen: list[Statement], item: Scored, most: int | None = None) -> None:
    """Add a sentence, as a further source of one that says the same; at most so many are chosen."""
    twin = next((i for i, s in enumerate(chosen) if _same(s.lead, item)), None)
    if twin is not None:
        chosen[twin] = _with_other(chosen[twin], item)
    elif most is None or len(chosen) < most:
        chosen.append(Statement(item))


def likeliest(question: Question, scored: Sequence[Scored]) -> list[Scored]:
    """List the sentences that may answer: near the best in score and in likelihood."""
    likely = as_likely(question, scored)
    return [s for s in scored if s.score >= scored[0].score - _NEAR_BEST and likely(s)]


def as_likely(question: Question, scored: Sequence[Scored]) -> Callable[[Scored], bool]:
    """Tell which sentences answer about as likely as the best, as the cross-encoder has it.

    The best-scored sentence always does; without a cross-encoder all do.
    """
    readings = [item.relevance for item in scored if item.relevance is not None]
    least = max(readings, default=0.0) - _LESS_LIKELY[question.shape]
    return lambda item: (
        not readings
        or item is scored[0]
        or (item.relevance is not None and item.relevance >= least)
    )


def _other_values(question: Question, best: Scored, scored: Sequence[Scored]) -> list[Scored]:
    """List the best sentence of each other article that answers with another figure or day.

    Articles disagree; an answer from one of them alone hides it.
    """
    seen = values(question, best.candidate.text)
    if not seen:
        return []
    read = {best.candidate.document.id}
    others: list[Scored] = []
    for item in scored:
        document = item.candidate.document.id
        least = _COUNTS_TOO if counts_the_same(question, item.candidate.text) else ANSWERS_TOO
        if document in read or item.relevance is None or item.relevance <= least:
            continue
        read.add(document)
        if found := (values(question, item.candidate.text) or set()) - seen:
            seen |= found
            others.append(item)
    return others[:_MAX_OTHER_VALUES]


ANSWERS_TOO = 0.0  # log odds
_COUNTS_TOO = -3.0  # where it counts the very thing that is asked
_MAX_OTHER_VALUES = 2


def _spread(question: Question, scored: Sequence[Scored]) -> list[Scored]:
    """Put the best sentence of each voice first: a comparison needs more than one.

    Voices the question names come before the others; without a name an article is one voice.
    """
    asked = set(question.terms)
    seen: set[str] = set()
    named: list[Scored] = []
    firsts: list[Scored] = []
    rest: list[Scored] = []
    for item in scored:
        voice = _voice(item.candidate)
        if voice in seen:
            rest.append(item)
        else:
            (named if asked & set(terms(voice)) else firsts).append(item)
        seen.add(voice)
    return named + firsts + rest


def _voice(candidate: Candidate) -> str:
    if candidate.attribution:
        return candidate.attribution.speaker
    return candidate.document.author or candidate.document.id


def _same(left: Scored, right: Scored) -> bool:
    together = left.candidate.document.id == right.candidate.document.id
    least = _REPEATED if together else _SAME_STATEMENT
    alike = float(left.vector @ right.vector) >= least
    return alike and not _differ(left.candidate.text, right.candidate.text)


def _differ(one: str, other: str) -> bool:
    """Tell whether two sentences that read alike count differently or say the opposite.

    Vectors hardly tell them apart: the one must neither be cited for the other nor hidden by it.
    """
    if set(_FIGURE.findall(one)) != set(_FIGURE.findall(other)):
        return True
    return any(verify(a, b).verdict == "contradicted" for a, b in ((one, other), (other, one)))


def without_copies(chosen: Sequence[Statement]) -> tuple[Statement, ...]:
    """Show once what several articles print in the same words, with a citation of each."""
    first: dict[str, Statement] = {}
    for statement in chosen:
        words = " ".join(statement.lead.candidate.text.split())
        known = first.get(words)
        if known is None:
            first[words] = statement
            continue
        for source in statement.sources:
            known = _with_other(known, source)
        first[words] = known
    return tuple(first.values())


def _with_other(statement: Statement, other: Scored) -> Statement:
    documents = {s.candidate.document.id for s in statement.sources}
    if other.candidate.document.id in documents:
        return statement
    return Statement(statement.lead, (*statement.others, other))


def in_reading_order(chosen: Sequence[Statement]) -> tuple[Statement, ...]:
    """Group statements by document, the best one first; within a document keep its order."""
    rank: dict[str, int] = {}
    for statement in chosen:
        rank.setdefault(statement.lead.candidate.document.id, len(rank))

    def place(statement: Statement) -> tuple[int, int]:
        candidate = statement.lead.candidate
        return rank[candidate.document.id], candidate.start

    return tuple(sorted(chosen, key=place))


def _best_first(chosen: Sequence[Statement]) -> tuple[Statement, ...]:
    """Order statements as ``in_reading_order`` does, but what stands apart by how well it answers.

    Who asks for a fact finds it in the first sentence, or in those that stand with it.
    """
    runs: list[list[Statement]] = []
    for statement in in_reading_order(chosen):
        if runs and follows(runs[-1][-1].lead.candidate, statement.lead.candidate):
            runs[-1].append(statement)
        else:
            runs.append([statement])
    runs.sort(key=lambda run: -max(s.lead.score for s in run))
    return tuple(itertools.chain.from_iterable(runs))
