"""Bring the sentence that names what an answer only describes.

"Which service raised its prices?" is answered by "The streaming giant will raise them in May" only
together with the sentence before it, which says who that is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.dates import CALENDAR
from rag.names import names
from rag.questions import Question
from rag.reading import Scored
from rag.terms import terms

_WITHIN = 500  # characters before the sentence that answers
_VERB = (
    r"(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|must|may|might|if|"
    r"about|of|in|to|kind|sort|type|way|reasons?|happen\w*|caused?|makes?|made)\b"
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
    r"(?:(?:and|but|so),? )?(?:(?:in|to|from|by|for|at) )?(?:who\b(?!se)|"
    rf"(?:which|what) (?!{_VERB})(?:[\w’'-]+ ){{0,4}}?{_NAMED})",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(
    r"[\"“'‘]?(?:The|This|That|These|Those|Its|It|He|She|They|His|Her|Their|But|And)\b"
)


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
    if any(_new_names(lead, asked) for lead in leads) or not _DESCRIBES.match(best.candidate.text):
        return []
    document, start = best.candidate.document.id, best.candidate.start
    before = [
        item
        for item in scored
        if item.candidate.document.id == document
        and 0 <= start - item.candidate.end <= _WITHIN
        and _new_names(item, asked)
    ]
    nearest = max(before, key=lambda item: item.candidate.start, default=None)
    return [nearest] if nearest and id(nearest) not in shown else []


def _new_names(item: Scored, asked: Collection[str]) -> bool:
    """Tell whether a sentence names what a question does not, or somebody is known to say it."""
    if item.candidate.attribution:
        return True
    found = (set(terms(name.text)) for name in names(item.candidate.text) if _names(name.text))
    return any(found_terms and not found_terms <= set(asked) for found_terms in found)


def _names(text: str) -> bool:
    return not set(text.split()) <= CALENDAR
