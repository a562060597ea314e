"""The figures of a run, as JSON and as a Markdown table with ratios."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: its key, its label with the unit, and whether more of it is better."""

    key: str
    label: str
    more_is_better: bool = False


ROWS = (
    Row("cold_seconds", "cold answer, median (s)"),
    Row("cold_megabytes", "cold answer, peak memory (MB)"),
    Row("answer_ms_p50", "warm answer, median (ms)"),
    Row("answer_ms_p95", "warm answer, 95th percentile (ms)"),
    Row("search_ms_p50", "warm search, median (ms)"),
    Row("search_ms_p95", "warm search, 95th percentile (ms)"),
    Row("ingest_kilobytes_per_second", "ingestion (KB of text a second)", more_is_better=True),
    Row("ingest_megabytes", "ingestion, peak memory (MB)"),
)


def percentiles(name: str, values: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile under ``name_p50`` and ``name_p95``."""
    return {f"{name}_p50": median(values), f"{name}_p95": quantiles(values, n=20)[-1]}


def ratio(row: Row, ours: Figures, other: Figures) -> float:
    """Return how many times better ours is; below 1 it is worse."""
    mine, theirs = ours[row.key], other[row.key]
    return mine / theirs if row.more_is_better else theirs / mine


def as_markdown(figures: Mapping[str, Figures], *, setting: str) -> str:
    """Lay the figures out, one column for each contender; the first is compared with the rest."""
    (ours, mine), *others = figures.items()
    head = ["", ours, *(cell for name, _ in others for cell in (name, "ratio"))]
    lines = [setting, "", _line(head), _line(["---"] + ["---:"] * (len(head) - 1))]
    for row in ROWS:
        cells = [row.label, _number(mine[row.key])]
        for _, theirs in others:
            cells += [_number(theirs[row.key]), f"{ratio(row, mine, theirs):.2f}×"]
        lines.append(_line(cells))
    return "\n".join([*lines, "", f"A ratio above 1 means that {ours} is better.", ""])


def describe_machine() -> str:
    """Name what the figures depend on."""
    cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}"
    return f"{system}, {cores} cores, Python {platform.python_version()}"


def write(figures: Mapping[str, Figures], report: str, folder: Path, *, setting: str) -> None:
    """Write ``bench.json`` and the Markdown ``report`` as ``bench.md`` to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {"setting": setting, "figures": {name: dict(f) for name, f in figures.items()}}
    (folder / "bench.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (folder / "bench.md").write_text(report, encoding="utf-8")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
