"""Tell whose work a question speaks of: "the Pentagon report" is the Pentagon's."""

from __future__ import annotations

import re

from rag.bylines import WORK, own_terms
from rag.names import INSTITUTION_WORDS, Name, is_country, is_institution, names, strip_titles
from rag.terms import terms
from rag.types import Document

# Whoever stands there made the work: before it, behind "by", or with what they did to it.
_NO_LINK = (
    r"(?!(?:about|on|in|of|by|for|from|to|at|with|and|or|that|which|who|was|is|were|are|did|does|"
    r"do|has|had|have|said|says|wrote|published)\b)"
)
_OWNS = re.compile(rf"(?P<possessive>['’]s?)?\s+(?:{_NO_LINK}[\w'’-]+\s+){{0,3}}?{WORK}\b", re.I)
_OWNED_BY = re.compile(
    rf"\b{WORK}\s+(?:(?:(?:that|which)\s+)?(?:(?:was|is|were)\s+)?(?:\w+\s+)?(?:by|from)\s+|"
    r"(?:that|which)\s+)?(?:the\s+|an?\s+)?$|\b(?:report|article)\s+of\s+(?:the\s+)?$|"
    r"\b(?:written|published|issued|released|posted)\s+by\s+(?:the\s+|an?\s+)?$",
    re.I,
)
_ENDS_AS_WORK = re.compile(rf"(?:^|\s+){WORK}$", re.I)
_FROM = re.compile(r"\bfrom\s+(?:the\s+)?$", re.I)
# Whoever asks, or is spoken to: "I am Ada.", "Hello Ada,".
_INTRODUCTION = re.compile(
    rf"\b(?:[Ii] am|[Ii]['’]m|[Mm]y name(?: is|['’]s))\s+[A-Z](?:(?!\b{WORK}\b)[^.!?,])*[.!?,]|"
    r"\b(?:[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear)\s+[A-Z][\w'’-]*\s*[.!,]"
)
_COMMON_OWNER = re.compile(
    rf"\b([a-z][\w-]*)['’]s\s+(?:[\w-]+\s+)?{WORK}\b|"
    rf"\b{WORK}\s+(?:\w+\s+)?by\s+(?:the|an?)\s+([a-z][\w-]*)"
)
_SENTENCE_START = re.compile(r"(?:^|[.?!:(“\"‘])\s*$")
_WEEKDAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day")
# What a question about any article may say.
SAYS_NOTHING = frozenset(
    terms(
        "write wrote written author writer publish publisher published publication date post "
        "appear print carry outlet newspaper paper magazine site website journal journalist "
        "columnist reporter correspondent today yesterday week month year recent latest new "
        "article piece analysis column commentary explainer story report op-ed text essay "
        "opinion brief blog mention discuss describe talk tell speak"
    )
)


def is_of_another(question: str, document: Document) -> bool:
    """Tell whether the work a question speaks of is somebody else's, or of something else.

    "The Pentagon report" is none of ours unless the article's own data name the Pentagon; a name
    that is only what the work is about may stand in the article's text as well.
    """
    question = _INTRODUCTION.sub(" ", question)
    own = own_terms(document) | set(terms(document.url or "")) | SAYS_NOTHING
    told = own | set(terms(document.text))
    common = (word for match in _COMMON_OWNER.finditer(question) for word in match.groups() if word)
    if not own.issuperset(terms(" ".join(common))):
        return True
    about: list[str] = []
    for name in filter(lambda name: _is_told(question, name), names(question)):
        bare = _bare(name)
        if own.issuperset(terms(bare.text)):
            continue
        may_be_topic = not _is_body(bare) and told.issuperset(terms(bare.text))
        if _is_owner(question, name, may_be_topic=may_be_topic):
            return True
        about.append(bare.text)
    return not told.issuperset(terms(" ".join(about)))


def _bare(name: Name) -> Name:
    """Drop weekdays, a person's titles and a work: "Wednesday CNN Report", "President Putin"."""
    text = " ".join(word for word in name.words if not _WEEKDAY.fullmatch(word))
    kept = Name(_ENDS_AS_WORK.sub("", text), name.start, name.end)
    return kept if not kept.text or is_institution(kept) else strip_titles(kept)


def _is_body(name: Name) -> bool:
    """Tell who publishes reports: "the UN report" is the UN's, "the Russia report" on Russia."""
    spelled = not name.text.isupper() and INSTITUTION_WORDS.isdisjoint(name.words)
    return is_institution(name) and not (is_country(name) and spelled)


def _is_told(question: str, name: Name) -> bool:
    """Leave out weekdays, and a capital that may be due to the start of a sentence alone."""
    if not _bare(name).text:
        return False
    starts = _SENTENCE_START.search(question[: name.start])
    return not starts or len(name.words) > 1 or is_institution(name)


def _is_owner(question: str, name: Name, *, may_be_topic: bool) -> bool:
    """Tell whether a name made the work; before it, and behind "from", a topic may stand too."""
    owns, before = _OWNS.match(question, name.end), question[: name.start]
    if owns and owns["possessive"]:
        return True
    if not may_be_topic and (owns or _ENDS_AS_WORK.search(name.text)):
        return True
    return bool(_OWNED_BY.search(before)) and not (may_be_topic and _FROM.search(before))
