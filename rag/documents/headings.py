"""Find the lines of a text that read as headings though nothing marks them as such.

A page saved as a record, a PDF or a Word file seldom marks its headings, nor any page the links to
other stories between its paragraphs. They are kept, and are no statements of the article.
"""

from __future__ import annotations

from rag.documents.blocks import paragraphs
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
    page = Page([Paragraph(text) for _, text in lines])
    prose = [at for at in range(len(page)) if page.prose[at]]
    in_sentences = sum(len(page.texts[at]) > _A_LINE for at in prose)
    if in_sentences < _LEAST_PARAGRAPHS or not is_punctuated(page):
        return frozenset()
    in_lists = listed(page)
    return frozenset(
        start
        for at, (start, text) in enumerate(lines[: prose[-1]])
        if not page.prose[at] and at not in in_lists and _may_head(text)
    )


def _may_head(line: str) -> bool:
    content = line.endswith(":") or _CELLS in line or find_date(line)
    return is_heading_like(line) and not content
