"""Points at which a test can make the program die, wait or fail, to see what is left behind.

``RAG_FAILPOINT=NAME:ACTION[:N]`` acts when the point of that name is passed for the Nth time (the
first, unless said). Only a checkout with its tests honours it: an installed package has none.
Elsewhere, and without the variable, passing a point costs one comparison.

=========  ==========================================================================
action     what happens
=========  ==========================================================================
``kill``   the process ends by SIGKILL: nothing is cleaned up
``term``   the process is sent SIGTERM
``pause``  it says so on stderr and sleeps until it is killed, ten minutes at most
``error``  the system refuses, as a failing disk does (EIO)
``enospc`` the system refuses for want of space (ENOSPC)
=========  ==========================================================================
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rag.errors import ConfigError

VARIABLE = "RAG_FAILPOINT"

# Every point there is, in the order in which they are passed; a test compares them with the code.
POINTS = (
    # one writer at a time
    "lock.taken",
    "lock.named",
    "lock.freed",
    # a new store
    "create.file",
    "create.tables",
    "create.done",
    # documents come and change: one transaction a batch
    "store.begin",
    "seal.broken",
    "store.begun",
    "store.embeddings",
    "store.replaced",
    "store.document",
    "store.chunk",
    "store.words",
    "store.commit",
    "store.committed",
    "seal.noted",
    # what they replaced goes from the file and its log
    "compact.embeddings",
    "compact.words",
    "log.rewrite",
    "log.empty",
    "log.emptied",
    # documents are taken out
    "erase.begun",
    "erase.document",
    "erase.embeddings",
    "erase.words",
    # a store made anew takes the place of the old
    "rebuild.adopt",
    "rebuild.adopted",
    "rebuild.swept",
    # what the store's file holds is noted
    "seal.made",
    # a generation is built beside the live one
    "generation.folder",
    "generation.begun",
    "generation.file",
    "generation.copied",
    "generation.deleted",
    "generation.added",
    "generation.closed",
    "generation.digested",
    "generation.manifest",
    "generation.synced",
    # and switched to
    "switch.staged",
    "switch.synced",
    "switch.replaced",
    "switch.done",
    # the one before the last goes
    "sweep.generation",
    "sweep.file",
    "sweep.done",
)

_PAUSE_SECONDS = 600.0

Listener = Callable[[str], None]


def failpoint(name: str) -> None:
    """Pass a point; where a test armed it, this is where it acts."""
    if _listener is not None:
        _listener(name)


def listen(listener: Listener | None) -> None:
    """Have a function called with the name of each point passed; None ends it."""
    global _listener
    _listener = listener


def armed(setting: str) -> Listener:
    """Make the listener that a setting describes; raise ``ConfigError`` when it is malformed."""
    name, _, rest = setting.partition(":")
    action, _, number = rest.partition(":")
    number = number or "1"
    if name not in POINTS or action not in _ACTIONS or not number.isdecimal() or number == "0":
        raise ConfigError(
            f"setting {VARIABLE}: expected NAME:ACTION[:N] with an action of "
            f"{', '.join(_ACTIONS)} and a name that rag/failpoints.py lists, found {setting!r}"
        )
    act, left = _ACTIONS[action], int(number)

    def passed(point: str) -> None:
        nonlocal left
        if point == name:
            left -= 1
            if left == 0:
                act(name)

    return passed


def from_environment(environ: Mapping[str, str], *, checkout: Path) -> Listener | None:
    """Return what the environment asks for; an installed package has no tests and never listens."""
    setting = environ.get(VARIABLE)
    if not setting or not (checkout / "tests" / "torture").is_dir():
        return None
    return armed(setting)


def _kill(name: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _terminate(name: str) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _pause(name: str) -> None:
    sys.stderr.write(f"paused at {name}\n")
    sys.stderr.flush()
    time.sleep(_PAUSE_SECONDS)


def _fail(name: str) -> None:
    raise OSError(errno.EIO, f"{os.strerror(errno.EIO)} (at {name})")


def _fill(name: str) -> None:
    raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} (at {name})")


_ACTIONS: Mapping[str, Listener] = {
    "kill": _kill,
    "term": _terminate,
    "pause": _pause,
    "error": _fail,
    "enospc": _fill,
}

_listener = from_environment(os.environ, checkout=Path(__file__).resolve().parent.parent)
