"""Tell whether sentences bring the kind of thing a question asks for: a count, a day.

A near miss shares all its words with the articles and lacks just that: "how many were wounded"
beside sentences on how many were sent is left to the reader, beside a sentence without any number
it can be told here. Where a sentence may answer in other words, it passes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.dates import dates
from rag.facts import Quantity, quantities
from rag.questions import Question
from rag.terms import fold, stem, terms

# "How much" may ask for a degree, which no number tells.
_HOW_MANY = re.compile(r"\bhow many\b((?: [\w-]+){0,4})")
# "When" asks for a day of what happened or will; "when can", "when does" may ask a condition.
_WHEN = re.compile(
    r"(?:(?:and|but|so) )?(?:since |on |in |by |until )?"
    r"(?:(?:what|which) (?:date|day|month|year)\b|when (?:is|was|were|are|did|has|have|had|will)\b)"
)
_UNITS = frozenset(
    map(
        stem,
        "second minute hour day night week month year decade century time kilometer kilometre km "
        "meter metre m mile ton tonne kilogram kg gram cm mm inch foot feet yard acre hectare "
        "liter litre gallon barrel degree knot dollar euro pound yen percent".split(),
    )
)
_TIMES = frozenset(map(stem, "minute hour day night week month year decade century".split()))
# Amounts and times that are no numbers or dates.
_AMOUNT = re.compile(
    r"\b(?:several|few|fewer|couple|none|no|not any|nobody|nothing|both|pair|half|once|twice|"
    r"thrice|double|triple|most|all|whole|entire|single|only one|another|each|every|many|lots?|"
    r"little|majority|third|quarter|dozens?|scores|hundreds|thousands|millions|billions|numerous)\b"
)
_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|now|ago|earlier|later|soon|last|next|recently|already|"
    r"shortly|immediately|at once|overnight|this (?:week|month|year|morning)|spring|summer|autumn|"
    r"fall|winter|centur(?:y|ies)|decades?|(?:minutes?|hours?|days?|weeks?|months?|years?|nights?)|"
    r"eve|midnight|noon|dawn|morning|afternoon|evening|weekend|christmas|easter|never|"
    r"when(?:ever)?|once|if|as|amid|with|throughout|under|in case|"
    r"at the (?:time|age|end|start|beginning)|aged|before|after|during|since|until|following|upon|"
    r"while|\d\d?(?::\d\d)? ?[ap]\.?m|\d+ (?:bc|ad))\b"
)
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b|\b(?:in|of|until|since) \d{3}\b")


def brings_asked_kind(question: Question, sentences: Sequence[str]) -> bool:
    """Tell whether any of the sentences holds what a "how many" or a "when" asks for.

    Other questions are always content.
    """
    folded = fold(question.text)
    if question.expected == "number" and (match := _HOW_MANY.search(folded)):
        units = bool({stem(term) for term in terms(match[1])} & _UNITS)
        return any(_holds_count(text, units=units) for text in sentences)
    if question.expected == "date" and _WHEN.match(folded):
        return any(_holds_time(question.text, text) for text in sentences)
    return True


def _holds_count(text: str, *, units: bool) -> bool:
    """Tell whether a sentence counts; a time or a measure counts where ``units`` are asked for."""
    folded = fold(text)
    if _AMOUNT.search(folded) or (units and _TIMES & {stem(term) for term in terms(text)}):
        return True
    return any(units or not _is_measured(q) for q in quantities(text))


def _is_measured(quantity: Quantity) -> bool:
    """Tell a time or a length from a count, a share or a sum."""
    if quantity.measure in ("percent", "$", "€", "£", "¥"):
        return False
    return bool(quantity.measure or _TIMES & {stem(fold(noun)) for noun in quantity.nouns[:1]})


def _holds_time(question: str, text: str) -> bool:
    stated = [*(d.text for d in dates(text)), *_YEAR.findall(text)]
    return bool(_TIME.search(fold(text))) or any(said not in question for said in stated)
