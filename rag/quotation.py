"""Tell what stands inside quotation marks, so that speech and report are kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MASK = "·"

_PARAGRAPH = re.compile(r"[^\n]+")
_MARK = re.compile(r"[\"“”«»]")
_OPENING = "“«"
_CLOSING = "”»"


@dataclass(frozen=True, slots=True)
class Quotation:
    """What one pair of quotation marks holds; ``closed`` is false where it runs on."""

    start: int
    end: int
    closed: bool


def quotations(text: str) -> Iterator[Quotation]:
    """Yield the quotations of each paragraph; the marks themselves are not part of them.

    A quotation that its paragraph leaves open ends with the paragraph: by the convention of news,
    the next paragraph then opens with a mark of its own.
    """
    for paragraph in _PARAGRAPH.finditer(text):
        opened: int | None = None
        for mark in _MARK.finditer(text, paragraph.start(), paragraph.end()):
            sign = mark.group()
            if opened is None and sign not in _CLOSING:
                opened = mark.end()
            elif opened is not None and sign not in _OPENING:
                yield Quotation(opened, mark.start(), True)
                opened = None
        if opened is not None:
            yield Quotation(opened, paragraph.end(), False)


def mask(text: str, spans: tuple[Quotation, ...]) -> str:
    """Blank out what is quoted; every offset stays as it was."""
    pieces: list[str] = []
    last = 0
    for span in spans:
        pieces += [text[last : span.start], MASK * (span.end - span.start)]
        last = span.end
    return "".join([*pieces, text[last:]])
