"""The process that uses Ray, and serves one ingest over a socket.

Ray ends the process that uses it when the cluster is lost; here that costs a reply, not the ingest.
Standard input is a lifeline: where it ends, this process does, with all that Ray has started for
it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from rag import errors
from rag.cluster.messages import Reply, Setup

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# How Ray quotes what a worker raised: as the last line of a traceback.
_RAISED = re.compile(r"^rag\.errors\.(\w+): (.+)$", re.MULTILINE)


def main() -> None:
    """Join the cluster, serve requests until there are no more, and leave it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the ingest decides what an interruption means
    connection = Connection(int(sys.argv[1]))
    setup: Setup = connection.recv()
    threading.Thread(target=_end_with_parent, args=(setup.folder,), daemon=True).start()
    from rag.cluster import pipelines

    work: dict[str, Callable[..., object]] = {"split": pipelines.split, "embed": pipelines.embed}
    connection.send(_reply(setup, pipelines.connect))
    while True:
        try:
            what, things, cpus = connection.recv()
        except EOFError:
            break
        connection.send(_reply(setup, work[what], things, cpus))
    pipelines.disconnect()


def _end_with_parent(folder: str) -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def _reply(setup: Setup, work: Callable[..., object], *arguments: object) -> Reply:
    try:
        return Reply(work(setup, *arguments))
    except Exception as error:  # noqa: BLE001
        return Reply(error=explained(error, setup.address))


def explained(error: Exception, address: str) -> errors.RagError:
    """Turn what Ray raised into what a worker raised, if it was one of ours, or into one line."""
    raised = _RAISED.findall(str(error))
    if raised:
        name, message = raised[-1]
        kind: type[errors.RagError] = getattr(errors, name)
        return kind(message)
    line = " ".join(_COLOUR.sub("", str(error)).split())[:300]
    return errors.ClusterError(
        f"the Ray cluster at {address} failed ({type(error).__name__}: {line}); what was indexed "
        "so far is kept, and the same command goes on there, with or without --ray"
    )


if __name__ == "__main__":
    main()
