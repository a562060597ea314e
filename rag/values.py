"""The values that answer a question of one kind: figures, days, places, as strings to compare."""

from __future__ import annotations

import re

from rag.dates import dates
from rag.facts import quantities
from rag.names import Name, is_country
from rag.questions import Question
from rag.terms import terms

_PLACE = re.compile(
    r"\b(?:in|at|near|to|into|from|around|of|off|across|outside|towards?) (?:the )?"
    r"((?:[A-Z][\w'’-]+ ?)+)"
)

_HOW_MANY = re.compile(r"\bhow many ((?:[\w’'-]+ ?){1,4})", re.IGNORECASE)


def values(question: Question, text: str) -> set[str] | None:
    """Return the values of the kind asked for that a sentence brings and the question lacks.

    ``None`` where the question asks for no kind that can be compared.
    """
    if question.expected == "number":
        return {f"{q.low:g}-{q.high:g} {q.measure}" for q in quantities(text)}
    if question.expected == "date":
        return {d.text for d in dates(text) if d.text not in question.text}
    if question.expected == "place":
        return {name for name in _places(text) if not set(terms(name)) <= set(question.terms)}
    return None


def counts_the_same(question: Question, text: str) -> bool:
    """Tell whether a sentence counts what "how many" asks for: "412 species", not "54 dives"."""
    asked = _HOW_MANY.search(question.text)
    things = set(terms(asked[1])) if asked else set()
    return any(q.nouns and things & set(terms(q.nouns[0])) for q in quantities(text))


def _places(text: str) -> set[str]:
    """List names behind a preposition of place; countries, as whole as they are, are left out."""
    found = {match[1].strip() for match in _PLACE.finditer(text)}
    return {n for n in found if terms(n) and not is_country(Name(n, 0, len(n)))}
