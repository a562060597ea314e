"""What every format is read into: paragraphs and headings, and what is known about their origin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rag.documents.lines import is_heading_like
from rag.errors import InputError
from rag.types import Document, Heading, Kind

_SEPARATOR = "\n\n"
_SHOUTED_LEVEL = 2
_SPELT_OUT = re.compile(r"[^\W\d_]{5}")  # no mere abbreviation


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or with a ``level`` above 0 a heading (1 is the outermost)."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file states about its origin; ``None`` where it does not."""

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: str | None = None
    url: str | None = None
    kind: Kind = "article"


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's content, before it has an id."""

    blocks: tuple[Block, ...]
    metadata: Metadata = Metadata()


def assemble(document_id: str, reading: Reading) -> Document:
    """Join the blocks into a document's text and note where its headings stand.

    Raises InputError when there is no text.
    """
    text, headings = _join(reading.blocks)
    if not text:
        raise InputError("it holds no text")
    known = reading.metadata
    return Document(
        id=document_id,
        text=text,
        title=known.title,
        author=known.author,
        publisher=known.publisher,
        date=known.date,
        url=known.url,
        kind=known.kind,
        headings=headings,
    )


def _join(blocks: Iterable[Block]) -> tuple[str, tuple[Heading, ...]]:
    headings: list[Heading] = []
    position = 0
    lines = [(line, block.level) for block in blocks if (line := one_line(block.text))]
    for number, (line, level) in enumerate(lines, start=1):
        shouted = number < len(lines) and _is_shouted(line)
        if level or shouted:
            headings.append(Heading(position, position + len(line), level or _SHOUTED_LEVEL))
        position += len(line) + len(_SEPARATOR)
    return _SEPARATOR.join(line for line, _ in lines), tuple(headings)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of an assembled text, each with where it begins."""
    position = 0
    for paragraph in text.split(_SEPARATOR):
        yield position, paragraph
        position += len(paragraph) + len(_SEPARATOR)


def _is_shouted(line: str) -> bool:
    """Tell whether a line is a heading by its capitals alone: no file marks all of its headings."""
    return line.isupper() and bool(_SPELT_OUT.search(line)) and is_heading_like(line)


def one_line(text: str) -> str:
    """Put a text on one line with single spaces."""
    return " ".join(text.split())


def with_title(metadata: Metadata, blocks: tuple[Block, ...]) -> Reading:
    """Let the first top heading be the title, which then is no section of its own document."""
    top = next((block for block in blocks if block.level == 1), None)
    if top is None or (metadata.title or top.text).casefold() != top.text.casefold():
        return Reading(blocks, metadata)
    rest = tuple(block for block in blocks if block is not top)
    return Reading(rest, replace(metadata, title=metadata.title or top.text))
