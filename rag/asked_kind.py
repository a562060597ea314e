"""Tell whether sentences bring the kind of thing a question asks for: a count, a day.

A near miss shares all its words with the articles and lacks just that: "how many were wounded"
beside sentences on how many were sent is left to the reader, beside a sentence without any number
it can be told here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.dates import dates
from rag.facts import Quantity, quantities
from rag.questions import Question
from rag.terms import fold, stem, terms

_HOW_MANY = re.compile(r"\bhow (?:many|much)\b((?: [\w-]+){0,4})")
# "When" asks with an auxiliary behind it; "when forces act, what ..." is a clause.
_WHEN = re.compile(
    r"(?:(?:and|but|so) )?(?:since |on |in |by |until )?"
    r"(?:(?:what|which) (?:date|day|month|year)\b|"
    r"when (?:is|was|were|are|did|do|does|has|have|had|will|would|can|could|should|may|might)\b)"
)
_TIMES = frozenset(
    map(stem, "minute hour day night week month year decade century time o'clock".split())
)
# Amounts and times that are no numbers or dates.
_AMOUNT = re.compile(
    r"\b(?:several|few|fewer|couple|none|no|not any|both|pair|half|twice|double|triple|most|all|"
    r"single|only one|every|many|lots?|little|majority|third|quarter)\b"
)
_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|now|ago|earlier|later|soon|last|next|recently|"
    r"this (?:week|month|year|morning)|spring|summer|autumn|fall|winter|century|decades?|"
    r"(?:minutes?|hours?|days?|weeks?|months?|years?)|eve|midnight|noon|dawn|never|"
    r"before|after|during|since|until|following|upon|while)\b"
)
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
# Shares and sums answer a "how many" or "how much" of anything.
_AMOUNTS = ("percent", "$", "€", "£", "¥")


def brings_asked_kind(question: Question, sentences: Sequence[str]) -> bool:
    """Tell whether any of the sentences holds what a "how many" or a "when" asks for.

    Other questions are always content.
    """
    folded = fold(question.text)
    if question.expected == "number" and (match := _HOW_MANY.search(folded)):
        asked = set(terms(match[1]))
        return any(_holds_count(asked, text) for text in sentences)
    if question.expected == "date" and _WHEN.match(folded):
        return any(_holds_time(question.text, text) for text in sentences)
    return True


def _holds_count(asked: set[str], text: str) -> bool:
    return bool(_AMOUNT.search(fold(text))) or any(_counts(asked, q) for q in quantities(text))


def _counts(asked: set[str], quantity: Quantity) -> bool:
    """Tell whether a number may be the one asked for: a time or a measure only where it is."""
    is_unit = quantity.measure or _TIMES & {stem(fold(noun)) for noun in quantity.nouns[:1]}
    is_amount = quantity.measure in _AMOUNTS
    return not is_unit or is_amount or bool(asked & set(terms(quantity.text)))


def _holds_time(question: str, text: str) -> bool:
    stated = [*(d.text for d in dates(text)), *_YEAR.findall(text)]
    return bool(_TIME.search(fold(text))) or any(said not in question for said in stated)
