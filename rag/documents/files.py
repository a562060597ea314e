"""Walk files and folders, and read bytes from regular files inside them only."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from rag.errors import InputError

TEXT_SUFFIXES = frozenset({".txt", ".md", ".jsonl", ".html", ".htm"})
DOCUMENT_SUFFIXES = frozenset({".pdf", ".docx"})
SUFFIXES = TEXT_SUFFIXES | DOCUMENT_SUFFIXES
MEGABYTE = 1024 * 1024
MOST_TEXT_BYTES = 64 * MEGABYTE
MOST_DOCUMENT_BYTES = 100 * MEGABYTE
_T = TypeVar("_T")
_MANUALS = frozenset({"readme.md"})  # tell about a folder, and are no part of what it holds


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read, or the reason why it is not read."""

    path: Path
    problem: str | None = None


def require_all(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths; raise InputError, naming the first that does not exist."""
    given = tuple(Path(path) for path in paths)
    for path in given:
        if not _exists(path):
            raise InputError(f"{shown(path)}: there is no such file or folder")
    return given


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def shown(path: Path) -> str:
    """Write a path as text that can be printed and stored, whatever bytes its name is made of."""
    name = os.fsencode(path).decode("utf-8", "replace")
    return "".join(ch if ch.isprintable() else "\ufffd" for ch in name)


def walk(given: Sequence[Path]) -> Iterator[Found]:
    """Yield every file under the given paths once, folders in the order of their names.

    Hidden files, manuals and briefs beside their originals are passed over in silence.
    """
    texts = {path for path in given if path.suffix.lower() == ".txt"}
    seen: set[str] = set()
    for path in given:
        found = _walk_folder(path) if path.is_dir() else _walk_file(path, texts)
        for item in found:
            # A link that is not read must not hide the file that it leads to.
            place = str(item.path) if item.problem else os.path.realpath(item.path)
            if place not in seen:
                seen.add(place)
                yield item


def _walk_file(path: Path, texts: set[Path]) -> Iterator[Found]:
    if not _is_brief_of(path, texts):
        yield Found(path, _unfit(path, path.stat().st_mode))


def _is_brief_of(path: Path, texts: set[Path]) -> bool:
    return path.suffix.lower() == ".md" and path.with_suffix(".txt") in texts


def _walk_folder(root: Path) -> Iterator[Found]:
    """Walk depth first with a stack of our own: a deep tree must not exhaust the interpreter's."""
    inside = os.path.realpath(root)
    pending: list[Found | Path] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, Found):
            yield item
            continue
        try:
            children = _children(item, inside)
        except OSError as error:
            yield Found(item, _reason(error))
            continue
        pending.extend(reversed(children))


def _children(folder: Path, root: str) -> list[Found | Path]:
    with os.scandir(folder) as entries:
        visible = sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)
    names = {folder / entry.name for entry in visible if entry.name.lower().endswith(".txt")}
    children: list[Found | Path] = []
    for entry in visible:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            children.append(path)
        elif entry.name.lower() not in _MANUALS and not _is_brief_of(path, names):
            children.append(_judge(path, entry, root))
    return children


def _judge(path: Path, entry: os.DirEntry[str], root: str) -> Found:
    try:
        if entry.is_symlink():
            return Found(path, _unfit_link(path, root))
        return Found(path, _unfit(path, entry.stat(follow_symlinks=False).st_mode))
    except OSError as error:
        return Found(path, _reason(error))


def _unfit_link(path: Path, root: str) -> str | None:
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(root):
        return "skipped: it links to a place outside the folder"
    if not target.exists():
        return "skipped: it links to nothing"
    hidden = any(part.startswith(".") for part in target.relative_to(root).parts)
    if target.is_dir() or not hidden:
        return "skipped: what it links to is read under its own name"
    return _unfit(path, target.stat().st_mode)


def _unfit(path: Path, mode: int) -> str | None:
    if not stat.S_ISREG(mode):
        return "skipped: it is not a regular file"
    if path.suffix.lower() not in SUFFIXES:
        found = path.suffix or "no suffix"
        return f"skipped: expected one of {', '.join(sorted(SUFFIXES))}, found {found}"
    return None


def read_bytes(path: Path, *, limit: int) -> bytes:
    """Read a regular file whole; raise InputError if it is empty, too large or unreadable."""
    with open_regular(path) as file:
        data = attempt(lambda: file.read(limit + 1))
    if not data:
        raise InputError("it is empty")
    if len(data) > limit:
        raise InputError(f"it is too large: at most {limit // MEGABYTE} MB can be read")
    return data


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file; raise InputError for anything else.

    Opening does not block, so a pipe that took the file's place since it was found cannot hang us.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = attempt(lambda: os.open(path, flags))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError("it is not a regular file")
    return os.fdopen(descriptor, "rb")


def attempt(action: Callable[[], _T]) -> _T:
    """Return what an action does; raise InputError where the system refuses it."""
    try:
        return action()
    except OSError as error:
        raise InputError(_reason(error)) from error


def _reason(error: OSError) -> str:
    return f"it cannot be read: {error.strerror or error}"
