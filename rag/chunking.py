"""Cut documents into chunks for the index: whole sentences of one section, small enough to embed.

LlamaIndex's ``SentenceSplitter`` packs the sentences; where they end, how long they are and where
a chunk lies in its document is decided here, since it would ask NLTK for the first, count other
tokens for the second and guess wrong on repeated text for the third.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.minilm import MAX_PIECES, encodable, open_tokenizer
from rag.sentences import split_sentences
from rag.types import Chunk, Document

if TYPE_CHECKING:
    from llama_index.core.node_parser import SentenceSplitter

CHUNKER = "minilm-sentences/2"  # raise the number whenever chunks or contexts change

_SPECIAL_PIECES = 2  # [CLS] and [SEP]
_TITLE_PIECES = 40
_BYLINE_PIECES = 24
_PATH_PIECES = 24
# A word of more than 100 letters is one unknown piece, however long; counting at least one piece
# for ten characters bounds chunks of such text. Prose has four to six characters to a piece.
_CHARACTERS_PER_PIECE = 10
_LETTER = re.compile(r"[^\W_]")
_PARAGRAPH = "\n\n"


def split_document(document: Document, *, chunk_tokens: int) -> tuple[Chunk, ...]:
    """Cut a document into chunks, in order, without overlap.

    A chunk holds whole sentences of one section, at most ``chunk_tokens`` word pieces of them; only
    a longer sentence is cut. Its ``embedded_text`` never exceeds what MiniLM reads. Headings are in
    no chunk's text, and text without a letter or digit is in no chunk.
    """
    return tuple(
        Chunk(document.id, first, last, document.text[first:last], context)
        for start, end, path in _sections(document)
        for context in [_context(document, path)]
        for first, last in _pack(document.text, start, end, _room(context, chunk_tokens))
    )


def _sections(document: Document) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield the spans between headings, each with the headings it stands under, outermost first."""
    start, open_headings = 0, list[tuple[int, str]]()
    for heading in sorted(document.headings, key=lambda h: h.start):
        if heading.start > start:
            yield start, heading.start, tuple(text for _, text in open_headings)
        start = max(start, heading.end)
        open_headings = [entry for entry in open_headings if entry[0] < heading.level]
        open_headings.append((heading.level, document.text[heading.start : heading.end]))
    yield start, len(document.text), tuple(text for _, text in open_headings)


def _context(document: Document, path: Sequence[str]) -> str:
    """Write ``title (author, publisher, date) — heading > subheading``.

    A heading that repeats the title is left out. Who wrote it and where belongs here because
    questions name articles by it. A text with none of these, whatever its date, has no context.
    """
    title = _shortened(document.title or "", _TITLE_PIECES)
    names = [" ".join(name.split()) for name in path]
    names = [name for name in names if name and name != " ".join((document.title or "").split())]
    headings = _shortened(" > ".join(names), _PATH_PIECES)
    who = ", ".join(filter(None, (document.author, document.publisher)))
    byline = _shortened(who, _BYLINE_PIECES)
    if (title or byline) and document.date:
        byline = ", ".join(filter(None, (byline, document.date)))
    if title and byline:
        title = f"{title} ({byline})"
    return " — ".join(part for part in (title or byline, headings) if part)


def _shortened(text: str, limit: int) -> str:
    """Cut a line to ``limit`` word pieces, between words where there are several."""
    line = " ".join(text[: limit * _CHARACTERS_PER_PIECE].split())
    if _size(line) <= limit and len(text) <= limit * _CHARACTERS_PER_PIECE:
        return line
    return line[: _cut_point(line, _offsets(line), limit - 1)].rstrip() + "…"


def _room(context: str, chunk_tokens: int) -> int:
    """Return how many pieces a chunk's text may have beside its context."""
    return min(chunk_tokens, MAX_PIECES - _SPECIAL_PIECES - _size(context))


def _pack(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of a section's chunks.

    The splitter returns them in order and drops only white space between them, so the first place
    after the last chunk where one is found is where it stands.
    """
    section = text[start:end]
    if not _LETTER.search(section):
        return
    for piece in _splitter(limit).split_text(section):
        first = text.index(piece, start, end)
        start = first + len(piece)
        if _LETTER.search(piece):
            yield first, start


class _Unit(str):
    """A slice of a paragraph that knows its size, so that it is measured once."""

    __slots__ = ("size",)
    size: int

    @classmethod
    def of(cls, text: str, size: int) -> _Unit:
        unit = cls(text)
        unit.size = size
        return unit


@functools.lru_cache(maxsize=64)
def _splitter(limit: int) -> SentenceSplitter:
    """Make the splitter for chunks of ``limit`` pieces; it never looks below sentences itself."""
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(
        chunk_size=limit,
        chunk_overlap=0,
        paragraph_separator=_PARAGRAPH,
        tokenizer=functools.partial(_measured, limit=limit),
        chunking_tokenizer_fn=functools.partial(_units, limit=limit),
        secondary_chunking_regex=None,
    )


def _measured(text: str, *, limit: int) -> range:
    """Give the splitter something as long as the text has pieces."""
    if isinstance(text, _Unit):
        return range(text.size)
    least = len(text) // _CHARACTERS_PER_PIECE
    return range(least if least > limit else _size(text))


def _size(text: str) -> int:
    """Count word pieces, at least one for ten characters."""
    return max(len(_offsets(text)), -(-len(text) // _CHARACTERS_PER_PIECE))


def _offsets(text: str) -> Sequence[tuple[int, int]]:
    return open_tokenizer().encode(encodable(text), add_special_tokens=False).offsets


def _units(text: str, *, limit: int) -> list[_Unit]:
    """Slice a paragraph into sentences with the space after them, cut where longer than the limit.

    The slices joined are the text again.
    """
    starts = [sentence.start for sentence in split_sentences(text)]
    bounds = itertools.pairwise([0, *starts[1:], len(text)])
    return [unit for first, last in bounds for unit in _cut(text[first:last], limit)]


def _cut(text: str, limit: int) -> Iterator[_Unit]:
    """Yield slices of at most ``limit`` pieces that joined are the text; one if it is short.

    All but the last count as full: joined to a neighbour, parts of a word could become more pieces.
    """
    start, most = 0, limit * _CHARACTERS_PER_PIECE
    reach = most
    while start < len(text):
        block = text[start : start + reach]
        offsets = _offsets(block)
        fits = len(offsets) <= limit and len(block) <= most
        if fits and start + len(block) == len(text):
            yield _Unit.of(block, max(len(offsets), -(-len(block) // _CHARACTERS_PER_PIECE)))
            return
        if fits and reach < most:
            reach = most
            continue
        point = _cut_point(block, offsets, limit)
        yield _Unit.of(block[:point], limit)
        start += point
        # Dense scripts have a piece to a character: reading ten times as far would be waste.
        reach = min(most, 2 * point + limit)


def _cut_point(text: str, offsets: Sequence[tuple[int, int]], limit: int) -> int:
    """Find where to cut so that at most ``limit`` pieces lie before, after white space if any."""
    point = offsets[limit][0] if len(offsets) > limit else len(text)
    space = max(text.rfind(" ", 0, point), text.rfind("\n", 0, point))
    if space > point // 2:
        return space + 1
    # A part of a word can have more pieces than the word.
    while point > 1 and _size(text[:point]) > limit:
        point //= 2
    return max(point, 1)
