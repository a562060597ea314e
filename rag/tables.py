"""Rows of a table: a row says little without the first one, which says what its cells are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.reading import Scored

_BAR = " | "  # between cells, as documents are read
_MOST_ROWS = 12


def is_row(text: str) -> bool:
    """Tell whether a line is a row of cells."""
    return _BAR in text


def in_tables(
    leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List what belongs to shown rows and is not shown: to the first all others, to one the first.

    ``shown`` holds the ``id`` of each sentence shown or cited.
    """
    found: dict[int, Scored] = {}
    for lead in leads:
        rows = _table(lead, scored) if is_row(lead.candidate.text) else []
        wanted = rows[:_MOST_ROWS] if rows[:1] == [lead] else rows[:1]
        found |= {id(row): row for row in wanted if id(row) not in shown}
    return list(found.values())


def _table(lead: Scored, scored: Sequence[Scored]) -> list[Scored]:
    """List the rows that stand in one table with a row, it among them; one alone is no table."""
    document = lead.candidate.document
    rows = [
        s for s in scored if s.candidate.document.id == document.id and is_row(s.candidate.text)
    ]
    rows.sort(key=lambda s: s.candidate.start)
    tables: list[list[Scored]] = []
    for row in rows:
        last = tables[-1][-1].candidate if tables else None
        joined = last and not document.text[last.end : row.candidate.start].strip()
        if joined:
            tables[-1].append(row)
        else:
            tables.append([row])
    own = next((table for table in tables if any(row is lead for row in table)), [])
    return own if len(own) > 1 else []
