"""Run work in short-lived processes, forked from one that has the imports behind it.

A new interpreter takes seconds to import Chroma and LlamaIndex, a fork milliseconds. It is sound
because the process that forks has one thread and never opens an index.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

TESTS = Path(__file__).resolve().parent.parent

_LENGTH = struct.Struct("<Q")
_LIMIT_SECONDS = 60.0  # a process that takes longer hangs


@dataclass(frozen=True, slots=True)
class Job:
    """A call of a function of some module, and when to kill it, in seconds from its start."""

    work: Callable[..., object]
    arguments: tuple[object, ...] = ()
    kill_after: float | None = None
    signal: int = signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: ``exit`` is negative for a signal, ``error`` holds a traceback."""

    pid: int
    exit: int
    seconds: float
    result: Any = None
    error: str = ""
    hung: bool = False

    @property
    def killed(self) -> bool:
        return self.exit in (-signal.SIGKILL, -signal.SIGTERM) and not self.hung


class Processes:
    """The process that forks; ``run`` waits for all the jobs it is given."""

    def __init__(self, *, prefix: Sequence[str] = ()) -> None:
        code = "from torture.processes import serve; serve()"
        self._process = subprocess.Popen(
            [*prefix, sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=TESTS,  # where no .env lies
            env=_environment(),
        )

    def run(self, *jobs: Job) -> list[Outcome]:
        _send(self._process.stdin, jobs)
        outcomes: list[Outcome] = _receive(self._process.stdout)
        return outcomes

    def close(self) -> None:
        self._process.communicate()

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve() -> None:
    """Fork for each request on stdin until that ends."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for whoever reads the replies
    os.dup2(2, 1)  # whatever a library prints is no reply
    _warm_up()
    while (jobs := _receive(requests)) is not None:
        _send(replies, _collected([_Child(job) for job in jobs]))


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("RAG_", "OPENAI_"))}
    kept["PYTHONPATH"] = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    # Either library would start threads at its import or first use.
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


def _warm_up() -> None:
    import chromadb  # noqa: F401

    from torture import children

    children.warm_up()
    if threading.active_count() > 1:
        raise RuntimeError("importing has started a thread, so forking is not sound")


@dataclass(slots=True)
class _Child:
    """A forked process; ``reply`` grows until its end of the pipe closes."""

    job: Job
    began: float = field(default_factory=time.monotonic)
    reply: bytearray = field(default_factory=bytearray)
    pid: int = 0
    pipe: int = 0
    signalled: bool = False
    hung: bool = False

    def __post_init__(self) -> None:
        self.pipe, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            _work(self.job, writer)
        os.close(writer)

    def seconds_left(self) -> float:
        """Until it is to be killed."""
        limit = self.job.kill_after
        waiting = limit is not None and not self.signalled
        return self.began + (limit if waiting else _LIMIT_SECONDS) - time.monotonic()

    def kill_when_due(self) -> None:
        if self.seconds_left() > 0:
            return
        self.hung = self.signalled or self.job.kill_after is None
        os.kill(self.pid, signal.SIGKILL if self.hung else self.job.signal)
        self.signalled = True

    def ended(self) -> bool:
        """Read what there is; tell whether that was all."""
        found = os.read(self.pipe, 1 << 16)
        self.reply += found
        return not found

    def outcome(self) -> Outcome:
        os.close(self.pipe)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        result, error = pickle.loads(self.reply) if status == 0 else (None, "")
        seconds = time.monotonic() - self.began
        return Outcome(self.pid, status, seconds, result, error, self.hung)


def _work(job: Job, writer: int) -> None:
    """Do the job and end this process, whatever happens."""
    try:
        reply = job.work(*job.arguments), ""
    except BaseException:  # noqa: BLE001 - reported where somebody reads it
        reply = None, traceback.format_exc()
    with os.fdopen(writer, "wb") as pipe:
        pickle.dump(reply, pipe)
    os._exit(0)


def _collected(children: list[_Child]) -> list[Outcome]:
    waiting = {child.pipe: child for child in children}
    outcomes: dict[int, Outcome] = {}
    while waiting:
        soonest = min(child.seconds_left() for child in waiting.values())
        ready, _, _ = select.select(list(waiting), [], [], max(soonest, 0.0))
        for pipe in ready:
            if waiting[pipe].ended():
                child = waiting.pop(pipe)
                outcomes[child.pid] = child.outcome()
        for child in waiting.values():
            child.kill_when_due()
    return [outcomes[child.pid] for child in children]


def _send(stream: BinaryIO | None, value: object) -> None:
    assert stream is not None
    content = pickle.dumps(value)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def _receive(stream: BinaryIO | None) -> Any:
    """Read a value; None at the end of the stream."""
    assert stream is not None
    head = stream.read(_LENGTH.size)
    return pickle.loads(stream.read(_LENGTH.unpack(head)[0])) if head else None
