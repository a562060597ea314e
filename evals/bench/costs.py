"""What a chunk costs at each step of an ingest: ``python -m evals.bench.costs``.

docs/scaling.md works its sizes, hours and prices out from these figures. Rates are chunks for each
second that a core spends on them: what else the machine does meanwhile hardly changes them, and
waiting for the disk is not in them. ``--ray`` measures what handing chunks out to a local Ray costs
as well (on Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from evals.bench.corpus import write_corpus
from rag.chunking import split_document
from rag.cluster import open_workers
from rag.config import default_seeds
from rag.documents import read_documents
from rag.embedding import open_minilm
from rag.index import build_generation
from rag.ingestion import STORE_FILE, identity_of
from rag.store import Entry, Store, create_store, embedding_key
from rag.testing import HashEmbedder
from rag.types import Chunk, Document

_TOKENS = 180
_EMBEDDED = 400  # chunks, with the real model; the other steps do not mind whose vectors they hold
_DOCUMENTS_A_COMMIT = 32

R = TypeVar("R")
Figures = dict[str, float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print a JSON object."""
    options = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="attest-costs-") as scratch:
        figures = measure(Path(scratch), options.documents)
        if options.ray:
            figures |= measure_ray(Path(scratch))
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}, indent=2))  # noqa: T201
    return 0


def measure(scratch: Path, count: int) -> Figures:
    """Time each step, and weigh what it leaves on disk."""
    folder = scratch / "corpus"
    characters = write_corpus(default_seeds(), folder, count)
    documents, reading = _timed(lambda: _read(folder))
    _cut(documents[:1])  # loads what splits
    chunks, splitting = _timed(lambda: _cut(documents))
    with create_store(scratch / STORE_FILE, identity_of(_hashes(), _TOKENS)) as store:
        storing = _store(store, documents, chunks)
        name, indexing = _timed(lambda: build_generation(scratch, store))
    total = len(chunks)
    return {
        "documents": len(documents),
        "chunks": total,
        "characters_per_chunk": characters / total,
        "read_chunks_per_second": total / reading,
        "split_chunks_per_second": total / splitting,
        "embed_chunks_per_second": _embedding_rate(chunks),
        "store_chunks_per_second": total / storing,
        "index_chunks_per_second": total / indexing,
        "store_bytes_per_chunk": _size(scratch / STORE_FILE) / total,
        "index_bytes_per_chunk": _size(scratch / name) / total,
    }


def measure_ray(scratch: Path) -> Figures:
    """Fit ``CPU seconds = portion + chunks / rate`` to two portions whose vectors cost nothing.

    Counted are the ingest and the process that uses Ray for it, which take turns; not the workers.
    """
    documents = _read(scratch / "corpus")
    with open_workers("local", _hashes(), chunk_tokens=_TOKENS) as workers:
        started = time.perf_counter()
        workers.split(documents[:1])
        starting = time.perf_counter() - started

        def through(some: Sequence[Document]) -> tuple[int, float, float]:
            started = time.perf_counter()
            before = time.process_time() + _cpu_seconds(workers.pid)
            chunks = [chunk for of_one in workers.split(some) for chunk in of_one]
            workers.embed([chunk.embedded_text for chunk in chunks])
            spent = time.process_time() + _cpu_seconds(workers.pid) - before
            return len(chunks), spent, time.perf_counter() - started

        few, short, portion = through(documents[: len(documents) // 8])
        many, long, _ = through(documents)
    return {
        "ray_start_seconds": starting,
        "ray_small_portion_seconds": portion,  # hardly more than starting the workers, twice
        "ray_handled_chunks_per_second": (many - few) / (long - short),
    }


def _cpu_seconds(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _read(folder: Path) -> list[Document]:
    return [document for outcome in read_documents([folder]) for document in outcome.documents]


def _cut(documents: Sequence[Document]) -> list[Chunk]:
    cut = (split_document(document, chunk_tokens=_TOKENS) for document in documents)
    return [chunk for of_one in cut for chunk in of_one]


def _hashes() -> HashEmbedder:
    return HashEmbedder(dimensions=384)


def _embedding_rate(chunks: Sequence[Chunk]) -> float:
    embedder = open_minilm(threads=1)
    texts = [chunk.embedded_text for chunk in chunks[:_EMBEDDED]]
    embedder.embed(texts[:8])
    _, seconds = _timed(lambda: embedder.embed(texts))
    return len(texts) / seconds


def _store(store: Store, documents: Sequence[Document], chunks: Sequence[Chunk]) -> float:
    """Store documents; return the seconds of CPU that this took, their vectors not counted."""
    of_document: dict[str, list[Chunk]] = {document.id: [] for document in documents}
    for chunk in chunks:
        of_document[chunk.document].append(chunk)
    taken = 0.0
    for first in range(0, len(documents), _DOCUMENTS_A_COMMIT):
        some = documents[first : first + _DOCUMENTS_A_COMMIT]
        entries = [_entry(document, of_document[document.id]) for document in some]
        keys = [key for entry in entries for key in entry.keys]
        texts = [chunk.embedded_text for entry in entries for chunk in entry.chunks]
        vectors = dict(zip(keys, _hashes().embed(texts), strict=True))
        _, seconds = _timed(lambda: store.apply(entries, vectors=vectors))  # noqa: B023
        taken += seconds
    return taken


def _entry(document: Document, chunks: Sequence[Chunk]) -> Entry:
    fingerprint = _hashes().fingerprint
    keys = tuple(embedding_key(chunk.embedded_text, fingerprint) for chunk in chunks)
    return Entry(document, tuple(chunks), keys)


def _timed(work: Callable[[], R]) -> tuple[R, float]:
    """Do the work; return what came of it, and the seconds of CPU it took."""
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.bench.costs", description=__doc__)
    parser.add_argument("--documents", type=int, default=800, help="five to six chunks each")
    parser.add_argument("--ray", action="store_true", help="measure a local Ray too (on Linux)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
