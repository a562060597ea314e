"""The question that is put to the BM25 index."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

# A headline match says what an article is about, a body match what the chunk says.
_TEXT_WEIGHT, _CONTEXT_WEIGHT = 1.0, 0.6


def ranked(
    terms: Sequence[str], *, limit: int, documents: Collection[str] | None
) -> tuple[str, list[str]] | None:
    """Return the statement that ranks chunks by any of the terms, with its values.

    None where no term holds anything to look for.
    """
    phrases = [quoted for term in terms if (quoted := _quoted(term))]
    if not phrases:
        return None
    values = [" OR ".join(phrases)]
    among = ""
    if documents is not None:  # as JSON: there may be more than a statement has variables
        among = " AND c.document IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(sorted(documents)))
    sql = (
        f"SELECT c.vector_id, -bm25(chunk_words, {_TEXT_WEIGHT}, {_CONTEXT_WEIGHT}) AS score"
        " FROM chunk_words JOIN chunks c ON c.number = chunk_words.rowid"
        f" WHERE chunk_words MATCH ?{among} ORDER BY score DESC, c.number LIMIT {int(limit)}"
    )
    return sql, values


def _quoted(term: str) -> str:
    """Make a term a phrase of FTS5's query language, in which nothing but quotes is special."""
    bare = term.replace('"', " ").replace("\0", " ").strip()
    return f'"{bare}"' if bare else ""
