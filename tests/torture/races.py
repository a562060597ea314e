"""Several processes write to an index at once: one does, the others are told by whom."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.types import Document
from torture import children, contenders, verdicts
from torture.documents import Author, Step
from torture.processes import Job, Outcome, Processes

TOLD_SECONDS = 1.0

_START_SECONDS = 0.2  # until all processes are there
_AHEAD_SECONDS = 0.1  # by which the writer that will be killed is the first
_SLOW_SECONDS = 0.9  # longer than a writer waits for another
_HOLDER = re.compile(r"is being written by process (\d+);")


@dataclass(slots=True)
class Race:
    """One trial and what was wrong with it."""

    name: str
    done: int = 0
    refused: int = 0
    killed: int = 0
    seconds: float = 0.0  # the longest wait: to be told, or for news
    limit: float = TOLD_SECONDS
    problems: list[str] = field(default_factory=list)

    def faults(self, *, patience: float = 1.0) -> list[str]:
        """List what was wrong; ``patience`` stretches the time limit, for a busy machine."""
        late = self.seconds > self.limit * patience
        return [*self.problems, *([f"waited {self.seconds:.2f} s"] if late else [])]


class Course:
    """An index over which writers race."""

    def __init__(self, processes: Processes, folder: Path, seed: str) -> None:
        self._run = processes.run
        self._folder = folder
        self._author = Author(seed)
        self._random = random.Random(seed)
        self._held: verdicts.Held = {}

    def race(self, writers: int, *, kill: bool) -> Race:
        """Let writers ingest at the same moment; ``kill`` the one that began a little earlier."""
        race = Race(f"{writers} writers{', the first killed' if kill else ''}")
        entries = [self._author.make("add").steps[0] for _ in range(writers)]
        outcomes = self._run(*self._jobs(entries, kill=kill))
        states: list[verdicts.Held] = [self._held]
        for outcome, step in zip(outcomes, entries, strict=True):
            race.problems += _count(race, outcome, {o.pid for o in outcomes})
            after = [step.applied(state) for state in states]
            refused = bool(outcome.result and outcome.result.refused)
            states = [*states, *after] if outcome.killed else states if refused else after
        (looked,) = self._run(Job(children.look, (self._folder,)))
        race.problems += verdicts.of_looking(looked, states)
        self._held = looked.result.held if looked.result else {}
        return race

    def _jobs(self, entries: Sequence[Step], *, kill: bool) -> list[Job]:
        start = time.monotonic() + _START_SECONDS
        return [
            self._doomed(step.documents, start)
            if kill and not number
            else self._racing(step.documents, start)
            for number, step in enumerate(entries)
        ]

    def _racing(self, documents: Sequence[Document], start: float) -> Job:
        slow = self._random.choice((0.0, _SLOW_SECONDS))
        return Job(contenders.contend, (self._folder, documents, start, slow))

    def _doomed(self, documents: Sequence[Document], start: float) -> Job:
        arguments = (self._folder, documents, start - _AHEAD_SECONDS, _SLOW_SECONDS)
        after = self._random.uniform(_START_SECONDS, _START_SECONDS + 2 * _SLOW_SECONDS)
        return Job(contenders.contend, arguments, after)


def _count(race: Race, outcome: Outcome, pids: set[int]) -> Iterator[str]:
    """Note how one writer fared, and say what is wrong with that."""
    if outcome.killed:
        race.killed += 1
    elif not outcome.result:
        yield f"a writer failed ({verdicts.ending(outcome)})"
    elif not outcome.result.refused:
        race.done += 1
    else:
        race.refused += 1
        race.seconds = max(race.seconds, outcome.result.seconds)
        yield from _told(outcome, pids - {outcome.pid})


def _told(outcome: Outcome, others: set[int]) -> Iterator[str]:
    attempt: contenders.Attempt = outcome.result
    named = _HOLDER.search(attempt.refused)
    if not named or int(named[1]) not in others:
        yield f"told: {attempt.refused}"
