"""Create a store, or open one that exists."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from rag.errors import IndexDamagedError, IndexMissingError, IndexProblem
from rag.failpoints import failpoint
from rag.store import seals
from rag.store.checks import file_problems
from rag.store.connections import explained
from rag.store.descriptors import digest_beside
from rag.store.files import stamp_of
from rag.store.schema import Identity, create_tables, is_blank, require_match
from rag.store.store import Store

_log = logging.getLogger(__name__)


def create_store(path: Path, identity: Identity, *, revision: int = 0) -> Store:
    """Create an empty store for what ``identity`` names; the file must not exist, or be blank."""
    store = Store(path)
    try:
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            failpoint("create.file")
            create_tables(store.connection(), identity, revision=revision)
            failpoint("create.done")
    except BaseException:
        store.close()
        raise
    return store


def open_store(path: Path, *, expected: Identity | None = None, fully: bool = False) -> Store:
    """Open an existing store that is whole; ``fully`` reads every byte, however many there are.

    Raises ``IndexMissingError`` when there is none, ``IndexDamagedError`` when it is not what was
    written or cannot be read, and ``IndexMismatchError`` when it is not what ``expected`` says, or
    of another version.
    """
    missing = IndexMissingError(f"no index in {path.parent}; run `rag index` to build one")
    with explained(path):
        seals.require_files(path)
        if not path.is_file():
            raise missing
        sealed = seals.is_as_sealed(path, fully=fully)
    store = Store(path)
    try:
        with explained(path):
            if is_blank(store.connection()):
                known = seals.last_committed(path) >= 0
                raise seals.damaged(path, "it holds nothing") if known else missing
        found = store.identity()
        require_match(found, expected or Identity(found.embedder, found.chunker), path.parent)
        if not sealed:
            _require_sound(store)
            _seal_if_possible(store)
    except BaseException:
        store.close()
        raise
    return store


def read_damaged(path: Path) -> Store:
    """Open a store to look at its damage; raise ``IndexProblem`` where a look could change it."""
    with explained(path):
        seals.require_files(path)
        if seals.has_log(path) or not path.is_file():
            raise seals.damaged(path, "a log would be replayed into it")
    return Store(path)


def seal(store: Store, *, wait: bool = True) -> bool:
    """Note what a store's file holds, now that its changes are all in; tell whether that worked.

    It does not while another process reads or writes; ``wait`` gives that a while to end.
    """
    if not all(os.access(p, os.W_OK) for p in (store.path.parent, store.path)):
        return False
    with explained(store.path), _patience(store, wait):
        if (found := seals.read_seal(store.path)) and found.digest:
            return True
        connection = store.connection()
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            return False
        connection.execute("BEGIN IMMEDIATE")  # nobody else writes meanwhile
        try:
            if seals.has_log(store.path) or store.awaits_rewriting:
                return False
            digest, stamp = digest_beside(store.path), stamp_of(store.path)
            seals.write_seal(store.path, seals.Seal(store.revision, digest, stamp))
            failpoint("seal.made")
        finally:
            connection.execute("ROLLBACK")
    return True


def _seal_if_possible(store: Store) -> None:
    """Seal a store that is only to be read: without room or leave to write, it stays as it is."""
    try:
        seal(store, wait=False)
    except IndexDamagedError:
        raise
    except IndexProblem as problem:
        _log.debug("%s", problem)


@contextlib.contextmanager
def _patience(store: Store, wait: bool) -> Iterator[None]:
    """Let a connection wait for others as ever, or not at all."""
    connection = store.connection()
    (before,) = connection.execute("PRAGMA busy_timeout").fetchone()
    if not wait:
        connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")


def _require_sound(store: Store) -> None:
    """Check a store that was left unsealed, as by a writer that was killed."""
    committed = seals.last_committed(store.path)  # first: somebody may be writing
    if (revision := store.revision) < committed:
        raise seals.damaged(
            store.path, f"change {committed} was written, {revision} is the last there is"
        )
    if problems := file_problems(store):
        raise seals.damaged(store.path, problems[0])
