"""Compare what is found, not how fast: recall of marked passages, beside the plain pipeline.

``python -m evals.bench.retrieval DATA`` reads two public sets below ``DATA``: questions over five
long texts with the characters that answer them (Chroma's chunking evaluation, Smith and Troynikov
2024), and questions over a pool of single news sentences (MultiHop-RAG, Tang and Yang 2024). Both
contenders index the same files, in chunks of at most 256 tokens, and are asked the same.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from evals.bench.contenders import OURS, Contender, peer

Span = tuple[str, int, int]  # file, first character, end
Passage = tuple[Span, ...]  # a span for each of its lines
Figures = dict[str, float]

_TOP = 10
_TOP_TEXTS = 5  # passages of long texts
_SET_TEXTS, _SET_POOL = "chroma_chunking", "multihop_rag"
_CONTENDERS = (OURS, peer("peer, 256-token chunks", 256))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question with the spans that answer it."""

    question: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Files to index, questions about them, and how what was found is judged."""

    name: str
    files: Mapping[str, str]
    wanted: tuple[Wanted, ...]
    judge: Callable[[Sequence[Passage], Sequence[Span]], Figures]


def tasks(data: Path) -> tuple[Task, ...]:
    """Read both sets below a folder."""
    return _long_texts(data / _SET_TEXTS), _pool(data / _SET_POOL)


def _long_texts(folder: Path) -> Task:
    files = {
        p.name.replace(".md", ".txt"): p.read_text("utf-8") for p in (folder / "corpora").iterdir()
    }
    wanted = [
        Wanted(
            row["question"],
            tuple(
                (f"{row['corpus_id']}.txt", r["start_index"], r["end_index"])
                for r in row["references"]
            ),
        )
        for row in _rows(folder / "dev.jsonl.gz")
    ]
    return Task(f"{_SET_TEXTS}, top {_TOP_TEXTS}", files, tuple(wanted), judge_characters)


def _pool(folder: Path) -> Task:
    """Write each sentence into a file of its own, so that one is found or not."""
    pool = {row["fact"]: f"{row['doc_id']}.txt" for row in _rows(folder / "evidence_pool.jsonl.gz")}
    files = {name: fact for fact, name in pool.items()}
    wanted = [
        Wanted(row["query"], tuple((pool[e["fact"]], 0, len(e["fact"])) for e in evidence))
        for row in _rows(folder / "dev.jsonl.gz")
        if (evidence := [e for e in row["evidence_list"] if e["fact"] in pool])
    ]
    return Task(f"{_SET_POOL}, top {_TOP}", files, tuple(wanted), judge_files)


def _rows(path: Path) -> Iterable[Mapping[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def judge_characters(found: Sequence[Passage], wanted: Sequence[Span]) -> Figures:
    """Return recall, precision and overlap (intersection over union) of characters."""
    spans = [span for passage in found[:_TOP_TEXTS] for span in passage]
    want = _characters(wanted)
    both, shown = len(want & _characters(spans)), sum(end - start for _, start, end in spans)
    return {
        "recall": both / len(want),
        "precision": both / shown if shown else 0.0,
        "overlap": both / (shown + len(want) - both),
    }


def _characters(spans: Iterable[Span]) -> set[tuple[str, int]]:
    return {(name, at) for name, start, end in spans for at in range(start, end)}


def judge_files(found: Sequence[Passage], wanted: Sequence[Span]) -> Figures:
    """Return whether any wanted file was found, what share was, and the first one's 1/rank."""
    names = list(dict.fromkeys(name for passage in found for name, _, _ in passage))[:_TOP]
    want = {name for name, _, _ in wanted}
    ranks = [rank for rank, name in enumerate(names, start=1) if name in want]
    return {
        "hits": float(bool(ranks)),
        "recall": len(ranks) / len(want),
        "reciprocal rank": 1 / ranks[0] if ranks else 0.0,
    }


class Placing:
    """Finds where a passage stands in the file as written, whatever became of its white space."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._places = {
            name: [at for at, letter in enumerate(text) if not letter.isspace()]
            for name, text in files.items()
        }
        self._letters = {name: "".join(text.split()) for name, text in files.items()}

    def passage(self, name: str, text: str, near: int) -> Passage:
        """Return the spans of a passage's lines, for what stands between them may be left out.

        ``near`` tells repeated texts apart: about where the passage stands.
        """
        spans = []
        places, letters = self._places[name], self._letters[name]
        at = max(0, bisect_left(places, near) - len(text))
        for line in text.splitlines():
            wanted = "".join(line.split())
            found = letters.find(wanted, at)
            found = letters.find(wanted) if found < 0 else found
            if wanted and found >= 0:
                at = found + len(wanted)
                spans.append((name, places[found], places[at - 1] + 1))
        return tuple(spans)


def measure(task: Task, contender: Contender, scratch: Path) -> Figures:
    """Index the task's files with a contender, ask all questions and average the figures."""
    folder, store = scratch / "files", scratch / "store"
    folder.mkdir(parents=True)
    for name, text in task.files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    questions = scratch / "questions.json"
    questions.write_text(json.dumps([w.question for w in task.wanted]), encoding="utf-8")
    contender.run("ingest", store, folder)
    found = contender.run("find", store, questions).report["found"]
    placing = Placing(task.files)
    judged = [
        task.judge([placing.passage(*passage) for passage in passages], wanted.spans)
        for passages, wanted in zip(found, task.wanted, strict=True)
    ]
    return {name: mean(figures[name] for figures in judged) for name in judged[0]}


def main() -> int:
    """Measure both sets for both contenders and print a table of each."""
    for task in tasks(Path(sys.argv[1])):
        print(f"{task.name}: {len(task.files)} texts, {len(task.wanted)} questions")  # noqa: T201
        for contender in _CONTENDERS:
            with tempfile.TemporaryDirectory(prefix="attest-bench-") as scratch:
                figures = measure(task, contender, Path(scratch))
            cells = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
            print(f"  {contender.name}: {cells}", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
