"""Build a generation on a Chroma server and make it the live one.

A server cannot copy a collection, and sending all vectors for each change would cost minutes at
100,000. So there are two collections: one is live, the other, which was live before, is brought up
to date beside it, checked and switched to. Vectors are named by what was embedded, so one that is
there already need not be sent again; that also resumes a build that was cut short.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from rag.errors import REMEDY, IndexDamagedError, IndexMissingError, IndexServerUnreachable
from rag.index import generations
from rag.index.collections import Collection, Collections, Mark, ServerEngine, made_of
from rag.index.filling import STALE_SHARE, Report, bring_up_to_date
from rag.index.generations import COLLECTION, read_pointer, switch
from rag.index.server import ChromaServer, Connection
from rag.index.writing import disk_errors
from rag.store import Store, sync

_ID_FILE = "server.id"


def current_collection(folder: Path) -> str:
    """Name the live collection; raise ``IndexMissingError`` when the vectors are elsewhere."""
    name = read_pointer(folder) or ""
    if not COLLECTION.fullmatch(name):
        raise IndexMissingError(
            f"the vectors of the index in {folder} are not on the Chroma server yet; {REMEDY}"
        )
    return name


def open_collection(connection: Connection, name: str, identity: str) -> Collection:
    """Find the live collection; raise ``IndexDamagedError`` unless it is whole and of this index.

    ``identity`` is what the vectors must have been made of.
    """
    match = COLLECTION.fullmatch(name)
    assert match is not None
    collection = Collections(connection, match[1]).named(name)
    if not collection.mark.complete or collection.mark.made_of != identity:
        raise IndexDamagedError(
            f"the collection {name} on the Chroma server is unfinished or was made otherwise; "
            f"{REMEDY}"
        )
    return collection


def published_revision(folder: Path, server: ChromaServer) -> int:
    """Tell which revision of the store the live collection was built from; -1 for none."""
    try:
        name = current_collection(folder)
        with server.connect() as connection:
            return Collections(connection, _index_id(name)).named(name).mark.revision
    except (IndexMissingError, IndexDamagedError):
        return -1


def is_published(folder: Path, store: Store, server: ChromaServer) -> bool:
    """Tell whether the server holds the store as it is now, and nothing that was taken out."""
    if published_revision(folder, server) != store.revision:
        return False
    with server.connect() as connection:
        ours, _ = Collections(connection, _index_id(current_collection(folder))).all()
        return not any(_holds_traces(c, store) for c in ours)


def publish(
    folder: Path, store: Store, server: ChromaServer, *, fresh: bool, report: Report
) -> str:
    """Bring a collection up to date with the store, switch to it, and return its name.

    Only the holder of the write lock may call this. When the server is lost, the live collection
    stays, and so does what the other one holds already.
    """
    try:
        with disk_errors(folder), server.connect() as connection:
            publication = _Publication(folder, store, connection)
            name = None if fresh else publication.finished()
            if name is None:
                name = publication.build(fresh=fresh, report=report)
                switch(folder, name)
            publication.sweep(keep=name, fresh=fresh)
            generations.sweep(folder, keep=())
            return name
    except IndexServerUnreachable as error:
        raise IndexServerUnreachable(
            f"{error}; what was read is kept, so run `rag index` again when the server answers "
            "(nothing is embedded twice)"
        ) from error


class _Publication:
    """One build; the caller holds the write lock."""

    def __init__(self, folder: Path, store: Store, connection: Connection) -> None:
        self._store = store
        self._connection = connection
        self._live = _live_name(folder)
        self._id = _own_id(folder)
        self._collections = Collections(connection, self._id)
        self._made_of = made_of(store.identity())

    def finished(self) -> str | None:
        """Name the live collection if it is as it should be; there may be others left to sweep."""
        ours, _ = self._collections.all()
        done = (c for c in ours if c.name == self._live and c.mark.complete)
        return next((c.name for c in done if c.mark.revision == self._store.revision), None)

    def build(self, *, fresh: bool, report: Report) -> str:
        """Make a collection that holds what the store does, and return its name."""
        ours, highest = self._collections.all()
        revision = self._store.revision
        target = self._begun(None if fresh else self._spare(ours), highest + 1, revision)
        engine = ServerEngine(self._connection, target)
        count, deleted = bring_up_to_date(engine, self._store, report)
        stale = target.mark.stale + deleted
        mark = Mark(self._id, self._made_of, revision, count, stale, complete=True)
        return self._collections.change(target, target.name, mark).name

    def sweep(self, *, keep: str, fresh: bool) -> None:
        """Delete our other collections, but for the last live one as long as it may be read."""
        ours, _ = self._collections.all()
        for collection in ours:
            spared = collection.name == self._live and not fresh
            if collection.name != keep and (not spared or _holds_traces(collection, self._store)):
                self._collections.delete(collection)

    def _spare(self, ours: Iterable[Collection]) -> Collection | None:
        """Choose the newest collection that is not live and can be brought up to date."""
        usable = [c for c in ours if c.name != self._live and self._is_usable(c)]
        return max(usable, key=lambda c: c.number, default=None)

    def _is_usable(self, collection: Collection) -> bool:
        mark = collection.mark
        crowded = mark.complete and mark.stale > mark.count * STALE_SHARE
        other = mark.made_of != self._made_of
        return not (other or crowded or _holds_traces(collection, self._store))

    def _begun(self, spare: Collection | None, number: int, revision: int) -> Collection:
        """Start a generation under a name that has not been."""
        name = f"attest-{self._id}-{number}"
        if spare is None:
            return self._collections.create(name, Mark(self._id, self._made_of, revision))
        return self._collections.change(spare, name, replace(spare.mark, complete=False))


def _holds_traces(collection: Collection, store: Store) -> bool:
    """Tell whether a collection is older than the last removal of a document."""
    return collection.mark.revision < store.erased


def _index_id(name: str) -> str:
    match = COLLECTION.fullmatch(name)
    assert match is not None
    return match[1]


def _live_name(folder: Path) -> str | None:
    try:
        return current_collection(folder)
    except (IndexMissingError, IndexDamagedError):
        return None


def _own_id(folder: Path) -> str:
    """Return the id that names this index on servers; a new index gets one by chance.

    Content cannot tell two indexes apart, since both may be made of the same documents, and
    neither can the folder, whose path differs from machine to machine.
    """
    path = folder / _ID_FILE
    if path.exists() and COLLECTION.fullmatch(f"attest-{(known := path.read_text().strip())}-0"):
        return known
    made = secrets.token_hex(8)
    staged = path.with_name(f"{_ID_FILE}.new")
    staged.write_text(made + "\n")
    sync(staged)
    staged.replace(path)
    sync(folder)
    return made
