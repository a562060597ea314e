"""Choose the sentences that make up an extractive answer, and put them in order.

The best sentence comes with what it announces or what runs on from it; then the next best.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.features import Candidate
from rag.questions import Question, Shape
from rag.reading import Scored
from rag.terms import terms
from rag.values import values
from rag.verification import verify

# At most so many claims, and how far below the best sentence one may score (in score units).
_LIMITS: dict[Shape, tuple[int, float]] = {
    "fact": (4, 2.0),
    "explanation": (5, 2.5),
    "list": (6, 3.0),
    "comparison": (6, 4.0),
    "summary": (8, 8.0),
}
_NEAR_BEST = 3.0  # score units
# A fact is told by few sentences: what scores so much less than the one before is left out.
_GAP = 1.5
_BESIDE = 1.0  # score units added to what stands beside the best sentence

# How far below the most relevant sentence one may be, in log odds of answering.
_LESS_LIKELY: dict[Shape, float] = {
    "fact": 2.5,
    "explanation": 4.0,
    "list": 3.5,
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


def choose(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose what answers and return it in reading order.

    The best sentence is followed by what it announces or what runs on from it, then by the next
    best; a sentence that repeats one already chosen backs it with a citation of its own.
    """
    if not scored:
        return ()
    most, margin = _LIMITS[question.shape]
    floor = scored[0].score - margin
    if question.shape == "fact":
        scored = _beside_sooner(scored)
        floor = max(floor, _before_gap(scored))
    pool = _spread(question, scored) if question.shape == "comparison" else scored
    following = _following(question, pool[0], scored)
    others = _other_values(question, pool[0], scored)
    pool = [*pool[:1], *following, *others, *pool[1:]]
    kept = {id(item) for item in (*following, *others)}
    likely = as_likely(question, scored)
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
    chosen += _leant_on(chosen, scored)
    return in_reading_order([*chosen, *_promised(chosen, scored)])


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


def _leant_on(chosen: Sequence[Statement], scored: Sequence[Scored]) -> list[Statement]:
    """List the sentences that chosen ones lean on ("For this reason, ...") and are not chosen."""
    shown = {id(source) for statement in chosen for source in statement.sources}
    found: list[Statement] = []
    for statement in chosen:
        before = _before(statement.lead.candidate, scored)
        if before and id(before) not in shown and _LEANS.match(statement.lead.candidate.text):
            shown.add(id(before))
            found.append(Statement(before))
    return found


def _before(candidate: Candidate, scored: Sequence[Scored]) -> Scored | None:
    """Return the sentence right before one, in its paragraph."""
    for item in scored:
        if item.candidate.start < candidate.start and _adjoin(item.candidate, candidate):
            return item
    return None


_LEANS = re.compile(
    r"(?:For (?:this|that|these|those) reasons?|Therefore|Thus|Hence|Consequently|Accordingly|"
    r"As a (?:result|consequence)|Because of (?:this|that|these|those)|That is why|This is why|"
    r"In (?:this|that) (?:case|way|sense|respect)|In other words)\b"
)


def _promised(chosen: Sequence[Statement], scored: Sequence[Scored]) -> list[Statement]:
    """List what the chosen sentences announce ("several reasons") and is not chosen yet."""
    shown = {id(source) for statement in chosen for source in statement.sources}
    promised: list[Statement] = []
    for statement in chosen:
        if not announced(statement.lead.candidate.text):
            continue
        for item in _run_on(statement.lead, scored):
            if id(item) not in shown:
                shown.add(id(item))
                promised.append(Statement(item))
    return promised


def _beside_sooner(scored: Sequence[Scored]) -> list[Scored]:
    """Move what stands right beside the best sentence up: an answer seldom ends at a full stop."""
    best = scored[0]

    def raised(item: Scored) -> Scored:
        if item is best or item.score < best.score - _NEAR_BEST:
            return item
        if not _adjoin(best.candidate, item.candidate):
            return item
        return replace(item, score=min(item.score + _BESIDE, best.score))

    return [best, *sorted(map(raised, scored[1:]), key=lambda item: -item.score)]


def _adjoin(one: Candidate, other: Candidate) -> bool:
    """Tell whether nothing stands between two sentences of a paragraph."""
    first, second = sorted((one, other), key=lambda c: c.start)
    if first.document.id != second.document.id or first.end > second.start:
        return False
    between = first.document.text[first.end : second.start]
    return not between.strip() and "\n" not in between


def _before_gap(scored: Sequence[Scored]) -> float:
    """Return the lowest score before the first gap that is too wide."""
    for before, after in itertools.pairwise(scored):
        if before.score - after.score > _GAP:
            return before.score
    return scored[-1].score


def _following(question: Question, best: Scored, scored: Sequence[Scored]) -> list[Scored]:
    """List what belongs to the best sentence: what it announces, what goes on about its matter."""
    if question.shape in _GOES_ON:
        return _run_on(best, scored, goes_on=_refers_back, room=_ROOM)
    if question.shape == "fact" and question.expected != "number":
        return _run_on(best, scored, goes_on=_names_again)
    return _run_on(best, scored)


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
        if document in read or item.relevance is None or item.relevance <= _ANSWERS_TOO:
            continue
        read.add(document)
        if found := (values(question, item.candidate.text) or set()) - seen:
            seen |= found
            others.append(item)
    return others[:_MAX_OTHER_VALUES]


_ANSWERS_TOO = 0.0  # log odds
_MAX_OTHER_VALUES = 2


def _run_on(
    item: Scored,
    scored: Sequence[Scored],
    *,
    goes_on: Callable[[str, str], bool] = lambda before, after: False,
    room: int = 0,
) -> list[Scored]:
    """List the sentences of its paragraph that belong to one: those it counts, or that say so.

    ``goes_on`` tells of two sentences whether the second says more of the first; up to ``room``
    characters in all, whatever follows belongs to it.
    """
    counted = announced(item.candidate.text)
    following: list[Scored] = []
    last = item.candidate
    for follower in _followers(item, scored):
        candidate = follower.candidate
        between = candidate.document.text[last.end : candidate.start]
        if between.strip() or ("\n" in between and not counted):
            break
        says_so = (
            _CONTINUES.match(candidate.text)
            or goes_on(last.text, candidate.text)
            or candidate.end - item.candidate.start <= room
        )
        if len(following) >= counted and not says_so:
            break
        following.append(follower)
        last = candidate
    return following[:_MAX_RUN_ON]


def _refers_back(before: str, after: str) -> bool:
    """Tell whether a sentence opens with a word for something that the one before it named."""
    match = _OPENS.match(after)
    if not match:
        return False
    if match[1] not in _NEEDS_NOUN:
        return True
    named = set(terms(before))
    return any(named & set(terms(word)) for word in match.groups()[1:] if word)


def _names_again(before: str, after: str) -> bool:
    """Tell whether a sentence takes up a noun of the one before it: "among these gifts"."""
    match = _THESE.search(after)
    return bool(match and set(terms(match[1])) & set(terms(before)))


def _followers(item: Scored, scored: Sequence[Scored]) -> list[Scored]:
    document, end = item.candidate.document.id, item.candidate.end
    later = [s for s in scored if s.candidate.document.id == document and s.candidate.start >= end]
    return sorted(later, key=lambda s: s.candidate.start)


def announced(text: str) -> int:
    """Count the sentences that one announces: "named three things" announces three."""
    if text.rstrip("\"”’' ").endswith(":"):
        return 2
    match = _ANNOUNCES.search(text)
    return _COUNTS[match.group(1).lower()] if match else 0


_MAX_RUN_ON = 3
# A list or a reason seldom ends with the sentence that opens it; where sentences are short, the
# next ones mostly belong to it.
_ROOM = 300
_GOES_ON: tuple[Shape, ...] = ("list", "explanation")
_OPENS = re.compile(
    r"[\"“'‘]?(The|This|That|These|Those|Such|It|They|One|Another|Both|Its|Their)\b"
    r"(?: ([\w-]+))?(?: ([\w-]+))?"
)
_NEEDS_NOUN = ("The", "That", "Those")
_THESE = re.compile(r"\b(?:these|those|such) ([\w-]+)", re.IGNORECASE)
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


def in_reading_order(chosen: Sequence[Statement]) -> tuple[Statement, ...]:
    """Group statements by document, the best one first; within a document keep its order."""
    rank: dict[str, int] = {}
    for statement in chosen:
        rank.setdefault(statement.lead.candidate.document.id, len(rank))

    def place(statement: Statement) -> tuple[int, int]:
        candidate = statement.lead.candidate
        return rank[candidate.document.id], candidate.start

    return tuple(sorted(chosen, key=place))
