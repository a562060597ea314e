"""Finish what a writer that died left undone; nothing is embedded for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from rag.errors import IndexBusyError, IndexProblem
from rag.index import (
    ChromaServer,
    build_generation,
    has_leftovers,
    is_current,
    is_whole,
    sweep_leftovers,
    was_cut_short,
    write_lock,
)
from rag.store import Store, delete_copies, seal

# Up to here the vectors are built anew in two or three seconds; for more, whoever opens an index
# does not wait but searches the last generation, until `rag index` brings it up to date.
_CHUNKS_AT_OPENING = 2000

log = logging.getLogger(__name__)


def recover(folder: Path, store: Store) -> None:
    """Bring an index that is being opened up to date, where its last writer died.

    It stays as it is while another process is writing, where it cannot be written, and where that
    would take long: it can be searched as it is.
    """
    current = is_current(folder, store)
    if current and not was_cut_short(folder) and not has_leftovers(folder, store):
        return
    if not is_whole(folder):  # opening the vectors sets them aside, and says so
        return
    if not current and store.chunk_total() > _CHUNKS_AT_OPENING:
        log.warning("the last change of the index in %s is unfinished; run `rag index`", folder)
        return
    try:
        with write_lock(folder, wait_seconds=0):
            finish(folder, store)
    except IndexBusyError:
        log.debug("the index in %s is being written", folder)
    except IndexProblem as error:
        log.warning("%s", error)


def finish(
    folder: Path,
    store: Store,
    *,
    server: ChromaServer | None = None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Do the rest of a change that is committed: drop what it replaced, bring the vectors up.

    Only the holder of the write lock may call this.
    """
    if is_current(folder, store, server=server):
        if has_leftovers(folder, store):
            sweep_leftovers(folder)
        return
    delete_copies(store.path)
    store.compact()
    seal(store)
    build_generation(folder, store, report=report, server=server)
