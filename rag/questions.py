"""What a question asks for: the kind of answer, its shape, and the names in it.

No model: the words a question is built with tell most of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.terms import fold, terms

Expected = Literal["number", "date", "person", "place", "reason", "other"]
Shape = Literal["fact", "list", "comparison", "summary", "explanation"]


def _any(*patterns: str) -> re.Pattern[str]:
    """Match any of the patterns at a word's start."""
    return re.compile(r"\b(?:" + "|".join(patterns) + ")")


_WH = r"(?:what|which)"

_NUMBER = _any(
    r"how (?:many|much|large|big|long|far|often|old)\b",
    _WH + r" (?:number|share|percentage|proportion|figure|amount|range|size|weight|length|height|"
    r"width|depth|diameter|distance|speed|price|cost|rate|age)s?\b",
    r"(?:number|percentage|share) of\b",
    r"percent\b",
)
_DATE = _any(
    r"when\b",
    _WH + r" (?:date|day|year|month|week|time)\b",
    r"on what (?:date|day)\b",
    r"since when\b",
)
_PERSON = _any(
    r"who(?:m|se)?\b",
    _WH + r" (?:\w+ ){0,2}(?:person|official|analyst|author|expert|politician|minister|president|"
    r"leader|writer|journalist|diplomat|scholar|officer|man|woman)s?\b",
)
_PLACE = _any(
    r"where\b",
    _WH + r" (?:\w+ )?(?:place|city|country|region|area|town|location|port|base)\b",
)
_REASON = _any(r"why\b", _WH + r" (?:\w+ ){0,3}(?:reason|cause|motiv|drive|explain)")

# Plural nouns that a question asks to have enumerated.
_ENUMERABLE = (
    "reason argument weapon country nation ship vessel component part area force item kind type "
    "example measure step technology benefit official person expert consequence implication risk "
    "factor way system thing good aircraft group company state point topic name member ally"
).split()
_PLURALS = "|".join(
    w[:-1] + "ies" if w.endswith("y") and w != "way" else w + "s?" if w == "aircraft" else w + "s"
    for w in _ENUMERABLE
)
_LIST = _any(
    r"list\b",
    "enumerate",
    r"name (?:the|all|some|two|three|four|five)\b",
    r"what are\b",
    _WH + r" (?:\w+ ){0,3}?(?:" + _PLURALS + r"|people)\b",
    r"who (?:are|were|else)\b",
    r"all the\b",
)
_SOURCES = r"(?:articles?|sources?|authors?|reports?|texts?|experts?|analysts?)"
_COMPARISON = _any(
    "compar", "differ", "disagree", "contrast", r"versus\b", r"vs\b", r"both\b", "similar",
    _SOURCES + r" (?:\w+ ){0,2}(?:agree|disagree|differ|conflict)",
    r"conflicting\b",
    r"other (?:article|source)s\b",
    r"alike\b", r"same (?:view|way|opinion|position|figure|number)\b", r"in common\b",
    r"(?:different|various|several|two|all|each) (?:\w+ )?(?:account|version|statement|article|"
    r"source|report|author)s?\b",
    r"(?:do|does|did) the (?:article|source|report|author|account)s?\b",
)  # fmt: skip
_SUMMARY = _any(
    "summar", r"overview\b", r"main (?:point|argument|idea|claim)s?\b", r"gist\b",
    r"(?:article|text|piece|column) about\b",
)  # fmt: skip
_EXPLANATION = _any(
    r"why\b",
    r"how (?!many\b|much\b|large\b|big\b|long\b|far\b|often\b|old\b)",
    "explain",
    r"what (?:reason|would happen|happens|does .* mean)",
    r"in what way\b",
)

# Capitalised words, "of" and "the" between them; the first word of a sentence is no evidence.
_NAME = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][\w'’-]*(?:\s+(?:(?:of|the)\s+)?[A-Z][\w'’-]*)*")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what it asks for; ``terms`` are its content terms without repeats."""

    text: str
    terms: tuple[str, ...]
    expected: Expected
    shape: Shape


def analyse(text: str) -> Question:
    """Tell what a question asks for."""
    folded = fold(text)
    return Question(
        text=text,
        terms=tuple(dict.fromkeys(terms(text))),
        expected=_expected(folded),
        shape=_shape(folded),
    )


def _expected(folded: str) -> Expected:
    patterns: tuple[tuple[re.Pattern[str], Expected], ...] = (
        (_NUMBER, "number"),
        (_DATE, "date"),
        (_REASON, "reason"),
        (_PLACE, "place"),
        (_PERSON, "person"),
    )
    found = [(m.start(), name) for pattern, name in patterns if (m := pattern.search(folded))]
    return min(found)[1] if found else "other"


def _shape(folded: str) -> Shape:
    if _SUMMARY.search(folded):
        return "summary"
    if _COMPARISON.search(folded):
        return "comparison"
    if _LIST.search(folded):
        return "list"
    return "explanation" if _EXPLANATION.search(folded) else "fact"


def names(text: str) -> tuple[str, ...]:
    """List the names in a question."""
    return tuple(match.group() for match in _NAME.finditer(text))
