"""Read dates out of running text, with exactly the parts the text states."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

MONTHS = (
    "January February March April May June July August September October November December"
).split()
_MONTHS = tuple(month[:3].lower() for month in MONTHS)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# Capitalised, yet nobody's name.
CALENDAR = frozenset(
    word.capitalize()
    for word in (
        *_WEEKDAYS,
        *("january", "february", "march", "april", "may", "june", "july", "august"),
        *("september", "october", "november", "december"),
    )
)

_MONTH = (
    r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)|Apr(?:il|\.)?|May|June?|July?"
    r"|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?![0-9%]|[,.][0-9])"
_UNTIL = r"(?: ?[-–] ?(?P<until>[0-3]?[0-9])\b)?"
_YEAR = r"(?P<year>1[0-9]{3}|20[0-9]{2})(?![0-9])"

# The first pattern that fits a place wins, so the fullest forms come first.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})\b",
        rf"\b(?P<month>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}})/{_YEAR}",  # as US papers write it
        rf"\b{_MONTH} {_DAY}{_UNTIL}(?:,? {_YEAR})?",
        rf"\b{_DAY}{_UNTIL}(?: of)? {_MONTH}(?![a-z])(?:,? {_YEAR})?",
        rf"\b{_MONTH},? (?:of )?{_YEAR}",
        # "May" and "March" alone are months only after a word that goes with months.
        r"(?<=\b(?:in|by|of) )(?P<month>May|March)\b",
        r"(?<=(?:last|this|next|late|from|till) )(?P<month>May|March)\b",
        r"\b(?P<month>January|February|April|June|July|August|September|October|November"
        r"|December)\b",
        r"(?<![\w$€£.,])(?<![A-Z0-9]-)(?P<year>1[0-9]{3}|20[0-9]{2})(?P<decade>['’]?s)?"
        r"(?![\w%]|[,.][0-9]|-[A-Za-z])",
        r"(?:(?<=\bthe )|['’])(?P<short>[2-9]0)s\b",
        r"\b(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b",
    )
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date with the parts the text states.

    ``month`` counts from 1, ``weekday`` from Monday = 0, ``until`` is the last day of a span
    such as June 27-29, and ``decade`` tells that ``year`` opens a decade.
    """

    text: str
    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    until: int | None = None
    weekday: int | None = None
    decade: bool = False


_SHORT = 1000  # characters
_SHORT_MONTH = re.compile(r"\b(Jan|Feb|Aug|Sept?|Oct|Nov|Dec)\. ?(?=[0-3]?[0-9]\b)")


def with_months_in_full(text: str) -> str:
    """Write the short months of dates in full: a question may say October 28 of Oct. 28."""
    return _SHORT_MONTH.sub(lambda m: f"{MONTHS[_MONTHS.index(m[1][:3].lower())]} ", text)


def dates(text: str) -> tuple[Date, ...]:
    """Find the dates of a text in the order they stand."""
    return _kept(text) if len(text) <= _SHORT else _found(text)


@functools.lru_cache(maxsize=4096)  # a sentence is asked for its dates again and again
def _kept(text: str) -> tuple[Date, ...]:
    return _found(text)


def _found(text: str) -> tuple[Date, ...]:
    found: list[Date] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            date = _read(match)
            if date and not any(date.start < d.end and d.start < date.end for d in found):
                found.append(date)
    return tuple(sorted(found, key=lambda date: date.start))


# "1,800" may be written 1800: a bare year is told from a count by its neighbours.
_EARLIEST_BARE_YEAR = 1500
_BEFORE_YEAR = re.compile(
    r"\b(?:in|since|until|till|during|early|late|mid|year|summer|autumn|winter|spring|the)[ -]$",
    re.IGNORECASE,
)
_BEFORE_EARLY_YEAR = re.compile(r"\b(?:in|since|until|before|after|year)[ -]$", re.IGNORECASE)
_COUNTED = re.compile(r" (?:[a-z]+ ){0,2}[a-z]{2,}s\b")


def may_be_one(one: Date, other: Date) -> bool:
    """Tell whether two dates agree in all that both state."""
    pairs = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    return all(None in pair or pair[0] == pair[1] for pair in pairs)


def _is_count(match: re.Match[str]) -> bool:
    """Tell whether four digits alone count something: 1800 soldiers."""
    if match.group() != match.groupdict().get("year"):
        return False
    before = match.string[max(0, match.start() - 8) : match.start()]
    if int(match.group()) < _EARLIEST_BARE_YEAR:
        return not _BEFORE_EARLY_YEAR.search(before)
    return not _BEFORE_YEAR.search(before) and bool(_COUNTED.match(match.string, match.end()))


def _read(match: re.Match[str]) -> Date | None:
    """Turn a match into a date; ``None`` where its numbers cannot be one."""
    parts = match.groupdict()
    short, year = parts.get("short"), parts.get("year")
    month, day = _month(parts.get("month")), _number(parts.get("day"))
    until, weekday = _number(parts.get("until")), parts.get("weekday")
    if _is_count(match) or month == 0 or (day is not None and not 1 <= day <= 31):
        return None
    return Date(
        text=match.group(),
        start=match.start(),
        end=match.end(),
        year=1900 + int(short) if short else _number(year),
        month=month,
        day=day,
        until=until if until and day and until > day else None,
        weekday=_WEEKDAYS.index(weekday.lower()) if weekday else None,
        decade=bool(short or parts.get("decade")),
    )


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _month(name: str | None) -> int | None:
    """Return the month of a name or of digits; 0 where the digits are no month."""
    if not name:
        return None
    if name.isdigit():
        return int(name) if 1 <= int(name) <= 12 else 0
    return _MONTHS.index(name[:3].lower()) + 1
