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


_MOST_NOTES = 8  # lines
ROLES = (
    r"\b(?:academic|activist|analyst|anchor|attorney|author|blogger|chairman|chairwoman|chair|"
    r"columnist|commentator|consultant|contributor|correspondent|critic|diplomat|director|editor|"
    r"economist|expert|fellow|founder|historian|journalist|lawyer|lecturer|officer|professor|"
    r"producer|reporter|researcher|scholar|scientist|specialist|staff|strategist|student|teacher|"
    r"writer|desk|bureau)s?\b"
)
# Behind the name: what is put in between, and a verb that tells what somebody does.
_PRESENTED = re.compile(
    r"(?: [A-Z]\.)?(?: [A-Z][\w'’-]+){0,3}(?:,[^.]{1,120},| ?\([^()]{1,40}\)|, \w[\w.]{0,4}\.?,)? "
    r"(?:(?:also|currently|now|previously|regularly) )?"
    rf"(?:(?:is|are|was|were|has been) (?!those\b)(?=.*{ROLES})|"
    r"(?:serves?|served|works?|worked) (?:as|at|for|in|on|with)\b|"
    r"(?:writes?|reports?|wrote|reported|comments?) (?:about|for|from|on)\b|"
    r"(?:covers?|teach(?:es)?|taught|studies|study|chairs?|edits?|edited|founded|co-founded|"
    r"directs|lives?)\b|"
    r"(?:holds?|held) an?\b|(?:heads|leads) the\b|joined the\b|"
    r"has (?:\w+ )?(?:covered|commented|reported (?:for|from|on)|served|taught|worked|written|"
    r"a)\b)",
    re.IGNORECASE,
)
_TITLES = 12  # words before the verb: "Author and veteran journalist Ada Quill is ..."


def tells_of_author(sentence: str, author: str) -> bool:
    """Tell whether a sentence says who the author of its article is: "Ada Quill is a fellow at".

    What the author does in the article ("Quill is convinced that ...") is none of it.
    """
    parts = [part for part in re.findall(r"[\w'’-]+", author) if part[0].isupper() and part[1:]]
    opening = " ".join(sentence.split()[:_TITLES])
    for name in re.finditer(rf"\b(?:{'|'.join(map(re.escape, parts))})\b", opening, re.IGNORECASE):
        if parts and _PRESENTED.match(sentence, name.end()):
            return True
    return False


def presents_author(document: Document, position: int) -> bool:
    """Tell whether a position is in a note on the author, of those that may end an article."""
    start = document.text.rfind("\n", 0, position) + 1
    paragraphs = document.text[start:].split("\n") if document.author else []
    if len(paragraphs) > _MOST_NOTES:
        return False
    told = [tells_of_author(text, document.author or "") for text in paragraphs if text.strip()]
    return bool(told) and all(told)
