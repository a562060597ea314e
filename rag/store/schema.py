"""The tables of the store, and what must agree between a store and the program that opens it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexMismatchError, IndexProblem
from rag.failpoints import failpoint

SCHEMA_VERSION = "2"

# Marks a file as ours in SQLite's header ("Atts"), so that no other program's is ever overwritten.
APPLICATION_ID = 0x41747473

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, text TEXT NOT NULL, title TEXT, author TEXT, publisher TEXT, date TEXT,
    url TEXT, kind TEXT NOT NULL, headings TEXT NOT NULL, content_hash TEXT NOT NULL, stamp BLOB
);
CREATE INDEX documents_by_stamp ON documents (stamp);
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


@dataclass(frozen=True, slots=True)
class Identity:
    """What must agree between an index and the program that opens it."""

    embedder: str
    chunker: str
    schema: str = SCHEMA_VERSION


def create_tables(connection: sqlite3.Connection, identity: Identity, *, revision: int) -> None:
    """Make the tables in one transaction; ``connection`` is to an empty file."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in filter(str.strip, _TABLES.split(";\n")):
        connection.execute(statement)
    values = {
        "schema": identity.schema,
        "embedder": identity.embedder,
        "chunker": identity.chunker,
        "revision": str(revision),
        "erased": str(revision),  # the revision that last took text out
    }
    connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
    failpoint("create.tables")
    connection.execute("COMMIT")


def is_blank(connection: sqlite3.Connection) -> bool:
    """Tell whether a file has no tables, as one whose making was cut short."""
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def require_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ``IndexProblem`` for a file with another program's tables, which must be left alone."""
    made_by = connection.execute("PRAGMA application_id").fetchone()
    if made_by != (APPLICATION_ID,) and not is_blank(connection):
        raise IndexProblem(
            f"{path} was made by another program and is left alone; "
            "point --index (RAG_INDEX) at another folder"
        )


def require_match(found: Identity, expected: Identity, folder: Path) -> None:
    """Raise ``IndexMismatchError`` naming the first thing in which the two differ."""
    for name in ("schema", "embedder", "chunker"):
        have, want = getattr(found, name), getattr(expected, name)
        if have != want:
            raise IndexMismatchError(
                f"the index in {folder} was made with {name} {have!r}, this program uses "
                f"{want!r}; run `rag index --rebuild`, or point --index at another folder"
            )
