"""What a chatbot needs of its documents: to read them, and to change them while in use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from rag.ingestion import IngestReport
from rag.types import Document, Origin, ReadOutcome

Read = Callable[[ReadOutcome], ReadOutcome | None]
"""Called with what became of each file, as it is read; what it returns is taken in instead."""


class Library(Protocol):
    """The documents, as they are at the moment."""

    @property
    def revision(self) -> int:
        """A number that grows with every change."""
        ...

    def documents(self) -> Iterator[Document]:
        """Yield every document."""
        ...

    def document(self, document_id: str) -> Document:
        """Return one document."""
        ...

    def origins(self) -> Iterator[Origin]:
        """Yield what is known of every document beside its text, ordered by id."""
        ...

    def newest_date(self, document_ids: Collection[str] = ()) -> str | None:
        """Return the latest date of these documents, or of all where none are given."""
        ...

    def chunk_counts(self) -> Mapping[str, int]:
        """Map documents to how many chunks each has."""
        ...


class Editor(Protocol):
    """Changes the documents; whoever has them open sees it at the next question."""

    def add(self, paths: Sequence[Path], *, read: Read) -> IngestReport:
        """Add or update files and folders."""
        ...

    def remove(self, document_ids: Sequence[str]) -> IngestReport:
        """Take documents out."""
        ...
