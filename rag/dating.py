"""The year in which an article was written, which few articles state beside each of their dates.

"What was signed in June 2024?" is answered by an article of that year that says "on June 18".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Set

from rag.dates import dates
from rag.types import Document

_READ = 50_000  # characters of an undated article
_BEFORE = re.compile(r"(?:^|,? )(?:back )?(?:in|during|of) (?:the year )?$", re.IGNORECASE)
_BEHIND = re.compile(r",? ?")


def years_named(text: str) -> frozenset[int]:
    """List the years that a text names."""
    return frozenset(date.year for date in dates(text) if date.year)


def year_of(document: Document) -> int | None:
    """Return the year of an article: its date's, or the latest that it names where it has none."""
    return _year(document.date or "", document.text[:_READ])


@functools.lru_cache(maxsize=512)
def _year(date: str, text: str) -> int | None:
    return int(date[:4]) if re.match(r"\d{4}", date) else max(years_named(text), default=None)


def years_given(document: Document, asked: Set[int]) -> Set[int]:
    """Return the year, of those asked about, that goes without saying in an article: its own."""
    return asked & {year_of(document)} if asked else frozenset()


def without_years(question: str, years: Set[int]) -> str:
    """Take years off the dates of a question: "June 2024" is "June" then, "in 2024" is left out.

    What stands in a name ("the 2024 Games") stays.
    """
    kept, at = "", 0
    for date in dates(question):
        if date.year not in years or date.decade:
            continue
        if date.month:
            bare = re.sub(rf",? (?:of )?{date.year}\b", "", date.text)
            kept, at = f"{kept}{question[at : date.start]}{bare}", date.end
        elif before := _BEFORE.search(question, at, date.start):
            opens = before.start() == 0 and _BEHIND.match(question, date.end)
            kept, at = kept + question[at : before.start()], opens.end() if opens else date.end
    return kept + question[at:]
