"""The vector index: immutable Chroma generations derived from the store.

``index/`` holds ``vectors-N`` folders and ``CURRENT``, which names the live one. A generation is
built beside the live one (a copy of it, brought up to date), closed, synced and switched to by an
atomic replace of ``CURRENT``; a reader looks at ``CURRENT`` before each query and finishes what it
began on the generation it began with.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.errors import IndexDamagedError, IndexMissingError
from rag.types import Vectors

if TYPE_CHECKING:
    from rag.store import Store

_COLLECTION = "chunks"
_MANIFEST = "manifest.json"
_BATCH = 1000  # Chroma takes 5,461 at most; smaller batches bound memory

# Chroma's defaults (100, 10, 16) miss neighbours from about 50,000 vectors on.
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 100, "max_neighbors": 24}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation should hold: checked when it is opened."""

    engine: str
    revision: int
    count: int


class VectorIndex:
    """Reads the live generation of a folder; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._name: str | None = None
        self._client: Any = None
        self._collection: Any = None

    def search(
        self, vector: Vectors, *, limit: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the nearest vectors as (vector id, cosine similarity in [-1, 1]), best first."""
        collection = self._live()
        limit = min(limit, collection.count())
        if limit == 0 or (documents is not None and not documents):
            return []
        where = {"document": {"$in": sorted(documents)}} if documents is not None else None
        with _engine_errors(self._folder):
            found = collection.query(
                query_embeddings=[vector.tolist()],
                n_results=limit,
                where=where,
                include=["distances"],
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(name, 1.0 - float(distance)) for name, distance in pairs]

    def vector_ids(self) -> set[str]:
        """Return the ids of all vectors in the live generation."""
        return set(_all_ids(self._live()))

    def close(self) -> None:
        """Close the engine; a later search opens it again."""
        with self._lock:
            self._close_client()
            self._name = None

    def _live(self) -> Any:  # noqa: ANN401 - a Chroma collection, typed nowhere but in chromadb
        name = current_generation(self._folder)
        with self._lock:
            if name != self._name:
                self._close_client()
                self._client, self._collection = _open_generation(self._folder / name)
                self._name = name
            return self._collection

    def _close_client(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._collection = None


def current_generation(folder: Path) -> str:
    """Name the live generation; raise ``IndexMissingError`` when there is none."""
    try:
        return (folder / "CURRENT").read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise IndexMissingError(
            f"the index in {folder} has no vectors; run `rag index` to build them"
        ) from error


def is_current(folder: Path, store: Store) -> bool:
    """Tell whether the live generation was built from the store as it is now."""
    try:
        manifest = _read_manifest(folder / current_generation(folder))
    except (IndexMissingError, IndexDamagedError):
        return False
    return manifest.revision == store.revision


def build_generation(folder: Path, store: Store, *, fresh: bool = False) -> str:
    """Build the generation that matches the store, switch to it, and return its name.

    It starts as a copy of the live one unless ``fresh`` or the live one cannot be used; either way
    nothing is embedded. Only the writer may call this.
    """
    revision = store.revision
    live = None if fresh else _usable_generation(folder)
    name = _next_name(folder)
    target = folder / name
    try:
        if live is not None:
            shutil.copytree(folder / live, target)
        count = _bring_up_to_date(target, store)
        _write_manifest(target, Manifest(_engine_version(), revision, count))
        _sync_tree(target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    _switch(folder, name)
    _sweep(folder, keep={name, live or name})
    return name


def _usable_generation(folder: Path) -> str | None:
    try:
        name = current_generation(folder)
        manifest = _read_manifest(folder / name)
    except (IndexMissingError, IndexDamagedError):
        return None
    return name if manifest.engine == _engine_version() else None


def _bring_up_to_date(target: Path, store: Store) -> int:
    client, collection = _open_client(target)
    try:
        with _engine_errors(target):
            wanted, present = store.vector_ids(), set(_all_ids(collection))
            _delete(collection, sorted(present - wanted))
            _add(collection, store.chunk_vectors(sorted(wanted - present)))
            count = int(collection.count())
    finally:
        client.close()
    if count != len(wanted):
        raise IndexDamagedError(
            f"{target}: {len(wanted)} vectors expected, {count} found; run `rag index --rebuild`"
        )
    return count


def _delete(collection: Any, ids: list[str]) -> None:  # noqa: ANN401
    for first in range(0, len(ids), _BATCH):
        collection.delete(ids=ids[first : first + _BATCH])


def _add(collection: Any, rows: Iterable[tuple[str, str, bytes]]) -> None:  # noqa: ANN401
    batch: list[tuple[str, str, bytes]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            _add_batch(collection, batch)
            batch = []
    if batch:
        _add_batch(collection, batch)


def _add_batch(collection: Any, batch: list[tuple[str, str, bytes]]) -> None:  # noqa: ANN401
    collection.add(
        ids=[name for name, _, _ in batch],
        embeddings=np.stack([np.frombuffer(vector, dtype="<f4") for _, _, vector in batch]),
        metadatas=[{"document": document} for _, document, _ in batch],
    )


def _all_ids(collection: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield ids page by page: one call for 60,000 ids fails inside SQLite."""
    offset = 0
    while page := collection.get(limit=_BATCH, offset=offset, include=[])["ids"]:
        yield from page
        offset += len(page)


def _open_generation(path: Path) -> tuple[Any, Any]:
    manifest = _read_manifest(path)
    if manifest.engine != _engine_version():
        raise IndexDamagedError(
            f"{path} was written by chromadb {manifest.engine}, this is {_engine_version()}; "
            "run `rag index --rebuild` (nothing is embedded again)"
        )
    client, collection = _open_client(path)
    with _engine_errors(path):
        count = collection.count()
    if count != manifest.count:
        client.close()
        raise IndexDamagedError(
            f"{path}: {manifest.count} vectors expected, {count} found; run `rag index --rebuild`"
        )
    return client, collection


def _open_client(path: Path) -> tuple[Any, Any]:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False, is_persistent=True)
    with _engine_errors(path):
        client = chromadb.PersistentClient(path=str(path), settings=settings)
        collection = client.get_or_create_collection(
            _COLLECTION, configuration={"hnsw": _HNSW}, embedding_function=None
        )
    return client, collection


@contextlib.contextmanager
def _engine_errors(path: Path) -> Iterator[None]:
    """Give whatever the engine raises one line and a remedy."""
    try:
        yield
    except (IndexDamagedError, IndexMissingError):
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise IndexDamagedError(
            f"the vectors in {path} cannot be used ({reason}); run `rag index --rebuild`"
        ) from error


def _engine_version() -> str:
    from importlib.metadata import version

    return version("chromadb")


def _read_manifest(path: Path) -> Manifest:
    try:
        return Manifest(**json.loads((path / _MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise IndexDamagedError(
            f"{path} has no readable manifest ({type(error).__name__}); run `rag index --rebuild`"
        ) from error


def _write_manifest(path: Path, manifest: Manifest) -> None:
    (path / _MANIFEST).write_text(json.dumps(asdict(manifest)), encoding="utf-8")


def _next_name(folder: Path) -> str:
    numbers = [int(p.name[8:]) for p in folder.glob("vectors-*") if p.name[8:].isdigit()]
    return f"vectors-{max(numbers, default=0) + 1}"


def _sync_tree(path: Path) -> None:
    for child in [path, *path.rglob("*")]:
        _sync(child)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _switch(folder: Path, name: str) -> None:
    staged = folder / "CURRENT.new"
    staged.write_text(name + "\n", encoding="ascii")
    _sync(staged)
    staged.replace(folder / "CURRENT")
    _sync(folder)


def _sweep(folder: Path, *, keep: Collection[str]) -> None:
    """Delete generations nobody should need; the last one stays for readers still on it."""
    for path in folder.glob("vectors-*"):
        if path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
