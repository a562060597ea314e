"""Compare all vectors of a store: slower than an index, but it needs nothing else."""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterator
from itertools import chain, islice
from typing import TypeAlias

import numpy as np

from rag.store import Store
from rag.types import Vectors

# About a second's work; beyond it no answer beats a late one.
MOST_VECTORS = 250_000

_PAGE = 8192  # vectors in memory at a time, 12 MB of 384 dimensions

_Page: TypeAlias = list[tuple[int, str, bytes]]


def nearest_exactly(
    store: Store, vector: Vectors, *, limit: int, documents: Collection[str] | None = None
) -> list[tuple[str, float]]:
    """Return the nearest vectors as (vector id, cosine similarity), best first."""
    best: list[tuple[float, str]] = []
    for page in _pages(store, documents):
        scores = np.stack([np.frombuffer(row[2], dtype="<f4") for row in page]) @ vector
        # The vectors of an embedder have length 1, so this is their cosine.
        rows = zip(map(float, scores), (name for _, name, _ in page), strict=True)
        best = heapq.nsmallest(limit, chain(best, ((-score, name) for score, name in rows)))
    return [(name, -score) for score, name in islice(best, limit)]


def _pages(store: Store, documents: Collection[str] | None) -> Iterator[_Page]:
    among, values = "", []
    if documents is not None:
        among, values = " AND c.document IN (SELECT value FROM json_each(?))", [_json(documents)]
    sql = (
        "SELECT c.number, c.vector_id, e.vector FROM chunks c"
        f" JOIN embeddings e ON e.key = c.embedding_key WHERE c.number > ?{among}"
        f" ORDER BY c.number LIMIT {_PAGE}"
    )
    last = -1
    while page := store.select(sql, [last, *values]):
        yield page
        last = page[-1][0]


def _json(documents: Collection[str]) -> str:
    return json.dumps(sorted(documents))
