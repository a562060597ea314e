"""Take out of a sentence the words that name its article, before it is compared with the article.

A chat model is shown each article's title, publisher, author and date, and asked to give them where
articles disagree. They stand beside the text, so the text never bears them out. Only what agrees
with the data of one cited article is taken out; a wrong name or date stays, and is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.dates import Date, dates
from rag.names import names
from rag.types import Document

_ARTICLE = (
    r"(?:an? |the |its |their |his |her )?(?:\w+ )?"
    r"(?:article|report|piece|story|column|commentary|analysis|brief|op-ed|essay)"
)
# A headline may be a person's name or a common word: only these make it the article's. "Report"
# and "brief" are verbs as well.
_BEFORE_TITLE = re.compile(
    r"\b(?:(?:article|report|piece|story|column|commentary|analysis|brief|op-ed|essay),? "
    r"(?:titled|entitled|headed|called)|(?:article|piece|story|column|commentary|analysis|op-ed|"
    r"essay)|(?:an?|the|its|their|his|her) (?:report|brief)):? (?:the )?$",
    re.IGNORECASE,
)
_LINKS = r"(?:(?:of|in|for|from|at|by|on|dated|titled|headed|published|writing|written) ){0,2}"
_SOURCED = r"(?:as (?:reported|told|stated) by|according to|per)"
# Verbs that tell what an article says; "denied" or "confirmed" would say more than that.
_TELLS = r"(?:reports?|reported|writes?|wrote)"
_SAYS = (
    rf"(?:{_TELLS}|says?|said|states?|stated|notes?|noted|adds?|added|argues?|argued|explains?|"
    r"explained|describes?|described|tells?|told readers)"
)
_END = r"(?=[.!?]*$)"
_MOST_DOCUMENTS = 10  # cited by one sentence
_MOST_ITEMS = 6  # names and dates of one document in a row

# Each name and date is one private character while patterns are matched: they stay simple.
_FIRST, _MOST_MARKED = 0xE000, 200


def without_leads(sentence: str, documents: Sequence[Document], *, quoted: bool) -> str:
    """Leave out where a sentence comes from, as far as it agrees with the documents' own data.

    ``quoted`` tells that somebody other than the author speaks in the evidence: the author may
    then report it, and not have said it.
    """
    spans = _spans(sentence, documents[:_MOST_DOCUMENTS])
    if not spans:
        return sentence
    marked = _marked(sentence, spans)
    for pattern in _patterns(spans, quoted=quoted):
        marked = re.sub(pattern, "", marked, flags=re.IGNORECASE).strip()
    for number, span in enumerate(spans):
        marked = marked.replace(chr(_FIRST + number), sentence[span.start : span.end])
    return marked if any(map(str.isalnum, marked)) else sentence


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a sentence states something of a document's data."""

    start: int
    end: int
    document: int
    kind: Literal["published", "written", "dated", "titled"]


def _spans(sentence: str, documents: Sequence[Document]) -> list[_Span]:
    found: list[_Span] = []
    stated = dates(sentence)
    for number, document in enumerate(documents):
        for name in _published(document):
            found += [_Span(*span, number, "published") for span in _places(sentence, name)]
        for name in _written(document):
            found += [_Span(*span, number, "written") for span in _places(sentence, name)]
        found += [_Span(d.start, d.end, number, "dated") for d in stated if _is_on(d, document)]
        found += _titled(sentence, document, number)
    found.sort(key=lambda span: (span.start, -span.end))
    kept: list[_Span] = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept[:_MOST_MARKED]


def _places(sentence: str, name: str) -> Iterator[tuple[int, int]]:
    pattern = rf"(?<!\w)[\"“”'‘’]?{re.escape(name)}[\"“”'’]?(?!\w)(?:['’]s(?!\w))?"
    return (match.span() for match in re.finditer(pattern, sentence))


def _titled(sentence: str, document: Document, number: int) -> Iterator[_Span]:
    """Yield where the title stands; a bare one speaks for nobody, and is kept apart."""
    title = (document.title or "").rstrip(" .")
    if not title:
        return
    is_name = any(name.text == title for name in names(title))
    for start, end in _places(sentence, title):
        if _is_shown_as_title(sentence, start, end):
            yield _Span(start, end, number, "published")
        elif not is_name:
            yield _Span(start, end, number, "titled")


def _is_shown_as_title(sentence: str, start: int, end: int) -> bool:
    """Tell a title in quotation marks, behind a word for a work, or in a list in parentheses."""
    before, after = sentence[:start], sentence[end:]
    if sentence[start] in "\"“”'‘’" and sentence[end - 1] in "\"“”'’":
        return True
    listed = before.endswith(", ") or after.startswith(", ")
    if listed and re.search(r"\((?:[^()]*, )?$", before) and re.match(r"(?:, [^()]*)?\)", after):
        return True
    return bool(_BEFORE_TITLE.search(before))


def _marked(sentence: str, spans: Sequence[_Span]) -> str:
    pieces, last = list[str](), 0
    for number, span in enumerate(spans):
        pieces += [_PRIVATE.sub(" ", sentence[last : span.start]), chr(_FIRST + number)]
        last = span.end
    return "".join([*pieces, _PRIVATE.sub(" ", sentence[last:])])


_PRIVATE = re.compile("[\ue000-\uf8ff]")


class _Source:
    """The patterns for what a sentence states of one document."""

    def __init__(self, spans: Sequence[_Span], document: int, *, quoted: bool) -> None:
        chars = {
            kind: "".join(
                chr(_FIRST + number)
                for number, span in enumerate(spans)
                if (span.document, span.kind) == (document, kind)
            )
            for kind in ("published", "written", "dated", "titled")
        }
        anyone = chars["published"] + chars["written"]
        voice = chars["published"] if quoted else anyone
        item = _one_of(anyone + chars["dated"])
        rest = rf"(?:[\s,/(]{{1,3}}{_LINKS}(?:the )?{item}\)?){{0,{_MOST_ITEMS}}}(?: {_ARTICLE})?"
        article = rf"{_ARTICLE},? {_LINKS}(?:the )?{item}{rest}"
        determiner, behind = r"(?:an? |the |its )?", rf"(?: {_ARTICLE})?{rest}"
        self.date, self.title = _one_of(chars["dated"]), _one_of(chars["titled"])
        self.voice = rf"(?:{article}|{determiner}{_one_of(voice)}{behind})"
        self.anyone = rf"(?:{article}|{determiner}{_one_of(anyone)}{behind})"

    def told(self) -> str:
        """Match the document telling something, with the day on which it did."""
        on = rf"(?:,? \(?(?:on |in )?{self.date}\)?)?"
        return rf"(?:{self.voice},? {_SAYS}|{self.anyone},? {_TELLS}){on}"


def _patterns(spans: Sequence[_Span], *, quoted: bool) -> Iterator[str]:
    """Yield what to take out, in this order: "In an article, its author writes that …"."""
    named = sorted({span.document for span in spans})
    sources = [_Source(spans, document, quoted=quoted) for document in named]
    voices = _listed([source.voice for source in sources])
    anyone = _listed([source.anyone for source in sources])
    told = "|".join(source.told() for source in sources)
    told = rf"(?:{told}|{voices} {_SAYS}|{anyone} {_TELLS})"
    days = "|".join(source.date for source in sources)
    yield rf"\s\({anyone}\)(?=[\s.,;!?]|$)"
    yield rf",? {_SOURCED} {voices}{_END}"
    yield rf", {told}{_END}"
    yield rf", (?:{_SOURCED} {voices}|{told}),(?: that\b)?"
    yield rf"^{_SOURCED} {voices}[,:]\s+"
    titles = "|".join(source.title for source in sources)
    yield rf"^in (?:{titles}), (?={told})"
    yield rf"^in {anyone}[,:]\s+"
    yield rf"^(?:(?:on|in) (?:{days}),? )?{told}(?:,? that\b|:|,)?\s+(?!(?:on|in) |\()"
    yield rf"^{anyone}:\s+"


def _listed(alternatives: Sequence[str]) -> str:
    one = "|".join(alternatives)
    return rf"(?:{one})(?:(?:,? and|;) (?:{one})){{0,4}}"


def _one_of(characters: str) -> str:
    return f"[{characters}]" if characters else r"(?!)"


def _published(document: Document) -> list[str]:
    publisher = (document.publisher or "").removeprefix("The ")
    return [publisher.rstrip(".")] if publisher.strip(" .") else []


def _written(document: Document) -> list[str]:
    return [document.author] if document.author and document.author.strip() else []


def _is_on(date: Date, document: Document) -> bool:
    """Tell whether a date, as far as it is stated, is the document's."""
    found = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", document.date or "")
    asked = (date.year, date.month, date.day)
    if not found or date.until or date.decade or not any(asked):
        return False
    known = (int(part) if part else None for part in found.groups())
    return all(a is None or a == b for a, b in zip(asked, known, strict=True))
