"""What every format is read into: paragraphs and headings, and what is known about their origin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rag.errors import InputError
from rag.types import Document, Heading, Kind

_SEPARATOR = "\n\n"


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
    parts: list[str] = []
    headings: list[Heading] = []
    position = 0
    for block in blocks:
        line = one_line(block.text)
        if not line:
            continue
        if block.level:
            headings.append(Heading(position, position + len(line), block.level))
        parts.append(line)
        position += len(line) + len(_SEPARATOR)
    return _SEPARATOR.join(parts), tuple(headings)


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
