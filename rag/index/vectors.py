"""Search the live generation, whichever that is at the moment."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from rag.errors import IndexDamagedError, IndexProblem
from rag.index.engine import Engine
from rag.index.generations import Manifest, current_generation, verify
from rag.index.probing import require_openable
from rag.types import Vectors

_ATTEMPTS = 5  # an index would have to be switched as often during one query

R = TypeVar("R")

_log = logging.getLogger(__name__)


class Searchable(Protocol):
    """The vectors of one generation, wherever they are."""

    def nearest(
        self, vector: Vectors, *, limit: int, documents: Collection[str] | None
    ) -> list[tuple[str, float]]:
        """Return the nearest vectors as (id, cosine similarity in [-1, 1]), best first."""
        ...

    def ids(self) -> Iterable[str]:
        """Yield all ids."""
        ...

    def close(self) -> None:
        """Let go of what was opened."""
        ...


@dataclass(slots=True)
class Generation:
    """An open generation and how many queries are under way on it."""

    name: str
    engine: Searchable
    count: int
    copy: tempfile.TemporaryDirectory[str] | None
    users: int = 0
    retired: bool = False

    def close_if_done(self) -> None:
        """Close a generation that was replaced, once nobody is at it."""
        if self.retired and not self.users:
            self.engine.close()
            if self.copy:
                self.copy.cleanup()


class VectorIndex:
    """Reads the live generation of a folder; safe to share between threads.

    A generation that another process has replaced stays open until the queries on it are done.
    ``live`` names the live generation and ``opener`` opens one, where they are not folders.
    """

    note: str | None = None  # nothing to say of how an answer was found

    def __init__(
        self,
        folder: Path,
        *,
        live: Callable[[], str] | None = None,
        opener: Callable[[str], Generation] | None = None,
    ) -> None:
        self._current = live or (lambda: current_generation(folder))
        self._open = opener or (lambda name: open_generation(folder / name))
        self._lock = threading.Lock()
        self._live: Generation | None = None

    def open(self) -> None:
        """Open the live generation, which the first search would do."""
        self._read(lambda generation: None)

    def search(
        self, vector: Vectors, *, limit: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the nearest vectors as (vector id, cosine similarity in [-1, 1]), best first."""

        def nearest(generation: Generation) -> list[tuple[str, float]]:
            most = min(limit, generation.count)
            if most <= 0 or (documents is not None and not documents):
                return []
            return generation.engine.nearest(vector, limit=most, documents=documents)

        return self._read(nearest)

    def vector_ids(self) -> set[str]:
        """Return the ids of all vectors in the live generation."""
        return self._read(lambda generation: set(generation.engine.ids()))

    def close(self) -> None:
        """Close the engine; a later search opens it again."""
        with self._lock:
            self._retire()

    def _read(self, work: Callable[[Generation], R]) -> R:
        """Do the work on the live generation, and again if that was replaced meanwhile.

        A generation's files may go while it is being read; then it errs, or finds less.
        """
        for _ in range(_ATTEMPTS):
            name = self._current()
            try:
                with self._using(name) as generation:
                    result = work(generation)
            except IndexProblem:
                if self._current() == name:
                    raise
                continue
            if self._current() == name:
                return result
        with self._using(self._current()) as generation:
            return work(generation)

    @contextlib.contextmanager
    def _using(self, name: str) -> Iterator[Generation]:
        with self._lock:
            generation = self._opened(name)
            generation.users += 1
        try:
            yield generation
        finally:
            with self._lock:
                generation.users -= 1
                generation.close_if_done()

    def _opened(self, name: str) -> Generation:
        if self._live is None or self._live.name != name:
            self._retire()
            self._live = self._open(name)
        return self._live

    def _retire(self) -> None:
        if self._live is not None:
            self._live.retired = True
            self._live.close_if_done()
            self._live = None


def open_generation(
    path: Path, *, accept: Callable[[Manifest], None] = lambda manifest: None
) -> Generation:
    """Open a generation that is whole; where it cannot be written, a copy of it.

    The engine writes to its files even when it only reads. ``accept`` may refuse what the manifest
    says, by raising ``IndexDamagedError``.
    """
    manifest = verify(path)
    accept(manifest)
    count = manifest.count
    if os.access(path, os.W_OK):
        try:
            require_openable(path, count=count)
            return Generation(path.name, Engine(path), count, None)
        except IndexDamagedError:
            raise
        except IndexProblem as problem:  # a full disk: another one may have room
            _log.debug("%s", problem)
    return _open_copy(path, count)


def _open_copy(path: Path, count: int) -> Generation:
    copy = tempfile.TemporaryDirectory(prefix="rag-")
    try:
        place = shutil.copytree(path, Path(copy.name) / path.name, copy_function=shutil.copyfile)
        place.chmod(0o700)
        for folder in filter(Path.is_dir, place.rglob("*")):
            folder.chmod(0o700)
        require_openable(place, count=count)
        return Generation(path.name, Engine(place), count, copy)
    except BaseException:
        copy.cleanup()
        raise
