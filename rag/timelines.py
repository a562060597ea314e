"""Timelines: the sentences that state a date, or one that is asked for, in the order of dates.

A date may leave its year to the article ("on Oct. 28"). It is put in order by the newest year that
the article states up to the day it appeared; what is shown is the sentence as it stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from rag.choosing import Statement
from rag.dates import Date, dates
from rag.dating import year_of
from rag.questions import TIMELINE, Question
from rag.reading import Scored
from rag.terms import fold, terms
from rag.types import Document

_ASKED = re.compile(rf"\b{TIMELINE}")
_HAPPENED = re.compile(
    r"(?:(?:and|so),? )?what(?: else| all)? (?:happened|took place|occurred|was going on|went on)\b"
    r"(?!.*\b(?:after|before|since|until|till|by|from|between)\b)",
    re.IGNORECASE,
)
ASKING = frozenset(
    terms(
        "timeline time line chronology chronological order sequence course event events date dates "
        "show create draw write build list put together make compile prepare dated "
        "happened took place occurred going went key main major important relevant most story full "
        "short brief radio television tv podcast"
    )
)
_FIRST_MONTHS = {
    "spring": "March",
    "summer": "June",
    "autumn": "September",
    "fall": "September",
    "winter": "December",
}
_FROM_SEASON = re.compile(
    rf"\b(?P<season>{'|'.join(_FIRST_MONTHS)})\b"
    r"(?= (?:to|until|till|through)\b.*?\b(?P<year>\d{4})\b)",
    re.IGNORECASE,
)
_MOST = 12
# News speaks of days nearby: in March, of those up to September as to come.
# Two sentences of one date tell the same from such a cosine on, or a lower one if the shorter
# shares so many of its terms.
_SAME, _ALIKE, _SHARED = 0.8, 0.5, 0.6

Place: TypeAlias = tuple[int, int, int]  # year, month and day; 0 where not stated
Span: TypeAlias = tuple[Place, Place]


def timeline_asked(question: Question) -> bool:
    """Tell whether a question asks what happened in the order of time, or on a day."""
    return bool(_ASKED.search(fold(question.text)) or day_asked(question))


def matter_of(question: Question) -> frozenset[str]:
    """Return the terms of what a timeline is asked of; empty for all that the articles tell."""
    asked = _in_months(question.text)
    stated = " ".join(date.text for date in dates(asked)) if span_asked(question) else ""
    return frozenset(terms(asked)) - ASKING - frozenset(terms(stated))


def day_asked(question: Question) -> Date | None:
    """Return the day, month or year of which a question asks what happened then."""
    found = dates(question.text) if _HAPPENED.match(question.text) else ()
    return found[0] if len(found) == 1 and found[0].until is None else None


def span_asked(question: Question) -> Span | None:
    """Return the first and the last day, month or year of which a question asks, if it does.

    One that is stated with less is the same in what it leaves out: "from June to November 2024".
    """
    if day := day_asked(question):
        return _parts(day), _parts(day)
    found = dates(_in_months(question.text)) if timeline_asked(question) else ()
    if not found or len(found) > 2 or any(date.until for date in found):
        return None
    first, last = _parts(found[0]), _parts(found[-1])
    return (first[0] or last[0], *first[1:]), (last[0] or first[0], *last[1:])


def _in_months(text: str) -> str:
    """Write the season that opens a span as its first month: "from spring to November 2024"."""
    return _FROM_SEASON.sub(lambda m: f"{_FIRST_MONTHS[m['season'].lower()]} {m['year']}", text)


def _parts(date: Date) -> Place:
    return date.year or 0, date.month or 0, date.day or 0


def timeline_of(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose sentences that state a date and are on the matter, earliest first.

    Of too many, each day keeps one before another has a second, and a month or year for which no
    day is stated comes after; of one date those are kept that come first in ``scored``.
    """
    matter, span = matter_of(question), span_asked(question)
    dated = [
        (place, item)
        for item in scored
        if (place := _place(item.candidate.document, item.candidate.text, span))
        and (not matter or not matter.isdisjoint(_about(item)))
    ]
    dated.sort(key=lambda pair: -sum(map(bool, pair[0])))
    chosen: list[tuple[Place, Scored]] = []
    for place, item in dated:
        if not any(place == other and _tell_the_same(item, known) for other, known in chosen):
            chosen.append((place, item))
    kept = sorted(_in_turn(chosen)[: question.most or _MOST], key=lambda pair: pair[0])
    return tuple(Statement(item) for _, item in kept)


def _in_turn(dated: Sequence[tuple[Place, Scored]]) -> list[tuple[Place, Scored]]:
    """Put the first of each date before the second; a part that a date lacks is one turn later."""
    told: Counter[Place] = Counter()
    turns: list[int] = []
    for place, _ in dated:
        told[place] += 1
        turns.append(told[place] + place.count(0))
    return [dated[at] for at in sorted(range(len(dated)), key=turns.__getitem__)]


def _about(item: Scored) -> set[str]:
    return {*terms(item.candidate.text), *terms(item.candidate.around)}


def _tell_the_same(one: Scored, other: Scored) -> bool:
    """Tell whether sentences of one date tell the same, by their meaning or mostly its words."""
    alike = float(one.vector @ other.vector)
    first, second = set(terms(one.candidate.text)), set(terms(other.candidate.text))
    shared = len(first & second) / max(1, min(len(first), len(second)))
    return alike >= _SAME or (alike >= _ALIKE and shared >= _SHARED)


def _place(document: Document, text: str, span: Span | None) -> Place | None:
    """Return the earliest date of a sentence that can be placed in time, in ``span`` if given."""
    found = [place for date in dates(text) if (place := placed(document, date))]
    return min((place for place in found if not span or _falls_in(place, span)), default=None)


def _falls_in(place: Place, span: Span) -> bool:
    """Tell whether a date is in a span; what its ends leave out may be anything."""
    first, last = span
    from_first = [(own, part) for own, part in zip(place, first, strict=True) if part]
    to_last = [(own, part) for own, part in zip(place, last, strict=True) if part]
    return [own for own, _ in from_first] >= [part for _, part in from_first] and [
        own for own, _ in to_last
    ] <= [part for _, part in to_last]


def placed(document: Document, date: Date) -> Place | None:
    """Return when a date of a document is; ``None`` where that cannot be told."""
    if date.year:
        return date.year, date.month or 0, date.day or 0
    if not date.month or not date.day:
        return None
    year = year_of(document, (date.month, date.day))
    return (year, date.month, date.day) if year else None
