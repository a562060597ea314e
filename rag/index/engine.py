"""Embedded Chroma behind one class; whatever it raises gets one line and a remedy."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import REMEDY, IndexDamagedError, IndexProblem
from rag.failpoints import failpoint
from rag.types import Vectors

DATABASE = "chroma.sqlite3"
ADMINISTRATION = ("acquire_write",)  # a table of DATABASE that grows at each opening

_COLLECTION = "chunks"
_BATCH = 1000  # Chroma takes 5,461 at most; smaller batches bound memory

# The engine writes its whole graph out each time that ``sync_threshold`` vectors have come: for all
# of 150,000 in batches of 1,000 that would be 20 GB.
_FLUSH = 25_000

# Chroma's defaults (100, 10, 16) miss neighbours from about 50,000 vectors on, and an ``ef_search``
# of 100 misses 3 of 100 among 10,000 texts much like each other. The lowest threshold writes every
# batch out, so that the files hold all vectors and never change again.
HNSW = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 300,
    "max_neighbors": 24,
    "batch_size": 2,
    "sync_threshold": 2,
}


class Engine:
    """One generation, open; ``close`` it before its files are copied or counted on."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path = path
        with engine_errors(path):
            self._open(create)

    def _open(self, create: bool) -> None:
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False, is_persistent=True)
        self._client: Any = chromadb.PersistentClient(path=str(self._path), settings=settings)
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
                batch = list(ids[first : first + _BATCH])
                self._collection.delete(ids=batch)
                failpoint("generation.deleted")
            if ids:  # the last change stays in the log, so let it be none that names what is gone
                self._change_nothing(times=2)

    def add(self, rows: Iterable[tuple[str, str, bytes]], *, total: int) -> None:
        """Add so many vectors given as (id, document id, float32 bytes)."""
        if total <= _BATCH:
            self._add_batch(list(rows))
            return
        flushes = -(-total // _FLUSH)
        self._flush_each(total // flushes)
        remaining = iter(rows)
        for size in batch_sizes(total, flushes):
            self._add_batch(list(itertools.islice(remaining, size)))
        self._flush_each(HNSW["sync_threshold"], reopen=False)

    def _change_nothing(self, *, times: int) -> None:
        """Make changes that change nothing: two are the fewest that are written out."""
        found = self._collection.get(limit=1, include=["embeddings"])
        for _ in range(times if found["ids"] else 0):
            self._collection.update(ids=found["ids"], embeddings=found["embeddings"])

    def _flush_each(self, vectors: object, *, reopen: bool = True) -> None:
        """Set after how many vectors the graph is written out; open it counts as it was opened."""
        with engine_errors(self._path):
            with warnings.catch_warnings():  # that it has no embedding function of its own
                warnings.simplefilter("ignore", DeprecationWarning)
                self._collection.modify(configuration={"hnsw": {"sync_threshold": vectors}})
            if reopen:
                self._client.close()
                self._open(create=False)

    def _add_batch(self, batch: Sequence[tuple[str, str, bytes]]) -> None:
        if not batch:
            return
        with engine_errors(self._path):
            self._collection.add(
                ids=[name for name, _, _ in batch],
                embeddings=np.stack([np.frombuffer(vector, dtype="<f4") for _, _, vector in batch]),
                metadatas=[{"document": document} for _, document, _ in batch],
            )
            if len(batch) == 1:
                self._change_nothing(times=1)
            failpoint("generation.added")


def batch_sizes(total: int, flushes: int) -> list[int]:
    """Split so many vectors into batches, such that each flush falls on the end of one.

    None has fewer than two: the engine counts from the last flush, and the last batch before the
    next must be the one that completes ``total // flushes`` vectors.
    """
    groups = _even(total, flushes)
    return [size for group in groups for size in _even(group, -(-group // _BATCH))]


def _even(total: int, parts: int) -> list[int]:
    return [total // parts + (number < total % parts) for number in range(parts)]


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
                f"no space is left for the vectors in {path.parent}; free some and {REMEDY}"
            ) from error
        raise IndexDamagedError(
            f"the vectors in {path} cannot be used ({reason}); {REMEDY}"
        ) from error
