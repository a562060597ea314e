"""Find key facts in a text whatever way their numbers, dates and dashes are written.

A key fact is a group of alternatives, each a regular expression in the form that ``normalise``
gives a text: ``10000`` for "10,000", ``2`` for "two", ``october 28`` for "28 Oct.", ``F 16`` for
"F-16", ``UN`` for "U.N.", ``90 percent`` for "90%". Letter case does not matter. An alternative
starts at the start of a word and may end inside one (``artiller``), but not inside a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

Alternatives = tuple[str, ...]

_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_MONTH_OF = {name[:3]: name for name in _MONTHS} | {"sept": "september"}
_NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()
_DIGITS_OF = {word: str(value) for value, word in enumerate(_NUMBERS, start=2)}

_MONTH = rf"({'|'.join(_MONTHS)}|{'|'.join(key for key in _MONTH_OF if key != 'may')})\b\.?"
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}")
_MONTH_DAY = re.compile(rf"\b{_MONTH}(?: the)? (\d{{1,2}})(?:st|nd|rd|th)?\b")
_MONTH_YEAR = re.compile(rf"\b{_MONTH},? (?:of )?(\d{{4}})\b")
_WORD_NUMBER = re.compile(rf"\b({'|'.join(_NUMBERS)})\b")
_THOUSANDS = re.compile(r"(?<=\d)[,\u202f\u00a0](?=\d{3}\b)")
_THOUSAND = re.compile(r"\b(\d+) ?(?:thousand|k)\b")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
_DASHES = re.compile(r"[-‐‑‒–—~/]")
_MARKER = re.compile(r"\[\d+\]")
_ESCAPE = re.compile(r"\\([^\w\s])")


def normalise(text: str) -> str:
    """Write numbers, dates, quotes, dashes and spaces in one way, in lower case."""
    text = _THOUSANDS.sub("", unicodedata.normalize("NFC", text)).lower()
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')
    text = _ISO_DATE.sub(_spell_iso_date, text)
    text = _WORD_NUMBER.sub(lambda match: _DIGITS_OF[match[1]], text)
    text = _THOUSAND.sub(r"\g<1>000", text)
    text = _DAY_MONTH.sub(lambda match: f"{_full(match[2])} {match[1]}", text)
    text = _MONTH_DAY.sub(lambda match: f"{_full(match[1])} {match[2]}", text)
    text = _MONTH_YEAR.sub(lambda match: f"{_full(match[1])} {match[2]}", text)
    text = _INITIALS.sub(lambda match: match[0].replace(".", ""), text)
    text = text.replace("per cent", "percent").replace("%", " percent")
    return " ".join(_DASHES.sub(" ", text).split())


def without_markup(text: str) -> str:
    """Drop citation markers, whose digits are no part of an answer, and Markdown's escapes."""
    return _ESCAPE.sub(r"\1", _MARKER.sub("", text))


def holds(alternatives: Sequence[str], text: str) -> bool:
    """Tell whether one of the alternatives stands in ``text``."""
    return holds_normalised(alternatives, normalise(text))


def holds_normalised(alternatives: Sequence[str], text: str) -> bool:
    """As ``holds``, for a text that went through ``normalise`` already."""
    return any(_pattern(alternative).search(text) for alternative in alternatives)


def facts_in(facts: Sequence[Sequence[str]], text: str) -> tuple[bool, ...]:
    """Tell for each key fact whether ``text`` holds it."""
    normalised = normalise(text)
    return tuple(holds_normalised(alternatives, normalised) for alternatives in facts)


@cache
def _pattern(alternative: str) -> re.Pattern[str]:
    # ".5" after "3" is another number, "." after "3" ends a sentence.
    return re.compile(rf"(?<![\w.])(?:{alternative})(?!\d|\.\d)", re.IGNORECASE)


def _full(month: str) -> str:
    return _MONTH_OF.get(month, month)


def _spell_iso_date(match: re.Match[str]) -> str:
    year, month, day = (int(part) for part in match.groups())
    return f"{_MONTHS[month - 1]} {day} {year}" if 1 <= month <= 12 else match[0]
