"""Loads that only size makes hard: very many files, very long texts; prints JSON for each job."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from evals.bench.filler import BlendEmbedder, FillerText

_MEGABYTE = 1_000_000
_CHUNK_TOKENS = 180
_SMALL = 300  # characters of a small file

Figures = dict[str, float]


def files(scratch: Path, base: Path, count: int) -> Figures:
    """Index so many small files, then again unchanged; vectors are stand-ins for MiniLM's."""
    from rag import index_documents, load_settings

    folder, embedder = scratch / "files", BlendEmbedder.from_file(base)
    _write_small(folder, count)
    settings, seconds = load_settings(index=scratch / "index"), list[float]()
    before = dict[str, int]()
    for _ in range(2):
        started = time.perf_counter()
        report = index_documents([folder], settings=settings, embedder=embedder)
        seconds.append(time.perf_counter() - started)
        after = {str(p): p.stat().st_mtime_ns for p in settings.index.rglob("*.sqlite*")}
        written, before = after != before, after
    return {
        "files": count,
        "first_seconds": seconds[0],
        "again_seconds": seconds[1],
        "again_unchanged": len(report.unchanged),
        "again_embedded": report.embedded,
        "again_written": written,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def large(scratch: Path, base: Path, megabytes: int) -> Figures:
    """Read and split a text of so many megabytes in each of several shapes; seconds each.

    The prose is then indexed whole, with stand-ins for MiniLM's vectors.
    """
    from rag import index_documents, load_settings
    from rag.chunking import split_document
    from rag.documents import read_documents

    found: Figures = {}
    for name, text in _shapes(megabytes * _MEGABYTE):
        path = scratch / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
        started = time.perf_counter()
        (outcome,) = read_documents([path])
        read = time.perf_counter()
        chunks = [
            c for d in outcome.documents for c in split_document(d, chunk_tokens=_CHUNK_TOKENS)
        ]
        found[f"{name}_read_seconds"] = read - started
        found[f"{name}_split_seconds"] = time.perf_counter() - read
        found[f"{name}_chunks"] = len(chunks)
    settings, embedder = load_settings(index=scratch / "index"), BlendEmbedder.from_file(base)
    started = time.perf_counter()
    index_documents([scratch / "prose.txt"], settings=settings, embedder=embedder)
    found["prose_index_seconds"] = time.perf_counter() - started
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _write_small(folder: Path, count: int) -> None:
    filler = FillerText()
    texts = [filler.document(n).text for n in range(20)]
    for number in range(count):
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        start = number * 37 % (len(texts[0]) // 2)
        text = texts[number % len(texts)][start : start + _SMALL]
        (place / f"note-{number:06}.txt").write_text(f"Note {number} says so. {text}.\n")


def _shapes(characters: int) -> Iterator[tuple[str, str]]:
    filler = FillerText()
    pieces, length = list[str](), 0
    while length < characters:
        pieces.append(filler.document(len(pieces)).text)
        length += len(pieces[-1]) + 2
    yield "prose", "\n\n".join(pieces)[:characters]
    yield "one_line", " ".join(pieces)[:characters]
    yield "punctuation", ("!" * 999 + "?") * (characters // 1000)
    yield "one_word", "a" * characters


JOBS: dict[str, Callable[[Path, Path, int], Figures]] = {"files": files, "large": large}

if __name__ == "__main__":
    job, scratch, base, size = sys.argv[1:]
    print(json.dumps(JOBS[job](Path(scratch), Path(base), int(size))))  # noqa: T201
