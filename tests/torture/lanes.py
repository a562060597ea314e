"""Go through trials in several lanes at once, each with processes and a folder of its own."""

from __future__ import annotations

import contextlib
import queue
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Generic, TypeVar

from torture.processes import Processes

T = TypeVar("T")
R = TypeVar("R")

OpenLane = Callable[[Processes, Path, str], Callable[[T], R]]


class _Lanes(Generic[T, R]):
    """What the lanes share: trials that are due, and what came of those that are done."""

    def __init__(self, plan: Iterable[T], open_lane: OpenLane[T, R]) -> None:
        self._open_lane = open_lane
        self._due: queue.SimpleQueue[T] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[R | None] = queue.SimpleQueue()
        for trial in plan:
            self._due.put(trial)

    def stop(self) -> None:
        """Let no further trial begin."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._due.get_nowait()

    def drive(self, seed: str) -> None:
        """Make trials until none is due; a last None says so."""
        try:
            with tempfile.TemporaryDirectory(prefix="torture-") as folder, Processes() as processes:
                work = self._open_lane(processes, Path(folder), seed)
                while True:
                    self.done.put(work(self._due.get_nowait()))
        except queue.Empty:
            pass
        finally:
            self.done.put(None)


def in_lanes(plan: Iterable[T], open_lane: OpenLane[T, R], *, seed: str, lanes: int) -> Iterator[R]:
    """Yield what came of each trial of a plan, in the order in which they end."""
    shared = _Lanes(plan, open_lane)
    with ThreadPoolExecutor(lanes) as pool:
        driving = [pool.submit(shared.drive, f"{seed}-{lane}") for lane in range(lanes)]
        left = lanes
        try:
            while left:
                result = shared.done.get()
                left -= result is None
                if result is not None:
                    yield result
        finally:
            shared.stop()
    for lane in driving:
        lane.result()
