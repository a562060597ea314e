"""Command line: ``python -m evals.bench``; writes JSON and Markdown to ``bench-results/``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from evals.bench.contenders import CONTENDERS, Contender
from evals.bench.corpus import write_corpus
from evals.bench.measure import Run
from evals.bench.peer import on_torch
from evals.bench.report import as_markdown, describe_machine, percentiles, write
from evals.samples import load_samples
from rag.config import default_seeds
from rag.errors import RagError

_QUESTIONS = 60


@dataclass(frozen=True, slots=True)
class Workload:
    """What everybody gets to do."""

    seeds: Path
    corpus: Path
    corpus_characters: int
    questions: tuple[str, ...]
    question_file: Path
    cold_runs: int


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every contender; return 0, or 2 where one could not be measured."""
    options = _parser().parse_args(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="attest-bench-") as scratch:
            workload = _workload(Path(scratch), options)
            figures = _compare(workload, Path(scratch))
    except RagError as error:
        print(f"bench: {error}", file=sys.stderr)  # noqa: T201
        return 2
    setting = _setting(workload)
    write(figures, options.out, setting=setting)
    print(as_markdown(figures, setting=setting))  # noqa: T201
    return 0


def _workload(scratch: Path, options: argparse.Namespace) -> Workload:
    seeds, corpus = default_seeds(), scratch / "corpus"
    characters = write_corpus(seeds, corpus, options.documents)
    samples = [s for s in load_samples() if s.answerable and not s.history]
    questions = tuple(sample.question for sample in samples[:: len(samples) // _QUESTIONS])
    file = scratch / "questions.json"
    file.write_text(json.dumps(questions), encoding="utf-8")
    return Workload(seeds, corpus, characters, questions, file, options.runs)


def _compare(workload: Workload, scratch: Path) -> Mapping[str, Mapping[str, float]]:
    stores = {c: scratch / f"store-{i}" for i, c in enumerate(CONTENDERS)}
    for contender, store in stores.items():
        contender.run("ingest", store, workload.seeds)
    cold = _cold(workload, stores)
    return {c.name: _figures(c, store, cold[c], workload) for c, store in stores.items()}


def _cold(workload: Workload, stores: Mapping[Contender, Path]) -> Mapping[Contender, list[Run]]:
    """Take turns, so that whatever else the machine does falls on everybody alike."""
    runs: dict[Contender, list[Run]] = {contender: [] for contender in stores}
    for question in workload.questions[: workload.cold_runs]:
        for contender, store in stores.items():
            _progress(f"cold: {contender.name}")
            runs[contender].append(contender.cold(store, question))
    return runs


def _figures(
    contender: Contender, store: Path, cold: Sequence[Run], workload: Workload
) -> Mapping[str, float]:
    _progress(f"warm: {contender.name}")
    warm = contender.run("warm", store, workload.question_file).report
    _progress(f"ingestion: {contender.name}")
    ingest = contender.run("ingest", store.with_name(f"{store.name}-big"), workload.corpus)
    rate = workload.corpus_characters / 1000 / ingest.report["seconds"]
    return {
        "cold_seconds": median(run.seconds for run in cold),
        "cold_megabytes": median(run.peak_megabytes for run in cold),
        **percentiles("answer_ms", warm["answer_ms"]),
        **percentiles("search_ms", warm["search_ms"]),
        "ingest_kilobytes_per_second": rate,
        "ingest_megabytes": ingest.peak_megabytes,
    }


def _setting(workload: Workload) -> str:
    peer_model = "sentence-transformers on torch" if on_torch() else "Attest's ONNX runtime"
    return (
        f"{describe_machine()}. Cold and warm over the seeds ({workload.cold_runs} starts, "
        f"{len(workload.questions)} questions); ingestion of "
        f"{workload.corpus_characters / 1000:,.0f} KB. The peer embeds with MiniLM by "
        f"{peer_model}; its answer is its best passage, without reading, citing or checking."
    )


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{what} …", end="", file=sys.stderr, flush=True)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description=__doc__)
    add = parser.add_argument
    add("--runs", type=int, default=5, help="cold starts of each contender")
    add("--documents", type=int, default=60, help="documents to ingest, about 5 KB each")
    add("--out", type=Path, default=Path("bench-results"), help="folder for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
