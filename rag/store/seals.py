"""The seal of a store: what its file holds, byte for byte, while nobody is writing.

SQLite checks its log, not its pages: a bit that flipped there is found late or never. So whoever
has written notes a digest of the file beside it, and whoever begins to write takes the digest away
before a byte changes. What is left then is the last revision committed: a log that was cut since
cannot take a change back unnoticed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.errors import IndexDamagedError
from rag.store.descriptors import digest_beside
from rag.store.files import free_name, read_regular, replace_file, stamp_of

# Up to here a file is read at each opening (64 MB: 0.1 s); beyond, only when its stamp changed.
_ALWAYS_READ_BYTES = 64_000_000
_GONE = "it is gone, or no regular file"


@dataclass(frozen=True, slots=True)
class Seal:
    """``digest`` is empty while the store is being written, and after a writer was killed."""

    revision: int
    digest: str = ""
    stamp: tuple[int, ...] = ()


def seal_path(path: Path) -> Path:
    """Name the file that holds a store's seal."""
    return path.with_name(f"{path.name}.seal")


def read_seal(path: Path) -> Seal | None:
    """Return a store's seal; None when it has none that can be read."""
    try:
        content, _, checksum = read_regular(seal_path(path)).partition(b"\n")
        if checksum.decode() != _checksum(content):
            return None
        fields = json.loads(content)
        return Seal(fields["revision"], fields["digest"], tuple(fields["stamp"]))
    except PermissionError:
        raise
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_seal(path: Path, seal: Seal, *, durable: bool = True) -> None:
    """Put a seal in the place of the last."""
    content = json.dumps(asdict(seal)).encode()
    replace_file(seal_path(path), content + b"\n" + _checksum(content).encode(), durable=durable)


def break_seal(path: Path) -> None:
    """Take the digest away: the file is about to change."""
    seal = read_seal(path)
    if seal is not None and seal.digest:
        write_seal(path, Seal(seal.revision))


def last_committed(path: Path) -> int:
    """Return the last revision that is known to have been committed; -1 for none."""
    seal = read_seal(path)
    return -1 if seal is None else seal.revision


def note_commit(path: Path, revision: int) -> None:
    """Remember the revision that was committed last."""
    seal = read_seal(path)
    if seal is None or seal.revision < revision:
        with contextlib.suppress(OSError):  # it is committed all the same
            write_seal(path, Seal(revision), durable=False)


def is_as_sealed(path: Path, *, fully: bool = False) -> bool:
    """Tell whether a store is, byte for byte, what was sealed; False where that is not known.

    Raises ``IndexDamagedError`` when it is not. ``fully`` reads a large file whatever its stamp.
    """
    while (seal := read_seal(path)) is not None and seal.digest:
        problem = _difference(path, seal, fully=fully)
        if problem is None:
            return True
        if read_seal(path) == seal:  # else somebody began to write meanwhile
            raise damaged(path, problem)
    return False


def require_files(path: Path) -> None:
    """Raise ``IndexDamagedError`` where a sealed store is gone or SQLite would wait for a pipe."""
    if not path.is_file() and os.path.lexists(seal_path(path)):
        raise damaged(path, _GONE)
    require_regular_logs(path)


def require_regular_logs(path: Path) -> None:
    """Raise ``IndexDamagedError`` where SQLite would take a pipe or a folder for a log."""
    for name in _companions(path):
        if os.path.lexists(name) and not _is_regular(name):
            raise damaged(path, f"{name.name} is no regular file")


def set_logs_aside(path: Path) -> None:
    """Rename logs that are not of the store's making, lest SQLite replay them into it."""
    seal = read_seal(path)
    whole = seal is not None and path.is_file() and digest_beside(path) == seal.digest
    for name in _companions(path):
        odd = os.path.lexists(name) and not _is_regular(name)
        if odd or (whole and name.suffix != f"{path.suffix}-shm" and _holds_something(name)):
            name.rename(free_name(name))


def damaged(path: Path, problem: str) -> IndexDamagedError:
    """Make the error that says what is wrong with a store's file and what to do."""
    return IndexDamagedError(
        f"the index store {path} is damaged ({problem}); run `rag index --rebuild` with the files "
        "it was made from (what can be read of it is kept)"
    )


def _difference(path: Path, seal: Seal, *, fully: bool) -> str | None:
    if not path.is_file():
        return _GONE
    for log in _companions(path)[:2]:
        if _holds_something(log):
            return f"{log.name} is not of its making"
    stamp = stamp_of(path)
    if stamp == seal.stamp and stamp[1] > _ALWAYS_READ_BYTES and not fully:
        return None
    return None if digest_beside(path) == seal.digest else "its bytes are not what was written"


def _companions(path: Path) -> list[Path]:
    """Name what SQLite reads beside a file: two kinds of log, and the first one's index."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal", "-shm")]


def has_log(path: Path) -> bool:
    """Tell whether a log beside a store holds changes that may not be in its file."""
    return any(map(_holds_something, _companions(path)[:2]))


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:  # a link to nothing, or it went this moment
        return not path.is_symlink()


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
