"""What is new on a matter: what the newest article that speaks of it says.

"What is the latest on the ferry?" asks for no sentence with the word "latest" in it. "Who resigned
this week?" means the days before the newest article, not those before an older one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from rag.terms import terms
from rag.types import Origin, Passage

_NEWEST = r"(?:(?:very )?(?:latest|newest|most recent))"
_NEWS = r"(?:news|developments?|updates?|reporting|coverage)"
_ON = r"on|about|regarding|concerning|with"
_MATTER = rf"(?: (?:{_ON}|in) (?P<matter>[^\s,;:?][^,;:?]*?))?"
# "What is new in Ostend" asks for news, "what is new in the treaty" does not.
_MATTER_OR_PLACE = _MATTER.replace("|in)", "|in(?= (?-i:[A-Z])))")
_END = r"(?: so far| now| please)?\W*"
_WHOLE = tuple(
    re.compile(rf"(?:(?:and|so|please)[, ]+)?{pattern}{_END}", re.IGNORECASE)
    for pattern in (
        rf"(?:what(?:['’]?s| is| are| was| were)? )?(?:the )?{_NEWEST}(?: {_NEWS})?{_MATTER}",
        rf"what(?:['’]?s| is) happening{_MATTER}",
        rf"what(?:['’]?s| is) new{_MATTER_OR_PLACE}",
        rf"(?:(?:is|are) there )?any (?:{_NEWEST} |new |recent )?{_NEWS}{_MATTER}",
        rf"(?:give|show|tell|bring) (?:me|us) (?:the )?(?:{_NEWEST}|recent)(?: {_NEWS})?{_MATTER}",
    )
)
# "The latest UN report" is none of ours.
_ARTICLE = re.compile(
    rf"\b{_NEWEST} (?:(?:news|indexed|dated) )?(?:article|piece|column|commentary|story|post)\b",
    re.IGNORECASE,
)
_LATELY = re.compile(
    r"\b(?:(?:this|(?:this|the) past) (?:week|weekend|month)|last (?:week|weekend|night)|today|"
    r"tonight|yesterday|right now|recently|lately|currently|latest|most recent)\b",
    re.IGNORECASE,
)
_NEW = timedelta(days=30)  # before the newest article
_OPENING = 400  # characters
_ON_THE_MATTER = " on the matter"
_ABOUT = re.compile(rf"{_ON_THE_MATTER} say about (\S.*?)\W*$")


def as_asked_of_newest(text: str) -> str:
    """Write a wish for news as a question to the newest article; others come back unchanged."""
    for pattern in _WHOLE:
        if found := pattern.fullmatch(text.strip()):
            matter = found["matter"]
            if matter:
                return f"What does the newest article{_ON_THE_MATTER} say about {matter}?"
            return "What does the newest article say?"
    return text


def newest_asked(text: str) -> bool:
    """Tell whether a question is one to the newest article, of all or on a matter."""
    return bool(_ARTICLE.search(text))


def matter_asked(text: str) -> str:
    """Return the matter on which the newest article is asked; empty for the newest of all."""
    found = _ABOUT.search(text)
    return found.group(1) if found else ""


def asks_lately(text: str) -> bool:
    """Tell whether a question asks for what happened lately: "this week", "recently"."""
    return bool(_LATELY.search(text))


def without_lately(text: str) -> str:
    """Take "this week" and the like off a question."""
    return " ".join(_LATELY.sub(" ", text).split())


def since_asked(newest: str) -> str:
    """Return the ISO date since which articles are new, by the date of the newest one.

    "This week" is counted from that one: a corpus may have been closed long ago. Empty where the
    newest does not state its day.
    """
    try:
        return (date.fromisoformat(newest) - _NEW).isoformat()
    except ValueError:
        return ""


def is_new(dated: str | None, since: str) -> bool:
    """Tell whether an article of an ISO date is no older than ``since``, as far as both say."""
    return bool(since) and dated is not None and dated >= since[: len(dated)]


def note_on_new(since: str, newest: str) -> str:
    """Say what was taken for new."""
    return f"Asked for what is new: articles since {since} come first, the newest is of {newest}."


NOT_DATED = "No article that speaks of this states its date, so which is newest is not known."


def speaks_of(matter: str, text: str) -> bool:
    """Tell whether a text names all of a matter."""
    return set(terms(matter)) <= set(terms(text))


def opens_with(matter: str, article: Origin, passages: Sequence[Passage]) -> bool:
    """Tell whether an article is about a matter: its title names it, or its opening does."""
    openings = [p.text[: _OPENING - p.start] for p in passages if p.start < _OPENING]
    return any(speaks_of(matter, text) for text in (article.title or "", *openings))


def newest_of(articles: Sequence[Origin], among: Collection[str]) -> tuple[Origin, ...]:
    """Return the article with the latest date ``among`` some, alone; none where none is dated."""
    dated = [article for article in articles if article.date and article.id in among]
    return tuple(sorted(dated, key=lambda article: article.date or "")[-1:])


def note_on(chosen: Origin, articles: Sequence[Origin]) -> str:
    """Say how new the article is that was asked, and how many might be newer."""
    undated = sum(not article.date for article in articles)
    rest = f"; {undated} of {len(articles)} articles state no date" if undated else ""
    return f"The newest dated article on this is of {chosen.date}{rest}."
