"""`python -m torture`: print what each kind of trial came to; exit status 1 for any violation."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from torture import sections
from torture.races import Race
from torture.victims import Trial


def main() -> int:
    """Run the sections that are asked for."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to print what there is by then
    violations = sum(_run(name, options) for name in options.sections)
    _say(f"\n{violations} violations" if violations else "\nNothing was lost.")
    return 1 if violations else 0


def _options() -> argparse.Namespace:
    names = ("kills", "refusals", "disks", "races", "readers")
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("sections", nargs="*", default=names, metavar="SECTION", help=str(names))
    parser.add_argument("--kills", type=int, default=1000, help="in all")
    parser.add_argument("--each", type=int, default=20, help="of them at each point")
    parser.add_argument("--sizes", type=int, default=8, help="of a small disk, for each change")
    parser.add_argument("--races", type=int, default=200)
    parser.add_argument("--readers", type=int, default=20, help="rounds")
    parser.add_argument("--lanes", type=int, default=2, help="trials at the same time")
    parser.add_argument("--seed", default=time.strftime("%Y%m%d"), help="repeats a run")
    return parser.parse_args()


def _trials(name: str, options: argparse.Namespace) -> Iterable[Trial] | Iterable[Race]:
    _say(f"\n{name} (--seed {options.seed})")
    seed, lanes = options.seed, options.lanes
    match name:
        case "kills":
            return sections.kills(options.kills, options.each, seed=seed, lanes=lanes)
        case "refusals":
            return sections.refusals(seed=seed, lanes=lanes)
        case "disks":
            return sections.disks(options.sizes, seed=seed)
        case "races":
            return sections.races(options.races, seed=seed, lanes=lanes)
        case "readers":
            return sections.readers(options.readers, seed=seed)
    raise SystemExit(f"no section {name!r}")


def _run(name: str, options: argparse.Namespace) -> int:
    """Go through a section and print its table; return how many violations there were."""
    done: list[Any] = []
    try:
        for trial in _trials(name, options):
            done.append(trial)
            if faults := trial.faults():
                _say(f"  VIOLATION {'; '.join(faults)}: {trial}")
    except KeyboardInterrupt:
        _say(f"  interrupted after {len(done)} trials")
    if not done:
        _say("  left out: this process may not mount a disk")
    for line in _tables[name](done):
        _say(line)
    return sum(bool(trial.faults()) for trial in done)


def _by_point(trials: Sequence[Trial]) -> Iterable[str]:
    yield f"  {'point':22} {'struck':>7} {'by':24} {'violations':>11} {'ready in':>9}"
    for point in dict.fromkeys(trial.point for trial in trials):
        yield _row(point, [trial for trial in trials if trial.point == point])
    yield _row("all", trials)


def _row(name: str, trials: Sequence[Trial]) -> str:
    struck = [trial for trial in trials if trial.struck]
    actions = [trial.action for trial in struck]
    by = ", ".join(f"{actions.count(action)} {action}" for action in dict.fromkeys(actions))
    bad = sum(bool(trial.faults()) for trial in trials)
    ready = max((trial.ready_seconds for trial in trials), default=0.0)
    return f"  {name:22} {len(struck):7} {by:24} {bad:11} {ready:7.2f} s"


def _by_name(trials: Sequence[Race]) -> Iterable[str]:
    yield f"  {'':32} {'trials':>7} {'done':>6} {'refused':>8} {'killed':>7} {'wait':>8}"
    for name in sorted({trial.name for trial in trials}):
        group = [trial for trial in trials if trial.name == name]
        done, refused, killed = (
            sum(getattr(trial, field) for trial in group) for field in ("done", "refused", "killed")
        )
        wait = max(trial.seconds for trial in group)
        yield f"  {name:32} {len(group):7} {done:6} {refused:8} {killed:7} {wait:6.2f} s"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_tables = {
    "kills": _by_point,
    "refusals": _by_point,
    "disks": _by_point,
    "races": _by_name,
    "readers": _by_name,
}

if __name__ == "__main__":
    sys.exit(main())
