"""Where the vectors of an index are: in its folder or, where ``server`` is given, on a server."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from rag.errors import IndexDamagedError, IndexMissingError
from rag.index import building, publishing
from rag.index.filling import Report
from rag.index.generations import current_generation
from rag.index.keeping import Keeper
from rag.index.remote import ServerIndex
from rag.index.server import ChromaServer
from rag.store import Store
from rag.types import Vectors


class VectorSearch(Protocol):
    """Finds the vectors near a vector, wherever they are."""

    @property
    def note(self) -> str | None:
        """What whoever reads the answer should know of how it was found."""
        ...

    def search(
        self, vector: Vectors, *, limit: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the nearest vectors as (vector id, cosine similarity in [-1, 1]), best first."""
        ...

    def vector_ids(self) -> set[str]:
        """Return the ids of all vectors that are live."""
        ...

    def close(self) -> None:
        """Let go of what was opened."""
        ...


def open_vectors(
    folder: Path, store: Store, *, server: ChromaServer | None, mend: bool = True
) -> VectorSearch:
    """Return a search over the live generation.

    In a folder that is opened at once, and built anew from the store where it is damaged; without
    ``mend``, damage raises ``IndexDamagedError``. A server is asked nothing before the first use.
    """
    if server is not None:
        return ServerIndex(folder, store, server)
    return Keeper(folder, store).open_index(mend=mend)


def require_writable(folder: Path, *, server: ChromaServer | None, moves: bool = False) -> None:
    """Raise unless the vectors could be changed now: better before the work than after it.

    Vectors on a server that is not given stay there, unless the caller ``moves`` them here.
    """
    if server is not None:
        with server.connect() as connection:
            connection.require()
    elif not moves:
        with contextlib.suppress(IndexMissingError, IndexDamagedError):  # made anew
            current_generation(folder)


def live_revision(folder: Path, *, server: ChromaServer | None = None) -> int:
    """Tell which revision of the store the live generation was built from; -1 for none."""
    if server is None:
        return building.live_revision(folder)
    return publishing.published_revision(folder, server)


def is_current(folder: Path, store: Store, *, server: ChromaServer | None = None) -> bool:
    """Tell whether the live generation was built from the store as it is now."""
    if server is None:
        return building.is_current(folder, store)
    return publishing.is_published(folder, store, server)


def build_generation(
    folder: Path,
    store: Store,
    *,
    fresh: bool = False,
    report: Report = lambda done, total: None,
    server: ChromaServer | None = None,
) -> str:
    """Build the generation that matches the store, switch to it, and return its name.

    ``fresh`` starts from nothing, and leaves no older generation behind. ``report`` is told how
    many vectors are in, and of how many. Only the holder of the write lock may call this.
    """
    if server is None:
        return building.build_generation(folder, store, fresh=fresh, report=report)
    return publishing.publish(folder, store, server, fresh=fresh, report=report)
