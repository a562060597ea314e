"""Embedded Chroma behind one class; whatever it raises gets one line and a remedy."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import IndexDamagedError, IndexProblem
from rag.failpoints import failpoint
from rag.types import Vectors

DATABASE = "chroma.sqlite3"
ADMINISTRATION = ("acquire_write",)  # a table of DATABASE that grows at each opening

_COLLECTION = "chunks"
_BATCH = 1000  # Chroma takes 5,461 at most; smaller batches bound memory

# Chroma's defaults (100, 10, 16) miss neighbours from about 50,000 vectors on. The lowest threshold
# writes every batch out, so that the files hold all vectors and never change again.
HNSW = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 100,
    "max_neighbors": 24,
    "batch_size": 2,
    "sync_threshold": 2,
}


class Engine:
    """One generation, open; ``close`` it before its files are copied or counted on."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        import chromadb
        from chromadb.config import Settings

        self._path = path
        settings = Settings(anonymized_telemetry=False, is_persistent=True)
        with engine_errors(path):
            self._client: Any = chromadb.PersistentClient(path=str(path), settings=settings)
            try:
                self._collection = self._open_collection(create)
            except BaseException:
                self._client.close()
                raise

    def _open_collection(self, create: bool) -> Any:  # noqa: ANN401 - typed in chromadb only
        if not create:
            return self._client.get_collection(_COLLECTION, embedding_function=None)
        return self._client.get_or_create_collection(
            _COLLECTION, configuration={"hnsw": HNSW}, embedding_function=None
        )

    def close(self) -> None:
        """Write everything out and let go of the files."""
        with engine_errors(self._path):
            self._client.close()

    def count(self) -> int:
        """How many vectors there are."""
        with engine_errors(self._path):
            return int(self._collection.count())

    def ids(self) -> Iterator[str]:
        """Yield all ids page by page: one call for 60,000 ids fails inside SQLite."""
        offset = 0
        with engine_errors(self._path):
            while page := self._collection.get(limit=_BATCH, offset=offset, include=[])["ids"]:
                yield from page
                offset += len(page)

    def nearest(
        self, vector: Vectors, *, limit: int, documents: Collection[str] | None
    ) -> list[tuple[str, float]]:
        """Return the nearest vectors as (id, cosine similarity in [-1, 1]), best first."""
        where = {"document": {"$in": sorted(documents)}} if documents is not None else None
        with engine_errors(self._path):
            found = self._collection.query(
                query_embeddings=[vector.tolist()],
                n_results=limit,
                where=where,
                include=["distances"],
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(name, 1.0 - float(distance)) for name, distance in pairs]

    def delete(self, ids: Sequence[str]) -> None:
        """Delete vectors; their bytes stay in the files until a generation is built afresh."""
        with engine_errors(self._path):
            for first in range(0, len(ids), _BATCH):
                self._collection.delete(ids=list(ids[first : first + _BATCH]))
                failpoint("generation.deleted")

    def add(self, rows: Iterable[tuple[str, str, bytes]]) -> None:
        """Add vectors given as (id, document id, float32 bytes)."""
        batch: list[tuple[str, str, bytes]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                self._add_batch(batch)
                batch = []
        if batch:
            self._add_batch(batch)

    def _add_batch(self, batch: Sequence[tuple[str, str, bytes]]) -> None:
        with engine_errors(self._path):
            self._collection.add(
                ids=[name for name, _, _ in batch],
                embeddings=np.stack([np.frombuffer(vector, dtype="<f4") for _, _, vector in batch]),
                metadatas=[{"document": document} for _, document, _ in batch],
            )
            failpoint("generation.added")


def engine_version() -> str:
    """Name the engine's release; only the same release opens its files."""
    return version("chromadb")


@contextlib.contextmanager
def engine_errors(path: Path) -> Iterator[None]:
    """Give whatever the engine raises one line and a remedy."""
    try:
        yield
    except (IndexProblem, GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of its Rust part is no Exception
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "disk is full" in reason or "No space left" in reason:
            raise IndexProblem(
                f"no space is left for the vectors in {path.parent}; free some and run "
                "`rag index --rebuild` (nothing is embedded again)"
            ) from error
        raise IndexDamagedError(
            f"the vectors in {path} cannot be used ({reason}); "
            "run `rag index --rebuild` (nothing is embedded again)"
        ) from error
