"""Leave no trace of text that was taken out of a store: write its file anew, and empty its log.

SQLite overwrites deleted rows, but not the copies that rows leave behind when they move from one
page to another; only a file written anew is without them. A mark in the file says that this is due.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from rag.errors import IndexTracesError
from rag.failpoints import failpoint
from rag.store.connections import vacuum

# Taking text out is worth writing anew at any size, a change of text up to this one (64 MB: half a
# second).
_QUICK_BYTES = 64_000_000
_SIZES = ("page_count", "page_size")
_MARK = "INSERT OR REPLACE INTO meta VALUES ('rewrite', '1')"
_MARKED = "SELECT 1 FROM meta WHERE key = 'rewrite'"
_UNMARK = "DELETE FROM meta WHERE key = 'rewrite'"

Transaction = Callable[[], AbstractContextManager[sqlite3.Connection]]


def mark(connection: sqlite3.Connection) -> None:
    """Note that the file is to be written anew."""
    connection.execute(_MARK)


def is_marked(connection: sqlite3.Connection) -> bool:
    """Tell whether the file is to be written anew."""
    return connection.execute(_MARKED).fetchone() is not None


def is_quick(connection: sqlite3.Connection) -> bool:
    """Tell whether a file is so small that writing it anew takes no time worth saving."""
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _SIZES)
    return bool(pages * size <= _QUICK_BYTES)


def wipe(folder: Path, connection: sqlite3.Connection, transaction: Transaction) -> None:
    """Write the file anew where that is due, and empty its log.

    While another process reads an older state, the log cannot reach the file, and the old text
    stays there. So the mark goes only after both: a process that dies here, or meets such a reader,
    leaves the rest to the next. Raises ``IndexTracesError``.
    """
    with _told(folder):
        if due := is_marked(connection):
            failpoint("log.rewrite")
            vacuum(connection, in_memory=is_quick(connection))
        failpoint("log.empty")
        if _empties_log(connection) and due:
            with transaction():
                connection.execute(_UNMARK)
            _empties_log(connection)
        failpoint("log.emptied")


def _empties_log(connection: sqlite3.Connection) -> bool:
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say that the change before this is made, whatever becomes of its traces."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise IndexTracesError(
            f"the change of the index in {folder} is made, but what it took out may still be in "
            f"the file, which could not be written anew ({reason}); run `rag index` to try again: "
            "it takes as much space again there and in the system's temporary folder"
        ) from error
