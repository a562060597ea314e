"""Keep the live generation whole and of its store: what is damaged is set aside and built anew."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from rag.errors import (
    REMEDY,
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexProblem,
)
from rag.index.building import build_generation
from rag.index.generations import (
    Manifest,
    current_generation,
    fingerprint,
    read_pointer,
    verify,
)
from rag.index.vectors import Generation, VectorIndex, open_generation
from rag.index.writing import write_lock
from rag.store import Store, delete_set_aside, free_name, is_as_sealed, read_seal

_log = logging.getLogger(__name__)


class Keeper:
    """Opens the generations of a folder for a reader, and mends what it finds damaged.

    Nothing is embedded for that: the store holds every embedding.
    """

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store

    def open_index(self, *, mend: bool) -> VectorIndex:
        """Open the live generation now, so that damage shows before anything is asked.

        Without ``mend``, what is damaged raises ``IndexDamagedError`` and stays as it is.
        """
        if mend:
            index = VectorIndex(self._folder, live=self._live, opener=self._opened)
        else:
            index = VectorIndex(self._folder, opener=self._open)
        index.open()
        return index

    def _live(self) -> str:
        try:
            return current_generation(self._folder)
        except (IndexDamagedError, IndexMissingError) as problem:
            self._mend(problem)
        return current_generation(self._folder)

    def _opened(self, name: str) -> Generation:
        """Open a generation; one that is damaged raises once another has taken its place."""
        try:
            return self._open(name)
        except IndexDamagedError as problem:
            if read_pointer(self._folder) == name:
                self._mend(problem)
            raise

    def _open(self, name: str) -> Generation:
        path = self._folder / name
        return open_generation(path, accept=lambda manifest: self._accept(path, manifest))

    def _accept(self, path: Path, manifest: Manifest) -> None:
        """Raise ``IndexDamagedError`` for a generation that was not made from this store."""
        revision = self._store.revision
        if manifest.fingerprint not in ("", fingerprint(self._store)) or (
            manifest.revision == revision
            and not self._agrees(manifest)
            and self._store.revision == revision  # nobody wrote meanwhile
        ):
            raise IndexDamagedError(f"{path} was not made from the store beside it; {REMEDY}")

    def _agrees(self, manifest: Manifest) -> bool:
        seal = read_seal(self._store.path)
        same = self._store.kept != manifest.revision  # else the file may have changed since
        if same and seal and seal.digest and manifest.store:
            return manifest.store == seal.digest
        return manifest.count == self._store.chunk_total()

    def _mend(self, problem: IndexProblem) -> None:
        try:
            with write_lock(self._folder):
                is_as_sealed(self._store.path)  # else the vectors would be made of what is damaged
                self._repair()
        except (IndexBusyError, IndexDamagedError):
            raise
        except IndexProblem as error:  # the folder cannot be written
            raise problem from error

    def _repair(self) -> None:
        try:
            self._check()  # another process may have been here
            return
        except (IndexDamagedError, IndexMissingError) as found:
            problem = str(found).removesuffix(f"; {REMEDY}")
        kept = self._set_aside()
        build_generation(self._folder, self._store, fresh=True)
        where = f"{kept} keeps it, and " if kept else ""
        _log.warning("%s; %sit was built anew from the store, nothing embedded", problem, where)

    def _check(self) -> None:
        path = self._folder / current_generation(self._folder)
        self._accept(path, verify(path))

    def _set_aside(self) -> Path | None:
        """Rename the live generation, in the place of the one that was set aside last."""
        with contextlib.suppress(IndexDamagedError, IndexMissingError):
            path = self._folder / current_generation(self._folder)
            if os.path.lexists(path):
                delete_set_aside(self._folder, r"vectors-\d+")
                return path.rename(free_name(path))
        return None
