"""Make a generation, wherever it is, hold the vectors that the store does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

from rag.errors import IndexDamagedError
from rag.store import Store

# Deleted vectors stay behind; beyond this share of the live ones a fresh build is due.
STALE_SHARE = 0.25

_REPORT_EVERY = 500  # vectors

Row: TypeAlias = tuple[str, str, bytes]
Report: TypeAlias = Callable[[int, int], None]


class Fillable(Protocol):
    """The vectors of a generation that is being built."""

    def ids(self) -> Iterable[str]:
        """Yield all ids."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Delete vectors."""
        ...

    def add(self, rows: Iterable[Row], *, total: int) -> None:
        """Add so many vectors given as (id, document id, float32 bytes)."""
        ...

    def count(self) -> int:
        """How many vectors there are."""
        ...


def bring_up_to_date(engine: Fillable, store: Store, report: Report) -> tuple[int, int]:
    """Delete and add what differs; return how many vectors there are and were deleted.

    ``report`` is told how many vectors are in, and of how many.
    """
    wanted, present = store.vector_ids(), set(engine.ids())
    engine.delete(sorted(present - wanted))
    missing = sorted(wanted - present)
    rows = _reported(store.chunk_vectors(missing), len(missing), report)
    engine.add(rows, total=len(missing))
    count = engine.count()
    if count != len(wanted):
        raise IndexDamagedError(
            f"{len(wanted) - count} embeddings are missing from the store {store.path}; "
            "run `rag index --rebuild`"
        )
    return count, len(present - wanted)


def _reported(rows: Iterable[Row], total: int, report: Report) -> Iterator[Row]:
    for done, row in enumerate(rows):
        if done % _REPORT_EVERY == 0:
            report(done, total)
        yield row
