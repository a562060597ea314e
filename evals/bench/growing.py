"""What is measured of a growing index; each job runs in a process of its own, prints JSON."""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.index import VectorIndex
    from rag.store import Store
    from rag.types import Embedder, Vectors

_CHUNK_TOKENS = 180
_BASE = 400  # sentences whose vectors are blended
_QUERIES = 100
_TOP = 10  # recall@10
_LIMIT = 40  # what retrieval asks of each ranking
_REMOVED = 3  # documents

Figures = dict[str, float]


def embed(scratch: Path, base: Path, texts: int) -> Figures:
    """Embed chunks of so many documents; vectors of real sentences become the base of blends."""
    import numpy as np

    from evals.bench.corpus import sentences_of
    from evals.bench.filler import FillerText
    from rag.chunking import split_document
    from rag.config import default_seeds
    from rag.embedding import open_minilm

    filler, embedder = FillerText(), open_minilm()
    np.save(base, embedder.embed(sentences_of(default_seeds())[:_BASE]))
    chunks = [
        chunk.embedded_text
        for number in range(texts)
        for chunk in split_document(filler.document(number), chunk_tokens=_CHUNK_TOKENS)[:1]
    ]
    started = time.perf_counter()
    embedder.embed(chunks)
    seconds = time.perf_counter() - started
    return {
        "chunks_per_second": len(chunks) / seconds,
        "kilobytes_per_second": sum(map(len, chunks)) / 1000 / seconds,
    }


def grow(index: Path, base: Path, chunks: int) -> Figures:
    """Let an index grow to so many chunks; texts are made before the clock starts."""
    from evals.bench.filler import CHUNKS_PER_DOCUMENT, BlendEmbedder, FillerText
    from rag.ingestion import STORE_FILE, ingest
    from rag.store import open_store

    embedder, marks = BlendEmbedder.from_file(base), dict[str, float]()

    def mark(what: str, done: int, total: int) -> None:
        marks.setdefault(what, time.perf_counter())

    _load_libraries(embedder)
    have = 0
    if (index / STORE_FILE).exists():
        with open_store(index / STORE_FILE) as store:
            have = len(store.content_hashes())
    outcomes = list(FillerText().outcomes(have, max(chunks // CHUNKS_PER_DOCUMENT, 1)))
    started = time.perf_counter()
    ingest(
        index,
        outcomes,
        embedder=embedder,
        chunk_tokens=_CHUNK_TOKENS,
        stage=mark,
    )
    ended = time.perf_counter()
    vectors = marks.get("vectors", ended)
    with open_store(index / STORE_FILE) as store:
        total = store.chunk_total()
    return {
        "chunks": total,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "documents_seconds": vectors - started,
        "vectors_seconds": ended - vectors,
        **_sizes(index),
    }


def _load_libraries(embedder: Embedder) -> None:
    """Pay for imports before the clock starts."""
    from rag.ingestion import ingest
    from rag.types import Document, ReadOutcome

    with tempfile.TemporaryDirectory() as folder:
        outcome = ReadOutcome("a", (Document("a", "The ferry sails at noon."),))
        ingest(Path(folder) / "i", [outcome], embedder=embedder, chunk_tokens=_CHUNK_TOKENS)


def query(index: Path, base: Path, chunks: int) -> Figures:
    """Retrieve for questions and compare what the vector index finds with exact search."""
    from evals.bench.filler import CHUNKS_PER_DOCUMENT, FillerText
    from evals.samples import load_samples
    from rag.embedding import open_minilm
    from rag.index import VectorIndex
    from rag.ingestion import STORE_FILE
    from rag.minilm import count_pieces
    from rag.retrieval import HybridRetriever, query_phrases
    from rag.store import open_store

    filler, embedder = FillerText(), open_minilm()
    documents = max(chunks // CHUNKS_PER_DOCUMENT, 1)
    asked = [s.question for s in load_samples() if s.answerable][: _QUERIES // 2]
    asked += [filler.query(n * 37 % documents) for n in range(_QUERIES // 2)]
    with (
        open_store(index / STORE_FILE) as store,
        contextlib.closing(VectorIndex(index)) as vectors,
    ):
        retriever = HybridRetriever(
            store, vectors, embedder, is_word=lambda word: count_pieces(word) == 1
        )
        first = _timed(partial(retriever.search, asked[0], top_k=8))
        times = {
            "embed_ms": [_timed(partial(embedder.embed, [q])) for q in asked],
            "dense_ms": [
                _timed(partial(vectors.search, embedder.embed([q])[0], limit=_LIMIT)) for q in asked
            ],
            "words_ms": [
                _timed(partial(store.search_words, query_phrases(q), limit=_LIMIT)) for q in asked
            ],
            "search_ms": [_timed(partial(retriever.search, q, top_k=8)) for q in asked],
        }
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        recall = _recall(store, vectors, embedder.embed(asked))
        total = store.chunk_total()
    return {
        "chunks": total,
        "first_search_ms": first,
        "query_megabytes": peak,
        "recall_at_10": recall,
        **{f"{name}_p50": median(ms) for name, ms in times.items()},
        **{f"{name}_p95": quantiles(ms, n=20)[-1] for name, ms in times.items()},
    }


def erase(index: Path, base: Path, chunks: int) -> Figures:
    """Take a few documents out."""
    from rag.ingestion import STORE_FILE, remove
    from rag.store import open_store

    with open_store(index / STORE_FILE) as store:
        chosen = list(store.content_hashes())[:_REMOVED]
    started = time.perf_counter()
    remove(index, chosen)
    return {"remove_seconds": time.perf_counter() - started, "removed": len(chosen)}


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _recall(store: Store, vectors: VectorIndex, queries: Vectors) -> float:
    """Share of the ten nearest vectors, found by comparing with all, that the index finds."""
    import numpy as np

    names, rows = zip(*((n, v) for n, _, v in _all_vectors(store)), strict=True)
    stored = np.frombuffer(b"".join(rows), "<f4").reshape(len(rows), -1)
    hits = 0
    for vector in queries:
        nearest = np.argsort(-(stored @ vector), kind="stable")[:_TOP]
        found = {name for name, _ in vectors.search(vector, limit=_LIMIT)[:_TOP]}
        hits += len(found & {names[place] for place in nearest})
    return hits / (len(queries) * min(_TOP, len(names)))


def _all_vectors(store: Store) -> Any:  # noqa: ANN401 - rows of SQLite
    return store.chunk_vectors(sorted(store.vector_ids()))


def _sizes(index: Path) -> Figures:
    sizes = {p: p.stat().st_size / 1e6 for p in index.rglob("*") if p.is_file()}
    store = sum(size for path, size in sizes.items() if path.parent == index)
    return {"store_megabytes": store, "vectors_megabytes": sum(sizes.values()) - store}


JOBS: dict[str, Callable[[Path, Path, int], Figures]] = {
    "embed": embed,
    "grow": grow,
    "query": query,
    "erase": erase,
}

if __name__ == "__main__":
    job, index, base, chunks = sys.argv[1:]
    print(json.dumps(JOBS[job](Path(index), Path(base), int(chunks))))  # noqa: T201
