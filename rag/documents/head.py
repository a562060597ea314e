"""Read the top of a page: title, deck, by-line, date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.documents.boilerplate import is_label
from rag.documents.bylines import AGENCIES, Byline, read_byline
from rag.documents.dates import date_order, find_date, is_date_line
from rag.documents.lines import (
    holds_sentences,
    is_bullet,
    is_headline,
    word_count,
    words,
)
from rag.documents.page import Page
from rag.documents.people import list_names

_DECK_WORDS = 45
_DATELINE_WORDS = 8
_LOOSE_WORDS = 25
_MOST_LOOSE_LINES = 6
_SHORTEST_PREFIX = 4  # words that make a shortened title recognisable
_FIELD = re.compile(
    r"(title|headline|author|by|byline|date|published|publication|source|publisher|url|link)"
    r": *(\S.*)",
    re.IGNORECASE,
)
_FIELD_NAMES = {
    "headline": "title",
    "by": "author",
    "byline": "author",
    "published": "date",
    "publication": "publisher",
    "source": "publisher",
    "link": "url",
}


@dataclass(frozen=True, slots=True)
class Head:
    """What the top of a page states."""

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: str | None = None
    url: str | None = None


def read_head(page: Page) -> Head:
    """Take title, by-line, date and deck off the page's top."""
    fields = _take_fields(page)
    _drop_dateline(page)
    byline = _take_byline(page)
    date, last = _take_dates(page)
    title = fields.get("title") or _take_title(page)
    _drop_deck(page, last)
    title, site = _without_site(title)
    return Head(
        title=title,
        author=fields.get("author") or byline.author,
        publisher=fields.get("publisher") or byline.publisher or site,
        date=_date(fields.get("date"), page) or date or _date(byline.dated, page),
        url=fields.get("url"),
    )


def _take_fields(page: Page) -> dict[str, str]:
    """Take the ``Title: …`` lines with which some scrapers begin a file."""
    fields: dict[str, str] = {}
    for position, text in enumerate(page.texts[:8]):
        match = _FIELD.fullmatch(text)
        if not match or len(text) > 300:
            break
        name = match[1].lower()
        fields.setdefault(_FIELD_NAMES.get(name, name), match[2].strip())
        page.drop(position)
    return fields


def _positions(page: Page) -> Iterator[int]:
    """Yield where the head can be: up to the first paragraphs of the article itself."""
    prose = 0
    for position in range(len(page)):
        yield position
        prose += word_count(page.texts[position]) if page.is_body(position) else 0
        if prose > 2 * _DECK_WORDS:
            return


def _take_byline(page: Page) -> Byline:
    bylines = [
        (at, byline)
        for at in _positions(page)
        if page.is_kept(at) and (byline := read_byline(page.texts[at]))
    ]
    page.drop(*(at for at, _ in bylines))
    return bylines[0][1] if bylines else _take_bare_names(page)


def _take_bare_names(page: Page) -> Byline:
    """Take a by-line without "By": names on the first line, or above a date line."""
    first = next(iter(page.kept()), None)
    for position in _positions(page):
        text = page.texts[position]
        dated = position + 1 < len(page) and is_date_line(page.texts[position + 1])
        if not (dated or position == first) or page.prose[position] or not page.is_kept(position):
            continue
        if names := list_names(text):
            page.drop(position)
            return Byline(publisher=names) if names in AGENCIES else Byline(names)
    return Byline()


def _drop_dateline(page: Page) -> None:
    """Drop a place and agency that a line break cut off the first sentence: ``OSLO, AP —``."""
    for position in page.kept()[:2]:
        text = page.texts[position]
        if text.endswith(("—", "–", "-")) and word_count(text) <= _DATELINE_WORDS:
            page.drop(position)


def _take_dates(page: Page) -> tuple[str | None, int]:
    """Return the first date line's date and where the last line of the by-line block stands."""
    date = None
    last = -1
    for position in _positions(page):
        text = page.texts[position]
        if is_date_line(text) and not is_bullet(text):
            page.drop(position)
            date, last = date or _date(text, page), position
        elif not page.is_kept(position) and read_byline(text):
            last = position
    return date, last


def _date(text: str | None, page: Page) -> str | None:
    return find_date(text, order=date_order("\n".join(page.texts))) if text else None


def _take_title(page: Page) -> str | None:
    """Take the headline that opens the page; of a short and a full form, the full one."""
    opening: list[str] = []
    for position in page.kept()[:6]:
        text = page.texts[position]
        if is_label(text):
            page.drop(position)
        elif is_headline(text) and (not opening or _is_form_of(text, opening[0])):
            page.drop(position)
            opening.append(text)
        else:
            break
    return max(opening, key=len, default=None)


def _is_form_of(text: str, title: str) -> bool:
    return repeats(text, title) or repeats(title, text)


def repeats(line: str, title: str) -> bool:
    """Whether a line is the title again, or the beginning of it."""
    ours, theirs = _folded(line), _folded(title)
    if len(ours) < _SHORTEST_PREFIX:
        return ours == theirs
    return theirs[: len(ours)] == ours


def _folded(text: str) -> list[str]:
    return [word.casefold() for word in words(text)]


def _drop_deck(page: Page, last: int) -> None:
    """Drop the standfirst above the by-line, and loose lines between head and first paragraph.

    Many loose lines are no head but a list, which is content.
    """
    deck: list[int] = []
    for position in page.kept():
        if not _is_deck(page, position, last):
            break
        deck.append(position)
    if sum(position > last for position in deck) <= _MOST_LOOSE_LINES:
        page.drop(*deck)


def _is_deck(page: Page, position: int, last: int) -> bool:
    text = page.texts[position]
    if is_label(text) or (position < last and word_count(text) <= _DECK_WORDS):
        return not holds_sentences(text)
    return not page.prose[position] and word_count(text) <= _LOOSE_WORDS and not text.endswith(":")


def _without_site(title: str | None) -> tuple[str | None, str | None]:
    """Part ``Headline | Site``."""
    if title is None or " | " not in title:
        return title, None
    headline, _, site = title.rpartition(" | ")
    if word_count(site) <= 5 < word_count(headline):
        return headline, site
    return title, None
