"""What goes between an ingest and the process that uses Ray for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rag.errors import RagError


@dataclass(frozen=True, slots=True)
class Setup:
    """What that process is told first."""

    address: str
    cpus: int | None  # of a cluster of its own; None for all there are
    folder: str  # for what such a cluster writes
    chunk_tokens: int
    embedder: bytes  # pickled: only the workers open it
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request, or what was wrong."""

    value: Any = None
    error: RagError | None = None
