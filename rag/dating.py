"""The year and the day of what a sentence tells, where it does not state them itself.

"What was signed in June 2024?" is answered by an article of that year that says "on June 18", and
"When was it signed?" by "They used the visit to sign it" behind the sentence that dates the visit.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence, Set
from dataclasses import replace

from rag.dates import Date, dates, may_be_one
from rag.types import Document

_READ = 50_000  # characters of an undated article
_HALF_A_YEAR, _LATE_IN_THE_YEAR = 180, 320  # days
_MID_MONTH = 15
_KEPT = 64  # articles
_CARRIED = 350  # characters that a day is carried on over
_SENTENCES = 2  # behind the one that tells it
_ENDS = re.compile(r"[.!?][\"”’')\]]*\s")
_TO_COME = re.compile(r"\b(?:by|until|till|before)\s$")
_BEFORE = re.compile(r"(?:^|,? )(?:back )?(?:in|during) (?:the year )?$", re.IGNORECASE)
_BEHIND = re.compile(r",? ?")
# Two years that are asked about together stay both.
_JOINED = r"(?:,|/|[-–—]|and|or|to|until|till|vs\.?|versus)"
_YEAR_BEFORE = re.compile(rf"\d{{4}}\s*{_JOINED}\s*(?:in\s+)?$", re.IGNORECASE)
_YEAR_BEHIND = re.compile(rf"\s*{_JOINED}\s*(?:in\s+)?\d", re.IGNORECASE)


def years_named(text: str) -> frozenset[int]:
    """List the years that a text names; decades are none."""
    return frozenset(date.year for date in dates(text) if date.year and not date.decade)


def year_of(document: Document, day: tuple[int, int] | None = None) -> int | None:
    """Return the year of an article, or that in which a (month, day) is nearest to it.

    An undated one is of the latest year that it names.
    """
    parts = [int(part) for part in (document.date or "").split("-")[:3] if part.isdigit()]
    if not parts:
        return _newest_year(document.text)
    if day is None or len(parts) < 3:
        return parts[0]
    ahead = 30 * (day[0] - parts[1]) + day[1] - parts[2]  # days, about
    return parts[0] - 1 if ahead > _HALF_A_YEAR else parts[0] + (ahead < -_LATE_IN_THE_YEAR)


@functools.lru_cache(maxsize=_KEPT)  # asked for each sentence without a year
def _newest_year(text: str) -> int | None:
    text = text[:_READ]
    told = (d for d in dates(text) if not _TO_COME.search(text, max(0, d.start - 8), d.start))
    return max((date.year for date in told if date.year and not date.decade), default=None)


def year_untold(document: Document, text: str, around: str, date: Date) -> int | None:
    """Return the year of a date that a sentence of an article tells without one.

    ``around`` is what stands near it. Where either names a year it may be that, so it is not known.
    """
    if years_named(text) or years_named(around) or not date.month:
        return None
    return year_of(document, (date.month, date.day or _MID_MONTH))


def years_given(document: Document, text: str, around: str, asked: Set[int]) -> Set[int]:
    """Return the years, of those asked about, that go without saying in a sentence of an article.

    ``around`` is what stands near it. Where either names a year, that is the one it is of.
    """
    if not asked or years_named(text) or years_named(around):
        return frozenset()
    days = [(d.month, d.day or _MID_MONTH) for d in dates(text) if d.month]
    return asked & ({year_of(document, day) for day in days} or {year_of(document)})


def day_before(document: Document, text: str, start: int) -> Date | None:
    """Return the last day or month told right before a sentence that tells no date itself.

    ``start`` is where the sentence ``text`` stands. The day is told at most two sentences before,
    with no heading between; its offsets are the document's. A bare year is none: what follows need
    not be of that year.
    """
    if dates(text):
        return None
    above = max((h.end for h in document.headings if h.start < start), default=0)
    first = max(0, start - _CARRIED, above)
    told = [d for d in dates(document.text[first:start]) if d.month or d.weekday is not None]
    if not told or len(_ENDS.findall(document.text, first + told[-1].end, start)) > _SENTENCES:
        return None
    return replace(told[-1], start=first + told[-1].start, end=first + told[-1].end)


def day_fitting(
    document: Document, text: str, around: str, start: int, asked: Sequence[Date]
) -> Date | None:
    """Return the day from before a sentence where it may be one of the dates asked about.

    See ``day_before``; ``around`` is what stands near the sentence. The day comes with its year.
    """
    months = [date for date in asked if date.month]
    day = day_before(document, text, start) if months else None
    if not day or not day.month:
        return None
    dated = replace(day, year=day.year or year_untold(document, text, around, day))
    fits = any(may_be_one(dated, date) and (dated.year or not date.year) for date in months)
    return dated if fits else None


def told_from(document: Document, day: Date, start: int) -> str:
    """Return what stands from the beginning of the sentence that tells ``day`` up to ``start``."""
    first = max(0, day.start - _CARRIED)
    ends = [first + end.end() for end in _ENDS.finditer(document.text[first : day.start])]
    return document.text[ends[-1] if ends else first : start]


def without_years(question: str, years: Set[int]) -> str:
    """Take years off the dates of a question: "June 2024" is "June" then, "in 2024" is left out.

    What stands in a name ("the 2024 Games"), in quotation marks or beside another year stays.
    """
    kept, at = "", 0
    for date in dates(question):
        if date.year not in years or date.decade or _stays(question, date):
            continue
        if date.month:
            bare = re.sub(rf",? (?:of )?{date.year}\b", "", date.text)
            kept, at = f"{kept}{question[at : date.start]}{bare}", date.end
        elif before := _BEFORE.search(question, at, date.start):
            opens = before.start() == 0 and _BEHIND.match(question, date.end)
            kept, at = kept + question[at : before.start()], opens.end() if opens else date.end
    return kept + question[at:]


def _stays(question: str, date: Date) -> bool:
    before = question[: date.start]
    quoted = before.count("“") > before.count("”") or before.count('"') % 2 == 1
    beside = _YEAR_BEFORE.search(before) or _YEAR_BEHIND.match(question, date.end)
    return bool(quoted or beside)
