"""What a new store takes over from an old one, whatever made that and however damaged it is."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from rag.errors import IndexDamagedError
from rag.failpoints import failpoint
from rag.store.connections import connect, explained
from rag.store.store import Store
from rag.types import Document


class Remains:
    """The readable part of an old store; ``problems`` names what could not be read."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path)
        self._path = path
        self.problems: list[tuple[str, str]] = []
        try:
            self.revision = self._store.revision
            self.content_hashes = self._store.content_hashes()
        except IndexDamagedError as error:
            self._lose(str(path), error)
            self.revision, self.content_hashes = 0, {}
        except BaseException:
            self.close()
            raise

    def documents(self, *, but: Collection[str] = ()) -> Iterator[Document]:
        """Yield the documents that can be read, except those of the ids in ``but``."""
        for document_id in sorted(self.content_hashes.keys() - set(but)):
            try:
                yield self._store.document(document_id)
            except IndexDamagedError as error:
                self._lose(document_id, error)

    def embeddings(self, keys: Collection[bytes]) -> dict[bytes, bytes]:
        """Map those of the keys that can be read to their float32 bytes."""
        if not self.content_hashes:
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

    def _lose(self, name: str, error: IndexDamagedError) -> None:
        self.problems.append((name, f"could not be kept: {error}"))


def adopt(path: Path, built: Path) -> None:
    """Put a newly built store in the place of the one at ``path``, which may be damaged.

    The content is exchanged in one transaction, so that a crash leaves either, and programs that
    have the store open see the new content with their next query. A file that is too damaged for
    that is kept beside the new one, as ``store.sqlite.damaged``.
    """
    failpoint("rebuild.adopt")
    try:
        _copy_content(built, path)
    except IndexDamagedError:
        with explained(path):
            shutil.copyfile(path, path.with_name(f"{path.name}.damaged"))
            _delete_logs(path)
            built.replace(path)
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
        path.unlink(missing_ok=True)
        _delete_logs(path)


def _delete_logs(path: Path) -> None:
    """Delete a file's log: SQLite would replay it into whatever file has that name."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
