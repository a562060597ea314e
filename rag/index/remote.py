"""Search the vectors on a Chroma server; where that fails, compare all those in the store."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Collection
from functools import partial
from pathlib import Path

from rag.errors import IndexDamagedError, IndexProblem, IndexServerUnreachable
from rag.index.collections import ServerEngine, made_of
from rag.index.exact import MOST_VECTORS, ExactIndex
from rag.index.publishing import current_collection, open_collection
from rag.index.server import ChromaServer, Connection
from rag.index.vectors import Generation, VectorIndex
from rag.store import Store
from rag.types import Vectors

_REST_SECONDS = 15.0

_LOST = (IndexServerUnreachable, IndexDamagedError)

_log = logging.getLogger(__name__)


class ServerIndex:
    """Reads the live collection of an index; safe to share between threads.

    When the server cannot be reached or has lost the vectors, all those in the store are compared
    instead, up to ``compared_at_most`` of them; ``note`` then says so. Beyond that the
    ``IndexProblem`` is raised. A server that was lost is left alone for ``rest_seconds``, so that
    not every question waits for it.
    """

    def __init__(
        self,
        folder: Path,
        store: Store,
        server: ChromaServer,
        *,
        rest_seconds: float = _REST_SECONDS,
        compared_at_most: int = MOST_VECTORS,
    ) -> None:
        self._store = store
        self._exact = ExactIndex(store)
        self._server = server
        self._rest_seconds = rest_seconds
        self._compared_at_most = compared_at_most
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._index = VectorIndex(
            folder, live=partial(current_collection, folder), opener=self._opened
        )
        self._lost: IndexProblem | None = None
        self._rests_until = 0.0

    @property
    def note(self) -> str | None:
        """Say that the server failed, for whoever reads the answer."""
        lost = self._lost  # once: another thread may find the server again
        return f"The vectors were compared without their server: {lost}" if lost else None

    def search(
        self, vector: Vectors, *, limit: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the nearest vectors as (vector id, cosine similarity in [-1, 1]), best first."""
        if not self._rests():
            try:
                found = self._index.search(vector, limit=limit, documents=documents)
            except _LOST as error:
                self._lose(error)
            else:
                self._found()
                return found
        self._require_few()
        return self._exact.search(vector, limit=limit, documents=documents)

    def vector_ids(self) -> set[str]:
        """Return the ids of all vectors in the live collection."""
        return self._index.vector_ids()

    def close(self) -> None:
        """Let go of the server; a later search connects again."""
        self._index.close()
        self._exact.close()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _rests(self) -> bool:
        return self._lost is not None and time.monotonic() < self._rests_until

    def _lose(self, error: IndexProblem) -> None:
        if self._lost is None:
            _log.warning("%s", error)
        self._lost, self._rests_until = error, time.monotonic() + self._rest_seconds

    def _found(self) -> None:
        if self._lost is not None:
            self._lost = None
            self._exact.close()

    def _require_few(self) -> None:
        lost = self._lost  # once: another thread may find the server again
        if lost is not None and self._store.chunk_total() > self._compared_at_most:
            raise lost

    def _opened(self, name: str) -> Generation:
        """Open the live collection; of the threads that wait for it, only one waits for a server.

        The caller lets one thread in at a time.
        """
        lost = self._lost
        if lost is not None and self._rests():
            raise lost
        try:
            connection = self._connected()
            collection = open_collection(connection, name, made_of(self._store.identity()))
        except _LOST as error:
            self._lose(error)
            raise
        # For a copy of the store that lags behind, the collection may hold more than it says here.
        count = sys.maxsize if collection.mark.count else 0
        return Generation(name, ServerEngine(connection, collection), count, None)

    def _connected(self) -> Connection:
        with self._lock:
            if self._connection is None:
                self._connection = self._server.connect()
            return self._connection
