"""Documents and chunks as rows, on their way into the store and out of it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rag.errors import IndexDamagedError
from rag.failpoints import failpoint
from rag.types import Chunk, Document, Heading, Vectors

DOCUMENT_COLUMNS = (
    "id, text, title, author, publisher, date, url, kind, headings, content_hash"  # of _document
)

_UNUSED_EMBEDDINGS = "DELETE FROM embeddings WHERE key NOT IN (SELECT embedding_key FROM chunks)"
_MERGE_WORDS = "INSERT INTO chunk_words(chunk_words) VALUES('optimize')"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on its way in, with its chunks and one embedding key for each.

    ``stamp`` stands for the file it came from, where it came from one of its own.
    """

    document: Document
    chunks: tuple[Chunk, ...]
    keys: tuple[bytes, ...]
    stamp: bytes | None = None


def embedding_key(text: str, fingerprint: str) -> bytes:
    """Name an embedding by what was embedded and what embedded it (SHA-256, 32 bytes)."""
    return hashlib.sha256(f"{fingerprint}\0{text}".encode("utf-8", "replace")).digest()


def vector_id(chunk: Chunk, key: bytes) -> str:
    """Name a chunk's vector: where the chunk stands and what was embedded."""
    return f"{chunk.id}@{key.hex()[:12]}"


def bindable(value: object) -> object:
    """Replace half characters (lone surrogates) in a text, which SQLite refuses."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def put_vectors(connection: sqlite3.Connection, vectors: Mapping[bytes, Vectors]) -> None:
    """Add embeddings to the cache."""
    rows = ((key, np.asarray(v, dtype="<f4").tobytes()) for key, v in vectors.items())
    connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)


def put_stamps(connection: sqlite3.Connection, stamps: Mapping[str, bytes]) -> None:
    """Give documents, by id, the stamps of the files they came from."""
    pairs = [(stamp, name) for name, stamp in stamps.items()]
    connection.executemany("UPDATE documents SET stamp = ? WHERE id = ?", pairs)


def drop_unused_embeddings(connection: sqlite3.Connection) -> int:
    """Delete the embeddings that no chunk uses; return how many."""
    return connection.execute(_UNUSED_EMBEDDINGS).rowcount


def merge_words(connection: sqlite3.Connection) -> None:
    """Merge the segments of the word index: until then they keep deleted words."""
    connection.execute(_MERGE_WORDS)


def remove_document(connection: sqlite3.Connection, document_id: str) -> bool:
    """Take a document out with its chunks and words; tell whether it was there."""
    connection.execute(
        "DELETE FROM chunk_words WHERE rowid IN (SELECT number FROM chunks WHERE document = ?)",
        (document_id,),
    )
    gone = connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    return gone.rowcount > 0


def add_document(connection: sqlite3.Connection, entry: Entry) -> None:
    """Put a document in with its chunks and words."""
    d = entry.document
    headings = json.dumps([(h.start, h.end, h.level) for h in d.headings])
    origin = (d.title, d.author, d.publisher, d.date, d.url, d.kind)
    connection.execute(
        f"INSERT INTO documents ({DOCUMENT_COLUMNS}, stamp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (d.id, d.text, *origin, headings, d.content_hash, entry.stamp),
    )
    failpoint("store.document")
    for chunk, key in zip(entry.chunks, entry.keys, strict=True):
        _add_chunk(connection, chunk, key)


def _add_chunk(connection: sqlite3.Connection, chunk: Chunk, key: bytes) -> None:
    row = (vector_id(chunk, key), chunk.document, chunk.start, chunk.end, chunk.context, key)
    cursor = connection.execute(
        'INSERT INTO chunks (vector_id, document, start, "end", context, embedding_key)'
        " VALUES (?, ?, ?, ?, ?, ?)",
        row,
    )
    failpoint("store.chunk")
    connection.execute(
        "INSERT INTO chunk_words (rowid, text, context) VALUES (?, ?, ?)",
        (cursor.lastrowid, chunk.text, chunk.context),
    )
    failpoint("store.words")


def document_of(row: tuple[Any, ...]) -> Document:
    """Make a document of its row; raise ``IndexDamagedError`` when it is not what was stored."""
    *fields, headings, stored_hash = row
    names = ("id", "text", "title", "author", "publisher", "date", "url", "kind")
    try:
        spans = tuple(Heading(*span) for span in json.loads(headings))
        document = Document(**dict(zip(names, fields, strict=True)), headings=spans)
    except (TypeError, ValueError):
        document = None
    if document is None or document.content_hash != stored_hash:
        raise IndexDamagedError(
            f"document {fields[0]!r} in the index is not what was stored; "
            "run `rag index --rebuild` with its file"
        )
    return document
