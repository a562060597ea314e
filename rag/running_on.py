"""Sentences that belong to another: what it announces or leans on, and what says more of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from rag.features import Candidate
from rag.questions import Question, Shape
from rag.reading import Scored
from rag.terms import terms

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
_LEANS = re.compile(
    r"(?:For (?:this|that|these|those) reasons?|Therefore|Thus|Hence|Consequently|Accordingly|"
    r"As a (?:result|consequence)|Because of (?:this|that|these|those)|That is why|This is why|"
    r"In (?:this|that) (?:case|way|sense|respect)|In other words)\b"
)


def following(question: Question, best: Scored, scored: Sequence[Scored]) -> list[Scored]:
    """List what belongs to the best sentence: what it announces, what goes on about its matter."""
    if question.shape in _GOES_ON:
        return _run_on(best, scored, goes_on=_refers_back, room=_ROOM)
    if question.shape == "fact" and question.expected != "number":
        return _run_on(best, scored, goes_on=_names_again)
    return _run_on(best, scored)


def leant_on(
    leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List the sentences that shown ones lean on ("For this reason, ...") and are not shown yet.

    ``shown`` holds the ``id`` of each sentence shown or cited.
    """
    found: list[Scored] = []
    for lead in leads:
        before = _before(lead.candidate, scored)
        if before and _LEANS.match(lead.candidate.text):
            found.append(before)
    return _new(found, shown)


def promised(
    leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List what shown sentences announce ("several reasons") and is not shown yet."""
    announcing = [lead for lead in leads if announced(lead.candidate.text)]
    return _new([item for lead in announcing for item in _run_on(lead, scored)], shown)


def _new(items: Sequence[Scored], shown: Collection[int]) -> list[Scored]:
    """Keep each item that is not shown, once."""
    return list({id(item): item for item in items if id(item) not in shown}.values())


def adjoin(one: Candidate, other: Candidate) -> bool:
    """Tell whether nothing stands between two sentences of a paragraph."""
    first, second = sorted((one, other), key=lambda c: c.start)
    if first.document.id != second.document.id or first.end > second.start:
        return False
    between = first.document.text[first.end : second.start]
    return not between.strip() and "\n" not in between


def _before(candidate: Candidate, scored: Sequence[Scored]) -> Scored | None:
    """Return the sentence right before one, in its paragraph."""
    for item in scored:
        if item.candidate.start < candidate.start and adjoin(item.candidate, candidate):
            return item
    return None


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
    found: list[Scored] = []
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
        if len(found) >= counted and not says_so:
            break
        found.append(follower)
        last = candidate
    return found[:_MAX_RUN_ON]


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
