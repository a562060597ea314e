"""Answer questions about an article itself: who wrote it, where and when it was published.

These facts stand beside the text, not in it, so there is no span to cite; the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from rag.questions import Question
from rag.terms import fold, terms
from rag.types import Claim, Document, Passage

Field = Literal["author", "date", "publisher"]

_WORK = (
    r"(?:article|piece|analysis|column|commentary|explainer|story|report|op-ed|text(?! of)|essay|"
    r"opinion|brief|blog|post)"
)
_A_WORK = (
    rf"(?:(?:the|this|an?) (?:[\w’'-]+ ){{0,4}}?{_WORK}\b|that {_WORK}\b|"
    rf"[\w’'-]+['’]s? (?:\w+ )?{_WORK}\b|(?:it|this)\b.*\b{_WORK}\b|[\"“‘'«])"
)
_ASKED: tuple[tuple[Field, re.Pattern[str]], ...] = (
    (
        "author",
        re.compile(
            rf"\bwho (?:wrote|authored|penned) {_A_WORK}|\b(?:author|writer) of {_A_WORK}|"
            rf"\bby whom (?:was|is) {_A_WORK}.*\bwritten\b"
        ),
    ),
    (
        "date",
        re.compile(
            rf"\bwhen (?:was|were|did)\b.*\b{_WORK}\b.*\b(?:published|written|posted|appear|out)\b|"
            rf"\b(?:publication )?date of (?:the|this|that) (?:\w+ ){{0,3}}{_WORK}\b"
        ),
    ),
    (
        "publisher",
        re.compile(
            rf"\b(?:which|what) (?:outlet|publication|newspaper|magazine|site|website|publisher|"
            rf"journal)\b.*\b(?:published|printed|carried|ran|posted)\b|\bwho published {_A_WORK}|"
            rf"\bwhere (?:was|were|did)\b.*\b{_WORK}\b.*\b(?:published|posted|appear)\b"
        ),
    ),
)
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
_NEARNESS_WEIGHT = 0.2  # of an article's best passage
_NAMED_ENOUGH = 0.2  # share of the question's weight that the article's own data must hold


def field_asked(question: Question) -> Field | None:
    """Tell which fact about an article a question asks for, if any."""
    folded = fold(question.text)
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
    named = fit if len(documents) == 1 else shares
    if document is None or named[document.id] < _NAMED_ENOUGH:
        return None
    if list(fit.values()).count(fit[document.id]) > 1:
        return None  # two articles fit as well
    value = getattr(document, field)
    template = _SAID[field] if value else _UNSTATED[field]
    shown = written_date(value) if field == "date" and value else value
    text = template.format(name=_name(document, field), value=shown)
    return Claim(text, "supported", (), ("from the article's own data, which its text leaves out",))


def _share_held(question: Question, document: Document, weights: Mapping[str, float]) -> float:
    """Say how much of the question an article's data hold."""
    data = [document.title, document.author, document.publisher, document.date]
    return _share(question.terms, set(terms(" ".join(filter(None, data)))), weights)


def _best_score(document: Document, passages: Sequence[Passage]) -> float:
    return max((p.score for p in passages if p.document == document.id), default=0.0)


def _share(wanted: Collection[str], have: Collection[str], weights: Mapping[str, float]) -> float:
    total = sum(weights[t] for t in wanted)
    return sum(weights[t] for t in wanted if t in have) / total if total else 0.0


def _name(document: Document, field: Field) -> str:
    if document.title:
        return f"“{document.title}”"
    if document.author and field != "author":
        return f"The article by {document.author}"
    return f"The article {document.id}"


def written_date(iso: str) -> str:
    """Write an ISO date as a reader would: ``November 5, 2024``, or as much of it as is known."""
    parts = [int(part) for part in iso[:10].split("-")]
    if len(parts) == 1:
        return str(parts[0])
    month = _MONTHS[parts[1] - 1]
    return f"{month} {parts[2]}, {parts[0]}" if len(parts) > 2 else f"{month} {parts[0]}"


_MONTHS = (
    "January February March April May June July August September October November December"
).split()
