"""Compare what was measured with the floors that a build has to hold."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.harness import Figure, Report
from rag.errors import InputError

THRESHOLDS = Path(__file__).with_name("thresholds.toml")


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A figure below its floor."""

    corpus: str
    metric: str
    measured: float | None
    floor: float
    failing: tuple[str, ...]

    def __str__(self) -> str:
        measured = "no cases" if self.measured is None else f"{self.measured:.3f}"
        cases = ", ".join(self.failing) or "none"
        return (
            f"{self.corpus}: {self.metric} is {measured}, needed {self.floor:.3f}; "
            f"failing cases: {cases}"
        )


def load_floors(path: Path = THRESHOLDS) -> Mapping[str, float]:
    """Read the floors by metric; ``InputError`` names what in the file is wrong."""
    try:
        floors = tomllib.loads(path.read_text(encoding="utf-8"))["floors"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise InputError(f"{path.name}: expected a table [floors] ({error})") from error
    for metric, floor in floors.items():
        if not isinstance(floor, int | float) or not 0 <= floor <= 1:
            raise InputError(f"{path.name}: {metric} = {floor!r}, expected a number in [0, 1]")
    return {metric: float(floor) for metric, floor in floors.items()}


def shortfalls(report: Report, floors: Mapping[str, float]) -> tuple[Shortfall, ...]:
    """Return the figures below their floors; a floor whose figure has no cases is not held."""
    if unknown := sorted(floors.keys() - report.figures.keys()):
        raise InputError(f"floors for unknown metrics {unknown}, known: {sorted(report.figures)}")
    return tuple(
        Shortfall(report.corpus, metric, figure.value, floor, figure.failing)
        for metric, floor in floors.items()
        if not _holds(figure := report.figures[metric], floor)
    )


def _holds(figure: Figure, floor: float) -> bool:
    return figure.value is not None and figure.value >= floor
