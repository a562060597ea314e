"""Who or what somebody or something is: the sentence that introduces what a question names.

Any mention of a name is much like "Who is ...?" or "What is ...?", whatever it tells of them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from rag import abbreviations
from rag.abbreviations import named_so
from rag.bylines import tells_of_author
from rag.names import Name, names, strip_titles
from rag.presented import presentation
from rag.questions import Question
from rag.reading import Scored
from rag.terms import fold

_WHO = re.compile(r"\s*who(?:['’]s| is| was) (?P<name>[^?]+?)\s*\??\s*", re.IGNORECASE)
_WHAT = re.compile(
    r"\s*what(?:['’]?s| is| was| are| were) (?:an? |the )?(?P<name>[^?]+?)\s*\??\s*", re.IGNORECASE
)
# Behind a name: "…, the union of the crews,", "… (PU) is a union".
_IS_A = (
    r"(?:\)| \([^()]{1,60}\))?"
    r"(?:,(?: or)? (?:an?|the|one of) (?=[a-z])| (?:is|was|are|were) (?:an?|the|one of)\b)"
)
_AHEAD = 1.0  # score units
_BEHIND = 12.0  # score units: nothing but what belongs to it stands beside it


def introduced(question: Question, scored: Sequence[Scored]) -> Sequence[Scored]:
    """Put the best sentence that introduces the one whom a question asks for first.

    Nothing changes where the best does, or none, or the question asks for something else. What
    else is told of a person is no part of who they are; of a thing it may be.
    """
    if thing := thing_asked(question):
        return _thing_introduced(thing, scored)
    who = person_asked(question, scored)
    if who is None or not scored or introduces(who, scored[0].candidate.text):
        return scored
    best = next((item for item in scored if introduces(who, item.candidate.text)), None)
    if best is None:
        return scored
    others = [replace(i, score=i.score - _BEHIND) for i in scored if i is not best]
    return [replace(best, score=scored[0].score), *others]


def thing_asked(question: Question) -> str | None:
    """Return the name of which a question asks what that is, and nothing else."""
    match = _WHAT.fullmatch(question.text)
    named = match and next(names(f"so {match['name']}"), None)
    return named.text if match and named and named.text == match["name"] else None


def _thing_introduced(thing: str, scored: Sequence[Scored]) -> Sequence[Scored]:
    texts = [item.candidate.text for item in scored]
    forms = {thing, named_so(thing, texts) or thing} if thing.isupper() else {thing}
    best = next((i for i in scored if _defines(forms, i.candidate.text)), None)
    if best is None or best is scored[0]:
        return scored
    first = replace(best, score=scored[0].score + _AHEAD)
    return [first, *(item for item in scored if item is not best)]


def _defines(forms: Collection[str], text: str) -> bool:
    """Tell whether a text says what a name, in one of its forms, is the name of."""
    return any(
        abbreviations.introduces(text, form)
        or re.search(rf"\b{re.escape(form)}\b{_IS_A}", " ".join(text.split()))
        for form in forms
    )


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
