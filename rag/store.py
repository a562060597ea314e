"""The truth: documents, chunks, the embedding cache and the BM25 index in one SQLite file.

One transaction covers them all, so a document is either wholly there or not at all. The vector
index is derived from this file and can be rebuilt from it without embedding anything.
"""

from __future__ import annotations

import functools
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

from rag.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, InputError
from rag.types import Chunk, Document, Heading, Kind, Vectors

SCHEMA_VERSION = "1"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, text TEXT NOT NULL, title TEXT, author TEXT, publisher TEXT, date TEXT,
    url TEXT, kind TEXT NOT NULL, headings TEXT NOT NULL, content_hash TEXT NOT NULL
);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY, vector_id TEXT NOT NULL UNIQUE, document TEXT NOT NULL
        REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, context TEXT NOT NULL,
    embedding_key BLOB NOT NULL
);
CREATE INDEX chunks_by_document ON chunks (document, start);
CREATE INDEX chunks_by_embedding ON chunks (embedding_key);
CREATE TABLE embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE chunk_words USING fts5 (
    text, context, tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE words USING fts5vocab (chunk_words, row);
"""

# A headline match says what an article is about, a body match what the chunk says.
_BM25_TEXT_WEIGHT, _BM25_CONTEXT_WEIGHT = 1.0, 0.6

_SQL_VARIABLES = 900  # SQLite's oldest limit is 999 bound values a statement

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Identity:
    """What must agree between an index and the program that opens it."""

    embedder: str
    chunker: str
    schema: str = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on its way in, with its chunks and one embedding key for each."""

    document: Document
    chunks: tuple[Chunk, ...]
    keys: tuple[bytes, ...]


def embedding_key(text: str, fingerprint: str) -> bytes:
    """Name an embedding by what was embedded and what embedded it (SHA-256, 32 bytes)."""
    return hashlib.sha256(f"{fingerprint}\0{text}".encode("utf-8", "replace")).digest()


def vector_id(chunk: Chunk, key: bytes) -> str:
    """Name a chunk's vector: where the chunk stands and what was embedded."""
    return f"{chunk.id}@{key.hex()[:12]}"


def _damage_reported(
    method: Callable[Concatenate[Store, P], R],
) -> Callable[Concatenate[Store, P], R]:
    """Turn SQLite's complaints about the file into an error that says what to do."""

    @functools.wraps(method)
    def guarded(self: Store, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except sqlite3.DatabaseError as error:
            raise IndexDamagedError(
                f"the index store {self.path} cannot be read or written ({error}); "
                "free the disk if it is full, or delete the folder and run `rag index` again"
            ) from error

    return guarded  # type: ignore[return-value]


class Store:
    """Documents and everything derived from them; safe to share between threads.

    Each thread reads through a connection of its own. ``open_store`` makes one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._cached_revision = -1
        self._cached_documents: dict[str, Document] = {}

    def close(self) -> None:
        """Close every connection; the store cannot be used afterwards."""
        while self._connections:
            self._connections.pop().close()
        self._local = threading.local()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ reading

    @property
    @_damage_reported
    def revision(self) -> int:
        """A number that grows with every change."""
        return int(self._meta("revision") or 0)

    @_damage_reported
    def identity(self) -> Identity:
        """Tell what made the index."""
        return Identity(
            embedder=self._meta("embedder") or "",
            chunker=self._meta("chunker") or "",
            schema=self._meta("schema") or "",
        )

    @_damage_reported
    def documents(self) -> Iterator[Document]:
        """Yield every document, ordered by id."""
        ids = [row[0] for row in self._rows("SELECT id FROM documents ORDER BY id")]
        return (self.document(i) for i in ids)

    @_damage_reported
    def document(self, document_id: str) -> Document:
        """Return one document; raise ``InputError`` when there is none of that id."""
        revision = self.revision
        if revision != self._cached_revision or len(self._cached_documents) > 512:
            self._cached_revision, self._cached_documents = revision, {}
        if document_id not in self._cached_documents:
            rows = self._rows("SELECT * FROM documents WHERE id = ?", (document_id,))
            if not rows:
                raise InputError(
                    f"no document {document_id!r} in the index; `rag sources` lists them"
                )
            self._cached_documents[document_id] = _document(rows[0])
        return self._cached_documents[document_id]

    @_damage_reported
    def content_hashes(self) -> dict[str, str]:
        """Map each document's id to its content hash."""
        return dict(self._rows("SELECT id, content_hash FROM documents"))

    @_damage_reported
    def chunk_counts(self) -> dict[str, int]:
        """Map each document's id to its number of chunks."""
        sql = (
            "SELECT d.id, count(c.number) FROM documents d LEFT JOIN chunks c"
            " ON c.document = d.id GROUP BY d.id ORDER BY d.id"
        )
        return dict(self._rows(sql))

    @_damage_reported
    def vector_ids(self) -> set[str]:
        """Return the ids of all vectors that the vector index should hold."""
        return {row[0] for row in self._rows("SELECT vector_id FROM chunks")}

    @_damage_reported
    def chunks(self, vector_ids: Sequence[str]) -> dict[str, Chunk]:
        """Map vector ids to their chunks; ids that are no longer there are left out."""
        found: dict[str, Chunk] = {}
        for batch in _batches(vector_ids):
            sql = (
                'SELECT vector_id, document, start, "end", context FROM chunks'
                f" WHERE vector_id IN ({_marks(batch)})"
            )
            for name, document, start, end, context in self._rows(sql, batch):
                text = self.document(document).text[start:end]
                found[name] = Chunk(document, start, end, text, context)
        return found

    @_damage_reported
    def chunk_vectors(self, vector_ids: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
        """Yield (vector id, document id, float32 bytes) for the ids, in batches from the cache."""
        for batch in _batches(vector_ids):
            sql = (
                "SELECT c.vector_id, c.document, e.vector FROM chunks c"
                " JOIN embeddings e ON e.key = c.embedding_key"
                f" WHERE c.vector_id IN ({_marks(batch)})"
            )
            yield from self._rows(sql, batch)

    @_damage_reported
    def known_embeddings(self, keys: Collection[bytes]) -> set[bytes]:
        """Which of the keys are in the embedding cache."""
        known: set[bytes] = set()
        for batch in _batches(list(keys)):
            sql = f"SELECT key FROM embeddings WHERE key IN ({_marks(batch)})"
            known.update(row[0] for row in self._rows(sql, batch))
        return known

    @_damage_reported
    def search_words(
        self, terms: Sequence[str], *, limit: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Rank chunks by BM25 over any of the terms: (vector id, score), best first.

        The score is FTS5's ``bm25`` with its sign turned, so higher is better.
        """
        if not terms:
            return []
        match = " OR ".join('"' + term.replace('"', "") + '"' for term in terms)
        among, values = "", [match]
        if documents is not None:
            among = f" AND c.document IN ({_marks(documents)})"
            values += sorted(documents)
        sql = (
            f"SELECT c.vector_id, -bm25(chunk_words, {_BM25_TEXT_WEIGHT}, {_BM25_CONTEXT_WEIGHT})"
            " AS score FROM chunk_words JOIN chunks c ON c.number = chunk_words.rowid"
            f" WHERE chunk_words MATCH ?{among} ORDER BY score DESC, c.number LIMIT {int(limit)}"
        )
        return self._rows(sql, values)

    @_damage_reported
    def word_frequencies(self, stems: Collection[str]) -> dict[str, int]:
        """Map stems, as the BM25 index writes them, to the number of chunks that hold them."""
        found: dict[str, int] = {}
        for batch in _batches(sorted(stems)):
            found.update(
                self._rows(f"SELECT term, doc FROM words WHERE term IN ({_marks(batch)})", batch)
            )
        return found

    @_damage_reported
    def words_between(self, low: str, high: str) -> list[tuple[str, int]]:
        """Return the index's words in ``[low, high)`` with their chunk counts."""
        sql = "SELECT term, doc FROM words WHERE term >= ? AND term < ?"
        return self._rows(sql, (low, high))

    @_damage_reported
    def chunk_total(self) -> int:
        """How many chunks there are."""
        return int(self._rows("SELECT count(*) FROM chunks")[0][0])

    @_damage_reported
    def problems(self) -> list[str]:
        """Check the file itself and its parts against each other; an empty list means sound."""
        found = [row[0] for row in self._rows("PRAGMA quick_check") if row[0] != "ok"]
        checks = {
            "chunks without a document": "SELECT count(*) FROM chunks c LEFT JOIN documents d"
            " ON d.id = c.document WHERE d.id IS NULL",
            "chunks without an embedding": "SELECT count(*) FROM chunks c LEFT JOIN embeddings e"
            " ON e.key = c.embedding_key WHERE e.key IS NULL",
            "chunks without words": "SELECT count(*) FROM chunks WHERE number NOT IN"
            " (SELECT rowid FROM chunk_words)",
            "words without a chunk": "SELECT count(*) FROM chunk_words WHERE rowid NOT IN"
            " (SELECT number FROM chunks)",
        }
        for name, sql in checks.items():
            count = self._rows(sql)[0][0]
            if count:
                found.append(f"{count} {name}")
        for document in self.documents():
            stored = self._rows("SELECT content_hash FROM documents WHERE id = ?", (document.id,))[
                0
            ][0]
            if stored != document.content_hash:
                found.append(f"document {document.id!r} is not what was stored")
        return found

    # ------------------------------------------------------------------ writing

    @_damage_reported
    def apply(
        self,
        entries: Iterable[Entry] = (),
        *,
        removals: Iterable[str] = (),
        vectors: Mapping[bytes, Vectors] | None = None,
    ) -> None:
        """Put documents in (replacing those of the same id) and take others out, all or nothing."""
        with self._transaction() as connection:
            _put_vectors(connection, vectors or {})
            for document_id in removals:
                _remove(connection, document_id)
            for entry in entries:
                _remove(connection, entry.document.id)
                _add(connection, entry)
            connection.execute(
                "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'"
            )

    @_damage_reported
    def forget_unused_embeddings(self) -> int:
        """Drop cached embeddings that no chunk uses; return how many went."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "DELETE FROM embeddings WHERE key NOT IN (SELECT embedding_key FROM chunks)"
            )
            return cursor.rowcount

    @_damage_reported
    def compact(self) -> None:
        """Rewrite the word index and empty the log, so that removed text is gone from the disk.

        Deleted rows are overwritten as they go (``secure_delete``); the word index keeps deleted
        words in its segments until they are merged.
        """
        connection = self._connection()
        connection.execute("INSERT INTO chunk_words(chunk_words) VALUES('optimize')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # ------------------------------------------------------------------ plumbing

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _connect(self.path)
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        return self._connection().execute(sql, tuple(values)).fetchall()

    def _meta(self, key: str) -> str | None:
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def create_store(path: Path, identity: Identity) -> Store:
    """Create an empty store for what ``identity`` names; the file must not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path)
    connection = store._connection()
    connection.execute("BEGIN IMMEDIATE")
    for statement in filter(str.strip, _SCHEMA.split(";\n")):
        connection.execute(statement)
    values = {
        "schema": identity.schema,
        "embedder": identity.embedder,
        "chunker": identity.chunker,
        "revision": "0",
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
    connection.execute("COMMIT")
    return store


def open_store(path: Path, *, expected: Identity | None = None) -> Store:
    """Open an existing store.

    Raises ``IndexMissingError`` when there is none, ``IndexDamagedError`` when it cannot be read,
    and ``IndexMismatchError`` when it is not what ``expected`` says.
    """
    if not path.is_file():
        raise IndexMissingError(f"no index in {path.parent}; run `rag index` to build one")
    store = Store(path)
    try:
        found = store.identity()
        if expected is not None:
            _compare(found, expected, path)
    except Exception:
        store.close()
        raise
    return store


def _compare(found: Identity, expected: Identity, path: Path) -> None:
    for name in ("schema", "embedder", "chunker"):
        have, want = getattr(found, name), getattr(expected, name)
        if have != want:
            raise IndexMismatchError(
                f"the index in {path.parent} was made with {name} {have!r}, this program uses "
                f"{want!r}; run `rag index --rebuild`, or point --index at another folder"
            )


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _put_vectors(connection: sqlite3.Connection, vectors: Mapping[bytes, Vectors]) -> None:
    rows = ((key, np.asarray(v, dtype="<f4").tobytes()) for key, v in vectors.items())
    connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)


def _remove(connection: sqlite3.Connection, document_id: str) -> None:
    connection.execute(
        "DELETE FROM chunk_words WHERE rowid IN (SELECT number FROM chunks WHERE document = ?)",
        (document_id,),
    )
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))


def _add(connection: sqlite3.Connection, entry: Entry) -> None:
    d = entry.document
    headings = json.dumps([(h.start, h.end, h.level) for h in d.headings])
    origin = (d.title, d.author, d.publisher, d.date, d.url, d.kind)
    connection.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (d.id, d.text, *origin, headings, d.content_hash),
    )
    for chunk, key in zip(entry.chunks, entry.keys, strict=True):
        row = (vector_id(chunk, key), d.id, chunk.start, chunk.end, chunk.context, key)
        cursor = connection.execute(
            'INSERT INTO chunks (vector_id, document, start, "end", context, embedding_key)'
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
        connection.execute(
            "INSERT INTO chunk_words (rowid, text, context) VALUES (?, ?, ?)",
            (cursor.lastrowid, chunk.text, chunk.context),
        )


def _document(row: tuple) -> Document:  # type: ignore[type-arg]
    headings = tuple(Heading(*h) for h in json.loads(row[8]))
    kind: Kind = row[7]
    return Document(
        id=row[0], text=row[1], title=row[2], author=row[3], publisher=row[4], date=row[5],
        url=row[6], kind=kind, headings=headings,
    )  # fmt: skip


def _batches(values: Sequence[R]) -> Iterator[Sequence[R]]:
    for first in range(0, len(values), _SQL_VARIABLES):
        yield values[first : first + _SQL_VARIABLES]


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))
