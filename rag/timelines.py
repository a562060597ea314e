"""Timelines: the sentences that state a date, or one that is asked for, in the order of dates.

A date may leave its year to the article ("on Oct. 28"). It is put in order by the newest year that
the article states up to the day it appeared; what is shown is the sentence as it stands.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TypeAlias

from rag.choosing import Statement
from rag.dates import Date, dates
from rag.questions import TIMELINE, Question
from rag.reading import Scored
from rag.summaries import MOST_ARTICLES
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
        "show create draw write build list happened took place occurred "
        "going went key main important full short brief"
    )
)
_MOST = 12
_SAME = 0.85  # cosine from which two sentences of one date tell the same

Place: TypeAlias = tuple[int, int, int]  # year, month and day; 0 where not stated


def timeline_asked(question: Question) -> bool:
    """Tell whether a question asks what happened in the order of time, or on a day."""
    return bool(_ASKED.search(fold(question.text)) or day_asked(question))


def matter_of(question: Question) -> frozenset[str]:
    """Return the terms of what a timeline is asked of; empty for all that the articles tell."""
    day = day_asked(question)
    return frozenset(question.terms) - ASKING - frozenset(terms(day.text) if day else ())


def day_asked(question: Question) -> Date | None:
    """Return the day, month or year of which a question asks what happened then."""
    found = dates(question.text) if _HAPPENED.match(question.text) else ()
    return found[0] if len(found) == 1 and found[0].until is None else None


def timeline_of(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose sentences that state a date and are on the matter, earliest first.

    Of too many, those with the fullest dates are kept, then those that come first in ``scored``.
    """
    matter, day = matter_of(question), day_asked(question)
    dated = [
        (place, item)
        for item in scored
        if (place := _place(item.candidate.document, item.candidate.text, day))
        and (not matter or not matter.isdisjoint(_about(item)))
    ]
    dated.sort(key=lambda pair: -sum(map(bool, pair[0])))
    chosen: list[tuple[Place, Scored]] = []
    for place, item in dated:
        if not any(place == other and _tell_the_same(item, known) for other, known in chosen):
            chosen.append((place, item))
    chosen = sorted(chosen[:_MOST], key=lambda pair: pair[0])
    return tuple(Statement(item) for _, item in chosen)


def _about(item: Scored) -> set[str]:
    return {*terms(item.candidate.text), *terms(item.candidate.around)}


def _tell_the_same(one: Scored, other: Scored) -> bool:
    return float(one.vector @ other.vector) >= _SAME


def _place(document: Document, text: str, day: Date | None) -> Place | None:
    """Return the earliest date of a sentence that can be placed in time, in ``day`` if given."""
    found = [place for date in dates(text) if (place := _placed(document, date))]
    return min((place for place in found if not day or _falls_in(place, day)), default=None)


def _falls_in(place: Place, day: Date) -> bool:
    """Tell whether a date is a day, or in a month or year; what is not asked may be anything."""
    wanted = (day.year, day.month, day.day)
    return all(not part or part == own for part, own in zip(wanted, place, strict=True))


def _placed(document: Document, date: Date) -> Place | None:
    if date.year:
        return date.year, date.month or 0, date.day or 0
    if not date.month or not date.day:
        return None
    year = _year_of(document, (date.month, date.day))
    return (year, date.month, date.day) if year else None


def _year_of(document: Document, day: tuple[int, int]) -> int | None:
    """Return the year that a day without one is of: the article's own, or the newest it states."""
    parts = [int(part) for part in (document.date or "").split("-")[:3] if part.isdigit()]
    if not parts:
        return _newest_year(document.text)
    later = len(parts) == 3 and day > (parts[1], parts[2])
    return parts[0] - 1 if later else parts[0]


@functools.lru_cache(maxsize=MOST_ARTICLES)  # asked for each day without a year
def _newest_year(text: str) -> int | None:
    return max((date.year for date in dates(text) if date.year and not date.decade), default=None)
