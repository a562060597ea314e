"""What `make torture` goes through, part by part."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rag.failpoints import POINTS
from torture.disks import SHORT_OF_SPACE, Starveling, can_mount, disk_processes
from torture.kills import AT_RANDOM, Executioner
from torture.lanes import in_lanes
from torture.processes import Processes
from torture.races import Course, Race
from torture.readers import Company
from torture.victims import REFUSALS, Trial

SIGNALS = ("kill", "term")

_WRITERS = (2, 8)
_FIRST_CHANGES = ("add", "add", "add")
DISK_KINDS = ("add", "edit", "delete", "rebuild")

Planned = tuple[str, str]


def kills(total: int, each: int, *, seed: str, lanes: int) -> Iterator[Trial]:
    """Kill changes at each point ``each`` times, and at random moments up to the ``total``."""
    at_points = [(point, SIGNALS[n % 2]) for n in range(each) for point in POINTS]
    rest = [(AT_RANDOM, SIGNALS[n % 2]) for n in range(total - len(at_points))]
    yield from strikes([*at_points, *rest], seed=seed, lanes=lanes)


def refusals(*, seed: str, lanes: int) -> Iterator[Trial]:
    """Let the system refuse at each point, as a full disk does and a failing one."""
    plan = [(point, action) for action in REFUSALS for point in POINTS]
    yield from strikes(plan, seed=seed, lanes=lanes)


def strikes(
    plan: Sequence[Planned], *, seed: str, lanes: int, learn: bool = True
) -> Iterator[Trial]:
    """Strike at each (point, action) of a plan.

    Without ``learn``, a point is struck in the kind of change that is known to pass it, and the
    first time it is passed.
    """

    def open_lane(processes: Processes, folder: Path, seed: str) -> Callable[[Planned], Trial]:
        executioner = Executioner(processes, folder, seed)
        if learn:
            executioner.learn()
        return lambda planned: executioner.strike(*planned)

    yield from in_lanes(plan, open_lane, seed=seed, lanes=lanes)


def disks(sizes: int, *, seed: str, kinds: Sequence[str] = DISK_KINDS) -> Iterator[Trial]:
    """Give changes too little space, in ``sizes`` steps from nothing to almost enough."""
    if not can_mount():
        return
    with tempfile.TemporaryDirectory() as folder, disk_processes() as processes:
        victim = Starveling(processes, Path(folder) / "disk", seed)
        for kind in _FIRST_CHANGES:
            victim.learn(kind)
        for kind in kinds:
            most = victim.learn(kind)
            for step in range(sizes):
                trial = Trial(SHORT_OF_SPACE, "full", kind, room=most * step // sizes)
                victim.strike(trial)
                yield trial


def races(total: int, *, seed: str, lanes: int) -> Iterator[Race]:
    """Let two and eight writers begin at once; in every other trial the first is killed."""

    def open_lane(processes: Processes, folder: Path, seed: str) -> Callable[..., Race]:
        course = Course(processes, folder / "index", seed)
        return lambda planned: course.race(planned[0], kill=planned[1])

    plan = itertools.cycle(itertools.product(_WRITERS, (False, True)))
    yield from in_lanes(itertools.islice(plan, total), open_lane, seed=seed, lanes=lanes)


def readers(total: int, *, seed: str) -> Iterator[Race]:
    """Read in one process while another writes."""
    with tempfile.TemporaryDirectory() as folder, Processes() as processes:
        company = Company(processes, Path(folder) / "index", seed)
        for _ in range(total):
            yield from (company.freshness(), company.under_way(), company.questions())
