"""Kill ingests at each point and at random moments, and look at what is left."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rag.failpoints import POINTS
from torture.documents import KINDS
from torture.processes import Processes
from torture.victims import AT_RANDOM, UNHARMED, Trial, Victim

SIGNALS = ("kill", "term")

_ATTEMPTS = 12  # a change may not pass the point it was chosen for, or be done too soon
_CREATE = "create"  # of an index that is not there yet


class Executioner:
    """Chooses changes that pass the point in question; knows how long each kind takes."""

    def __init__(self, processes: Processes, folder: Path, seed: str) -> None:
        self._processes = processes
        self._folder = folder
        self._random = random.Random(seed)
        self._victim = Victim(processes, folder / "index", seed)
        self._passes: dict[str, Counter[str]] = {}
        self._seconds: dict[str, float] = {}

    def learn(self) -> list[Trial]:
        """Make each kind of change unharmed, to see which points it passes and how long it takes.

        The second of a kind meets an index that the first has filled.
        """
        return [self._learnt(kind) for kind in ("add", "add", *KINDS, "bulk", "add", _CREATE)]

    def at(self, point: str, action: str) -> Trial:
        """Strike at a point."""
        kinds = [kind for kind, passed in self._passes.items() if point in passed]
        for attempt in range(_ATTEMPTS):
            kind = self._random.choice(kinds or list(KINDS))
            most = 1 if attempt else max(self._passes[kind][point], 1)
            trial = Trial(point, action, kind, self._random.randint(1, most))
            self._strike(trial)
            if trial.struck or trial.problems:
                return trial
        trial.problems.append("never reached")
        return trial

    def at_random(self, action: str) -> Trial:
        """Strike at a random moment of a change."""
        for _ in range(_ATTEMPTS):
            kind = self._random.choice(list(self._seconds))
            trial = Trial(AT_RANDOM, action, kind)
            trial.kill_after = self._random.uniform(0.0, self._seconds[kind])
            self._strike(trial)
            if trial.struck or trial.problems:
                break
        return trial

    def _learnt(self, kind: str) -> Trial:
        trial = Trial(UNHARMED, "none", kind)
        points = self._strike(trial)
        self._passes[kind] = Counter(points) | self._passes.get(kind, Counter())
        self._seconds[kind] = trial.change_seconds
        return trial

    def _strike(self, trial: Trial) -> list[str]:
        if trial.kind != _CREATE:
            return self._victim.strike(trial)
        victim = Victim(self._processes, self._folder / "new", str(self._random.random()))
        try:
            return victim.strike(trial)
        finally:
            shutil.rmtree(victim.folder, ignore_errors=True)


def trials(total: int, each: int) -> Iterator[tuple[str, str]]:
    """Plan deaths: every point ``each`` times, the rest at random moments, signals in turn."""
    planned = [(point, SIGNALS[n % 2]) for n in range(each) for point in POINTS]
    rest = [(AT_RANDOM, SIGNALS[n % 2]) for n in range(total - len(planned))]
    return iter([*planned, *rest])
