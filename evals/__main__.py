"""Command line: ``python -m evals``; exit status 1 where a figure is below its floor."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from evals.corpora import Corpus, find_corpora
from evals.gate import THRESHOLDS, Shortfall, load_floors, shortfalls
from evals.harness import Bot, Report, evaluate, summarise
from evals.report import as_text, failures, write
from evals.samples import GOLD, KINDS, Sample, choose, load_samples
from rag.config import load_settings
from rag.errors import InputError, RagError

HERE = Path(__file__).resolve().parent

OpenBot = Callable[[Path, Path], AbstractContextManager[Bot]]


def open_from_seeds(index: Path, seeds: Path) -> AbstractContextManager[Bot]:
    """Open the chatbot as the settings say, over an index of the articles in ``seeds``."""
    from rag.api import open_chatbot

    return open_chatbot(index=index, seeds=seeds)


def main(argv: Sequence[str] | None = None, *, open_bot: OpenBot = open_from_seeds) -> int:
    """Measure every corpus; return 0, 1 below a floor, or 2 where nothing could be measured."""
    options = _parser().parse_args(argv)
    try:
        missed = _run(options, open_bot)
    except RagError as error:
        print(f"evals: {error}", file=sys.stderr)  # noqa: T201
        return 2
    for shortfall in missed:
        print(f"FAILED {shortfall}", file=sys.stderr)  # noqa: T201
    return 1 if missed else 0


def _run(options: argparse.Namespace, open_bot: OpenBot) -> list[Shortfall]:
    samples = choose(load_samples(options.gold), split=options.split, kind=options.kind)
    # One kind alone says nothing about the whole, so its figures are shown and not judged.
    floors = {} if options.kind else load_floors(options.thresholds)
    missed: list[Shortfall] = []
    with tempfile.TemporaryDirectory() as scratch:
        corpora = find_corpora(options.seeds or _default_folders(), Path(scratch) / "corpora")
        if options.index and len(corpora) > 1:
            raise InputError("--index goes with one corpus; name its folder with --seeds")
        for corpus in corpora:
            index = options.index or Path(scratch) / "indexes" / corpus.name
            report = _measure(corpus, index, samples, open_bot)
            found = shortfalls(report, floors)
            write(report, options.out / corpus.name, missed=found, floors=floors)
            _show(report, options.out / corpus.name, with_failures=options.show_failures)
            missed += found
    return missed


def _measure(corpus: Corpus, index: Path, samples: Sequence[Sample], open_bot: OpenBot) -> Report:
    with open_bot(index, corpus.folder) as bot:
        return summarise(corpus.name, evaluate(bot, samples))


def _show(report: Report, folder: Path, *, with_failures: bool) -> None:
    if with_failures:
        print(failures(report), end="\n\n")  # noqa: T201
    print(as_text(report), f"  written to {folder}", sep="\n", end="\n\n")  # noqa: T201


def _default_folders() -> list[Path]:
    """Name the briefs of this checkout, and what ``RAG_SEEDS`` says."""
    return [HERE.parent / "seeds", load_settings().seeds]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    add = parser.add_argument
    add("--seeds", type=Path, action="append", help="folder of articles; may be given twice")
    add("--index", type=Path, help="keep the index here (default: a temporary folder)")
    add("--split", choices=("dev", "test", "all"), default="all")
    add("--kind", choices=KINDS, help="one kind of question only; not compared with the floors")
    add("--out", type=Path, default=HERE / "results", help="where the reports go")
    add("--gold", type=Path, default=GOLD, help="the questions")
    add("--thresholds", type=Path, default=THRESHOLDS, help="the floors")
    add("--show-failures", action="store_true", help="print every wrong answer")
    return parser


if __name__ == "__main__":
    sys.exit(main())
