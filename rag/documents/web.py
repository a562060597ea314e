"""Read saved web pages: the article's own text, by trafilatura."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from rag.documents.blocks import Block, Metadata, Reading, one_line
from rag.documents.boilerplate import is_sure_furniture
from rag.documents.bylines import above_credits, under_title
from rag.documents.characters import normalise
from rag.documents.dates import parse_date
from rag.documents.lines import is_title_case, word_count
from rag.documents.quiet import parsing
from rag.errors import InputError

if TYPE_CHECKING:
    from trafilatura.settings import Document as Page

_MOST_CHARACTERS = 16_000_000  # the extractor is slow, and no article's page is longer
_TITLE = re.compile(r"<title[^<>]*>([^<>]{1,500})</title", re.IGNORECASE)
_BEHIND_TITLE = re.compile(r" [|–—·-] ([^|]+)")
_LONGEST_SITE = 5  # words
_PARAGRAPHS = frozenset({"p", "item", "quote", "row", "code", "ab"})


def read_html(text: str) -> Reading:
    """Read the article of a page; raise InputError when no article is found in it."""
    if len(text) > _MOST_CHARACTERS:
        raise InputError(f"the page is too large: at most {_MOST_CHARACTERS // 1_000_000} MB")
    page = _extract(text)
    if page is None or page.body is None:
        raise InputError("no article text was found in the page")
    blocks = tuple(_blocks(page.body, page.title))
    if not any(not block.level for block in blocks):
        raise InputError("no article text was found in the page")
    return above_credits(under_title(Reading(blocks, _metadata(page, text))))


def _extract(text: str) -> Page | None:
    with parsing("a web page", loggers=("trafilatura", "htmldate", "courlan", "justext")):
        from trafilatura import bare_extraction

        return bare_extraction(
            text,
            include_comments=False,
            with_metadata=True,
            # Only dates that the page's markup states: the extensive search guesses.
            date_extraction_params={"extensive_search": False, "original_date": True},
        )


def _metadata(page: Page, text: str) -> Metadata:
    title, date = _stated(page.title), _stated(page.date)
    return Metadata(
        title=title,
        author=_stated(page.author),
        publisher=_stated(page.sitename) or _site(title, text),
        date=parse_date(date) if date else None,
        url=_stated(page.url),
    )


def _site(title: str | None, text: str) -> str | None:
    """Return what a page's title has behind the article's: "Headline – Site"."""
    found = _TITLE.search(text)
    whole = one_line(normalise(unescape(found[1]))) if found else ""
    if not title or not whole.startswith(title):
        return None
    behind = _BEHIND_TITLE.fullmatch(whole[len(title) :])
    site = behind[1].strip() if behind else ""
    return site if is_title_case(site) and word_count(site) <= _LONGEST_SITE else None


def _stated(value: object) -> str | None:
    return one_line(normalise(value)) or None if isinstance(value, str) else None


def _blocks(body: Element, title: object) -> Iterator[Block]:
    for element in body.iter():
        text = (
            one_line(normalise("".join(_own_text(element)))) if element.tag in _PARAGRAPHS else ""
        )
        if element.tag == "head":
            heading = one_line(normalise("".join(element.itertext())))
            if heading and heading != title:
                yield Block(heading, _level(element.get("rend")))
        elif text and not is_sure_furniture(text):
            yield Block(f"- {text}" if element.tag == "item" else text.removeprefix("| "))


def _own_text(element: Element) -> Iterator[str]:
    """Yield an element's text without that of the paragraphs inside it, which come on their own."""
    yield element.text or ""
    for child in element:
        if child.tag == "cell":
            yield f" | {one_line(''.join(child.itertext()))}"
        elif child.tag == "lb":
            yield " "
        elif child.tag not in _PARAGRAPHS and child.tag not in {"list", "head", "table"}:
            yield from _own_text(child)
        yield child.tail or ""


def _level(rend: object) -> int:
    digits = str(rend or "h2").lstrip("h")
    return int(digits) if digits in set("123456") else 2
