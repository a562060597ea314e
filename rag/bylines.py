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


_PRESENTED = (
    r"(?:,[^.]{,120},)?,? (?:is|was|has (?:been|covered|reported|served|taught|worked|written|"
    r"commented)|serves|served|works|worked|writes (?:about|for|on)|covers|reports (?:for|from|on)|"
    r"teaches|taught|holds|chairs|heads|leads|directs|joined)\b"
)
_OPENING = 200  # characters


def presents_author(document: Document, position: int) -> bool:
    """Tell whether a position is in a note on the author: an article's last paragraph, if any."""
    start = document.text.rfind("\n", 0, position) + 1
    if not document.author or "\n" in document.text[position:].strip():
        return False
    parts = "|".join(re.escape(part) for part in document.author.split() if len(part) > 1)
    opening = document.text[start : start + _OPENING]
    first = re.search(rf"\b(?:{parts})\b(?!['’]| (?:{parts})\b)", opening)
    return bool(first and re.match(_PRESENTED, opening[first.end() :]))
