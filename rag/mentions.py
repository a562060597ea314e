"""Which articles name a thing, told by a sentence of each that does.

"Which articles mention the strait?" asks for nothing that a sentence could read like an answer to;
whether an article has the words is exact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.bylines import WORK
from rag.choosing import Statement
from rag.questions import SOURCES
from rag.reading import Scored
from rag.terms import terms

MOST_SEARCHED = 48  # passages: each mention may be the only one of its article
_MOST_ARTICLES, _FEW_ARTICLES = 10, 3
_NAMES = (
    r"(?:(?:mention|name|discuss|cover|address|refer to|deal with|bring up|touch on|"
    r"(?:speak|talk|write|report|say (?:some|any)thing) (?:about|of|on))s?|"
    r"(?:address|discuss|touch)es(?: on)?)"
)
_NAMED = r"(?:mentioned|named|discussed|referred to|talked about|spoken of|brought up)"
_COMES_UP = rf"(?:come up|appear|turn up|show up|feature|(?:get )?{_NAMED})"
_COUNTED = r"(?:(?:two|three|four|five|six|seven|eight|nine|ten|\d+|many|other) )?"
_OUR = r"(?:(?:the|all|these|those|your|our|indexed|news) ){0,3}"
_ALL = rf"{_OUR}{_COUNTED}(?:{SOURCES}|stories|pieces)"
_ONE = rf"(?:{SOURCES}|{WORK}s?|stories)"
_ANYWHERE = rf"(?: (?:anywhere|at all|here|in (?:any|one|some|all) .+|(?:in|by) {_ALL})){{0,2}}"
_ASKED = re.compile(
    rf"(?:(?:and|so),? )?(?:"
    rf"(?:which|what|how many)(?: of {_ALL}| {_COUNTED}{_ONE}| ones?) {_NAMES} (?P<one>.+?)|"
    rf"which (?:mentions?|(?:speak|talk|write)s? (?:about|of|on)) (?P<bare>.+?)|"
    rf"(?:do|does|did) (?:any|some|one)(?: one)?(?: of {_ALL}| {_ONE})? {_NAMES} (?P<any>.+?)|"
    rf"(?:in )?(?:which|what|how many)(?: of {_ALL}| {_COUNTED}{_ONE}) "
    rf"(?:do|does|did|is|are) (?P<within>.+?) {_COMES_UP}|"
    rf"(?:is|are|was|were) (?P<ever>[^,;:]+?) (?:ever |even |also )?"
    rf"(?:mentioned{_ANYWHERE}|{_NAMED} (?:anywhere|in (?:any|one|some) .+|(?:in|by) {_ALL}))|"
    rf"(?:where|how (?:often|many times)) (?:is|are|was|were|do|does|did) (?P<often>.+?) "
    rf"{_COMES_UP}{_ANYWHERE})(?:,? and (?:which|where|how|what|in which)\b.*)?\W*",
    re.IGNORECASE,
)
_ABOUT_TEXTS = re.compile(r"(?:it|they|this|that|these|those|any\w*|some\w*|what|who)\b", re.I)


def mention_asked(text: str) -> str | None:
    """Return the thing of which a question asks where it is named; ``None`` if it does not."""
    found = _ASKED.fullmatch(" ".join(text.split()))
    matter = next(filter(None, found.groupdict().values()), "") if found else ""
    return matter if terms(matter) and not _ABOUT_TEXTS.match(matter) else None


def mentions_of(matter: str, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose the best sentence of each article that names all of a matter; of few articles two."""
    wanted = set(terms(matter))
    naming = [item for item in scored if wanted <= set(terms(item.candidate.text))]
    by_article: dict[str, list[Scored]] = {}
    for item in naming:
        by_article.setdefault(item.candidate.document.id, []).append(item)
    each = 2 if len(by_article) < _FEW_ARTICLES else 1
    chosen = [item for items in [*by_article.values()][:_MOST_ARTICLES] for item in items[:each]]
    return tuple(Statement(item) for item in chosen)
