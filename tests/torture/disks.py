"""Fill the disk under a change: a small tmpfs that gives out at one point or another."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rag import failpoints
from torture import children, verdicts
from torture.documents import Change, Step
from torture.processes import Job, Outcome, Processes
from torture.victims import Trial, Victim

ROOMY_BYTES = 256_000_000
SHORT_OF_SPACE = "short of space"

_PRIVATE = ("unshare", "--map-root-user", "--mount")  # mounts that nobody else sees
_PAGE_BYTES = 4096


def can_mount() -> bool:
    """Tell whether this process may have a small disk of its own."""
    if not shutil.which(_PRIVATE[0]):
        return False
    command = [*_PRIVATE, "mount", "-t", "tmpfs", "tmpfs", "/tmp"]
    return subprocess.run(command, capture_output=True).returncode == 0


def disk_processes() -> Processes:
    """Start processes that may mount disks, and see the same ones."""
    return Processes(prefix=_PRIVATE)


class Starveling(Victim):
    """An index on a disk that is as small as a trial says while it is being changed."""

    def __init__(self, processes: Processes, disk: Path, seed: str) -> None:
        super().__init__(processes, disk / "index", seed, log=disk.with_suffix(".log"))
        self._disk = disk
        self._must(Job(mount, (disk,)))

    def learn(self, kind: str) -> int:
        """Make a change with room to spare; return how many bytes more it had at its most."""
        change = self._author.make(kind)
        room: int = self._must(Job(measure, (self.folder, change.steps)))
        self._held = {d.id: d.content_hash for d in self._author.documents.values()}
        return room

    def _attempt(self, change: Change, trial: Trial) -> tuple[Outcome, list[str]]:
        self._must(Job(resize, (self._disk, trial.room)))
        outcome, points = super()._attempt(change, trial)
        trial.point = next(filter(_is_work, reversed(points)), "lock.taken")
        states = verdicts.allowed(self._held, change.steps, points)
        # Somebody asks the index while the disk is full to the last page.
        (asked,) = self._run(Job(look_without_room, (self._disk, self.folder)))
        trial.problems += verdicts.of_looking(asked, states)
        self._must(Job(resize, (self._disk, ROOMY_BYTES)))
        return outcome, points

    def _must(self, job: Job) -> object:
        (outcome,) = self._run(job)
        if outcome.exit or outcome.error:
            raise RuntimeError(outcome.error or f"exit {outcome.exit}")
        return outcome.result


def _is_work(point: str) -> bool:
    """Tell whether a point is none of those passed while a failure is cleaned up."""
    return not point.startswith(("lock.", "sweep."))


def mount(disk: Path) -> None:
    """Mount a roomy disk."""
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={ROOMY_BYTES}"]
    subprocess.run(["mount", *options, "tmpfs", str(disk)], check=True)


def resize(disk: Path, room: int) -> None:
    """Leave a disk so many bytes."""
    size = _used(disk) + room // _PAGE_BYTES * _PAGE_BYTES
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def measure(folder: Path, steps: Sequence[Step]) -> int:
    """Make changes; return by how much the disk was fuller at the fullest point."""
    before = most = _used(folder.parent)

    def passed(name: str) -> None:
        nonlocal most
        most = max(most, _used(folder.parent))

    failpoints.listen(passed)
    for step in steps:
        children.take(folder, step)
    return most - before


def look_without_room(disk: Path, folder: Path) -> children.Seen:
    """Ask an index while not a byte more can be written beside it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(_PAGE_BYTES)):
                pass
        except OSError:
            pass
    try:
        return children.look(folder, whole=False)
    finally:
        ballast.unlink()


def _used(disk: Path) -> int:
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize
