"""Changes of an index as a user makes them, for processes that may die in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag import failpoints
from rag.api import index_documents, remove_documents
from rag.config import Settings
from rag.ingestion import IngestReport
from rag.testing import HashEmbedder

TOKENS = 32


def settings_of(folder: Path) -> Settings:
    """Say how the index in a folder is made."""
    return Settings(index=folder, seeds=folder / "none", reader="off", chunk_tokens=TOKENS)


def take(
    folder: Path,
    sources: Sequence[Path] = (),
    *,
    embedder: HashEmbedder | None = None,
    rebuild: bool = False,
) -> IngestReport:
    """Bring the files in some folders into an index, or make it anew from what it holds."""
    return index_documents(
        sources, settings=settings_of(folder), embedder=embedder or HashEmbedder(), rebuild=rebuild
    )


def remove(folder: Path, names: Sequence[str]) -> IngestReport:
    """Take documents out of an index."""
    return remove_documents(names, settings=settings_of(folder))


def take_and_die(folder: Path, sources: Sequence[Path], rebuild: bool, point: str) -> None:
    """Be killed when a point of an ingest is passed, if it is."""
    failpoints.listen(failpoints.armed(f"{point}:kill"))
    take(folder, sources, rebuild=rebuild)


def remove_and_die(folder: Path, names: Sequence[str], point: str) -> None:
    """Be killed when a point of a removal is passed, if it is."""
    failpoints.listen(failpoints.armed(f"{point}:kill"))
    remove(folder, names)
