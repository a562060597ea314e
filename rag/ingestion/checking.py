"""Verify an index against its documents."""

from __future__ import annotations

import contextlib
from pathlib import Path

from rag.errors import IndexDamagedError, IndexMissingError, IndexProblem
from rag.index import ChromaServer, open_vectors
from rag.ingestion.ingesting import STORE_FILE
from rag.store import Identity, Store, find_problems, open_store, read_damaged


def check(folder: Path, identity: Identity, *, server: ChromaServer | None = None) -> list[str]:
    """Return what is wrong with an index, one line each.

    ``server`` is where its vectors are, if not in the folder. Raises ``IndexMissingError`` where
    there is none.
    """
    try:
        with open_store(folder / STORE_FILE, expected=identity, fully=True) as store:
            return [*find_problems(store), *_lacks(store), *_vector_problems(folder, store, server)]
    except IndexMissingError:
        raise
    except IndexDamagedError as error:
        return [str(error), *_details(folder, server)]
    except IndexProblem as error:
        return [str(error)]


def _details(folder: Path, server: ChromaServer | None) -> list[str]:
    """Say what is wrong within a damaged store, where looking at it does not change it."""
    try:
        with read_damaged(folder / STORE_FILE) as store:
            return [*find_problems(store), *_vector_problems(folder, store, server)]
    except IndexProblem:
        return []


def _lacks(store: Store) -> list[str]:
    return [] if store.chunk_total() else ["the index holds no documents; run `rag index PATH`"]


def _vector_problems(folder: Path, store: Store, server: ChromaServer | None) -> list[str]:
    try:
        with contextlib.closing(open_vectors(folder, store, server=server, mend=False)) as vectors:
            present, wanted = vectors.vector_ids(), store.vector_ids()
    except IndexProblem as error:
        return [str(error)]
    found = {"chunks have no vector": wanted - present, "vectors have no chunk": present - wanted}
    return [f"{len(ids)} {what}; run `rag index --rebuild`" for what, ids in found.items() if ids]
