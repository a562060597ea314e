"""Command line: ``python -m evals.bench.growth``; how an index grows, in figures and curves.

Writes ``growth.json``, ``growth.md`` and ``growth.svg``. Embedding is measured on a sample and the
index is filled with stand-ins: MiniLM would take an hour for the largest.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evals.bench.curves import Panel, draw
from evals.bench.measure import measure
from evals.bench.report import describe_machine

_SIZES = (100, 1_000, 10_000, 150_000)
_STEP = 30_000  # chunks that come at a time, as an archive grows
_FILES = 100_000
_LARGE_MEGABYTES = 10
_EMBEDDED = 200  # chunks, whose embedding is timed

PANELS = (
    Panel("ingestion (chunks a second)", {"index_rate": "index", "whole_rate": "with MiniLM"}),
    Panel("disk (MB)", {"store_megabytes": "store", "vectors_megabytes": "vectors"}),
    Panel("peak memory (MB)", {"ingest_megabytes": "ingest", "query_megabytes": "search"}),
    Panel("search (ms)", {"search_ms_p50": "median", "search_ms_p95": "95th percentile"}),
    Panel("recall@10", {"recall_at_10": "against exact search"}),
)
_COLUMNS = {
    "chunks": "chunks",
    "index_rate": "chunks/s without embedding",
    "whole_rate": "chunks/s with it",
    "store_megabytes": "store (MB)",
    "vectors_megabytes": "vectors (MB)",
    "ingest_megabytes": "memory, ingest (MB)",
    "query_megabytes": "memory, search (MB)",
    "first_search_ms": "first search (ms)",
    "search_ms_p50": "search, median (ms)",
    "search_ms_p95": "search, 95th percentile (ms)",
    "embed_ms_p50": "of it embedding",
    "dense_ms_p50": "vectors",
    "words_ms_p50": "BM25",
    "recall_at_10": "recall@10",
    "remove_seconds": "removing 3 documents (s)",
}

Row = Mapping[str, float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure each size, then the loads; return 0."""
    options = _parser().parse_args(argv)
    sizes = [size for size in _SIZES if size <= options.most]
    with tempfile.TemporaryDirectory(prefix="attest-growth-") as scratch:
        base = Path(scratch) / "base.npy"
        embedding = _run("evals.bench.growing", "embed", Path(scratch), base, _EMBEDDED)
        rows = list(_rows(sizes, Path(scratch), base, embedding["chunks_per_second"]))
        loads = _loads(Path(scratch), base) if options.loads else {}
    _write(rows, {"embedding": embedding, **loads}, options.out)
    return 0


def _rows(sizes: Sequence[int], scratch: Path, base: Path, embedded: float) -> Iterator[Row]:
    for size in sizes:
        index = scratch / f"index-{size}"
        steps = [
            _run("evals.bench.growing", "grow", index, base, upto)
            for upto in [*range(_STEP, size, _STEP), size]
        ]
        seconds = sum(step["documents_seconds"] + step["vectors_seconds"] for step in steps)
        found = _run("evals.bench.growing", "query", index, base, size)
        erased = _run("evals.bench.growing", "erase", index, base, size)
        yield {
            **steps[-1],
            **found,
            **erased,
            "ingest_megabytes": max(step["megabytes"] for step in steps),
            "index_rate": found["chunks"] / seconds,
            "whole_rate": found["chunks"] / (seconds + found["chunks"] / embedded),
        }


def _loads(scratch: Path, base: Path) -> Mapping[str, Row]:
    (scratch / "large").mkdir()
    return {
        "files": _run("evals.bench.loads", "files", scratch / "many", base, _FILES),
        "large": _run("evals.bench.loads", "large", scratch / "large", base, _LARGE_MEGABYTES),
    }


def _run(module: str, job: str, place: Path, base: Path, size: int) -> Row:
    print(f"{job} {size:,} …", file=sys.stderr)  # noqa: T201
    arguments = ("-m", module, job, str(place), str(base), str(size))
    report: Row = measure(arguments, environment=os.environ).report
    return report


def _write(rows: Sequence[Row], rest: Mapping[str, Row], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    record = {"machine": describe_machine(), "sizes": rows, **rest}
    (folder / "growth.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (folder / "growth.svg").write_text(draw(rows, PANELS, x="chunks"), encoding="utf-8")
    table = as_markdown(rows, rest)
    (folder / "growth.md").write_text(table, encoding="utf-8")
    print(table)  # noqa: T201


def as_markdown(rows: Sequence[Row], rest: Mapping[str, Row]) -> str:
    """Lay the figures out: a line for each figure, a column for each size."""
    lines = [f"{describe_machine()}.", ""]
    for number, (key, label) in enumerate(_COLUMNS.items()):
        cells = [f"{row[key]:,.3g}" if row[key] < 100 else f"{row[key]:,.0f}" for row in rows]
        lines.append(f"| {label} | {' | '.join(cells)} |")
        if not number:
            lines.append("|---" + "|---:" * len(rows) + "|")
    for name, figures in rest.items():
        shown = ", ".join(f"{key} {value:,.4g}" for key, value in figures.items())
        lines += ["", f"{name}: {shown}"]
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.bench.growth", description=__doc__)
    add = parser.add_argument
    add("--most", type=int, default=_SIZES[-1], help="leave out sizes above this")
    add("--no-loads", dest="loads", action="store_false", help="leave the many files out")
    add("--out", type=Path, default=Path("bench-results"), help="folder for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
