"""The file of the conversations: made, opened for one piece of work, and its errors explained."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from rag.errors import ArchiveDamagedError, ArchiveError

_APPLICATION_ID = 0x41747463  # "Attc"
_VERSION = 1  # of the tables
WAIT_SECONDS = 5.0  # for a lock that another process holds
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TABLE_NAMES = {"meta", "conversations", "turns", "rests", "quoted"}

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, reader BLOB NOT NULL, revision INTEGER NOT NULL, changed REAL NOT NULL
);
CREATE INDEX conversations_by_reader ON conversations (reader, changed);
CREATE TABLE turns (
    conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE TABLE rests (
    conversation TEXT NOT NULL, number INTEGER NOT NULL, document TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    FOREIGN KEY (conversation, number) REFERENCES turns(conversation, number) ON DELETE CASCADE
);
CREATE INDEX rests_by_document ON rests (document, content_hash);
CREATE INDEX rests_by_turn ON rests (conversation, number);
CREATE TABLE quoted (
    document TEXT NOT NULL, content_hash TEXT NOT NULL, PRIMARY KEY (document, content_hash)
) WITHOUT ROWID;
"""


@contextlib.contextmanager
def changing(path: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[sqlite3.Connection]:
    """Commit all that the body changes, or nothing where it raises."""
    with connected(path, wait_seconds) as connection, _transaction(connection):
        yield connection


@contextlib.contextmanager
def reading(path: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[sqlite3.Connection]:
    """Let everything read inside be of one moment."""
    with connected(path, wait_seconds) as connection, _transaction(connection, "BEGIN"):
        yield connection


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextlib.contextmanager
def connected(path: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[sqlite3.Connection]:
    """Open the file for one piece of work, so that a file that was replaced is noticed.

    Raises ``ArchiveError``, as ``changing`` and ``reading`` do.
    """
    with _explained(path):
        fresh = not os.path.lexists(path)
        # A pipe would never be opened.
        if not fresh and not stat.S_ISREG(path.stat().st_mode):
            raise ArchiveError(_sentence(path, "it is no regular file"))
        with contextlib.closing(_opened(path, wait_seconds)) as connection:
            if fresh:
                path.chmod(0o600)  # what somebody asked is nobody else's business
            # The log of WAL would keep what was deleted while somebody reads; the journal that is
            # SQLite's default goes with each transaction.
            for pragma in ("temp_store=MEMORY", "secure_delete=ON", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
            _require_tables(connection, path)
            yield connection


def _opened(path: Path, wait_seconds: float) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rwc"
    return sqlite3.connect(uri, uri=True, timeout=wait_seconds, isolation_level=None)


def delete_file(path: Path) -> None:
    """Delete the file and its journal."""
    with _explained(path):
        for suffix in ("", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def _require_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in a blank file; refuse those of another program or version."""
    if _number(connection, "application_id") != _APPLICATION_ID:
        with _transaction(connection):  # two may have found it blank
            _make_tables(connection, path)
    if _number(connection, "user_version") != _VERSION:
        raise ArchiveError(_sentence(path, "another version made it"))
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    if missing := _TABLE_NAMES - {name for (name,) in names}:
        raise ArchiveDamagedError(_sentence(path, f"it has no {', '.join(sorted(missing))}"))


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    made_by = _number(connection, "application_id")
    blank = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    if made_by == 0 and blank:
        for statement in filter(str.strip, _TABLES.split(";\n")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    elif made_by != _APPLICATION_ID:
        raise ArchiveError(_sentence(path, "another program made it"))


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite or the system refuses into one line."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        kind = ArchiveDamagedError if code in _DAMAGE else ArchiveError
        raise kind(_sentence(path, str(error))) from error
    except OSError as error:
        raise ArchiveError(_sentence(path, error.strerror or str(error))) from error
    except ValueError as error:  # a question that is no JSON
        raise ArchiveDamagedError(_sentence(path, "it is damaged")) from error


def _sentence(path: Path, reason: str) -> str:
    return (
        f"conversations cannot be kept in {path} ({reason}); check its permissions and the disk's "
        "space, or move the file away to begin a new one (answers do not need it)"
    )
