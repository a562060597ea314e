"""The first opening of a generation, in a child process: a crash there leaves this one standing."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

from rag.errors import REMEDY, IndexDamagedError
from rag.index import probe
from rag.index.engine import engine_version
from rag.store import read_regular, replace_file

# In a generation's folder: the kinds of machine that have opened it.
PROBED = "probed"

_SECONDS, _BYTES_PER_SECOND = 60.0, 5_000_000  # beyond, an opening counts as hung


def require_openable(path: Path, *, count: int, seconds: float = _SECONDS) -> None:
    """Raise ``IndexDamagedError`` unless the engine opens a generation and finds ``count`` vectors.

    It has ``seconds``, and longer for large files. That is tried once on each kind of machine;
    afterwards, files that are what they were then will do what they did then.
    """
    if _has_opened(path):
        return
    found = _asked(path, seconds)
    if found != count:
        raise _refused(path, f"it holds {found} vectors instead of {count}")
    with contextlib.suppress(OSError):  # else it is tried again
        replace_file(path / PROBED, _machine().encode(), durable=False)


def _asked(path: Path, seconds: float) -> int:
    command = [sys.executable, "-P", probe.__file__, str(path)]
    search = os.pathsep.join(entry for entry in sys.path if entry)
    size = sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds + size / _BYTES_PER_SECOND,
            env={**os.environ, "PYTHONPATH": search},
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(path, "the engine hangs on opening it") from error
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise _refused(path, f"the engine dies on opening it, by {name}")
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _refused(path, said[-1] if said else f"exit status {done.returncode}")
    return int(done.stdout)


def _refused(path: Path, reason: str) -> IndexDamagedError:
    return IndexDamagedError(f"the vectors in {path} cannot be used ({reason}); {REMEDY}")


def _has_opened(path: Path) -> bool:
    try:
        return read_regular(path / PROBED).decode() == _machine()
    except (OSError, ValueError):
        return False


def _machine() -> str:
    return f"chromadb {engine_version()} on {sys.platform} {platform.machine()}"
