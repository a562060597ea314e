"""Who somebody is: the sentence that introduces whom a question names.

The first mention of a name is much like "Who is ...?", whatever it tells of them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from rag.bylines import tells_of_author
from rag.names import Name, names, strip_titles
from rag.presented import presentation
from rag.questions import Question
from rag.reading import Scored
from rag.terms import fold

_WHO = re.compile(r"\s*who(?:['’]s| is| was) (?P<name>[^?]+?)\s*\??\s*", re.IGNORECASE)
_BEHIND = 12.0  # score units: nothing but what belongs to it stands beside it


def introduced(question: Question, scored: Sequence[Scored]) -> Sequence[Scored]:
    """Put the best sentence that introduces the one whom a question asks for first.

    Nothing changes where the best does, or none, or the question asks for something else.
    """
    who = person_asked(question, scored)
    if who is None or not scored or introduces(who, scored[0].candidate.text):
        return scored
    best = next((item for item in scored if introduces(who, item.candidate.text)), None)
    if best is None:
        return scored
    others = [replace(i, score=i.score - _BEHIND) for i in scored if i is not best]
    return [replace(best, score=scored[0].score), *others]


def person_asked(question: Question, scored: Sequence[Scored]) -> Name | None:
    """Return the name of which a question asks who that is, and nothing else.

    One that is typed without capitals is known by the sentences read.
    """
    match = _WHO.fullmatch(question.text)
    if match is None:
        return None
    told = itertools.chain.from_iterable(names(item.candidate.text) for item in scored)
    for name in itertools.chain(names(f"so {match['name']}"), told):
        if fold(name.text) == fold(match["name"]):
            return strip_titles(name)
    return None


def introduces(who: Name, text: str) -> bool:
    """Tell whether a sentence says who somebody is, after the name or beside it."""
    if tells_of_author(text, " ".join(who.words)):
        return True
    for name in names(text):
        person = strip_titles(name)
        if person.words[-1:] == who.words[-1:] and presentation(text, name, person).strip():
            return True
    return False
