"""Build a generation from the store and make it the live one."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rag.errors import IndexDamagedError, IndexMissingError, IndexProblem
from rag.failpoints import failpoint
from rag.index import generations
from rag.index.engine import Engine
from rag.index.erasing import erase
from rag.index.filling import STALE_SHARE, Report, bring_up_to_date
from rag.index.generations import MANIFEST, Manifest, current_generation, read_manifest
from rag.index.probing import PROBED, require_openable
from rag.index.scrubbing import scrub
from rag.index.writing import disk_errors
from rag.store import Store

# A graph of so few vectors is built in a second; a fresh one is as good as graphs get.
_CHEAP = 2000


def live_revision(folder: Path) -> int:
    """Tell which revision of the store the live generation was built from; -1 for none."""
    try:
        return read_manifest(folder / current_generation(folder)).revision
    except IndexProblem:
        return -1


def is_whole(folder: Path) -> bool:
    """Tell whether the live generation is what was written, or there is none."""
    try:
        generations.verify(folder / current_generation(folder))
    except IndexMissingError:
        return True
    except IndexDamagedError:
        return False
    return True


def is_current(folder: Path, store: Store) -> bool:
    """Tell whether the live generation was built from the store as it is now."""
    return live_revision(folder) == store.revision


def build_generation(
    folder: Path, store: Store, *, fresh: bool = False, report: Report = lambda done, total: None
) -> str:
    """Build the generation that matches the store, switch to it, and return its name.

    It starts as a copy of the live one unless ``fresh``, or that one cannot be used, is small and
    holds traces of text taken out, or is full of deleted vectors; either way nothing is embedded,
    and nothing deleted is left. ``report`` is told how many vectors are in, and of how many. Only
    the holder of the write lock may call this.
    """
    with disk_errors(folder):
        live = None if fresh else _copyable(folder, store)
        keep = {live} if live and live_revision(folder) >= store.erased else set()
        try:
            name = _built(folder, store, live, report)
        except IndexDamagedError:
            if live is None:
                raise
            live, name = None, _built(folder, store, None, report)
        generations.switch(folder, name)
        # Readers that looked just before the switch may still be opening the last generation.
        generations.sweep(folder, keep={name, *keep})
        return name


def has_leftovers(folder: Path, store: Store) -> bool:
    """Tell whether generations lie about that are unfinished, too many, or hold text taken out."""
    try:
        spares = generations.spares(folder, current_generation(folder))
    except (IndexProblem, OSError):
        return False
    try:
        revisions = [read_manifest(path).revision for path in spares]
    except IndexDamagedError:  # one is half made or half deleted
        return True
    return len(revisions) > 1 or any(revision < store.erased for revision in revisions)


def sweep_leftovers(folder: Path) -> None:
    """Delete what builds that were cut short have left; only the holder of the write lock may."""
    with contextlib.suppress(IndexProblem), disk_errors(folder):
        generations.sweep(folder, keep={current_generation(folder)})


def _copyable(folder: Path, store: Store) -> str | None:
    try:
        name = current_generation(folder)
        manifest = generations.verify(folder / name)
    except IndexProblem:
        return None
    outdated = manifest.revision < store.erased
    crowded = manifest.stale > manifest.count * STALE_SHARE
    return None if crowded or (outdated and manifest.count <= _CHEAP) else name


def _built(folder: Path, store: Store, live: str | None, report: Report) -> str:
    name = generations.next_name(folder)
    target = folder / name
    with _discarded_on_failure(target):
        generations.begin(target)
        before = Manifest("")
        if live is not None:
            before = read_manifest(folder / live)
            _copy(folder / live, target)
        manifest = generations.manifest_of(store)
        with contextlib.closing(Engine(target, create=True)) as engine:
            count, deleted = bring_up_to_date(engine, store, report)
        failpoint("generation.closed")
        scrub(target)
        if deleted:
            erase(target, live=count)
        stale = before.stale + deleted
        generations.finish(target, replace(manifest, count=count, stale=stale))
        require_openable(target, count=count)
    return name


def _copy(live: Path, target: Path) -> None:
    """Copy a generation but for its manifest: the copy is not finished."""

    def copied(source: str, destination: str) -> None:
        shutil.copy2(source, destination)
        failpoint("generation.file")

    ignored = shutil.ignore_patterns(MANIFEST, PROBED)
    shutil.copytree(live, target, ignore=ignored, dirs_exist_ok=True, copy_function=copied)
    failpoint("generation.copied")


@contextlib.contextmanager
def _discarded_on_failure(target: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            generations.discard(target)
        raise
