"""Asynchronous work that a plain generator reads: on its own thread, and stopped at once.

A blocked read in a thread cannot be stopped from outside; a task in an event loop can, whatever
it waits for: a look-up, a handshake, a header or the next word.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator

Emit = Callable[[str], None]

# A cancelled task ends within milliseconds; a look-up of a host's name is left behind.
_JOIN_SECONDS = 1.0


def iterate(work: Callable[[Emit], Awaitable[None]]) -> Iterator[str]:
    """Yield what ``work`` emits, then raise what it raised; closing this cancels it."""
    pieces: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
    loop = asyncio.new_event_loop()
    task = loop.create_task(_report(work, pieces))
    thread = threading.Thread(target=_run, args=(loop, task), name="rag-chat", daemon=True)
    thread.start()
    try:
        while (piece := pieces.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        with contextlib.suppress(RuntimeError):  # the loop has closed: nothing left to cancel
            loop.call_soon_threadsafe(task.cancel)
        thread.join(_JOIN_SECONDS)


async def _report(
    work: Callable[[Emit], Awaitable[None]],
    pieces: queue.SimpleQueue[str | BaseException | None],
) -> None:
    try:
        await work(pieces.put)
    except Exception as error:  # noqa: BLE001 - raised again where the pieces are read
        pieces.put(error)
    else:
        pieces.put(None)


def _run(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    try:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
