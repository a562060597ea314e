"""Answer questions about the indexed articles as a whole: which, how many, by whom, of when.

These facts stand beside the texts, not in them, so there is no span to cite; the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from rag.provenance import FROM_DATA, Field, named, stated, written_date
from rag.questions import Question
from rag.terms import fold
from rag.types import Claim, Origin

Asked: TypeAlias = Field | Literal["list", "count", "newest", "oldest"]

MOST_LISTED = 20

_WORK = r"(?:article|document|text|source|file|piece)"
_KEPT = (
    r"(?: (?:in here|here|indexed|loaded|available|"
    r"in (?:the|your|this) (?:index|collection|library)|(?:that )?you (?:have|know|use|search)))?"
)
_ALL = rf"(?:all |each )?(?:of )?(?:the |these |those |your )?(?:indexed |loaded )?{_WORK}s{_KEPT}"
_NEWEST = r"(?:newest|latest|most recent|last)"
_OLDEST = r"(?:oldest|earliest|first)"
_JOINED = re.compile(r"[?;]|,? and ")
_MAKERS = r"(?:authors|writers|publishers|outlets|publications|newspapers|sites)"


def _whole(*patterns: str) -> re.Pattern[str]:
    """Match a whole question: "which articles are there on ..." asks for something else."""
    opening = r"(?:(?:and|so|please|can you|could you|tell me),? )*"
    return re.compile(rf"{opening}(?:{'|'.join(patterns)})\W*")


def _extreme(end: str) -> re.Pattern[str]:
    """Match a question for the article at one end of time."""
    return _whole(
        rf"(?:which|what) {_WORK}{_KEPT} is (?:the )?{end}(?: one)?",
        rf"(?:which|what)(?:['’]s| is) the {end} (?:one|{_WORK}){_KEPT}",
        rf"(?:which|what) (?:of {_ALL} )?is the {end} (?:one|{_WORK})",
        rf"(?:when was the|what is the date of the) {end} {_WORK}(?: (?:published|written))?",
        rf"how (?:old|recent|new) is the {end} {_WORK}",
        rf"(?:which|what) (?:one )?of (?:the|these|those|your|them)(?: \w+)?(?: {_WORK}s)? is "
        rf"(?:the )?{end}(?: one)?",
    )


_PATTERNS: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    (
        "list",
        _whole(
            rf"(?:which|what) {_WORK}s (?:are there|are (?:indexed|loaded|available)|"
            r"(?:do|have|can) you (?:have|know|use|got|read|indexed|search|cite))",
            rf"(?:what|which) are (?:the|your) {_WORK}s(?: called)?",
            rf"(?:list|show|show me|name) {_ALL}",
            rf"what are the (?:titles|headlines|names) of {_ALL}",
        ),
    ),
    (
        "count",
        _whole(
            rf"how many {_WORK}s (?:are there|are (?:indexed|loaded|available)|"
            r"(?:do|have) you (?:have|know|use|got|read|indexed|search))",
        ),
    ),
    (
        "author",
        _whole(
            rf"who (?:are|were) the (?:authors|writers)(?: of {_ALL})?",
            rf"who (?:wrote|authored) {_ALL}",
            rf"by whom (?:are|were) {_ALL}(?: written)?",
        ),
    ),
    (
        "date",
        _whole(
            rf"when (?:are|were) {_ALL} (?:published|written|posted|from|dated)",
            rf"what are the (?:publication )?dates of {_ALL}",
            rf"how (?:old|new|recent) are {_ALL}",
        ),
    ),
    (
        "publisher",
        _whole(
            rf"where (?:are|were) {_ALL} (?:published|posted|from)",
            rf"where do {_ALL} come from",
            rf"who (?:published|are the publishers of) {_ALL}",
            rf"(?:which|what) {_MAKERS} (?:published|are) {_ALL}(?: from)?",
        ),
    ),
    ("newest", _extreme(_NEWEST)),
    ("oldest", _extreme(_OLDEST)),
)
# What "and" adds to such a question: "How many articles do you have, and from which outlets?"
_ADDED: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    ("list", _whole(r"which ones", r"(?:which|what) are they(?: called)?")),
    (
        "author",
        _whole(
            r"by whom", r"who wrote them", r"who (?:are|were) (?:the|their) (?:authors|writers)"
        ),
    ),
    (
        "date",
        _whole(
            r"from when",
            r"when were they (?:published|written)",
            r"how (?:old|new|recent) are they",
            r"do (?:they )?(?:all )?(?:of them )?(?:have|state) (?:a )?dates?",
        ),
    ),
    (
        "publisher",
        _whole(
            rf"(?:from|in|by) (?:which|what) {_MAKERS}", r"where (?:are|do) they (?:come )?from"
        ),
    ),
    ("newest", _whole(rf"(?:which|what)(?: one)? is (?:the )?{_NEWEST}(?: one)?")),
    ("oldest", _whole(rf"(?:which|what)(?: one)? is (?:the )?{_OLDEST}(?: one)?")),
)
_DATED: frozenset[Asked] = frozenset({"date", "newest", "oldest"})


def holdings_asked(question: Question) -> Asked | None:
    """Tell what a question asks of all the articles, if anything.

    Where it asks several things, a list tells all of them.
    """
    folded = fold(question.text).strip()
    if found := _asked_by(folded, _PATTERNS):
        return found
    first, *more = (part.strip() for part in _JOINED.split(folded))
    added = [_asked_by(part, _ADDED) for part in more if part]
    asked = [_asked_by(first, _PATTERNS), *added]
    if not added or None in asked:
        return None
    return "date" if set(asked) <= _DATED else "list"


def _asked_by(folded: str, patterns: Sequence[tuple[Asked, re.Pattern[str]]]) -> Asked | None:
    return next((name for name, pattern in patterns if pattern.fullmatch(folded)), None)


def answer_on(asked: Asked, articles: Sequence[Origin]) -> tuple[Claim, ...]:
    """State what is asked of the articles, newest first; at most ``MOST_LISTED`` are listed."""
    if asked == "count":
        return (_claim(f"{_counted(len(articles))} indexed."),)
    listed = sorted(articles, key=lambda a: (a.date or "", a.id), reverse=True)
    if asked == "newest" or asked == "oldest":
        return _at_the_end(asked, listed)
    stating = [_told(a) if asked == "list" else stated(a, asked) for a in listed[:MOST_LISTED]]
    left = len(listed) - MOST_LISTED
    more = (_claim(f"{_counted(left)} indexed besides."),) if left > 0 else ()
    return (*stating, *more)


def _told(article: Origin) -> Claim:
    """Name an article with what is known of it."""
    name = named(article)
    known = [
        f"by {article.author}" if article.author and article.author not in name else "",
        f"in {article.publisher}" if article.publisher and article.publisher not in name else "",
        written_date(article.date) if article.date else "",
    ]
    return _claim(", ".join(filter(None, (name, *known))) + ".")


def _at_the_end(asked: Literal["newest", "oldest"], listed: Sequence[Origin]) -> tuple[Claim, ...]:
    dated = [article for article in listed if article.date]
    if not dated:
        return (_claim("No article states when it was published."),)
    end = dated[0 if asked == "newest" else -1].date
    claims = [stated(article, "date") for article in dated if article.date == end]
    undated = len(listed) - len(dated)
    if undated:
        verb = "states" if undated == 1 else "state"
        claims.append(_claim(f"{undated:,} of {len(listed):,} articles {verb} no date."))
    return tuple(claims)


def _counted(number: int) -> str:
    return "1 article is" if number == 1 else f"{number:,} articles are"


def _claim(text: str) -> Claim:
    return Claim(text, "supported", (), (FROM_DATA,))
