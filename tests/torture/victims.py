"""An index that is changed, struck down, looked at and put right, over and over."""

from __future__ import annotations

import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.failpoints import POINTS
from torture import children, verdicts
from torture.documents import Author, Change, own_word
from torture.processes import Job, Outcome, Processes

AT_RANDOM = "at a random moment"
UNHARMED = "unharmed"

READY_SECONDS = 5.0
REFUSALS = ("enospc", "error")

_SEARCHED = 40  # words that were deleted, looked for in each file


@dataclass(slots=True)
class Trial:
    """One change under a threat, and what was wrong afterwards."""

    point: str
    action: str
    kind: str
    number: int = 1  # which passing of the point
    kill_after: float | None = None  # seconds, at a random moment
    room: int = 0  # bytes that a small disk has left
    struck: bool = False  # it did happen before the change was done
    change_seconds: float = 0.0
    ready_seconds: float = 0.0  # until an index as it was left answers
    said: str = ""  # by a change that the system refused
    problems: list[str] = field(default_factory=list)

    def faults(self, *, patience: float = 1.0) -> list[str]:
        """List what was wrong; ``patience`` stretches the time limit, for a busy machine."""
        late = self.ready_seconds > READY_SECONDS * patience
        return [*self.problems, *([f"ready after {self.ready_seconds:.1f} s"] if late else [])]

    @property
    def failpoint(self) -> str:
        named = self.point in POINTS
        return f"{self.point}:{self.action}:{self.number}" if named else ""


class Victim:
    """One index and the documents it should hold."""

    def __init__(
        self, processes: Processes, folder: Path, seed: str, *, log: Path | None = None
    ) -> None:
        self.folder = folder
        self._run = processes.run
        self._log = log or folder.with_suffix(".log")
        self._author = Author(seed)
        self._random = random.Random(seed)
        self._held: verdicts.Held = {}
        self._gone: list[str] = []

    def strike(self, trial: Trial) -> list[str]:
        """Make one change under the trial's threat; return the points that were passed."""
        traces = self._traces()
        change = self._author.make(trial.kind)
        outcome, points = self._attempt(change, trial)
        self._note(trial, outcome, points)
        self._look(trial, verdicts.allowed(self._held, change.steps, points))
        self._gone += sorted(traces - self._traces())
        self._put_right(trial, change)
        return points

    def _attempt(self, change: Change, trial: Trial) -> tuple[Outcome, list[str]]:
        self._log.unlink(missing_ok=True)
        number = signal.SIGTERM if trial.action == "term" else signal.SIGKILL
        arguments = (self.folder, change.steps, trial.failpoint, self._log)
        (outcome,) = self._run(Job(children.change, arguments, trial.kill_after, number))
        return outcome, self._log.read_text().split() if self._log.exists() else []

    def _note(self, trial: Trial, outcome: Outcome, points: Sequence[str]) -> None:
        trial.change_seconds = outcome.seconds
        trial.said = outcome.result.error if outcome.result else ""
        # What the system refuses may have been made good: damaged vectors are built afresh.
        refused = trial.action in REFUSALS and points.count(trial.point) >= trial.number
        trial.struck = outcome.killed or bool(trial.said) or refused
        if not outcome.killed and (outcome.exit or outcome.error):
            trial.problems.append(f"the change ended badly: {verdicts.ending(outcome)}")

    def _look(self, trial: Trial, states: Sequence[verdicts.Held]) -> children.Seen | None:
        gone = self._random.sample(self._gone, min(_SEARCHED, len(self._gone)))
        (outcome,) = self._run(Job(children.look, (self.folder, tuple(gone))))
        trial.problems += verdicts.of_looking(outcome, states)
        seen: children.Seen | None = outcome.result
        if seen:
            trial.ready_seconds = max(trial.ready_seconds, seen.seconds)
        return seen

    def _put_right(self, trial: Trial, change: Change) -> None:
        (outcome,) = self._run(Job(children.repeat, (self.folder, change.steps)))
        trial.problems += verdicts.of_repeating(outcome)
        self._held = {d.id: d.content_hash for d in self._author.documents.values()}
        if seen := self._look(trial, [self._held]):
            trial.problems += verdicts.of_files(seen)

    def _traces(self) -> set[str]:
        """Return the words and ids that the files of an index may hold."""
        held = self._author.documents.values()
        return {d.id for d in held} | {own_word(d) for d in held}
