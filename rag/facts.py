"""Read quantities out of running text, as values that can be compared."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from rag.dates import dates
from rag.lexicon import STOP_WORDS

_NEAR_SHARE = 0.1  # "about 8,000" means 7,200 to 8,800
_VAGUE_SPAN = 1e3  # "thousands" ends where "millions" begins

_UNITS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6,
    "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_WORD_VALUES = {
    **{word: float(value) for value, word in enumerate(_UNITS, 1)},
    **{word: 10.0 * value for value, word in enumerate(_TENS, 2)},
    "dozen": 12.0,
    "a": 1.0,
}
NUMBER_WORDS = frozenset(_WORD_VALUES) - {"a"} | frozenset(_SCALES)
_VAGUE = {"dozens": 24.0, "hundreds": 2e2, "thousands": 2e3, "millions": 2e6, "billions": 2e9}

# Spellings of a measure that the pattern below lets through, by what they start with.
_MEASURES = {
    "%": "percent", "per": "percent", "mm": "mm", "milli": "mm", "cm": "cm", "centi": "cm",
    "km": "km", "kilom": "km", "kg": "kg", "kilogram": "kg", "mph": "mph", "kph": "kph",
    "met": "m", "mile": "mile", "ton": "ton", "inch": "inch", "feet": "foot", "foot": "foot",
    "dollar": "$", "euro": "€", "pound": "£", "yen": "¥",
}  # fmt: skip
_MEASURE = re.compile(
    r"[ \u00a0-]?(?P<measure>%|per ?cent|percentage|mm|cm|km|kg|mph|kph"
    r"|(?:milli|centi|kilo)?met(?:er|re)|kilogram|mile|tonne|ton|inch|feet|foot|dollar|euro|pound"
    r"|yen)(?:s|es)?(?!\w)",
    re.IGNORECASE,
)
_MONEY = re.compile(r"(?:US|A|C|NZ)?([$€£¥₩])\s?$")

_SCALE_WORDS = "hundred|thousand|million|billion|trillion"
_NUMBER_WORDS = "|".join([*_TENS, *reversed(_UNITS)])
_VALUE = re.compile(
    rf"""(?<![\w.])(?<![A-Za-z][-/.,])(?:
        (?P<digits>[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]+)?|[0-9]{{1,15}}(?:\.[0-9]{{1,9}})?)
        (?:[ ]?-?(?P<scale>{_SCALE_WORDS}|bn|tn|mn|k|m|b)\b)?(?P<ordinal>st|nd|rd|th)?
        (?-i:(?![A-Z0-9]))
      | (?P<words>(?:a[ ]dozen|a[ ](?:{_SCALE_WORDS})|dozen|(?:{_NUMBER_WORDS}))\b
        (?:(?:[ ]and[ ]|[ -])(?:{_NUMBER_WORDS}|{_SCALE_WORDS}|dozen)\b){{0,6}})
      | (?P<vague>dozens|hundreds|thousands|millions|billions)\b(?=[ ]of\b)
    )""",
    re.VERBOSE | re.IGNORECASE,
)

# Up to four words after the number may name what it counts; a function word ends them.
_NOUNS = re.compile(r"(?: of(?= [a-z]))?(?:[ \u00a0-][A-Za-z][\w'’-]*){1,4}")

_NOUN = re.compile(r"[A-Za-z][\w'’-]*")

_BEFORE = re.compile(
    r"(?:^|\W)(?:between"
    r"|(?P<most>up to|at most|no more than|not more than|less than|fewer than|under|below"
    r"|as many as|as much as)"
    r"|(?P<least>at least|more than|over|above|no fewer than|no less than|upwards of|exceeding)"
    r"|(?P<near>about|around|approximately|roughly|nearly|almost|close to|some|(?:an )?estimated"
    r"|circa|approx\.|just over|just under))(?: (?:the|a|an|those|these))?\s*[$€£¥₩]?$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\W*(?:\w+ )?or (?:(?P<least>more|above|higher)|(?P<most>fewer|less|lower))\b")
_RANGE = re.compile(r"\s?(?:%|percent)?\s?(?:to|-|–|—|~)\s?[$€£¥₩]?$", re.IGNORECASE)
_AND = re.compile(r"\s?(?:%|percent)?\sand\s[$€£¥₩]?$", re.IGNORECASE)
_SPANNING = re.compile(r"\b(?:between|rang(?:e|es|ed|ing) (?:of|from))(?: the)?$", re.IGNORECASE)
_CONTEXT = 24  # characters before a number that can hold its modifier

# "one of", "no one", "this one": a pronoun, not a count.
_ONE_AFTER = re.compile(
    r"\s+(?:of|another|day|or|can|could|must|should|may|thing|that|who|is)\b|[^\w\s-]"
)
_ONE_BEFORE = re.compile(
    r"\b(?:no|any|every|some|each|the|this|that|which|another|only|not|on)[ -]$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as an interval, with what it measures or counts.

    ``low == high`` for a plain number; "more than 90" reaches to infinity. ``measure`` is
    ``percent``, ``km``, ``$`` …, or empty for a count; ``nouns`` are the lower-cased words that
    may name what is counted, the nearest first. ``text`` is the number as it stands, with its
    modifier and its nouns, on one line; ``start`` and ``end`` hold the number alone.
    """

    low: float
    high: float
    measure: str
    nouns: tuple[str, ...]
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Value:
    amount: float
    high: float
    start: int
    end: int
    measure: str = ""


def quantities(text: str) -> tuple[Quantity, ...]:
    """Find the numbers of a text that are no dates, in the order they stand."""
    values = _merge_ranges(text, _values(text))
    return tuple(_quantity(text, value) for value in values)


def _values(text: str) -> list[_Value]:
    taken = iter([*((date.start, date.end) for date in dates(text)), (len(text), len(text))])
    start, end = next(taken)
    values: list[_Value] = []
    for match in _VALUE.finditer(text):
        while end <= match.start() and end < len(text):
            start, end = next(taken)
        if match.end() <= start and not _is_pronoun(text, match):
            values.append(_read(match))
    return values


def _is_pronoun(text: str, match: re.Match[str]) -> bool:
    if match.group().lower() != "one":
        return False
    before = text[max(0, match.start() - 10) : match.start()]
    return bool(_ONE_AFTER.match(text, match.end()) or _ONE_BEFORE.search(before))


def _read(match: re.Match[str]) -> _Value:
    if vague := match["vague"]:
        low = _VAGUE[vague.lower()]
        return _Value(low, low * _VAGUE_SPAN - 1, match.start(), match.end())
    if digits := match["digits"]:
        amount = float(digits.replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1.0)
    else:
        amount = _spelled(match["words"].lower())
    measure = "ordinal" if match["ordinal"] else ""
    return _Value(amount, amount, match.start(), match.end(), measure)


def _spelled(words: str) -> float:
    """Add up a number in words: two hundred and fifty thousand."""
    total = group = 0.0
    for word in re.split(r"[ -]", words):
        if word == "dozen":
            group = 12 * (group or 1.0)
        elif word == "hundred":
            group = 100 * (group or 1.0)
        elif word in _SCALES:
            total, group = total + (group or 1.0) * _SCALES[word], 0.0
        else:
            group += _WORD_VALUES.get(word, 0.0)
    return total + group


def _merge_ranges(text: str, values: list[_Value]) -> list[_Value]:
    """Join "20 to 60" and "between 20 and 60"; "rose from 20 to 60" stays two numbers."""
    merged: list[_Value] = []
    for value in values:
        last = merged[-1] if merged else None
        if last and last.amount < value.amount and _is_range(text, last, value):
            merged[-1] = _Value(last.amount, value.high, last.start, value.end)
        else:
            merged.append(value)
    return merged


def _is_range(text: str, low: _Value, high: _Value) -> bool:
    if high.start - low.end > _CONTEXT:
        return False
    gap = text[low.end : high.start]
    before = text[max(0, low.start - _CONTEXT) : low.start].rstrip("$€£¥₩ ")
    spanning = bool(_SPANNING.search(before))
    if before.endswith("from") and not spanning:
        return False
    return bool(_RANGE.match(gap)) or (spanning and bool(_AND.match(gap)))


def _quantity(text: str, value: _Value) -> Quantity:
    before = text[max(0, value.start - _CONTEXT) : value.start]
    modifier = _BEFORE.search(before)
    low, high = _bounds(value, modifier or _AFTER.match(text, value.end))
    measured = _MEASURE.match(text, value.end)
    money = _MONEY.search(before)
    end = measured.end() if measured else value.end
    nouns, noun_end = _nouns(text, end)
    plain_between = modifier and not modifier.lastgroup and value.amount == value.high
    marks = [m for m in (None if plain_between else modifier, money) if m]
    start = value.start - max((len(m.group()) for m in marks), default=0)
    measure = money.group(1) if money else _measure(measured) or value.measure
    written = text[start : end if measure else noun_end].strip(' \n\u00a0,;:—–("“')
    return Quantity(low, high, measure, nouns, " ".join(written.split()), value.start, value.end)


def _measure(match: re.Match[str] | None) -> str:
    if not match:
        return ""
    word = match["measure"].lower()
    return next(unit for prefix, unit in _MEASURES.items() if word.startswith(prefix))


def _bounds(value: _Value, modifier: re.Match[str] | None) -> tuple[float, float]:
    kind = modifier.lastgroup if modifier else None
    if kind == "most":
        return 0.0, value.high
    if kind == "least":
        return value.amount, math.inf
    if kind == "near":
        return value.amount * (1 - _NEAR_SHARE), value.high * (1 + _NEAR_SHARE)
    return value.amount, value.high


def _nouns(text: str, start: int) -> tuple[tuple[str, ...], int]:
    """Return the lower-case words that may name what is counted, and where they end."""
    found: list[str] = []
    end = start
    match = _NOUNS.match(text, start)
    skipped = start + 3 if text.startswith(" of ", start) else start
    for word in _NOUN.finditer(text, skipped, match.end()) if match else ():
        if word.group().lower() in STOP_WORDS:
            break
        end = word.end()
        if word.group().islower():  # "North Korean" does not tell soldiers from shells
            found.append(word.group())
        if found and found[-1].endswith("s"):  # a plural is the noun that is counted
            break
    return tuple(found), end if found else start
