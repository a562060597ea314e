"""A scraped page while it is being cleaned: its paragraphs and what each was found to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from rag.documents.lines import is_prose
from rag.documents.paragraphs import Paragraph

Role = Literal["body", "heading", "noise"]


class Page:
    """Paragraphs in reading order, each the article's until it is dropped."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self.texts = [paragraph.text for paragraph in paragraphs]
        self.tight = [paragraph.tight for paragraph in paragraphs]
        self.roles: list[Role] = ["body"] * len(paragraphs)
        self.prose = [is_prose(text) for text in self.texts]

    def __len__(self) -> int:
        return len(self.texts)

    def drop(self, *positions: int) -> None:
        """Mark paragraphs as not the article's."""
        for position in positions:
            self.roles[position] = "noise"

    def is_kept(self, position: int) -> bool:
        """Whether a paragraph is still held to be the article's."""
        return self.roles[position] != "noise"

    def kept(self) -> list[int]:
        """List the positions of the article's own paragraphs."""
        return [position for position in range(len(self)) if self.is_kept(position)]

    def dropped(self) -> Iterator[str]:
        """Yield the texts found to be furniture: where the metadata stands."""
        return (text for text, role in zip(self.texts, self.roles, strict=True) if role == "noise")

    def is_body(self, position: int) -> bool:
        """Whether a paragraph is kept and reads as prose."""
        return self.is_kept(position) and self.prose[position]
