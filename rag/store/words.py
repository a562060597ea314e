"""The word index: BM25 over chunks, and how common each word is."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

# A headline match says what an article is about, a body match what the chunk says.
_TEXT_WEIGHT, _CONTEXT_WEIGHT = 1.0, 0.6

# Scoring takes about 1 ms for 1,000 chunks, and a common word is in a tenth of them. Beyond this
# many the most common words of a question are left out: they say least about a chunk.
MOST_SCORED = 10_000

_SQL_VARIABLES = 900  # SQLite's oldest limit is 999 bound values a statement
_MOST_RANGES = 64  # letters' words held; an alphabet has fewer

Select = Callable[[str, Sequence[object]], list[Any]]


class Words:
    """Reads the word index of a store; what it has counted it keeps until the store changes."""

    def __init__(self, select: Select, revision: Callable[[], int]) -> None:
        self._select = select
        self._revision = revision
        self._counted: tuple[int, dict[str, int]] = (-1, {})
        self._ranges: tuple[int, dict[tuple[str, str], list[tuple[str, int]]]] = (-1, {})

    def search(
        self, terms: Sequence[str], *, limit: int, documents: Collection[str] | None
    ) -> list[tuple[str, float]]:
        """Rank chunks by BM25 over any of the terms: (vector id, score), best first."""
        phrases = [quoted for term in terms if (quoted := _quoted(term))]
        if not phrases:
            return []
        if documents is None:
            return self._ranked(self._rarest(phrases), limit)
        return self._ranked_among(phrases, limit, documents)

    def frequencies(self, stems: Collection[str]) -> dict[str, int]:
        """Map stems, as the index writes them, to the number of chunks that hold them."""
        revision = self._revision()
        if self._counted[0] != revision:
            self._counted = (revision, {})
        counted = self._counted[1]
        new = sorted(stem for stem in set(stems) if stem not in counted)
        for first in range(0, len(new), _SQL_VARIABLES):
            batch = new[first : first + _SQL_VARIABLES]
            marks = ", ".join("?" * len(batch))
            found = dict(
                self._select(f"SELECT term, doc FROM words WHERE term IN ({marks})", batch)
            )
            counted.update({stem: found.get(stem, 0) for stem in batch})
        return {stem: counted[stem] for stem in stems if counted[stem]}

    def between(self, low: str, high: str) -> list[tuple[str, int]]:
        """Return the index's words in ``[low, high)`` with their chunk counts."""
        revision = self._revision()
        if self._ranges[0] != revision or len(self._ranges[1]) >= _MOST_RANGES:
            self._ranges = (revision, {})
        ranges = self._ranges[1]
        if (found := ranges.get((low, high))) is None:
            sql = "SELECT term, doc FROM words WHERE term >= ? AND term < ?"
            found = ranges[low, high] = self._select(sql, (low, high))
        return found

    def _rarest(self, phrases: Sequence[str]) -> list[str]:
        """Keep the rarest phrases, as many as ``MOST_SCORED`` chunks hold, but at least one."""
        if (self._select("SELECT max(number) FROM chunks", ())[0][0] or 0) <= MOST_SCORED:
            return list(phrases)
        counts = {phrase: self._count(phrase) for phrase in phrases}
        kept, scored = list[str](), 0
        for phrase in sorted((p for p in counts if counts[p]), key=counts.__getitem__):
            scored += counts[phrase]
            if kept and scored > MOST_SCORED:
                break
            kept.append(phrase)
        return kept or list(phrases)

    def _count(self, phrase: str) -> int:
        """Count the chunks that hold a phrase, up to one more than are scored."""
        sql = (
            "SELECT count(*) FROM (SELECT 1 FROM chunk_words WHERE chunk_words MATCH ?"
            f" LIMIT {MOST_SCORED + 1})"
        )
        return int(self._select(sql, (phrase,))[0][0])

    def _ranked(self, phrases: Sequence[str], limit: int) -> list[tuple[str, float]]:
        sql = (
            "SELECT c.vector_id, best.score FROM (SELECT rowid AS number,"
            f" -bm25(chunk_words, {_TEXT_WEIGHT}, {_CONTEXT_WEIGHT}) AS score FROM chunk_words"
            f" WHERE chunk_words MATCH ? ORDER BY score DESC, rowid LIMIT {int(limit)}) AS best"
            " JOIN chunks c ON c.number = best.number ORDER BY best.score DESC, best.number"
        )
        return self._select(sql, (" OR ".join(phrases),))

    def _ranked_among(
        self, phrases: Sequence[str], limit: int, documents: Collection[str]
    ) -> list[tuple[str, float]]:
        sql = (
            f"SELECT c.vector_id, -bm25(chunk_words, {_TEXT_WEIGHT}, {_CONTEXT_WEIGHT})"
            " AS score FROM chunk_words JOIN chunks c ON c.number = chunk_words.rowid"
            # as JSON: there may be more documents than a statement has variables
            " WHERE chunk_words MATCH ? AND c.document IN (SELECT value FROM json_each(?))"
            f" ORDER BY score DESC, c.number LIMIT {int(limit)}"
        )
        return self._select(sql, (" OR ".join(phrases), json.dumps(sorted(documents))))


def _quoted(term: str) -> str:
    """Make a term a phrase of FTS5's query language, in which nothing but quotes is special."""
    bare = term.replace('"', " ").replace("\0", " ").strip()
    return f'"{bare}"' if bare else ""
