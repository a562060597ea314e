"""Connections to a SQLite file, one for each thread, and what their errors mean to a user."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexBusyError, IndexDamagedError, IndexMissingError, IndexProblem
from rag.failpoints import failpoint
from rag.store import descriptors
from rag.store.schema import require_ours

_WAIT_SECONDS = 10.0  # for a lock that another process holds


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints about a file into errors that say what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        problem = _problem(error, path)
        if problem is None:
            raise
        raise problem from error
    except OSError as error:
        raise IndexProblem(
            f"the index in {path.parent} cannot be read or written ({error.strerror or error}); "
            "check the permissions of the folder and its files, and that the disk has space"
        ) from error


def _problem(error: sqlite3.DatabaseError, path: Path) -> IndexProblem | None:
    """Find what an error says about the file; None when it is a bug of the caller."""
    if isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError):
        return None
    folder = path.parent
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return IndexProblem(
                f"no space is left for the index in {folder}; free some and try again "
                "(what was indexed before is kept)"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return IndexBusyError(
                f"another process is using the index in {folder}; try again when it is done"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return IndexProblem(
                f"the index in {folder} cannot be opened or written ({error}); "
                "check the permissions of the folder and its files, and that the disk has space"
            )
        case sqlite3.SQLITE_IOERR:
            return IndexProblem(
                f"the disk failed under the index in {folder} ({error}); check that it has space"
            )
        case sqlite3.SQLITE_ERROR if "no such" not in str(error) and "vtable" not in str(error):
            return None
    return IndexDamagedError(
        f"the index store {path} is damaged ({error}); run `rag index --rebuild` with the files "
        "it was made from"
    )


@dataclass(slots=True, weakref_slot=True, eq=False)
class _Handle:
    """A thread's connection and the file it leads to."""

    connection: sqlite3.Connection
    file: tuple[int, ...]  # device and inode, and what more it takes to know it unchanged
    close: Callable[[], object]


class _Closing:
    """Closes a connection once, and lets its file go after it."""

    def __init__(self, connection: sqlite3.Connection, key: descriptors.Key) -> None:
        self._connection = connection
        self._key: descriptors.Key | None = key

    def __call__(self) -> None:
        key, self._key = self._key, None
        self._connection.close()
        if key is not None:
            descriptors.done(key)


class _Frozen(sqlite3.Connection):
    """A connection that takes its file for one that never changes."""


class Connections:
    """One connection for each thread, closed when its thread ends; safe to share.

    A thread whose file was replaced, or changed against all expectation, gets a new connection.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._handles: weakref.WeakSet[_Handle] = weakref.WeakSet()

    def get(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        handle: _Handle | None = getattr(self._local, "handle", None)
        if handle is not None and handle.connection.in_transaction:
            return handle.connection
        if handle is None or handle.file != self._file()[: len(handle.file)]:
            handle = self._open()
        return handle.connection

    def close(self) -> None:
        """Close the connections of all threads; the next ``get`` opens a new one."""
        with self._lock:
            for handle in list(self._handles):
                handle.close()
            self._handles.clear()
            self._local = threading.local()

    def _open(self) -> _Handle:
        self._local.handle = None
        file = self._file()
        key = file[0], file[1]
        descriptors.use(key)
        try:
            connection = connect(self._path)
        except BaseException:
            descriptors.done(key)
            raise
        closing = _Closing(connection, key)
        frozen = isinstance(connection, _Frozen)
        handle = _Handle(connection, file if frozen else file[:2], closing)
        weakref.finalize(handle, closing)
        with self._lock:
            self._handles.add(handle)
            self._local.handle = handle
        return handle

    def _file(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except FileNotFoundError as error:
            raise IndexMissingError(
                f"the index in {self._path.parent} is gone; run `rag index` to build one"
            ) from error
        changes = (found.st_mtime_ns, found.st_size, _has_log(self._path))
        return found.st_dev, found.st_ino, *changes


def connect(path: Path) -> sqlite3.Connection:
    """Connect to a file that exists; where writing is forbidden, read only.

    Raises ``IndexProblem`` for a file of another program. A folder that cannot be written, or is on
    a full disk, has no room for the log that readers share; nobody writes to such an index, so it
    is read as if it never changed.
    """
    if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK):
        try:
            return _writable(path)
        except sqlite3.OperationalError as error:
            if not _lacks_room(error) or _has_log(path):
                raise
            return _configured(path, "immutable=1")
    return _configured(path, "mode=ro" if _has_log(path, empty=True) else "immutable=1")


def _writable(path: Path) -> sqlite3.Connection:
    # The log is synced at each commit, and deleted rows are overwritten.
    durable = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON")
    return _configured(path, "mode=rw", durable)


def _lacks_room(error: sqlite3.OperationalError) -> bool:
    """Tell whether a full disk has no room even for the memory that readers share."""
    name = getattr(error, "sqlite_errorname", "")
    return name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR_SHM")


def _has_log(path: Path, *, empty: bool = False) -> bool:
    log = path.with_name(path.name + "-wal")
    try:
        size = log.stat().st_size
    except FileNotFoundError:  # or it went this moment, with the last connection
        return False
    return empty or size > 0


def _configured(path: Path, mode: str, pragmas: Collection[str] = ()) -> sqlite3.Connection:
    connection = _opened(path, mode)
    try:
        require_ours(connection, path)
        for pragma in ("temp_store=MEMORY", *pragmas):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=_WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        factory=_Frozen if mode == "immutable=1" else sqlite3.Connection,
    )


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commit all that the body changes, or nothing where it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        failpoint("store.commit")
        connection.execute("COMMIT")
        failpoint("store.committed")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise


def vacuum_file(path: Path) -> None:
    """Write a SQLite file that nobody has open anew, without what was deleted from it."""
    with explained(path), contextlib.closing(_opened(path, "mode=rw")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        connection.execute("VACUUM")


def vacuum(connection: sqlite3.Connection, *, in_memory: bool) -> None:
    """Write an open file anew; the copy that SQLite makes for it is in memory or on the disk."""
    connection.execute(f"PRAGMA temp_store={'MEMORY' if in_memory else 'FILE'}")
    try:
        connection.execute("VACUUM")
    finally:
        connection.execute("PRAGMA temp_store=MEMORY")


def digest_rows(path: Path, *, ignore: Collection[str] = ()) -> str:
    """Return a SHA-256 (hex) over the rows of a SQLite file's tables but the ignored ones.

    It stays the same when the file is only laid out anew. Raises ``IndexDamagedError`` when the
    file cannot be read or its indexes do not match its tables.
    """
    digest = hashlib.sha256()
    with explained(path), contextlib.closing(_opened(path, "mode=ro")) as connection:
        for (verdict,) in connection.execute("PRAGMA integrity_check"):
            if verdict != "ok":
                raise IndexDamagedError(f"{path} is damaged ({verdict})")
        # What a virtual table shows is kept in tables beside it.
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
            " ORDER BY name"
        ).fetchall()
        for (name,) in names:
            if name not in ignore:
                digest.update(name.encode())
                for row in connection.execute(f'SELECT * FROM "{name}"'):
                    digest.update(repr(row).encode("utf-8", "replace"))
    return digest.hexdigest()
