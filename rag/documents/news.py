"""Clean a scraped news page: keep the article's paragraphs and headings, note its metadata.

The page is read from its edges inwards. Furniture that is certain goes first, then the head
(title, by-line, date, deck), the tail (disclaimer, comments), and last the odd lines between the
paragraphs. What the tail says of who the author is ends the text. A paragraph that reads as prose
is dropped only where a rule is sure of it.
"""

from __future__ import annotations

from rag.documents.blocks import Block, Metadata, Reading
from rag.documents.boilerplate import begins_comments, is_furniture
from rag.documents.captions import is_caption
from rag.documents.characters import normalise, unwrap_markup
from rag.documents.head import read_head
from rag.documents.lines import ends_sentence, is_heading_like, word_count
from rag.documents.metadata import implied_publisher, stated_publisher
from rag.documents.page import Page
from rag.documents.paragraphs import split_paragraphs
from rag.documents.sections import settle_lines
from rag.documents.tail import read_tail

HEADING_LEVEL = 2  # a page's sections stand below its title
_MOST_PARAGRAPHS = 50_000  # more is no article but a list or a log, and is kept as it is
_WORDS_BEFORE_COMMENTS = 40
_BROKEN_CAPTION_WORDS = 15


def read_news(text: str) -> Reading:
    """Read a scraped article from plain text."""
    paragraphs = split_paragraphs(normalise(unwrap_markup(text)))
    if len(paragraphs) > _MOST_PARAGRAPHS:
        return Reading(tuple(Block(paragraph.text) for paragraph in paragraphs))
    reading = _read_page(Page(paragraphs))
    if any(not block.level for block in reading.blocks):
        return reading
    # A note, a list or a bare notice: nothing in it reads as an article, so nothing is furniture.
    return Reading(tuple(Block(paragraph.text) for paragraph in paragraphs))


def _read_page(page: Page) -> Reading:
    _drop_comments(page)
    _drop_furniture(page)
    head = read_head(page)
    tail = read_tail(page, head.author)
    settle_lines(page, head.title)
    blocks = tuple(_block(page, position) for position in page.kept())
    notes = tail.notes if any(not block.level for block in blocks) else ()
    return Reading(
        (*blocks, *map(Block, notes)),
        Metadata(
            title=head.title,
            author=tail.author,
            publisher=head.publisher
            or stated_publisher(page.dropped())
            or implied_publisher(block.text for block in blocks),
            date=head.date,
            url=head.url,
        ),
    )


def _block(page: Page, position: int) -> Block:
    level = HEADING_LEVEL if page.roles[position] == "heading" else 0
    return Block(page.texts[position], level)


def _drop_comments(page: Page) -> None:
    """Drop what readers wrote: all that follows the comment form's opening line."""
    words = 0
    for position, text in enumerate(page.texts):
        if words >= _WORDS_BEFORE_COMMENTS and begins_comments(text):
            page.drop(*range(position, len(page)))
            return
        words += word_count(text) if page.is_body(position) else 0


def _drop_furniture(page: Page) -> None:
    for position, text in enumerate(page.texts):
        if is_furniture(text):
            page.drop(position)
        elif is_caption(text):
            page.drop(position, *_caption_parts(page, position))


def _caption_parts(page: Page, position: int) -> list[int]:
    """Find the lines that belong to a caption: its broken-off beginning, a label stuck to it."""
    before = position - 1
    if before < 0 or not page.is_kept(before):
        return []
    text = page.texts[before]
    broken = word_count(text) >= _BROKEN_CAPTION_WORDS and not ends_sentence(text)
    return [before] if broken or _is_stuck_label(page, position) else []


def _is_stuck_label(page: Page, position: int) -> bool:
    spaced = page.tight.count(False) > len(page) / 2
    return spaced and page.tight[position] and is_heading_like(page.texts[position - 1])
