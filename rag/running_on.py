"""Sentences that belong to another: what it announces or leans on, and what says more of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from itertools import takewhile

from rag.features import Candidate
from rag.questions import Question, Shape
from rag.reading import Scored
from rag.terms import NUMBERS, STOP_WORDS, terms

_MAX_RUN_ON = 3
# A list or a reason seldom ends with the sentence that opens it; where sentences are short, the
# next ones mostly belong to it.
_ROOM = 300
_LISTING: tuple[Shape, ...] = ("list", "summary")
_GOES_ON: tuple[Shape, ...] = ("list", "explanation")
_OPENS = re.compile(
    r"[\"“'‘]?(The|This|That|These|Those|Such|It|They|One|Another|Both|Its|Their)\b"
    r"(?: ([\w-]+))?(?: ([\w-]+))?"
)
_NEEDS_NOUN = ("The", "That", "Those")
_THESE = re.compile(r"\b(?:these|those|such) ([\w-]+)", re.IGNORECASE)
_COUNTS = {
    form: int(digit) for word, digit in NUMBERS.items() for form in (word, digit) if len(digit) == 1
}
_LEAST_OF = _COUNTS | {"several": 2, "following": 2}
_ANNOUNCES = re.compile(
    r"(?<![\d.,])\b(" + "|".join(_LEAST_OF) + r") (?:[\w-]+ ){0,2}?(?:reasons?|things|concerns|"
    r"arguments|points|areas?|parts|components?|ways|factors|steps|places|kinds|types|examples|"
    r"developments|lines|purposes|aims|fields|elements|effects|consequences|measures|topics|items|"
    r"demands|conditions|goals|risks|challenges|questions|options|scenarios|priorities|issues|"
    r"problems|obstacles|lessons|causes|pillars|categories)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"(?:First|Second|Third|Finally|Lastly|Another|The (?:first|second|third|other|next|last)|"
    r"These|Those|It also|In addition|Moreover|Furthermore|Next)\b"
)
# What opens an item of a list, and a sentence in a row of sentences.
_ITEM = re.compile(r"(?:[-*•‣◦▪–—·]|\(?(?:\d{1,2}|[a-z])[.)])\s")
_ORDERED = re.compile(
    r"(?:And )?(?i:(?:one|two|three|four|five), |(?:first|second|third|fourth|fifth|last)(?:ly)?\b|"
    r"finally\b|(?:in )?the (?:first|second|third|fourth|fifth|last)\b)"
)
# "It stands for this: one, a risk." opens a row within its sentence.
_OPENS_ROW = re.compile(r"[:;,] (?:one|first|firstly), ")
_OPENING_WORD = re.compile(r"[^\W\d_]+")
_LEAST_OPENING = 3
_LISTED, _COUNTED_OFF = "listed", "ordered"
_MAX_ITEMS = 10
_LEANS = re.compile(
    r"(?:For (?:this|that|these|those) reasons?|Therefore|Thus|Hence|Consequently|Accordingly|"
    r"As a (?:result|consequence)|Because of (?:this|that|these|those)|In other words|"
    r"In (?:this|that) (?:case|way|sense|respect)|"
    r"(?:That|This) (?:is|was|means|meant|would|will|has|had))\b"
)
_QUOTES_SOMEBODY = re.compile(r"[,?!][”\"] (?:he|she|they) \w+")


def following(question: Question, best: Scored, scored: Sequence[Scored]) -> list[Scored]:
    """List what belongs to the best sentence: what it announces, what goes on about its matter."""
    if question.shape in _LISTING and (series := _series(best, scored)):
        return series
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
        if before and (_LEANS.match(lead.candidate.text) or _names_nobody(lead.candidate)):
            found.append(before)
    return _new(found, shown)


def _names_nobody(candidate: Candidate) -> bool:
    """Tell whether a sentence quotes a "she" who is known from the one before only."""
    return candidate.attribution is None and bool(_QUOTES_SOMEBODY.search(candidate.text))


def promised(
    leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List what shown sentences announce ("several reasons") and is not shown yet."""
    announcing = [lead for lead in leads if announced(lead.candidate.text)]
    return _new([item for lead in announcing for item in _run_on(lead, scored)], shown)


def in_rows(
    leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List what stands in a row with shown sentences that are counted off, and is not shown yet."""
    counted_off = [lead for lead in leads if _row(lead.candidate) == _COUNTED_OFF]
    return _new([item for lead in counted_off for item in _series(lead, scored)], shown)


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
    least = announced(item.candidate.text)
    if least and (items := _items_behind(item, scored)):
        return items
    found: list[Scored] = []
    last = item.candidate
    for follower in _followers(item, scored):
        candidate = follower.candidate
        between = candidate.document.text[last.end : candidate.start]
        if between.strip() or ("\n" in between and not least):
            break
        says_so = (
            _CONTINUES.match(candidate.text)
            or goes_on(last.text, candidate.text)
            or candidate.end - item.candidate.start <= room
        )
        if len(found) >= least and not says_so:
            break
        found.append(follower)
        last = candidate
    return found[:_MAX_RUN_ON]


def _items_behind(item: Scored, scored: Sequence[Scored]) -> list[Scored]:
    """List the items of the list that stands right behind a sentence, each by its first one."""
    found: list[Scored] = []
    last = item.candidate
    for follower in _followers(item, scored):
        between = last.document.text[last.end : follower.candidate.start]
        if between.strip():
            break
        if "\n" in between:
            if not _ITEM.match(follower.candidate.text):
                break
            found.append(follower)
        last = follower.candidate
    return found[:_MAX_ITEMS]


def _series(best: Scored, scored: Sequence[Scored]) -> list[Scored]:
    """List what stands in a row with a sentence: items of one list, or sentences that open alike.

    What leads into a list ("The main points:") comes with it.
    """
    row, document = _row(best.candidate), best.candidate.document.id
    near = [s for s in scored if s.candidate.document.id == document] if row else []
    near.sort(key=lambda s: s.candidate.start)
    at = next((i for i, s in enumerate(near) if s is best), 0)
    before = [i - 1 for i in takewhile(lambda i: _joined(near, i, row), range(at, 0, -1))]
    behind = [*takewhile(lambda i: _joined(near, i, row), range(at + 1, len(near)))]
    places = [*reversed(before), *behind]
    found = [near[i] for i in places if row != _LISTED or is_item(near[i].candidate.text)]
    first = min([*places, at])
    if row == _LISTED and first and announced(near[first - 1].candidate.text):
        found.insert(0, near[first - 1])
    return found[:_MAX_ITEMS]


def _joined(near: Sequence[Scored], index: int, row: str) -> bool:
    """Tell whether a sentence and the one before it stand next to each other in one row."""
    before, after = near[index - 1].candidate, near[index].candidate
    between = before.document.text[before.end : after.start]
    if between.strip() or ("\n" in between and row != _LISTED):
        return False
    return _row(before) == _row(after) == row


def _row(candidate: Candidate) -> str:
    """Tell in what kind of row a sentence stands, by how it opens; empty where that tells none."""
    text, start = candidate.document.text, candidate.start
    if _ITEM.match(text, text.rfind("\n", 0, start) + 1):
        return _LISTED
    if _ORDERED.match(candidate.text) or _OPENS_ROW.search(candidate.text):
        return _COUNTED_OFF
    match = _OPENING_WORD.match(candidate.text)
    word = match[0].lower() if match else ""
    return "" if word in STOP_WORDS or len(word) < _LEAST_OPENING else word


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
    return min(_LEAST_OF[match[1].lower()], _MAX_RUN_ON) if match else 0


def is_item(text: str) -> bool:
    """Tell whether a sentence opens an item of a list."""
    return bool(_ITEM.match(text))


def counted(text: str) -> int:
    """Return how many things a sentence says there are: three for "three reasons", or 0."""
    match = _ANNOUNCES.search(text)
    return _COUNTS.get(match[1].lower(), 0) if match else 0
