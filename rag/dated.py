"""Bring the sentence that dates what an answer tells, where a date is asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.features import day_carried
from rag.questions import Question
from rag.reading import Scored


def dated_before(
    question: Question, leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List the sentences that tell the days which ``leads`` have from before them.

    What stands between them and a lead comes along, so that both read as one passage. Those shown
    are left out (``shown`` holds their ``id``); where no date is asked for, there are none.
    """
    found: dict[int, Scored] = {}
    for lead in leads:
        day, own = day_carried(question, lead.candidate), lead.candidate
        for item in scored if day else ():
            candidate = item.candidate
            same = candidate.document.id == own.document.id
            if day and same and day.start < candidate.end <= own.start:
                found[id(item)] = item
    return [item for key, item in found.items() if key not in shown]
