"""Queries that list the documents and their vectors without reading their texts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from rag.types import Origin

_SQL_VARIABLES = 900  # SQLite's oldest limit is 999 bound values a statement
_ORIGINS = "SELECT id, title, author, publisher, date, kind FROM documents ORDER BY id"
_NEWEST_DATE = "SELECT max(date) FROM documents"
_CHUNK_COUNTS = (
    "SELECT d.id, count(c.number) FROM documents d LEFT JOIN chunks c"
    " ON c.document = d.id GROUP BY d.id ORDER BY d.id"
)
# Of the chunks of a document that are embedded alike the first.
_VECTOR_IDS = "SELECT vector_id, min(number) FROM chunks GROUP BY embedding_key, document"
_CHUNK_VECTORS = (
    "SELECT c.vector_id, c.document, e.vector FROM chunks c"
    " JOIN embeddings e ON e.key = c.embedding_key WHERE c.vector_id IN (%s)"
)

Select = Callable[[str, Sequence[object]], list[Any]]


def rows_for(select: Select, sql: str, values: Sequence[object]) -> Iterator[Any]:
    """Yield the rows of a statement with ``IN (%s)``, asked for a batch of values at a time."""
    for first in range(0, len(values), _SQL_VARIABLES):
        batch = values[first : first + _SQL_VARIABLES]
        yield from select(sql % ", ".join("?" * len(batch)), batch)


def origins(select: Select) -> Iterator[Origin]:
    """Yield what is known of each document beside its text, ordered by id."""
    yield from (Origin(*row) for row in select(_ORIGINS, ()))


def newest_date(select: Select, document_ids: Collection[str]) -> str | None:
    """Return the latest date of these documents, or of all where none are given."""
    if document_ids:
        found = list(rows_for(select, f"{_NEWEST_DATE} WHERE id IN (%s)", [*document_ids]))
    else:
        found = select(_NEWEST_DATE, ())
    return max((date for (date,) in found if date), default=None)


def chunk_counts(select: Select) -> dict[str, int]:
    """Map each document's id to its number of chunks."""
    return dict(select(_CHUNK_COUNTS, ()))


def vector_ids(select: Select) -> set[str]:
    """Return the ids of all vectors that the vector index should hold."""
    return {row[0] for row in select(_VECTOR_IDS, ())}


def chunk_vectors(select: Select, ids: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    """Yield (vector id, document id, float32 bytes) for the ids, in batches from the cache."""
    return rows_for(select, _CHUNK_VECTORS, ids)
