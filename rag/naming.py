"""Bring the sentence that names what an answer only describes.

"Which service raised its prices?" is answered by "The streaming giant will raise them in May" only
together with the sentence before it, which says who that is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence, Set

from rag.dates import CALENDAR
from rag.names import names
from rag.questions import Question
from rag.reading import Scored
from rag.terms import terms

_WITHIN = 500  # characters before the sentence that answers
# What stands between "which" and the noun is neither a verb nor another noun's opening.
_NO_WORD = (
    r"(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|must|may|might|the|"
    r"an?|its|his|her|their|of|in|on|at|to|for|from|by|with|about|went|happened|made|makes)\b"
)
_NAMED = (
    r"(?:agency|airline|airport|app|artist|athlete|author|bank|band|body|book|brand|businessman|"
    r"chain|city|club|commission|company|corporation|country|court|event|film|firm|group|hotel|"
    r"institution|island|journal|magazine|man|ministry|movie|museum|nation|network|newspaper|"
    r"office|official|operator|organi[sz]ation|outlet|park|party|person|place|platform|player|"
    r"politician|port|product|province|region|river|school|service|ship|singer|site|song|star|"
    r"state|store|studio|team|town|treaty|union|university|village|woman)\b"
)
# "Which firm ..." asks for a name; "which way" and "what is" may be told without one.
_NAME_ASKED = re.compile(
    r"(?:(?:and|but|so),? )?(?:(?:in|to|from|by|for|at) )?(?:who\b|"
    rf"(?:which|what) (?:(?!{_NO_WORD})[\w’'-]+ ){{0,3}}?{_NAMED})",
    re.IGNORECASE,
)
# Whom a pronoun means is told otherwise.
_DESCRIBES = re.compile(r"[\"“'‘]?(?:The|This|That|These|Those)\b")


def named_before(
    question: Question, leads: Sequence[Scored], shown: Collection[int], scored: Sequence[Scored]
) -> list[Scored]:
    """List the sentence that names what the best of ``leads`` describes, where a name is asked for.

    It is the nearest before it, and not shown yet (``shown`` holds the ``id`` of those that are);
    none where any lead names something that the question does not.
    """
    if not leads or not _NAME_ASKED.match(question.text):
        return []
    asked = set(terms(question.text))
    best = max(leads, key=lambda lead: lead.score)
    if any(_names_anything(lead, asked) for lead in leads) or not _DESCRIBES.match(
        best.candidate.text
    ):
        return []
    document, start = best.candidate.document.id, best.candidate.start
    before = [
        item
        for item in scored
        if item.candidate.document.id == document
        and 0 <= start - item.candidate.end <= _WITHIN
        and any(_named(item.candidate.text, asked, inside=True))
    ]
    nearest = max(before, key=lambda item: item.candidate.start, default=None)
    return [nearest] if nearest and id(nearest) not in shown else []


def _names_anything(lead: Scored, asked: Set[str]) -> bool:
    """Tell whether a sentence names what the question does not, or is known to be somebody's."""
    return bool(lead.candidate.attribution) or any(_named(lead.candidate.text, asked))


def _named(text: str, asked: Set[str], *, inside: bool = False) -> Iterator[str]:
    """Yield the names in a sentence that the question has not; the first word may be none."""
    for name in names(text):
        told = set(terms(name.text))
        opens = inside and name.start == 0 and " " not in name.text
        if told and not told <= asked and not opens and not set(name.words) <= CALENDAR:
            yield name.text
