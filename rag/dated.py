"""Bring the sentence that dates what an answer tells, where a date is asked for or about."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.dates import Date, dates
from rag.dating import day_fitting
from rag.features import Candidate, day_carried
from rag.questions import Question
from rag.reading import Scored


def dated_before(
    question: Question, leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List what tells the day that the best of ``leads`` has from before it.

    What stands between comes along, so that both read as one passage. Sentences shown are left out
    (``shown`` holds their ``id``); where no date is asked for, or named that fits, there are none.
    """
    best = max(leads, key=lambda lead: lead.score).candidate if leads else None
    day = best and (day_carried(question, best) or _day_named(question, best))
    if not best or not day:
        return []
    found = [
        item
        for item in scored
        if item.candidate.document.id == best.document.id
        and day.start < item.candidate.end <= best.start
    ]
    return [item for item in found if id(item) not in shown]


def _day_named(question: Question, best: Candidate) -> Date | None:
    return day_fitting(best.document, best.text, best.around, best.start, dates(question.text))
