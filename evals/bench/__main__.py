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

from evals.bench import levels
from evals.bench.contenders import CONTENDERS, OURS, Contender
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
    rounds: int


@dataclass(frozen=True, slots=True)
class Round:
    """One contender's runs in one round."""

    cold: Run
    warm: Run
    ingest: Run


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every contender; return 0, or 2 where one could not be measured."""
    options = _parser().parse_args(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="attest-bench-") as scratch:
            workload = _workload(Path(scratch), options)
            figures = _compare(workload, Path(scratch))
            _progress("what reading costs and brings")
            reading = levels.compare(_store_of(OURS, Path(scratch)))
    except RagError as error:
        print(f"bench: {error}", file=sys.stderr)  # noqa: T201
        return 2
    setting = _setting(workload)
    report = f"{as_markdown(figures, setting=setting)}\n{levels.as_markdown(reading)}"
    write({**figures, **reading}, report, options.out, setting=setting)
    print(report)  # noqa: T201
    return 0


def _workload(scratch: Path, options: argparse.Namespace) -> Workload:
    seeds, corpus = default_seeds(), scratch / "corpus"
    characters = write_corpus(seeds, corpus, options.documents)
    samples = [s for s in load_samples() if s.answerable and not s.history]
    questions = tuple(sample.question for sample in samples[:: len(samples) // _QUESTIONS])
    file = scratch / "questions.json"
    file.write_text(json.dumps(questions), encoding="utf-8")
    return Workload(seeds, corpus, characters, questions, file, options.rounds)


def _compare(workload: Workload, scratch: Path) -> Mapping[str, Mapping[str, float]]:
    """Take turns, so that whatever else the machine does falls on everybody alike."""
    stores = {c: _store_of(c, scratch) for c in CONTENDERS}
    for contender, store in stores.items():
        contender.run("ingest", store, workload.seeds)
    rounds: dict[Contender, list[Round]] = {contender: [] for contender in stores}
    for number in range(workload.rounds):
        for contender, store in stores.items():
            _progress(f"round {number + 1} of {workload.rounds}: {contender.name}")
            rounds[contender].append(_measure(contender, store, workload, number))
    return {c.name: _figures(done, workload.corpus_characters) for c, done in rounds.items()}


def _store_of(contender: Contender, scratch: Path) -> Path:
    return scratch / f"store-{CONTENDERS.index(contender)}"


def _measure(contender: Contender, store: Path, workload: Workload, number: int) -> Round:
    question = workload.questions[number % len(workload.questions)]
    return Round(
        cold=contender.cold(store, question),
        warm=contender.run("warm", store, workload.question_file),
        ingest=contender.run("ingest", store.with_name(f"{store.name}-{number}"), workload.corpus),
    )


def _figures(rounds: Sequence[Round], characters: int) -> Mapping[str, float]:
    warm = [r.warm.report for r in rounds]
    seconds = median(r.ingest.report["seconds"] for r in rounds)
    return {
        "cold_seconds": median(r.cold.seconds for r in rounds),
        "cold_megabytes": median(r.cold.peak_megabytes for r in rounds),
        **percentiles("answer_ms", [ms for report in warm for ms in report["answer_ms"]]),
        **percentiles("search_ms", [ms for report in warm for ms in report["search_ms"]]),
        "ingest_kilobytes_per_second": characters / 1000 / seconds,
        "ingest_megabytes": median(r.ingest.peak_megabytes for r in rounds),
    }


def _setting(workload: Workload) -> str:
    peer_model = "sentence-transformers on torch" if on_torch() else "Attest's ONNX runtime"
    return (
        f"{describe_machine()}. Rounds: {workload.rounds}; in each, a cold start and "
        f"{len(workload.questions)} questions over the seeds, and the ingestion of "
        f"{workload.corpus_characters / 1000:,.0f} KB. The peer embeds with MiniLM by "
        f"{peer_model}; its answer is its best passage, without reading, citing or checking."
    )


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{what} …", end="", file=sys.stderr, flush=True)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="how often each contender is measured")
    add("--documents", type=int, default=60, help="documents to ingest, about 5 KB each")
    add("--out", type=Path, default=Path("bench-results"), help="folder for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
