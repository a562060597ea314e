"""Finish what a writer that died left undone; nothing is embedded for it."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.archive import WAIT_SECONDS, forget_conversations
from rag.errors import ArchiveError, IndexBusyError, IndexProblem, IndexTracesError
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
_WAIT_AT_OPENING_SECONDS = 0.5  # for conversations that another process holds

Report = Callable[[int, int], None]

log = logging.getLogger(__name__)


def recover(folder: Path, store: Store, *, server: ChromaServer | None = None) -> None:
    """Bring an index that is being opened up to date, where its last writer died.

    It stays as it is while another process is writing, where it cannot be written, and where that
    would take long: it can be searched as it is. What is on a server stays too: another machine may
    be at it.
    """
    try:
        forget_gone(folder, store, taken_out=False, wait_seconds=_WAIT_AT_OPENING_SECONDS)
    except IndexProblem as error:
        log.warning("%s", error)
    if server is None:
        _recover_vectors(folder, store)


def _recover_vectors(folder: Path, store: Store) -> None:
    due = store.awaits_rewriting
    current = is_current(folder, store) and not due
    if current and not was_cut_short(folder) and not has_leftovers(folder, store):
        return
    whole = is_whole(folder)
    if not whole and not due:  # opening the vectors sets them aside, and says so
        return
    if not current and store.chunk_total() > _CHUNKS_AT_OPENING:
        log.warning("the last change of the index in %s is unfinished; run `rag index`", folder)
        return
    try:
        with write_lock(folder, wait_seconds=0):
            if whole:
                finish(folder, store)
            elif store.awaits_rewriting:
                store.compact()
                seal(store)
    except IndexBusyError:
        log.debug("the index in %s is being written", folder)
    except IndexProblem as error:
        log.warning("%s", error)


def finish(folder: Path, store: Store, *, server: ChromaServer | None = None) -> None:
    """Do the rest of a change that was cut short, if one was; see ``settle``."""
    settle(folder, store, replaced=not is_current(folder, store, server=server), server=server)


def settle(
    folder: Path,
    store: Store,
    *,
    replaced: bool,
    server: ChromaServer | None = None,
    report: Report = lambda done, total: None,
) -> None:
    """Do the rest of a change that is committed: bring the vectors up to it.

    Where something was ``replaced``, by this change or by one that was cut short, that goes from
    the store first. Only the holder of the write lock may call this. Raises ``IndexTracesError``
    once all else is done.
    """
    if not (replaced or store.awaits_rewriting):
        _follow(folder, store, server=server, report=report)
        return
    delete_copies(store.path)
    with traces_told_last(store.compact):
        _follow(folder, store, server=server, report=report)


def forget_gone(
    folder: Path, store: Store, *, taken_out: bool, wait_seconds: float = WAIT_SECONDS
) -> None:
    """Drop the kept answers that rest on what is no longer in the store.

    This needs nothing but the store, so it comes before what takes long or may fail. Where they
    cannot be written, that is a warning, and with ``taken_out`` an ``IndexTracesError``: they may
    quote what the change before this took out.
    """
    try:
        forget_conversations(
            folder,
            lambda: store.revision,
            store.content_hashes,
            deletes_damaged=taken_out,
            wait_seconds=wait_seconds,
        )
    except ArchiveError as error:
        if not taken_out:
            log.warning("%s", error)
            return
        raise IndexTracesError(
            f"the index in {folder} is changed, but answers that the chat keeps may still quote "
            f"what was taken out; run `rag index` to try again: {error}"
        ) from error


def forgotten(
    folder: Path, store: Store, *, taken_out: bool
) -> contextlib.AbstractContextManager[None]:
    """Forget, see ``forget_gone``, and run the body even where that fails."""
    forget = functools.partial(forget_gone, folder, store, taken_out=taken_out)
    return traces_told_last(forget)


@contextlib.contextmanager
def traces_told_last(change: Callable[[], None]) -> Iterator[None]:
    """Make a change, and run the body even where traces of what it took out are left."""
    try:
        change()
    except IndexTracesError:
        yield
        raise
    yield


def _follow(folder: Path, store: Store, *, server: ChromaServer | None, report: Report) -> None:
    seal(store)
    if not is_current(folder, store, server=server):
        build_generation(folder, store, report=report, server=server)
    elif has_leftovers(folder, store):
        sweep_leftovers(folder)
