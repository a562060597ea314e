"""Kill ingests at each point and at random moments, and look at what is left."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

from torture.documents import KINDS
from torture.processes import Processes
from torture.victims import AT_RANDOM, UNHARMED, Trial, Victim

_ATTEMPTS = 12  # a change may not pass the point it was chosen for, or be done too soon
_CREATE = "create"  # of an index that is not there yet

# A kind of change that passes the points of a name or a group; the others are passed by "add".
_USUAL = {
    "create": _CREATE,
    "compact": "edit",
    "log": "edit",
    "erase": "delete",
    "rebuild": "rebuild",
    "generation.deleted": "edit",
    "sweep": "delete",
}


class Executioner:
    """Chooses changes that pass the point in question; knows how long each kind takes."""

    def __init__(self, processes: Processes, folder: Path, seed: str) -> None:
        self._processes = processes
        self._folder = folder
        self._random = random.Random(seed)
        self._victim = Victim(processes, folder / "index", seed)
        self._passes: dict[str, Counter[str]] = {}
        self._seconds: dict[str, float] = {}

    def learn(self) -> None:
        """Make each kind of change unharmed, to see which points it passes and how long it takes.

        The second of a kind meets an index that the first has filled.
        """
        for kind in ("add", "add", *KINDS, "bulk", "add", _CREATE):
            self._learn(kind)

    def strike(self, point: str, action: str) -> Trial:
        """Strike at a point or a random moment; a change that is done too soon is no trial."""
        for attempt in range(_ATTEMPTS):
            trial = self._planned(point, action, first=not attempt)
            self._make(trial)
            if trial.struck or trial.problems:
                return trial
        trial.problems.append("never reached")
        return trial

    def _planned(self, point: str, action: str, *, first: bool) -> Trial:
        if point == AT_RANDOM:
            kind = self._random.choice(list(self._seconds))
            after = self._random.uniform(0.0, self._seconds[kind])
            return Trial(point, action, kind, kill_after=after)
        kinds = [kind for kind, passed in self._passes.items() if passed[point]]
        kind = self._random.choice(kinds or [_usual(point)])
        most = self._passes[kind][point] if first and kinds else 1
        return Trial(point, action, kind, number=self._random.randint(1, most))

    def _learn(self, kind: str) -> None:
        trial = Trial(UNHARMED, UNHARMED, kind)
        points = self._make(trial)
        if trial.problems:
            raise RuntimeError(f"a change that nothing threatens fails: {trial}")
        self._passes[kind] = Counter(points) | self._passes.get(kind, Counter())
        self._seconds[kind] = trial.change_seconds

    def _make(self, trial: Trial) -> list[str]:
        if trial.kind != _CREATE:
            return self._victim.strike(trial)
        victim = Victim(self._processes, self._folder / "new", str(self._random.random()))
        try:
            return victim.strike(trial)
        finally:
            shutil.rmtree(victim.folder, ignore_errors=True)


def _usual(point: str) -> str:
    return _USUAL.get(point) or _USUAL.get(point.partition(".")[0]) or "add"
