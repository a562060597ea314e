"""Choose the sentences that make up an extractive answer, and put them in order.

The best sentence comes with what it announces or what runs on from it; then the next best, and what
other articles say of the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.questions import Question, Shape
from rag.reading import Candidate, Scored
from rag.terms import terms
from rag.verification import verify

# At most so many claims, and how far below the best sentence one may score (in score units).
_LIMITS: dict[Shape, tuple[int, float]] = {
    "fact": (4, 3.0),
    "explanation": (5, 4.0),
    "list": (6, 5.0),
    "comparison": (6, 6.0),
    "summary": (8, 8.0),
}

# How far below the most relevant sentence one may be, in log odds of answering.
_LESS_LIKELY: dict[Shape, float] = {
    "fact": 2.5,
    "explanation": 4.0,
    "list": 3.5,
    "comparison": 3.5,
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


def choose(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose what answers and return it in reading order.

    The best sentence is followed by what it announces or what runs on from it, then by the next
    best; a sentence that repeats one already chosen backs it with a citation of its own.
    """
    if not scored:
        return ()
    most, margin = _LIMITS[question.shape]
    floor = scored[0].score - margin
    pool = _spread(question, scored) if question.shape == "comparison" else scored
    following = _run_on(pool[0], scored, least=_LEAST_RUN_ON.get(question.shape, 0))
    others = _other_accounts(scored)
    pool = [*pool[:1], *following, *others, *pool[1:]]
    kept = {id(item) for item in (*following, *others)}
    likely = _likely(question, scored)
    chosen: list[Statement] = []
    for item in pool:
        if id(item) not in kept and (item.score < floor or not likely(item)):
            continue
        if any(item is statement.lead for statement in chosen):
            continue
        twin = next((i for i, s in enumerate(chosen) if _same(s.lead, item)), None)
        if twin is not None:
            chosen[twin] = _with_other(chosen[twin], item)
        elif len(chosen) < most or id(item) in kept:
            chosen.append(Statement(item))
    return _reading_order([*chosen, *_promised(chosen, scored)])


def _likely(question: Question, scored: Sequence[Scored]) -> Callable[[Scored], bool]:
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


def _promised(chosen: Sequence[Statement], scored: Sequence[Scored]) -> list[Statement]:
    """List what the chosen sentences announce ("several reasons") and is not chosen yet."""
    shown = {id(source) for statement in chosen for source in statement.sources}
    promised: list[Statement] = []
    for statement in chosen:
        if not _announced(statement.lead.candidate.text):
            continue
        for item in _run_on(statement.lead, scored, least=0):
            if id(item) not in shown:
                shown.add(id(item))
                promised.append(Statement(item))
    return promised


def _other_accounts(scored: Sequence[Scored]) -> list[Scored]:
    """List the best sentence of each other article that answers too, as the cross-encoder has it.

    Articles disagree; an answer from one of them alone hides it.
    """
    seen = {scored[0].candidate.document.id}
    others = []
    for item in scored[1:]:
        if item.candidate.document.id not in seen:
            seen.add(item.candidate.document.id)
            if item.relevance is not None and item.relevance > _ANSWERS_TOO:
                others.append(item)
    return others[:_MAX_OTHER_ACCOUNTS]


_ANSWERS_TOO = 0.0
_MAX_OTHER_ACCOUNTS = 2


def _run_on(item: Scored, scored: Sequence[Scored], *, least: int) -> list[Scored]:
    """List the sentences of its paragraph that belong to one: those it counts, or that say so.

    At least ``least`` follow where the paragraph has them.
    """
    announced = max(least, _announced(item.candidate.text))
    following: list[Scored] = []
    last = item.candidate
    for follower in _followers(item, scored):
        candidate = follower.candidate
        between = candidate.document.text[last.end : candidate.start]
        if between.strip() or ("\n" in between and not announced > least):
            break
        if len(following) >= announced and not _CONTINUES.match(candidate.text):
            break
        following.append(follower)
        last = candidate
    return following[:_MAX_RUN_ON]


def _followers(item: Scored, scored: Sequence[Scored]) -> list[Scored]:
    document, end = item.candidate.document.id, item.candidate.end
    later = [s for s in scored if s.candidate.document.id == document and s.candidate.start >= end]
    return sorted(later, key=lambda s: s.candidate.start)


def _announced(text: str) -> int:
    """Count the sentences that one announces: "named three things" announces three."""
    if text.rstrip("\"”’' ").endswith(":"):
        return 2
    match = _ANNOUNCES.search(text)
    return _COUNTS[match.group(1).lower()] if match else 0


_MAX_RUN_ON = 3
# A list or a reason seldom ends with the sentence that opens it.
_LEAST_RUN_ON: dict[Shape, int] = {"list": 2, "explanation": 2, "comparison": 1}
_COUNTS = {"two": 2, "three": 3, "four": 3, "five": 3, "several": 2, "following": 2}
_ANNOUNCES = re.compile(
    r"\b(" + "|".join(_COUNTS) + r") (?:[\w-]+ ){0,2}?(?:reasons|things|concerns|arguments|points|"
    r"areas|parts|components|ways|factors|steps|places|kinds|types|examples|developments|lines|"
    r"purposes|aims|fields|elements|effects|consequences|measures|topics|items)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"(?:First|Second|Third|Finally|Lastly|Another|The (?:first|second|third|other|next|last)|"
    r"These|Those|It also|In addition|Moreover|Furthermore|Next)\b"
)


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


def _with_other(statement: Statement, other: Scored) -> Statement:
    documents = {s.candidate.document.id for s in statement.sources}
    if other.candidate.document.id in documents:
        return statement
    return Statement(statement.lead, (*statement.others, other))


def _reading_order(chosen: Sequence[Statement]) -> tuple[Statement, ...]:
    """Group by document, the best one first; within a document keep its order."""
    rank: dict[str, int] = {}
    for statement in chosen:
        rank.setdefault(statement.lead.candidate.document.id, len(rank))

    def place(statement: Statement) -> tuple[int, int]:
        candidate = statement.lead.candidate
        return rank[candidate.document.id], candidate.start

    return tuple(sorted(chosen, key=place))
