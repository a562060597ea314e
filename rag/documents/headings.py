"""Tell the statements of an article from the lines between them that are none.

A page saved as a record, as Markdown, a PDF or a Word file seldom marks its headings, nor the links
to other stories. The links go when it is read; headings are kept, and told by their shape.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rag.documents.blocks import Reading, paragraphs
from rag.documents.boilerplate import is_labelled_link
from rag.documents.dates import find_date
from rag.documents.lines import is_heading_like
from rag.documents.page import Page
from rag.documents.paragraphs import Paragraph
from rag.documents.sections import is_punctuated, listed
from rag.types import Document

_CELLS = " | "
_LEAST_PARAGRAPHS, _A_LINE = 3, 80  # tell that a text is written in sentences; characters


def heading_lines(document: Document) -> frozenset[int]:
    """Return where lines begin that read as headings: short, without an end, with text below.

    None do in a text that is not written in sentences. Lists and the rows of tables are content,
    and a line with a day tells who wrote where and when, or what happened then.
    """
    marked = {heading.start for heading in document.headings}
    lines = [(at, text) for at, text in paragraphs(document.text) if at not in marked]
    page = _page(text for _, text in lines)
    if not _in_sentences(page):
        return frozenset()
    in_lists, last = listed(page), max(at for at in range(len(page)) if page.prose[at])
    return frozenset(
        start
        for at, (start, text) in enumerate(lines[:last])
        if not page.prose[at] and at not in in_lists and _may_head(text)
    )


def without_links(reading: Reading) -> Reading:
    """Leave out links to other stories behind a label, of a text that is written in sentences."""
    links = {block for block in reading.blocks if not block.level and is_labelled_link(block.text)}
    if not links or not _in_sentences(_page(block.text for block in reading.blocks)):
        return reading
    return replace(reading, blocks=tuple(b for b in reading.blocks if b not in links))


def _page(texts: Iterable[str]) -> Page:
    return Page([Paragraph(text) for text in texts])


def _in_sentences(page: Page) -> bool:
    """Tell whether a text is written in sentences, and long enough to tell."""
    long = (
        len(text) > _A_LINE for text, prose in zip(page.texts, page.prose, strict=True) if prose
    )
    return sum(long) >= _LEAST_PARAGRAPHS and is_punctuated(page)


def _may_head(line: str) -> bool:
    content = line.endswith(":") or _CELLS in line or find_date(line)
    return is_heading_like(line) and not content
