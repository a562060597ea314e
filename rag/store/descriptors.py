"""Read a file that SQLite has open in this process, without taking SQLite's locks away.

POSIX drops all locks that a process has on a file as soon as it closes any descriptor of that file,
also one that somebody else in the process opened. SQLite would go on as if it still had them, and
another process would delete the log that it writes to. So a descriptor opened beside SQLite is kept
until nobody in this process uses the file any more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rag.store.files import open_descriptor

Key = tuple[int, int]  # device and inode

_PART = 1 << 20  # bytes read at a time

_lock = threading.RLock()  # a connection may be collected, and be done, at any moment
_users: Counter[Key] = Counter()
_kept: dict[Key, int] = {}


def key_of(path: Path) -> Key:
    """Return what tells a file from every other."""
    found = path.stat()
    return found.st_dev, found.st_ino


def use(key: Key) -> None:
    """Note that a connection is opened to a file; ``done`` with it comes after its closing."""
    with _lock:
        _users[key] += 1


def done(key: Key) -> None:
    """Note that a file is no longer used; with the last use its descriptor is closed."""
    with _lock:
        _users[key] -= 1
        if not _users[key]:
            del _users[key]
            if key in _kept:
                os.close(_kept.pop(key))


def digest_beside(path: Path) -> str:
    """Return the size and the SHA-256 (hex) of a regular file that SQLite may have open."""
    with _descriptor(path) as descriptor:
        size, digest, at = os.fstat(descriptor).st_size, hashlib.sha256(), 0
        while part := os.pread(descriptor, _PART, at):
            digest.update(part)
            at += len(part)
    return f"{size}:{digest.hexdigest()}"


@contextlib.contextmanager
def _descriptor(path: Path) -> Iterator[int]:
    with _lock:
        key = key_of(path)
        if key not in _kept:
            opened = open_descriptor(path)
            found = os.fstat(opened)
            key = found.st_dev, found.st_ino  # of what is there by now
            _kept[key] = opened
        _users[key] += 1
        descriptor = _kept[key]
    try:
        yield descriptor
    finally:
        done(key)
