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


def _places(text: str) -> set[str]:
    """List names behind a preposition of place; countries, as whole as they are, are left out."""
    found = {match[1].strip() for match in _PLACE.finditer(text)}
    return {n for n in found if terms(n) and not is_country(Name(n, 0, len(n)))}
