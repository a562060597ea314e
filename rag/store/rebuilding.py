"""What a new store takes over from an old one, whatever made that and however damaged it is."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from rag.errors import IndexBusyError, IndexDamagedError, IndexMissingError, IndexProblem
from rag.failpoints import failpoint
from rag.store import seals
from rag.store.checks import file_problems
from rag.store.connections import connect, explained
from rag.store.files import delete_set_aside, free_name
from rag.store.store import Store
from rag.types import Document


class Remains:
    """The readable part of an old store; ``problems`` names what could not be read."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path)
        self._path = path
        self._sound = False
        self.problems: list[tuple[str, str]] = []
        self.revision = max(0, seals.last_committed(path))
        self.content_hashes: dict[str, str] = {}
        try:
            self._look()
        except (IndexDamagedError, IndexMissingError) as error:
            self._lose(str(path), error)
        except BaseException as error:
            if type(error) is not IndexProblem or not seals.seal_path(path).exists():
                self.close()
                raise
            self._lose(str(path), error)  # what made it ours is damaged

    def _look(self) -> None:
        with explained(self._path):
            seals.set_logs_aside(self._path)
            seals.require_files(self._path)
        self._sound = is_sound(self._path)
        self.revision = max(self.revision, self._store.revision)
        self.content_hashes = self._store.content_hashes()

    def documents(self, *, but: Collection[str] = ()) -> Iterator[Document]:
        """Yield the documents that can be read, except those of the ids in ``but``."""
        for document_id in sorted(self.content_hashes.keys() - set(but)):
            try:
                yield self._store.document(document_id)
            except IndexDamagedError as error:
                self._lose(document_id, error)

    def stamps(self) -> dict[str, bytes]:
        """Map documents to the stamps of their files; empty where that cannot be read."""
        if not self.content_hashes:
            return {}
        try:
            return self._store.stamps()
        except IndexDamagedError:  # the files are read once more
            return {}

    def embeddings(self, keys: Collection[bytes]) -> dict[bytes, bytes]:
        """Map those of the keys that can be read to their float32 bytes."""
        if not self._sound:  # nothing tells whether an embedding is what it was
            return {}
        try:
            return self._store.embeddings(keys)
        except IndexDamagedError:  # they are made again
            return {}

    def close(self) -> None:
        """Close the old store."""
        self._store.close()

    def __enter__(self) -> Remains:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lose(self, name: str, error: IndexProblem) -> None:
        self.problems.append((name, f"could not be kept: {error}"))


def is_sound(path: Path) -> bool:
    """Tell whether a store holds what was written to it, as far as can be known."""
    try:
        with explained(path):
            if seals.is_as_sealed(path):
                return True
        with contextlib.closing(Store(path)) as store:
            return not file_problems(store)
    except IndexBusyError:
        raise
    except IndexProblem:
        return False


def adopt(path: Path, built: Path) -> None:
    """Put a newly built store in the place of the one at ``path``, which may be damaged.

    The content is exchanged in one transaction, so that a crash leaves either, and programs that
    have the store open see the new content with their next query. A file that is damaged is kept
    beside the new one, as ``store.sqlite.damaged``.
    """
    sound = is_sound(path)
    with explained(path):
        failpoint("rebuild.adopt")
        seals.break_seal(path)
    try:
        if not sound:
            raise IndexDamagedError(f"{path} is not what was written")
        _copy_content(built, path)
    except IndexDamagedError:
        with explained(path):
            _keep_aside(path)
            _delete_logs(path)
            built.replace(path)
    with explained(path):
        failpoint("rebuild.adopted")
        delete_store(built)
        failpoint("rebuild.swept")


def _copy_content(built: Path, path: Path) -> None:
    with (
        explained(path),
        contextlib.closing(connect(built)) as source,
        contextlib.closing(connect(path)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def delete_store(path: Path) -> None:
    """Delete a store's files, if they are there."""
    with explained(path):
        seals.seal_path(path).unlink(missing_ok=True)  # first: what is sealed must not be gone
        path.unlink(missing_ok=True)
        _delete_logs(path)


def delete_copies(path: Path) -> None:
    """Delete what may hold text that was taken out: damaged copies, and a rebuild cut short."""
    with explained(path):
        delete_set_aside(path.parent)
    delete_store(path.with_name(f"{path.name}.new"))


def _keep_aside(path: Path) -> None:
    """Keep what is in a store's place; a file stays there too, until the new one replaces it."""
    if path.is_file() and path.stat().st_size:
        shutil.copyfile(path, free_name(path))
    elif os.path.lexists(path):
        path.rename(free_name(path))


def _delete_logs(path: Path) -> None:
    """Delete a file's log: SQLite would replay it into whatever file has that name."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
