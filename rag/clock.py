"""How long the steps of an answer take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """Measures the steps of one answer in milliseconds."""

    timings: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)
    _last: float = field(default_factory=time.perf_counter)

    def step(self, name: str) -> None:
        """Note how long it took since the last step."""
        now = time.perf_counter()
        self.timings[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def total(self) -> dict[str, float]:
        """Return the steps so far, and the time since the start as ``total``."""
        elapsed = round((time.perf_counter() - self._started) * 1000, 2)
        return {**self.timings, "total": elapsed}
