"""Questions that no sentence answers, but several of a kind: dates, people, plans, figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag import disputes, outlook, people, tallies, timelines
from rag.choosing import Statement
from rag.questions import Question
from rag.reading import Scored


@dataclass(frozen=True, slots=True)
class Gathering:
    """One kind of such questions: sentences of a sort, put in order.

    ``asked`` tells such a question, ``matter`` the terms of what it is about, and ``choose`` makes
    its answer of all the sentences of the articles.
    """

    asked: Callable[[Question], bool]
    matter: Callable[[Question], frozenset[str]]
    choose: Callable[[Question, Sequence[Scored]], tuple[Statement, ...]]


GATHERINGS = (
    Gathering(timelines.timeline_asked, timelines.matter_of, timelines.timeline_of),
    Gathering(tallies.tally_asked, tallies.matter_of, tallies.tally_of),
    Gathering(people.people_asked, people.matter_of, people.people_of),
    Gathering(outlook.outlook_asked, outlook.matter_of, outlook.outlook_of),
    Gathering(disputes.disputes_asked, disputes.matter_of, disputes.disputes_of),
)


def gathering_of(question: Question) -> Gathering | None:
    """Return what a question gathers, if it asks for such a thing."""
    return next((kind for kind in GATHERINGS if kind.asked(question)), None)
