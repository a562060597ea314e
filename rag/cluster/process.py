"""A process that uses Ray: started, asked, and ended with all that Ray has started for it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from rag.cluster.messages import Reply, Setup
from rag.errors import ClusterError

_START_SECONDS = 180.0  # a busy machine takes a minute to start a cluster of its own
_END_SECONDS = 10.0

_ROOT = str(Path(__file__).resolve().parents[2])


class RayProcess:
    """A child that has joined a cluster, or started one; ``cpus`` is how many that has.

    Raises ``ClusterError`` where it cannot. Zero CPUs mean that ``auto`` has found no cluster.
    """

    def __init__(self, setup: Setup) -> None:
        self._address = setup.address
        self._folder = Path(setup.folder)
        self._busy = False
        self._connection, theirs = Pipe()
        try:
            self._child = self._started(theirs)
        except OSError as error:
            self._connection.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise ClusterError(
                f"no process could be started for Ray ({error.strerror or error}); try again, or "
                "index without --ray"
            ) from error
        try:
            self.cpus: int = self._ask(setup, seconds=_START_SECONDS)
        except BaseException:
            self.close()
            raise

    def _started(self, theirs: Connection) -> subprocess.Popen[bytes]:
        with theirs, (self._folder / "ray.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "rag.cluster.serving", str(theirs.fileno())],
                stdin=subprocess.PIPE,  # never written to: where it ends, so does the child
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=_environment(self._address),
            )

    @property
    def pid(self) -> int:
        """The child's process, and the group of all that it has started."""
        return self._child.pid

    def call(self, what: str, things: object) -> Any:  # noqa: ANN401
        """Let the workers ``split`` documents or ``embed`` texts."""
        return self._ask((what, things, self.cpus))

    def close(self) -> None:
        """Leave the cluster, and end what was started for it."""
        self._connection.close()
        if not self._busy:  # otherwise it would not notice before it is done
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(_END_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        if self._child.stdin:
            self._child.stdin.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, request: object, *, seconds: float | None = None) -> Any:  # noqa: ANN401
        self._busy = True
        try:
            self._connection.send(request)
            if not self._connection.poll(seconds):
                raise ClusterError(f"Ray at {self._address} did not answer in {seconds:.0f} s")
            reply: Reply = self._connection.recv()
        except (EOFError, OSError) as error:
            raise ClusterError(
                f"the Ray cluster at {self._address} was lost; what was indexed so far is kept, "
                "and the same command goes on there, with or without --ray"
            ) from error
        self._busy = False
        if reply.error is not None:
            raise reply.error
        return reply.value


def _environment(address: str) -> dict[str, str]:
    """Tell Ray not to report home, and find this package in a checkout that is not installed."""
    ours = {"RAY_USAGE_STATS_ENABLED": "0"}
    if _ROOT not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        ours["PYTHONPATH"] = os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH")]))
    return os.environ | ours | (_own_cluster() if address == "local" else {})


def _own_cluster() -> dict[str, str]:
    """Let nobody else in: not from other machines, and not other users of this one.

    Ray serves on the loopback address alone where it is told that it is on a system that seldom has
    clusters. A token of its own keeps it from leaving one in the user's home.
    """
    return {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }


def new_folder() -> str:
    """Make a folder for a cluster's files; sockets in it must have names of 100 bytes at most."""
    short = "/tmp" if os.access("/tmp", os.W_OK) else None
    return tempfile.mkdtemp(prefix="rag-ray-", dir=short)
