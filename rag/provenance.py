"""Answer questions about an article itself: who wrote it, where and when it was published.

These facts stand beside the text, not in it, so there is no span to cite; the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from rag.bylines import WORK, own_terms
from rag.dates import MONTHS
from rag.names import (
    INSTITUTION_WORDS,
    Name,
    is_country,
    is_institution,
    names,
    strip_titles,
)
from rag.questions import Question
from rag.terms import fold, terms
from rag.types import Claim, Document, Origin, Passage

Field = Literal["author", "date", "publisher"]

_A_WORK = (
    rf"(?:(?:the|this|an?) (?:[\w’'-]+ ){{0,4}}?{WORK}\b|that {WORK}\b|"
    rf"[\w’'-]+['’]s? (?:\w+ )?{WORK}\b|(?:it|this)\b.*\b{WORK}\b|[\"“‘'«])"
)
_ASKED: tuple[tuple[Field, re.Pattern[str]], ...] = (
    (
        "author",
        re.compile(
            rf"\bwho (?:wrote|authored|penned) {_A_WORK}|"
            rf"\bwho(?:['’]s| is| was) behind {_A_WORK}|"
            rf"\b(?:author|writer) of {_A_WORK}|"
            rf"\bby whom (?:was|is) {_A_WORK}.*\bwritten\b"
        ),
    ),
    (
        "date",
        re.compile(
            rf"\bwhen (?:was|were|did)\b.*\b{WORK}\b.*\b(?:published|written|posted|appear|out)\b|"
            rf"\b(?:publication )?date of (?:the|this|that) (?:\w+ ){{0,3}}{WORK}\b"
        ),
    ),
    (
        "publisher",
        re.compile(
            rf"\b(?:which|what) (?:outlet|publication|newspaper|magazine|site|website|publisher|"
            rf"journal)\b(?=.*(?:\b{WORK}\b|[\"“‘«])).*\b(?:published|printed|carried|ran|posted)\b|"
            rf"\bwho published {_A_WORK}|"
            rf"\bwhere (?:was|were|did)\b.*\b{WORK}\b.*\b(?:published|posted|appear)\b"
        ),
    ),
)
# "Does the author of the column serve in the army?" asks for more than a name.
_YES_OR_NO = re.compile(r"\W*(?:and |so )?(?:do|does|did|is|was|has|have|had|can|will|would)\b")
_SAID: dict[Field, str] = {
    "author": "{name} was written by {value}.",
    "date": "{name} is dated {value}.",
    "publisher": "{name} was published by {value}.",
}
_UNSTATED: dict[Field, str] = {
    "author": "{name} does not state who wrote it.",
    "date": "{name} does not state when it was published.",
    "publisher": "{name} does not state where it was published.",
}
FROM_DATA = "from the article's own data, which its text leaves out"
_WHO_IS = re.compile(r"who(?:['’]s| is| was)\s+(?P<name>[^?,;]+)\?*$", re.IGNORECASE)
_NEARNESS_WEIGHT = 0.2  # of an article's best passage
_NAMED_ENOUGH = 0.2  # share of the question's weight that the article's own data must hold


def field_asked(question: Question) -> Field | None:
    """Tell which fact about an article a question asks for, if any."""
    folded = fold(question.text)
    if _YES_OR_NO.match(folded):
        return None
    return next((name for name, pattern in _ASKED if pattern.search(folded)), None)


def answer_about(
    question: Question,
    field: Field,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    weights: Mapping[str, float],
) -> Claim | None:
    """State a fact about the article the question names; ``None`` when it names none clearly."""
    shares = {d.id: _share_held(question, d, weights) for d in documents}
    near = {d.id: _NEARNESS_WEIGHT * _best_score(d, passages) for d in documents}
    fit = {name: shares[name] + near[name] for name in shares}
    document = max(documents, key=lambda d: fit[d.id], default=None)
    # Nearness chooses between articles; only one that stands alone is named by it.
    held = fit if len(documents) == 1 else shares
    if document is None or held[document.id] < _NAMED_ENOUGH:
        return None
    if list(fit.values()).count(fit[document.id]) > 1:
        return None  # two articles fit as well
    if is_of_another(question.text, document):
        return None
    return stated(document, field)


def stated(article: Document | Origin, field: Field) -> Claim:
    """State a fact about an article, or that it leaves that open."""
    value = getattr(article, field)
    template = _SAID[field] if value else _UNSTATED[field]
    shown = written_date(value) if field == "date" and value else value
    text = template.format(name=named(article, field), value=shown)
    return Claim(text, "supported", (), (FROM_DATA,))


def author_known(text: str, documents: Sequence[Document]) -> Claim | None:
    """State what the one whom "who is ..." asks for has written, where no text says more."""
    match = _WHO_IS.match(text.strip())
    asked = set(terms(match["name"])) if match else set()
    own = [d for d in documents if d.author and asked and asked <= set(terms(d.author))]
    if len({document.author for document in own}) != 1:
        return None
    works = " and ".join(dict.fromkeys(named(document, "author") for document in own))
    return Claim(f"{own[0].author} wrote {_within(works)}.", "supported", (), (FROM_DATA,))


def _within(name: str) -> str:
    """Write a name that opens with an article as it stands within a sentence."""
    return f"the {name[4:]}" if name.startswith("The ") else name


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
_SAYS_NOTHING = frozenset(
    terms(
        "write wrote written author writer publish publisher published publication date post "
        "appear print carry outlet newspaper paper magazine site website journal journalist "
        "columnist reporter correspondent today yesterday week month year recent latest new "
        "article piece analysis column commentary explainer story report op-ed text essay "
        "opinion brief blog"
    )
)


def is_of_another(question: str, document: Document) -> bool:
    """Tell whether the work a question speaks of is somebody else's, or of something else.

    "The Pentagon report" is none of ours unless the article's own data name the Pentagon; a name
    that is only what the work is about may stand in the article's text as well.
    """
    question = _INTRODUCTION.sub(" ", question)
    own = own_terms(document) | set(terms(document.url or "")) | _SAYS_NOTHING
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


def _share_held(question: Question, document: Document, weights: Mapping[str, float]) -> float:
    """Say how much of the question an article's data hold; enough where it names all of one."""
    data = [document.title, document.author, document.publisher, document.date]
    wanted = [term for term in question.terms if term not in _SAYS_NOTHING]
    held = _share(wanted, set(terms(" ".join(filter(None, data)))), weights)
    makers = [set(terms(maker or "")) for maker in (document.author, document.publisher)]
    names_maker = any(own and own <= set(wanted) for own in makers)
    return max(held, _NAMED_ENOUGH) if names_maker else held


def _best_score(document: Document, passages: Sequence[Passage]) -> float:
    return max((p.score for p in passages if p.document == document.id), default=0.0)


def _share(wanted: Collection[str], have: Collection[str], weights: Mapping[str, float]) -> float:
    total = sum(weights[t] for t in wanted)
    return sum(weights[t] for t in wanted if t in have) / total if total else 0.0


def named(document: Document | Origin, field: Field | None = None) -> str:
    """Name an article by its title, author or publisher, whichever is known and not ``field``."""
    if document.title:
        return f"“{document.title}”"
    if document.author and field != "author":
        return f"The article by {document.author}"
    if document.publisher and field != "publisher":
        return f"The article published by {document.publisher}"
    return f"The article {document.id}"


def written_date(iso: str) -> str:
    """Write an ISO date as a reader would: ``November 5, 2024``, or as much of it as is known."""
    parts = [int(part) for part in iso[:10].split("-")]
    if len(parts) == 1:
        return str(parts[0])
    month = MONTHS[parts[1] - 1]
    return f"{month} {parts[2]}, {parts[0]}" if len(parts) > 2 else f"{month} {parts[0]}"
