"""What is to come: the sentences that tell what is planned, due or expected.

"What happens next?" asks for no sentence that has the word "next" in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.choosing import Statement
from rag.dates import dates
from rag.questions import Question
from rag.reading import Scored
from rag.summaries import central
from rag.terms import fold, terms
from rag.timelines import placed

_MOST = 6
_NEXT = re.compile(
    r"(?:(?:and|so),? )?(?:what (?:will )?(?:happens?|comes?|follows?) (?:next|now)|"
    r"what(?:['’]s| is) (?:next|to come|ahead|coming(?: next| up)?)|what next|"
    r"what(?:['’]s| is) (?:expected|likely|going) to (?:happen|follow)(?: next| now)?|"
    r"what (?:can|should|do) (?:we|i) expect(?: next| now)?|what are the next steps|"
    r"what does the future hold|where does (?:this|it) go (?:next|from here))"
    r"(?: (?:with|in|for|on|about) (?P<matter>.+?))?\W*"
)
_HERE = re.compile(
    r"(?:this|all this|the) (?:row|dispute|conflict|crisis|case|story|affair|matter)"
)
# What is fixed or announced says more than what may be.
_FIXED = re.compile(
    r"\b(?:(?:is|are) (?:due|set to|scheduled|expected|planned)\b|(?:intends?|aims?) to\b|"
    r"next (?:week|month|year|spring|summer|autumn|winter|monday|tuesday|wednesday|thursday|"
    r"friday|saturday|sunday)\b|(?:coming|next few) (?:days|weeks|months|years)\b|upcoming\b)"
)
_MAY_BE = re.compile(r"\b(?:will\b|predicts?\b|forecasts?\b|expects?\b|likely to\b|warns?\b)")
_IF = re.compile(r"(?:if|had|were)\b")
_LEAST = 3  # with fewer that are fixed, what may be is listed as well


def outlook_asked(question: Question) -> bool:
    """Tell whether a question asks what is to come."""
    return bool(_NEXT.fullmatch(fold(question.text).strip()))


def matter_of(question: Question) -> frozenset[str]:
    """Return the terms of the matter whose future is asked for; empty for all that is told."""
    found = _NEXT.fullmatch(fold(question.text).strip())
    matter = (found["matter"] if found else "") or ""
    return frozenset() if _HERE.fullmatch(matter) else frozenset(terms(matter))


def outlook_of(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose sentences on what is to come that are on the matter, newest article first."""
    matter = matter_of(question)
    in_order = sorted(scored, key=lambda s: (s.candidate.document.id, s.candidate.start))
    on_it = [item for item in in_order if not matter or matter <= set(terms(item.candidate.text))]
    ahead = [item for item in on_it if _tells(item, _FIXED) or _is_later(item)]
    if len(ahead) < _LEAST:
        ahead = [item for item in on_it if item in ahead or _tells(item, _MAY_BE)]
    if not ahead:
        return ()
    chosen = central(ahead, _MOST)
    chosen.sort(key=lambda item: (item.candidate.document.id, item.candidate.start))
    chosen.sort(key=lambda item: item.candidate.document.date or "", reverse=True)
    return tuple(Statement(item) for item in chosen)


def _tells(item: Scored, what: re.Pattern[str]) -> bool:
    text = fold(item.candidate.text)
    return bool(what.search(text)) and not _IF.match(text)


def _is_later(item: Scored) -> bool:
    """Tell whether a sentence states a day that comes after its article's own."""
    document, text = item.candidate.document, item.candidate.text
    own = tuple(int(part) for part in (document.date or "").split("-") if part.isdigit())
    later = (place for date in dates(text) if (place := placed(document, date)) and all(place))
    return len(own) == 3 and not _IF.match(fold(text)) and any(place > own for place in later)
