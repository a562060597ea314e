"""Compare the numbers and dates of a claim with its evidence; each difference is a finding."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.dates import Date
from rag.facts import Quantity
from rag.nations import fold
from rag.statement import Statement
from rag.terms import stem

# conflict: both cannot be true. unstated: the evidence is silent. weaker: the evidence says less.
Severity = Literal["conflict", "unstated", "weaker"]

_LETTERS = re.compile(r"[^\W\d_]+")
_CLAUSE_END = re.compile(r"[,;:()\n–—](?!\d)|[.!?]\s")
_TIME = frozenset({"second", "minute", "hour", "day", "week", "month", "year", "decade"})
_CODE = re.compile(r"(?<![\w.,])[A-Za-z]+-?\d[\w-]*|(?<![\w.,])\d+[A-Z]+\w*")


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between claim and evidence; ``reason`` is a short sentence for a reader."""

    kind: str
    severity: Severity
    reason: str


Focus = frozenset[int]


def check_numbers(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Compare each number of the claim with the numbers of the same unit or noun."""
    matched = [q for q in evidence.quantities if any(holds_number(a, q) for a in claim.quantities)]
    for asked in claim.quantities:
        rivals = [q for q in evidence.quantities if _same_thing(asked, q)]
        others = [q for q in evidence.quantities if _maybe_same_thing(asked, q)]
        close = [q for q in rivals if evidence.sentence_at(q.start) in near]
        peers = [*rivals, *(q for q in others if not close or not q.nouns)]
        if held := next((q for q in peers if holds_number(asked, q)), None):
            if other := _better_placed(claim, asked, evidence, held):
                yield _number("weaker", asked, f"{other.text} of this")
            elif _moved_bound(asked, held):
                yield _number("weaker", asked, held.text)
            continue
        if loose := next((q for q in peers if overlaps(asked, q)), None):
            yield _number("weaker", asked, loose.text)
        elif rival := [q.text for q in close if q not in matched]:
            yield _number("conflict", asked, " and ".join(dict.fromkeys(rival)))
        elif (asked.low, asked.high) != (1, 1):  # "one" is often no count at all
            yield _number("unstated", asked, "no such number")
    yield from _check_codes(claim, evidence)


def _number(severity: Severity, asked: Quantity, found: str) -> Finding:
    return Finding("number", severity, f"number: the claim says {asked.text}, the evidence {found}")


def _better_placed(
    claim: Statement, asked: Quantity, evidence: Statement, held: Quantity
) -> Quantity | None:
    """Return another number of the kind whose clause has the claim's words, where held's has none.

    "Of 10,000 soldiers, 8,000 stand at the border" does not put 10,000 at the border.
    """
    rivals = [
        q
        for q in evidence.quantities
        if q != held and not holds_number(asked, q) and (_same_thing(held, q) or not q.nouns)
        if evidence.sentence_at(q.start) == evidence.sentence_at(held.start)
    ]
    counted = {stem(word.lower()) for word in _LETTERS.findall(fold(asked.text + " " + held.text))}
    wanted = {word.stem for word in claim.words if not word.is_number} - counted
    if not rivals or wanted & _clause_stems(evidence.text, held):
        return None
    return next((q for q in rivals if wanted & _clause_stems(evidence.text, q)), None)


def _clause_stems(text: str, quantity: Quantity) -> set[str]:
    before = text[: quantity.start]
    start = max((m.end() for m in _CLAUSE_END.finditer(before)), default=0)
    stop = _CLAUSE_END.search(text, quantity.end)
    clause = fold(text[start : stop.start() if stop else len(text)])
    return {stem(word.lower()) for word in _LETTERS.findall(clause)}


def _same_thing(asked: Quantity, found: Quantity) -> bool:
    """Tell whether both measure in one unit, or count what goes by one noun."""
    if asked.measure or found.measure:
        return asked.measure == found.measure
    return not _stems(asked).isdisjoint(_stems(found))


def _maybe_same_thing(asked: Quantity, found: Quantity) -> bool:
    """Tell whether nothing shows that they count different things, as soldiers and troops."""
    return not asked.measure and not found.measure and _duration(asked) == _duration(found)


def _stems(quantity: Quantity) -> set[str]:
    return {stem(noun) for noun in quantity.nouns}


def _duration(quantity: Quantity) -> str:
    """Name the span of time: 24 years are never 24 soldiers."""
    return next((noun.rstrip("s") for noun in quantity.nouns if noun.rstrip("s") in _TIME), "")


def holds_number(asked: Quantity, found: Quantity) -> bool:
    """Tell whether the evidence's number lies within the claim's."""
    slack = 1e-9 * max(1.0, abs(found.low))
    return asked.low - slack <= found.low and found.high <= asked.high + slack


def _moved_bound(asked: Quantity, found: Quantity) -> bool:
    """Tell whether one bound was moved: "over 60" is true of "over 90" and misreports it."""
    low = (asked.low, found.low) if asked.low != found.low else None
    high = (asked.high, found.high) if asked.high != found.high else None
    if found.low == found.high or bool(low) == bool(high):
        return False
    return all(0 < bound < math.inf for bound in low or high or ())


def overlaps(asked: Quantity, found: Quantity) -> bool:
    """Tell whether one number could be both."""
    return asked.low <= found.high and found.low <= asked.high


def _check_codes(claim: Statement, evidence: Statement) -> Iterator[Finding]:
    """Look up what has digits and is no quantity, such as F-16 or KN-23, as it stands."""
    known = {code.lower() for code in _CODE.findall(evidence.text)}
    for code in dict.fromkeys(_CODE.findall(claim.text)):
        if code.lower() not in known:
            yield Finding("number", "unstated", f"number: {code} does not stand in the evidence")


def check_dates(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Compare each date of the claim, part by part, with the dates of the evidence."""
    matched = [date for date in evidence.dates if any(agree(asked, date) for asked in claim.dates)]
    for asked in claim.dates:
        agreeing = [date for date in evidence.dates if agree(asked, date)]
        if any(_covers(asked, date) for date in agreeing):
            continue
        rivals = [date for date in evidence.dates if _share_parts(asked, date)]
        close = [date.text for date in rivals if evidence.sentence_at(date.start) in near]
        if agreeing:
            yield _date("unstated", asked, f"only {agreeing[0].text}")
        elif close and any(date not in matched for date in rivals):
            yield _date("conflict", asked, " and ".join(dict.fromkeys(close)))
        else:
            yield _date("unstated", asked, "no such date")


def _date(severity: Severity, asked: Date, found: str) -> Finding:
    return Finding("date", severity, f"date: the claim says {asked.text}, the evidence {found}")


def _parts(date: Date) -> dict[str, int]:
    named = {"year": date.year, "month": date.month, "day": date.day, "weekday": date.weekday}
    return {name: value for name, value in named.items() if value is not None}


def agree(asked: Date, found: Date) -> bool:
    """Tell whether the two share a part and no shared part differs."""
    theirs = _parts(found)
    shared = [(part, value) for part, value in _parts(asked).items() if part in theirs]
    return bool(shared) and all(_same_part(part, value, asked, found) for part, value in shared)


def _same_part(part: str, value: int, asked: Date, found: Date) -> bool:
    if part == "year":
        return bool(set(_years(asked, value)) & set(_years(found, found.year or 0)))
    if part == "day" and found.until:
        return (found.day or 0) <= value <= found.until
    return _parts(found)[part] == value


def _years(date: Date, first: int) -> range:
    """Return the years meant; "the 1900s" may be a decade or the century."""
    span = 1 if not date.decade else 100 if first % 100 == 0 else 10
    return range(first, first + span)


def _covers(asked: Date, found: Date) -> bool:
    """Tell whether the evidence is at least as precise as the claim."""
    return _parts(asked).keys() <= _parts(found).keys() and (asked.decade or not found.decade)


def _share_parts(asked: Date, found: Date) -> bool:
    """Tell whether both name a day, a month, a year or a weekday: then one of them is wrong."""
    return not _parts(asked).keys().isdisjoint(_parts(found).keys())
