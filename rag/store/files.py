"""Files of an index: read without being hung or fooled, and replaced as a whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

SET_ASIDE = ".damaged"  # ends the name of what was found in the place of a file of ours
# The names of our files: what else ends in that is a user's.
_OURS = (
    r"store\.sqlite(?:-wal|-journal|-shm|\.seal|\.new)*|vectors-\d+"
    r"|(?:CURRENT|write\.holder|server\.id)(?:\.new)?"
)


@contextlib.contextmanager
def open_regular(path: Path) -> Iterator[BufferedReader]:
    """Open a regular file to read; raise ``OSError`` for anything else, a pipe without blocking."""
    with os.fdopen(open_descriptor(path), "rb") as file:
        yield file


def open_descriptor(path: Path) -> int:
    """Open a regular file to read, as ``open_regular``; the caller closes the descriptor."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return descriptor


def read_regular(path: Path) -> bytes:
    """Return what a regular file holds."""
    with open_regular(path) as file:
        return file.read()


def digest_file(path: Path) -> str:
    """Return the size and the SHA-256 (hex) of a regular file."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        return f"{size}:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def stamp_of(path: Path) -> tuple[int, ...]:
    """Return what changes whenever a file is written: inode, size and times in nanoseconds."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file so that a crash leaves the old or the new; ``durable`` waits for the disk."""
    staged = path.with_name(f"{path.name}.new")
    make_way(staged)
    set_folder_aside(path)
    staged.write_bytes(content)
    if durable:
        sync(staged)
    staged.replace(path)
    if durable:
        sync(path.parent)


def make_way(path: Path) -> None:
    """Clear a name for a file: what is written to a pipe or a link would go elsewhere."""
    set_folder_aside(path)
    path.unlink(missing_ok=True)


def set_folder_aside(path: Path) -> None:
    """Rename a folder that is where a file should be."""
    if path.is_dir() and not path.is_symlink():
        path.rename(free_name(path))


def free_name(path: Path) -> Path:
    """Name a place beside ``path``, in which nothing is, for what is damaged there."""
    names = (f"{path.name}{SET_ASIDE}{f'-{n}' if n else ''}" for n in range(10_000))
    return next(p for p in map(path.with_name, names) if not os.path.lexists(p))


def delete_set_aside(folder: Path, names: str = _OURS) -> None:
    """Delete what was given a free name, where the pattern ``names`` fits the one it had."""
    ours = re.compile(rf"(?:{names}){re.escape(SET_ASIDE)}(?:-\d+)?")
    for kept in [path for path in folder.iterdir() if ours.fullmatch(path.name)]:
        if kept.is_dir() and not kept.is_symlink():
            shutil.rmtree(kept)
        else:
            kept.unlink()


def sync(path: Path) -> None:
    """Bring a file, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
