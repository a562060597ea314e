"""Writing to an index folder: one process at a time, onto the disk, with errors in one line."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from rag.errors import IndexBusyError, IndexProblem
from rag.failpoints import failpoint

_LOCK_WAIT_SECONDS = 0.5


@contextlib.contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the folder's write lock; the system frees it when the holder dies.

    Raises ``IndexBusyError`` naming the holder's process within a second.
    """
    from filelock import FileLock, Timeout

    lock, holder = FileLock(folder / "write.lock"), folder / "write.holder"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=_LOCK_WAIT_SECONDS)
        except Timeout as error:
            raise IndexBusyError(
                f"the index in {folder} is being written by process {_holder(holder)}; "
                "try again when it is done"
            ) from error
    try:
        with disk_errors(folder):
            failpoint("lock.taken")
            holder.write_text(str(os.getpid()))
            failpoint("lock.named")
        yield
    finally:
        try:
            holder.unlink(missing_ok=True)
            failpoint("lock.freed")
        finally:
            lock.release()


def _holder(path: Path) -> str:
    try:
        return path.read_text() or "unknown"
    except OSError:  # it began or ended this moment
        return "unknown"


@contextlib.contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn what the system refuses while an index is written into one line."""
    try:
        yield
    except OSError as error:
        raise IndexProblem(
            f"the index in {folder} cannot be written ({_reason(error)}); check that the folder is "
            "yours to write and that the disk has space (what was indexed before is kept)"
        ) from error


def _reason(error: OSError) -> str:
    """Say what the system said; copying a folder gathers an error for each of its files."""
    if isinstance(error, shutil.Error) and error.args and error.args[0]:
        return str(error.args[0][0][2])
    return error.strerror or str(error)


def sync(path: Path) -> None:
    """Bring a file, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
