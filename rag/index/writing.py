"""Writing to an index folder: one process at a time, onto the disk, with errors in one line."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from rag.errors import IndexBusyError, IndexProblem
from rag.failpoints import failpoint
from rag.store import make_way, read_regular

_LOCK_WAIT_SECONDS = 0.3
_HOLDER = "write.holder"
_HOLDER_ATTEMPTS, _HOLDER_PAUSE_SECONDS = 40, 0.01


@contextlib.contextmanager
def write_lock(folder: Path, *, wait_seconds: float = _LOCK_WAIT_SECONDS) -> Iterator[bool]:
    """Hold the folder's write lock; the system frees it when the holder dies.

    Yields whether the last holder died before it was done. Raises ``IndexBusyError`` naming the
    holder's process within a second.
    """
    from filelock import FileLock, Timeout

    lock, holder = FileLock(folder / "write.lock"), folder / _HOLDER
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout as error:
            raise IndexBusyError(
                f"the index in {folder} is being written by process {_holding(holder)}; "
                "try again when it is done"
            ) from error
    try:
        with disk_errors(folder):
            failpoint("lock.taken")
            cut_short = holder.exists()
            if not holder.is_file():  # a pipe would never be opened
                make_way(holder)
            holder.write_text(str(os.getpid()))
            failpoint("lock.named")
        yield cut_short
    finally:
        try:
            with disk_errors(folder):
                holder.unlink(missing_ok=True)
                failpoint("lock.freed")
        finally:
            lock.release()


def was_cut_short(folder: Path) -> bool:
    """Tell whether somebody is writing, or died doing so."""
    return (folder / _HOLDER).exists()


def _holding(path: Path) -> str:
    """Return the id of the process that holds the lock, which may be about to note it."""
    noted = ""
    for _ in range(_HOLDER_ATTEMPTS):
        with contextlib.suppress(OSError, ValueError):
            noted = read_regular(path).decode()
        if noted.isdecimal() and _runs(int(noted)):
            break
        time.sleep(_HOLDER_PAUSE_SECONDS)
    return noted or "unknown"


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:  # the one before, which died, or one on another machine
        return False
    except PermissionError:
        return True
    return True


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
