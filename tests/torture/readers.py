"""Readers in one process while another writes: they keep up, and finish what they began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from torture import children, contenders, verdicts
from torture.documents import Author, Step
from torture.processes import Job, Outcome, Processes
from torture.races import Race

FRESH_SECONDS = 2.0

_GAP_SECONDS = 0.05  # between a reader's having seen one change and the next
_CHANGES = 4


class Company:
    """An index, somebody who changes it and somebody who reads it."""

    def __init__(self, processes: Processes, folder: Path, seed: str) -> None:
        self._run = processes.run
        self._folder = folder
        self._author = Author(seed)
        self._marks = 0
        for _ in range(2):
            self._run(Job(children.take, (folder, self._author.make("add").steps[0])))

    def freshness(self) -> Race:
        """Let a reader that has the index open wait for what another process adds."""
        race, ready = Race("a reader beside a writer", limit=FRESH_SECONDS), self._mark()
        steps = [self._author.make("add").steps[0] for _ in range(_CHANGES)]
        watched = [step.documents[-1] for step in steps]
        written, seen = self._both(
            race,
            Job(contenders.publish, (self._folder, steps, ready, _GAP_SECONDS)),
            Job(contenders.await_documents, (self._folder, watched, ready)),
        )
        if not race.problems:
            waits = [s - w for w, s in zip(written.result, seen.result, strict=True)]
            race.done, race.seconds = len(waits), max(0.0, *waits)
        return race

    def under_way(self) -> Race:
        """Remove the documents of which an answer is being written."""
        race, begun, go_on = Race("an answer under way"), self._mark(), self._mark()
        before = Step(tuple(self._author.documents.values()))
        step = self._author.make("add").steps[0]
        self._run(Job(children.take, (self._folder, step)))
        removal = self._author.remove([d.id for d in step.documents])
        arguments = (self._folder, step.documents[0].text[:40], begun, go_on)
        answered, _ = self._both(
            race,
            Job(contenders.answer_slowly, arguments),
            Job(contenders.change_beside, (self._folder, [removal], begun, go_on)),
        )
        if not race.problems:
            race.done = len(answered.result.citations)
            race.problems += contenders.misquoted(answered.result, self._texts([before, step]))
            if not race.done:
                race.problems.append("the answer cites nothing")
        return race

    def questions(self) -> Race:
        """Ask all the time while documents are added, edited, renamed and removed."""
        race, ready, end = Race("questions during changes"), self._mark(), self._mark()
        before = Step(tuple(self._author.documents.values()))
        changes = [self._author.make(kind) for kind in ("edit", "add", "rename", "delete")]
        steps = [step for change in changes for step in change.steps]
        asked, _ = self._both(
            race,
            Job(contenders.ask_on, (self._folder, self._texts([before, *steps]), ready, end)),
            Job(contenders.change_beside, (self._folder, steps, ready, end)),
        )
        if not race.problems:
            race.done, problems = asked.result
            race.problems += problems
        return race

    def _both(self, race: Race, *jobs: Job) -> list[Outcome]:
        outcomes = self._run(*jobs)
        failed = [o for o in outcomes if o.exit or o.error]
        race.problems += [f"a process failed ({verdicts.ending(o)})" for o in failed]
        return outcomes

    def _mark(self) -> Path:
        """Name a file by which one process tells another that it is so far."""
        self._marks += 1
        return self._folder.with_name(f"{self._folder.name}-mark-{self._marks}")

    def _texts(self, steps: Sequence[Step]) -> Mapping[str, Sequence[str]]:
        """Map documents to all the texts that they have in these steps."""
        texts: dict[str, list[str]] = {}
        for document in (d for step in steps for d in step.documents):
            texts.setdefault(document.id, []).append(document.text)
        return texts
