"""What names an article: its author, its outlet, its title, its day."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.dates import MONTHS
from rag.terms import terms
from rag.types import Document, Origin

WORK = (
    r"(?:article|piece|analysis|column|commentary|explainer|story|report|op-ed|text(?! of)|essay|"
    r"opinion|brief|blog|post)"
)


def own_terms(article: Document | Origin) -> set[str]:
    """List what names an article: its data, the initials of its publisher and author, its month."""
    known = [article.title, article.author, article.publisher, article.date]
    known += [article.id.replace("_", " "), *initials((article.publisher, article.author))]
    if month := re.match(r"\d{4}-(0[1-9]|1[0-2])", article.date or ""):
        known.append(MONTHS[int(month[1]) - 1])
    known += re.findall(r"[0-9]+", article.date or "")
    return set(terms(" ".join(filter(None, known))))


def made_by(article: Document | Origin) -> tuple[set[str], set[str]]:
    """List the terms of who wrote an article, and of who published it."""
    publisher = [article.publisher or "", *initials((article.publisher,))]
    return set(terms(article.author or "")), set(terms(" ".join(publisher)))


def initials(named: Iterable[str | None]) -> list[str]:
    """Shorten names to their capitals: "The Epoch Times" is also the ET."""
    return [
        "".join(word[0] for word in name.removeprefix("The ").split() if word[0].isupper())
        for name in named
        if name
    ]
