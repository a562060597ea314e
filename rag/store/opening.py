"""Create a store, or open one that exists."""

from __future__ import annotations

from pathlib import Path

from rag.errors import IndexMissingError
from rag.failpoints import failpoint
from rag.store.connections import explained
from rag.store.schema import Identity, create_tables, is_blank, require_match
from rag.store.store import Store


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


def open_store(path: Path, *, expected: Identity | None = None) -> Store:
    """Open an existing store.

    Raises ``IndexMissingError`` when there is none, ``IndexDamagedError`` when it cannot be read,
    and ``IndexMismatchError`` when it is not what ``expected`` says, or of another version.
    """
    missing = IndexMissingError(f"no index in {path.parent}; run `rag index` to build one")
    if not path.is_file():
        raise missing
    store = Store(path)
    try:
        with explained(path):
            if is_blank(store.connection()):
                raise missing
        found = store.identity()
        require_match(found, expected or Identity(found.embedder, found.chunker), path.parent)
    except BaseException:
        store.close()
        raise
    return store
