"""Bring the sentence that dates what an answer tells, where a date is asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.features import day_carried
from rag.questions import Question
from rag.reading import Scored


def dated_before(
    question: Question, leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List what tells the day that the best of ``leads`` has from before it.

    What stands between comes along, so that both read as one passage. Sentences shown are left out
    (``shown`` holds their ``id``); where no date is asked for, there are none.
    """
    best = max(leads, key=lambda lead: lead.score).candidate if leads else None
    day = best and day_carried(question, best)
    if not best or not day:
        return []
    found = [
        item
        for item in scored
        if item.candidate.document.id == best.document.id
        and day.start < item.candidate.end <= best.start
    ]
    return [item for item in found if id(item) not in shown]
