"""Read dates as newspapers write them into ISO form.

A numeric date is read only where its order is certain: year first; a number above 12; dots, which
only day-first countries use; or, for slashes and hyphens, what the same file shows elsewhere
(``date_order``). ``11/5/2024`` on its own stays unread: half the world means May.
"""

from __future__ import annotations

import datetime
import re
from typing import Literal

Order = Literal["month_first", "day_first"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_SPELLED_MONTH_FIRST = re.compile(rf"\b{_MONTH} {_DAY}\b(?:,? {_YEAR})?", re.I)
_SPELLED_DAY_FIRST = re.compile(rf"\b{_DAY}(?: of)?[ -]{_MONTH}(?:,?[ -]{_YEAR})?", re.I)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d\d)(?![\d/])")
_FORMS = (
    re.compile(
        rf"(?<!\d){_YEAR}(?P<mark>[-/.])(?P<number>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?!\d)"
    ),
    re.compile(rf"\b{_MONTH} {_DAY},? {_YEAR}", re.I),
    re.compile(rf"\b{_DAY}(?: of)?[ -]{_MONTH},?[ -]{_YEAR}", re.I),
    re.compile(rf"(?<!\d )\b{_MONTH} {_YEAR}", re.I),
)
_PARTIAL = re.compile(r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2]))?")
_TIME = re.compile(
    r"\b\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?(?!\w)|\b\d{1,2} ?[ap]\.?m\.?(?!\w)", re.I
)
_DATE_WORDS = re.compile(
    r"\b(?:updated?|published|posted|last|first|modified|created|released|originally|date|issued|on|at"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|e[sd]?t|p[sd]?t|c[sd]t|gmt|utc"
    r"|ist|bst|ce?s?t|jst|kst|hrs?|hours|local time|\d{1,3} min(?:ute)?s?(?: read)?)\b\.?",
    re.I,
)
_GAP = re.compile(r"(?:,| ?[|/•·–—(\[-])?\s+|\s*[(\[]")
_STAMP = re.compile(r"\b(?:updated?|published|posted|modified)\b", re.I)
_SCANNED = 200_000  # characters that settle how a file writes its dates


def parse_date(text: str, *, order: Order | None = None) -> str | None:
    """Return the first date in a short text as ISO (``2024-11-05``, ``2024-11`` or ``2024``)."""
    text = text.strip()[:200]
    partial = _PARTIAL.fullmatch(text)
    return partial.group() if partial else find_date(text, order=order)


def find_date(text: str, *, order: Order | None = None) -> str | None:
    """Return the first date that names at least month and year, or None."""
    found = [(match.start(), _spelled(match)) for form in _FORMS if (match := form.search(text))]
    found += [(match.start(), _numeric(match, order)) for match in _NUMERIC.finditer(text)]
    return next((date for _, date in sorted(found, key=lambda item: item[0]) if date), None)


def date_order(text: str) -> Order | None:
    """Tell from its other dates whether a file writes the month or the day first.

    A number above 12 settles it; failing that, spelled dates do (``Oct. 28`` against
    ``28 October``). Mixed evidence settles nothing.
    """
    text = text[:_SCANNED]
    numeric = [(int(m[1]), int(m[3])) for m in _NUMERIC.finditer(text) if m[2] != "."]
    day_first = any(first > 12 for first, _ in numeric)
    month_first = any(second > 12 for _, second in numeric)
    if not (day_first or month_first):
        day_first = bool(_SPELLED_DAY_FIRST.search(text))
        month_first = bool(_SPELLED_MONTH_FIRST.search(text))
    if day_first == month_first:
        return None
    return "month_first" if month_first else "day_first"


def split_date(line: str) -> tuple[str, str | None]:
    """Part a line into what stands before the date that ends it, and the date as it is written."""
    for gap in _GAP.finditer(line):
        if is_date_line(line[gap.end() :]):
            return line[: gap.start()], line[gap.end() :]
    return line, None


def is_stamp(line: str) -> bool:
    """Whether a date line says by its words or its time of day that it dates the article."""
    return bool(_STAMP.search(line) or _TIME.search(line)) and is_date_line(line)


def is_date_line(line: str) -> bool:
    """Whether a line holds a date and nothing else but times and words such as "Updated"."""
    if len(line) > 150 or not re.search(r"\d", line):
        return False
    rest = line
    dates = 0
    for form in (*_FORMS[:3], _NUMERIC, _SPELLED_MONTH_FIRST, _FORMS[3]):
        rest, count = form.subn(" ", rest)
        dates += count
    rest = _DATE_WORDS.sub(" ", _TIME.sub(" ", re.sub(r"(?<=\s)T(?=\d)", " ", rest)))
    return dates > 0 and not re.search(r"\w", re.sub(r"[+-]\d\d:?\d\d|Z\b", " ", rest))


def _spelled(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    name = parts.get("month")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(parts["number"])
    if parts.get("day") is None:
        return f"{int(parts['year']):04d}-{month:02d}"
    return _iso(int(parts["year"]), month, int(parts["day"]))


def _numeric(match: re.Match[str], order: Order | None) -> str | None:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or first > 12 or first == second:
        return _iso(year, second, first)
    if second > 12 or order == "month_first":
        return _iso(year, first, second)
    return _iso(year, second, first) if order == "day_first" else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None
