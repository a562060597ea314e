"""Answer questions about an article itself: who wrote it, where and when it was published.

These facts stand beside the text, not in it, so there is no span to cite; the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from rag.bylines import WORK, own_terms
from rag.dates import MONTHS
from rag.questions import Question
from rag.terms import fold, terms
from rag.types import Claim, Document, Origin, Passage
from rag.works import SAYS_NOTHING, is_of_another

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
            rf"\b(?:when|(?:on )?(?:what|which) (?:day|date)) (?:was|were|did)\b.*\b{WORK}\b.*"
            r"\b(?:published|written|posted|appear|out)\b|"
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
_AND = re.compile(r",? and (?=(?:who|when|where|(?:on|in|by) (?:what|which)|what|which)\b)", re.I)
# What a part of a question asks that names the article once: "and when was it published?".
_PART_ASKS: tuple[tuple[Field, re.Pattern[str]], ...] = (
    (
        "author",
        re.compile(r"who(?:['’]s| is| was)? (?:(?:the )?(?:author|writer)|wrote|authored)\b"),
    ),
    (
        "date",
        re.compile(
            r"(?:when|(?:on )?(?:what|which) (?:day|date))"
            r"(?:\b.*\b(?:published|written|posted|appear(?:ed)?|out|dated)\b|\W*$)"
        ),
    ),
    (
        "publisher",
        re.compile(
            r"(?:where|who|(?:in |by )?(?:what|which) \w+)\b.*\b(?:published|posted|appear(?:ed)?|"
            r"publish|come out|out)\b"
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
_ON_A_MATTER = re.compile(
    rf"\b{WORK} (?:(?:that|which) )?(?:about|on|mention(?:s|ing)|discuss(?:es|ing)|"
    r"(?:tells|telling|speaks|speaking|talks|talking) (?:about|of)|describ(?:es|ing))\b",
    re.IGNORECASE,
)
_NEARNESS_WEIGHT = 0.2  # of an article's best passage
_NAMED_ENOUGH = 0.2  # share of the question's weight that the article's own data must hold


def field_asked(question: Question) -> Field | None:
    """Tell which fact about an article a question asks for, if any."""
    folded = fold(question.text)
    if _YES_OR_NO.match(folded):
        return None
    return next((name for name, pattern in _ASKED if pattern.search(folded)), None)


def fields_asked(question: Question, parts: Sequence[Question]) -> tuple[Field, ...]:
    """Tell which facts about one article a question asks for, in all of its ``parts``.

    Empty where a part asks for anything else.
    """
    pieces = [part.text.partition(" (")[0] for part in parts] or _AND.split(question.text)
    found = [_part_asks(piece) for piece in pieces]
    if all(found) and any(map(field_asked, (question, *parts))):
        return tuple(dict.fromkeys(filter(None, found)))
    field = field_asked(question)
    return (field,) if field and not parts else ()


def _part_asks(part: str) -> Field | None:
    """Tell what a part asks of the article that the whole question names."""
    folded = fold(part).strip()
    return next((name for name, pattern in _PART_ASKS if pattern.match(folded)), None)


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
        alone = _alone_in_telling(question, documents)
        return stated(alone, field) if alone else None
    if list(fit.values()).count(fit[document.id]) > 1:
        return None  # two articles fit as well
    if is_of_another(question.text, document):
        return None
    return stated(document, field)


def _alone_in_telling(question: Question, documents: Sequence[Document]) -> Document | None:
    """Return the one article that speaks of all that a question says its article is about."""
    about = set(question.terms) - SAYS_NOTHING
    if not about or not _ON_A_MATTER.search(question.text):
        return None
    telling = [d for d in documents if about <= own_terms(d) | set(terms(d.text))]
    return telling[0] if len(telling) == 1 else None


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


def _share_held(question: Question, document: Document, weights: Mapping[str, float]) -> float:
    """Say how much of the question an article's data hold; enough where it names all of one."""
    data = [document.title, document.author, document.publisher, document.date]
    wanted = [term for term in question.terms if term not in SAYS_NOTHING]
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
