"""Tell by its place and state that a file is as it was when it was read last."""

from __future__ import annotations

import functools
import hashlib
import os
import time
from importlib.metadata import version
from pathlib import Path

# Changes are dated by a clock that ticks every 10 ms or faster (Linux): a file read within a tick
# of its last change could change once more and keep its date.
_TICK_NS = 20_000_000

# A new release of these may read the same file otherwise.
_LIBRARIES = ("trafilatura", "pypdf", "python-docx", "markdown-it-py", "charset-normalizer")


def stamp_of(path: Path) -> bytes | None:
    """Digest a file's path, size, dates, inode and the version of its reader (16 bytes).

    The path itself is not kept. Returns None for a file that cannot be looked at, or whose dates
    are of the future; waits a moment for one that was changed just now.
    """
    try:
        status = path.stat()
        if (age := _age(status)) < _TICK_NS:
            time.sleep(max(_TICK_NS - age, 0) / 1e9 if age >= 0 else 0)
            status = path.stat()
    except OSError:
        return None
    if _age(status) < _TICK_NS:
        return None
    state = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    seed = repr((str(path.absolute()), state, reader_version()))
    return hashlib.sha256(seed.encode()).digest()[:16]


def _age(status: os.stat_result) -> int:
    """Nanoseconds since a file's content or name changed."""
    return time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns)


@functools.cache
def reader_version() -> str:
    """Digest what decides how a file is read: the code of this package and the libraries' releases.

    Derived, because a number kept by hand would be forgotten once.
    """
    digest = hashlib.sha256(repr([version(name) for name in _LIBRARIES]).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
