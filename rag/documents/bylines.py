"""Read by-lines: who wrote an article, for whom, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile

from rag.dates import MONTHS
from rag.documents.blocks import Reading
from rag.documents.dates import date_order, find_date, is_date_line, split_date
from rag.documents.lines import ends_sentence, is_title_case, word_count
from rag.documents.people import is_person, joined, split_names
from rag.names import OUTLET_WORDS

AGENCIES = frozenset(
    {"Associated Press", "Agence France-Presse", "Press Association", "Press Trust", "Staff Writer"}
)
_BY = re.compile(
    r"(?:(?:written|reported|story|text|words|posted|analysis|opinion|report|essay)[ :]+)?"
    r"by:? +|(?:author|writer|byline)s?: *",
    re.IGNORECASE,
)
_ONE_WORD = re.compile(r"(?:the )?([A-Z][\w.&-]{1,30})")
_BAR = re.compile(r" ?[|/•·–—()\[\]] ?| - ")
_COMMA = re.compile(r", (?!(?:and|&) )")
_EMPLOYER = re.compile(r" for (?=the\b|[A-Z])")
_OUTLET = re.compile(
    rf"The (?!Hague\b)[A-Z]|.*\b(?:Agency|Digest|Politics|Reporter|World|{OUTLET_WORDS})\b"
)
# As "The Kestrel Institute, 3 March 2025": with a date behind it, the house whose text it is.
_HOUSE = re.compile(r".*\b(?:Cent(?:er|re)|Council|Foundation|Institute|Institution|University)\b")
_BARS = re.compile(r" [|/•·–—] ")
_LONGEST_PART = 8  # words between bars
_MONTH = rf"(?:{'|'.join(MONTHS)})"
_DAY = re.compile(rf",? (?:\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}})\.?$")
_CREDIT = re.compile(
    r"[(\[]?(?:additional )?(?:reporting|writing|editing|written|edited|produced) by (?-i:[A-Z]).*",
    re.IGNORECASE,
)
_LONGEST_CREDIT = 25  # words
_DECK_LINES = 4  # under a title
_DECK_WORDS = 45


@dataclass(frozen=True, slots=True)
class Byline:
    """What a line says of who wrote an article, of whose it is and of its date, as written."""

    author: str | None = None
    publisher: str | None = None
    dated: str | None = None


def read_byline(line: str) -> Byline | None:
    """Read a line that says who wrote the article, and nothing else but where and when.

    ``By Jane Roe and John Doe, Staff Writers``; ``By Jane Roe, The Coast Gazette, 3 March 2025``;
    ``By Reuters``.
    """
    if ends_sentence(line) and not is_title_case(line):
        return None
    return _parsed(line) or _barred(line)


def byline_authors(line: str) -> str | None:
    """Return whom a line that begins as a by-line names, whatever stands behind the names."""
    found = _parsed(line)
    return found.author if found else None


def under_title(reading: Reading) -> Reading:
    """Take the by-line and the date that open a text off it, as a news page's are.

    They may stand under the line that introduces a text. What the file states by itself goes before
    them.
    """
    found, taken = Byline(), set[int]()
    for number, block in enumerate(reading.blocks[:_DECK_LINES]):
        byline = None if block.level else read_byline(block.text) or _outlet_line(block.text, found)
        if byline:
            publisher = byline.publisher or found.publisher
            dated = byline.dated or found.dated
            found = Byline(byline.author or found.author, publisher, dated)
        elif not block.level and (number == 0 or taken) and is_date_line(block.text):
            found = replace(found, dated=found.dated or block.text)
        elif taken or number or ends_sentence(block.text) or word_count(block.text) > _DECK_WORDS:
            break
        else:
            continue
        taken.add(number)
    kept = tuple(block for number, block in enumerate(reading.blocks) if number not in taken)
    text = kept if 0 in taken else kept[1:]  # what only introduces a text is none
    if not taken or all(block.level for block in text):
        return reading
    known = reading.metadata
    order = date_order("\n".join(block.text for block in kept[:200]))
    metadata = replace(
        known,
        author=known.author or found.author,
        publisher=known.publisher or found.publisher,
        date=known.date or (find_date(found.dated, order=order) if found.dated else None),
    )
    return Reading(kept, metadata)


def above_credits(reading: Reading) -> Reading:
    """Take off the last line where it only says who worked on a text, or when its writer writes."""
    *blocks, last = reading.blocks
    author = reading.metadata.author
    credit = _CREDIT.fullmatch(last.text) and word_count(last.text) <= _LONGEST_CREDIT
    writes = author and re.match(rf"{re.escape(author)} writes\b", last.text)
    if last.level or not (credit or writes) or all(block.level for block in blocks):
        return reading
    return Reading(tuple(blocks), reading.metadata)


def _outlet_line(line: str, found: Byline) -> Byline | None:
    """Read a line under a by-line that says for whom and when: "Coast Gazette, 2 July"."""
    if not found.author:
        return None
    named, dated = split_date(line)
    day = None if dated else _DAY.search(line)
    if not (dated or day):
        return None
    outlet = _outlet([line[: day.start()] if day else named], dated=True)
    return Byline(publisher=outlet, dated=dated) if outlet else None


def _barred(line: str) -> Byline | None:
    """Read a by-line between bars: "Analysis | By Jane Roe | 3 March 2025"."""
    parts = _BARS.split(line)
    at = next((n for n, part in enumerate(parts) if n and _BY.match(part)), None)
    if at is None or any(word_count(part) > _LONGEST_PART for part in parts):
        return None
    found = _parsed(" | ".join(parts[at:]))
    if not found:
        return None
    publisher = found.publisher or _outlet(parts[:at], dated=False)
    return replace(found, publisher=publisher)


def _parsed(line: str) -> Byline | None:
    opening = _BY.match(line)
    if not opening or word_count(line) > 25:
        return None
    rest, dated = split_date(line[opening.end() :])
    first, *others = _BAR.split(rest)
    if agency := _agency(first):
        return Byline(publisher=agency, dated=dated)
    names, more = _leading_names(first)
    if not names:
        return None
    return Byline(joined(names), _outlet([*more, *others], dated=bool(dated)), dated)


def _agency(text: str) -> str | None:
    plain = text.strip().removeprefix("the ").removeprefix("The ")
    if plain in AGENCIES:
        return plain
    word = _ONE_WORD.fullmatch(text.strip())
    return word[1] if word else None


def _leading_names(text: str) -> tuple[list[str], list[str]]:
    """Part the persons whom a text begins with from what stands behind a comma or "for"."""
    pieces = _COMMA.split(text.strip(" ,"))
    employed = _EMPLOYER.search(pieces[0])
    if employed:
        pieces[:1] = [pieces[0][: employed.start()], pieces[0][employed.end() :]]
    names: list[str] = []
    for number, piece in enumerate(pieces):
        if number and (_OUTLET.match(piece) or (employed and number == 1)):
            return names, pieces[number:]
        parts = split_names(piece)
        persons = list(takewhile(is_person, parts))
        names += persons
        if len(persons) < len(parts):
            return names, pieces[number:]
    return names, []


def _outlet(candidates: list[str], *, dated: bool) -> str | None:
    """Return the first candidate that is a paper's name, or with a date behind it a house's."""
    plain = [text.strip(" .,").removeprefix("the ") for text in candidates]
    named = (t for t in plain if _OUTLET.match(t) or (dated and _HOUSE.match(t)))
    return next((text for text in named if word_count(text) <= 8), None)
