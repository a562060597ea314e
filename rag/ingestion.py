"""Bring documents into an index, take them out, and check what is there.

Only what changed is chunked and embedded. Each batch of documents is committed as a whole; the
vectors follow in one new generation at the end, from the embedding cache.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.chunking import CHUNKER, split_document
from rag.errors import IndexBusyError, IndexProblem, InputError
from rag.index import VectorIndex, build_generation, is_current
from rag.store import (
    Entry,
    Identity,
    Store,
    create_store,
    embedding_key,
    open_store,
)
from rag.types import Chunk, Document, Embedder, ReadOutcome, Vectors

STORE_FILE = "store.sqlite"
_BATCH_CHUNKS = 256  # texts embedded and committed at a time
_LOCK_WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest changed, by document id, and the files that could not be read."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    embedded: int = 0

    @property
    def documents(self) -> int:
        """How many documents were read."""
        return len(self.added) + len(self.changed) + len(self.unchanged)


Progress = Callable[[str], None]


def identity_of(embedder: Embedder, chunk_tokens: int) -> Identity:
    """Name what an index made with these parts depends on."""
    return Identity(embedder=embedder.fingerprint, chunker=f"{CHUNKER}/{chunk_tokens}")


def ingest(
    folder: Path,
    outcomes: Iterable[ReadOutcome],
    *,
    embedder: Embedder,
    chunk_tokens: int,
    rebuild: bool = False,
    progress: Progress = lambda name: None,
) -> IngestReport:
    """Add or update documents; with ``rebuild`` make the whole index anew, keeping every document.

    ``progress`` is called with each document's id as it is taken up. Raises ``IndexBusyError`` when
    another process is writing and ``IndexMismatchError`` when the index was made otherwise.
    """
    with write_lock(folder):
        path = folder / STORE_FILE
        identity = identity_of(embedder, chunk_tokens)
        target = folder / f"{STORE_FILE}.new" if rebuild else path
        kept = _documents_of(path) if rebuild else ()
        if rebuild:
            _delete_store(target)
        with _open_or_create(target, identity) as store:
            intake = _Intake(store, embedder, chunk_tokens)
            for document in kept:
                intake.take(document)
            for outcome in outcomes:
                intake.note(outcome)
                for document in outcome.documents:
                    progress(document.id)
                    intake.take(document)
            report = intake.finish()
            empty = not store.chunk_total()
        if empty and not report.documents:
            _delete_store(target)
            return report
        if rebuild:
            _delete_store(path)
            target.replace(path)
        with open_store(path) as store:
            if rebuild or not is_current(folder, store):
                build_generation(folder, store, fresh=rebuild)
        return report


def remove(folder: Path, document_ids: Sequence[str]) -> IngestReport:
    """Take documents out, with their text, words and vectors.

    Raises ``InputError`` naming the ids that are not there; nothing is removed then.
    """
    with write_lock(folder), open_store(folder / STORE_FILE) as store:
        missing = [i for i in document_ids if i not in store.content_hashes()]
        if missing:
            raise InputError(
                f"no such document in the index: {', '.join(missing)}; `rag sources` lists them"
            )
        store.apply(removals=document_ids)
        store.forget_unused_embeddings()
        store.compact()
        # A fresh generation: the engine keeps deleted vectors in its files.
        build_generation(folder, store, fresh=True)
    return IngestReport(removed=tuple(document_ids))


def check(folder: Path, identity: Identity) -> list[str]:
    """Verify the index against its documents; return what is wrong, one line each."""
    try:
        with open_store(folder / STORE_FILE, expected=identity) as store:
            problems = store.problems()
            if not store.chunk_total():
                problems.append("the index holds no documents; run `rag index`")
            return problems + _vector_problems(folder, store)
    except IndexProblem as error:
        return [str(error)]


def _vector_problems(folder: Path, store: Store) -> list[str]:
    vectors = VectorIndex(folder)
    try:
        present, wanted = vectors.vector_ids(), store.vector_ids()
    finally:
        vectors.close()
    problems = []
    if wanted - present:
        problems.append(f"{len(wanted - present)} chunks have no vector; run `rag index`")
    if present - wanted:
        problems.append(f"{len(present - wanted)} vectors have no chunk; run `rag index`")
    return problems


@contextlib.contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the folder's write lock; the system frees it when the holder dies.

    Raises ``IndexBusyError`` naming the holder's process within a second.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock, holder = FileLock(folder / "write.lock"), folder / "write.holder"
    try:
        lock.acquire(timeout=_LOCK_WAIT_SECONDS)
    except Timeout as error:
        who = holder.read_text() if holder.is_file() else "unknown"
        raise IndexBusyError(
            f"the index in {folder} is being written by process {who}; try again when it is done"
        ) from error
    try:
        holder.write_text(str(os.getpid()))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@dataclass(slots=True)
class _Intake:
    """Collects documents into batches and commits them."""

    store: Store
    embedder: Embedder
    chunk_tokens: int
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    embedded: int = 0
    _pending: list[Entry] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = self.store.content_hashes()

    def note(self, outcome: ReadOutcome) -> None:
        """Keep a file's problem for the report."""
        if outcome.problem:
            self.problems.append((outcome.path, outcome.problem))

    def take(self, document: Document) -> None:
        """Queue a document unless it is in the index as it is."""
        before = self._known.get(document.id)
        if before == document.content_hash:
            self.unchanged.append(document.id)
            return
        (self.changed if before else self.added).append(document.id)
        self._known[document.id] = document.content_hash
        chunks = split_document(document, chunk_tokens=self.chunk_tokens)
        keys = tuple(embedding_key(c.embedded_text, self.embedder.fingerprint) for c in chunks)
        self._pending.append(Entry(document, chunks, keys))
        if sum(len(entry.chunks) for entry in self._pending) >= _BATCH_CHUNKS:
            self._commit()

    def finish(self) -> IngestReport:
        """Commit what is queued and tell what happened."""
        self._commit()
        return IngestReport(
            added=tuple(self.added),
            changed=tuple(self.changed),
            unchanged=tuple(self.unchanged),
            problems=tuple(self.problems),
            embedded=self.embedded,
        )

    def _commit(self) -> None:
        if self._pending:
            self.store.apply(self._pending, vectors=self._new_vectors())
            self._pending = []

    def _new_vectors(self) -> dict[bytes, Vectors]:
        texts: dict[bytes, Chunk] = {}
        for entry in self._pending:
            texts.update(zip(entry.keys, entry.chunks, strict=True))
        new = [key for key in texts if key not in self.store.known_embeddings(texts)]
        self.embedded += len(new)
        vectors = self.embedder.embed([texts[key].embedded_text for key in new]) if new else ()
        return dict(zip(new, vectors, strict=True))


def _open_or_create(path: Path, identity: Identity) -> Store:
    return open_store(path, expected=identity) if path.exists() else create_store(path, identity)


def _documents_of(path: Path) -> tuple[Document, ...]:
    """Read what an index holds, whatever made it; nothing where it cannot be read."""
    try:
        with open_store(path) as store:
            return tuple(store.documents())
    except IndexProblem:
        return ()


def _delete_store(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
