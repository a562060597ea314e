"""Questions about what several articles say: a value from each, so that disagreement shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rag.choosing import ANSWERS_TOO, Statement, as_likely, choose, in_reading_order
from rag.questions import (
    ACCOUNTS,
    DIFFERENT,
    DISAGREEING,
    SIDES_SAY,
    SOURCES,
    Question,
    reworded,
)
from rag.reading import Scored
from rag.tables import in_tables
from rag.terms import fold
from rag.values import values

_LEAST_TERMS = 2
_MOST = 6
_MOST_OF_AN_ARTICLE = 2  # where there is no value to compare
_LOWER = 4.0  # score units below the best

_OF_SOURCES = rf"(?:the |all |both |these |different |various |several |two |other )*{SOURCES}\b"
_SAY = r"(?:name|give|mention|report|state|say|cite|describe|agree|disagree|differ|conflict)"
_NAMED = re.compile(
    rf"\b{SOURCES}\b|\bconflicting\b|\b{DISAGREEING}|\b{DIFFERENT}|"
    r"\b(?:other|both|different|various|several|two) (?:\w+ )?(?:versions?|accounts?)\b|"
    rf"[.?!] (?:{SIDES_SAY}|{ACCOUNTS})"
)
# What only says that several articles are asked, taken off the question.
_FRAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"[,:;]?\s*\b(?:which|what) (?:\w+ ){{1,3}}(?:do|did) {_OF_SOURCES} {_SAY}\w*",
        rf"[,:;]?\s*\b(?:by|in|across|between|among|according to|from|of) {_OF_SOURCES}"
        rf"(?: {_SAY}\w*)?",
        rf"[.?!]\s+(?:i|we)\b[^.?!]*\b{DIFFERENT}[^.?!]*[.?!]*$",
        rf"[.?!]\s+(?:(?:what|how) )?(?:do|did|does) {_OF_SOURCES} {_SAY}\w*[^.?!]*[.?!]*$",
        rf"[.?!]\s+(?:my|our|the|these) (?:\w+ ){{0,2}}{DISAGREEING}[^.?!]*[.?!]*$",
        rf"[.?!,:;–—-]?\s*\b(?:but |and )?(?:do |did )?(?:the|those|these|all)? ?{DISAGREEING}\W*$",
        r"[.?!,;:–—-]?\s*\b(?:please )?(?:check|search|use|look (?:at|in|through)) "
        rf"{_OF_SOURCES}\W*$",
        rf"^(?:(?P<kind>where|when) |(?:what|how) )?(?:do|did|does) {_OF_SOURCES} {_SAY}\w*"
        r"(?: (?:on|about|over|of|that|whether))?\s+",
        rf"[.?!]\s+(?:{SIDES_SAY}|{ACCOUNTS})\W*$",
    )
)


def asks_across(question: Question) -> bool:
    """Tell whether a question names several articles or accounts without saying which."""
    return question.shape == "comparison" and bool(_NAMED.search(fold(question.text)))


def first_asked(question: Question) -> Question:
    """Take off a further sentence that only says that several articles are asked."""
    bare = core(question)
    ends = question.text[len(bare.text) :].lstrip()[:1] in ("?", ".", "!")
    return bare if ends and question.text.startswith(bare.text) else question


def core(question: Question) -> Question:
    """Take off what only says that several articles are asked; all is left where little would be.

    What is searched and read is the rest: no article says "by the different accounts".
    """
    text = " ".join(question.text.split())
    for frame in _FRAMES:
        text = frame.sub(_kind_kept, text)
    found = reworded(question, " ".join(text.split()))
    return replace(found, shape=question.shape) if len(found.terms) >= _LEAST_TERMS else question


def _kind_kept(frame: re.Match[str]) -> str:
    """Leave "where" and "when" of a frame: they tell what kind of thing is asked for."""
    kind = frame.groupdict().get("kind")
    return f"{kind} " if kind else ""


def choose_across(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose sentences that each bring another figure, day or place, or up to two of an article.

    Without any, choose as for any question. They stand by article, or by date where that is asked.
    """
    likely = as_likely(question, scored)
    seen: set[str] = set()
    of_article: Counter[str] = Counter()
    chosen: list[Statement] = []
    for item in scored:
        near = item.score >= scored[0].score - _LOWER or (item.relevance or 0.0) > ANSWERS_TOO
        if not near or not likely(item):
            continue
        found, document = values(question, item.candidate.text), item.candidate.document.id
        new = of_article[document] < _MOST_OF_AN_ARTICLE if found is None else found - seen
        if new:
            seen |= found or set()
            of_article[document] += 1
            chosen.append(Statement(item))
    leads = [statement.lead for statement in chosen[:_MOST]]
    rows = in_tables(leads, {id(lead) for lead in leads}, scored)
    shown = in_reading_order([*map(Statement, (*leads, *rows))]) or choose(question, scored)
    return _oldest_first(shown) if question.by_date else shown


def _oldest_first(shown: Sequence[Statement]) -> tuple[Statement, ...]:
    """Order statements by the dates of their articles; those of undated ones come last."""
    return tuple(sorted(shown, key=lambda s: s.lead.candidate.document.date or "9999"))
