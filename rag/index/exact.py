"""Compare all vectors of a store: no approximation, and nothing needed but the store."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from rag.store import Store
from rag.types import Vectors

# 150 MB of 384 dimensions, read in about two seconds; beyond it no answer beats a late one.
MOST_VECTORS = 100_000

_PAGE = 8192  # vectors read at a time

_SQL = (
    "SELECT c.number, c.vector_id, c.document, e.vector FROM chunks c"
    " JOIN embeddings e ON e.key = c.embedding_key WHERE c.number > ?"
    f" ORDER BY c.number LIMIT {_PAGE}"
)


@dataclass(frozen=True, slots=True)
class _All:
    """Every vector of one revision of a store: a row each."""

    revision: int
    names: np.ndarray
    documents: np.ndarray
    vectors: Vectors


class ExactIndex:
    """Searches all vectors of a store, in memory from the first search until ``close``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._all: _All | None = None

    def search(
        self, vector: Vectors, *, limit: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the nearest vectors as (vector id, cosine similarity), best first."""
        everything = self._loaded()
        rows = np.arange(len(everything.names))
        if documents is not None:
            rows = rows[np.isin(everything.documents, list(documents))]
        if not len(rows):
            return []
        # The vectors of an embedder have length 1, so this is their cosine.
        scores = (everything.vectors @ vector)[rows]
        best = np.argsort(-scores, kind="stable")[:limit]
        return [(str(everything.names[rows[n]]), float(scores[n])) for n in best]

    def close(self) -> None:
        """Let go of the vectors."""
        self._all = None

    def _loaded(self) -> _All:
        with self._lock:
            revision = self._store.revision
            if self._all is None or self._all.revision != revision:
                self._all = _read(self._store, revision)
            return self._all


def _read(store: Store, revision: int) -> _All:
    names: list[str] = []
    documents: list[str] = []
    parts = []
    for page in _pages(store):
        names += [row[1] for row in page]
        documents += [row[2] for row in page]
        part = np.frombuffer(b"".join(row[3] for row in page), dtype="<f4")
        parts.append(part.reshape(len(page), -1))
    vectors = np.concatenate(parts) if parts else np.empty((0, 0), dtype=np.float32)
    kept = np.isin(names, list(store.vector_ids()))
    return _All(revision, np.array(names)[kept], np.array(documents)[kept], vectors[kept])


def _pages(store: Store) -> Iterator[list[tuple[int, str, str, bytes]]]:
    last = -1
    while page := store.select(_SQL, [last]):
        yield page
        last = page[-1][0]
