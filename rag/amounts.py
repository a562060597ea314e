"""The amounts that a sentence states, in figures or in words.

A number may state none: it may only count off points ("And three, a further risk"), or belong to
a name (Article 4, the Five Eyes).
"""

from __future__ import annotations

import re

from rag.facts import Quantity, quantities
from rag.terms import fold

_SMALL = "one|two|three|four|five|six|seven|eight|nine|ten"
# "And three, a risk", "(2) a risk"; not "And three, he said" or "Three, all of them old, sank".
_FIRST_POINT = re.compile(r"(?:^|[:;,.—–]\s)\W*(?:and )?(?:one|1)[,:)]\s", re.IGNORECASE)
_POINT = re.compile(rf"[:;,.—–]\s\(?(?:and )?({_SMALL}|\d)[,:)]\s", re.IGNORECASE)
_OPENING_POINT = re.compile(
    rf"\W*(?:(?:and|but) )?({_SMALL}|\d)(?:[:)]|,(?= (?:an?|the|it|this|these|they|we|there|if)\b"
    r"(?![^,]*,)(?! (?:\w+ ){0,4}(?:said|says|told|reported|estimated|put|counted)\b)))\s",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"(?:^|\s)\(?(\d\d?)\)\s|^(\d\d?)\.\s(?=\D)")
# What a number behind it only names; "that stage 40 were" counts.
_NUMBERED = re.compile(
    r"\b(?:(?<!this )(?<!that )(?<!last )(?<!each )(?:articles?|chapters?|sections?|pages?|types?|"
    r"category|route|highway|flight|resolution|(?<=the )number|(?<=a )number|no\.|model|version|"
    r"annex|phase|amendments?|level|tier|class|grade|stage)|"
    r"(?-i:Group of|World War|Title|Unit|Part|Vol(?:ume)?|Step|Mark|Block|Rule|Point|Platform|Pier|"
    r"Dock|Gate|Room|Runway|Channel|Sector|Zone|Formula|Option|Boeing|Airbus|Figure|Table|Season|"
    r"Episode|Day|Week|Round|Game|Race|Line|Hall|Deck|Berth|Lock|Appendix|Area|Office|Station)"
    r")[ -]$",
    re.IGNORECASE,
)
_SHORT_NAME = re.compile(r"[A-Z][\w'’-]+ \([A-Z]{2,6}\) ?$")  # "Air Wing (CVW) 11"
_MOST_NAMED = 9999  # "descendants number 30,000" counts
# "the Five Eyes", "a Six-Party deal", "9/11"; not "3/4".
_NAMED = re.compile(
    rf"(?:(?<=[a-z] )(?:{_SMALL.title()})(?=[ -][A-Z])|(?<=\bBig )(?:{_SMALL.title()})\b|"
    r"\b9(?=/11\b)|(?<=\b9/)11\b|\b24(?=/7\b)|(?<=\b24/)7\b)"
)
_LONGEST = 16  # characters of what is numbered
_ORDINAL_NAMES = frozenset(
    "century parallel anniversary brigade division regiment fleet congress army corps battalion "
    "floor edition annual".split()
)

# Words that tell an amount though they hold no number, and phrases that only look like them.
_AMOUNT = re.compile(
    r"\b(?:several|few|fewer|couple|none|no|not any|nobody|nothing|both|pair|half|halves|once|"
    r"twice|thrice|double|triple|most|all|whole|entire|single|only one|another|each|every|many|"
    r"lots?|little|majority|third|thirds|quarters?|dozens?|scores|hundreds|thousands|millions|"
    r"billions|numerous|multiple|any number|countless|scant|handful|zero|plenty)\b"
)
_IDIOM = re.compile(
    r"\b(?:no (?:longer|doubt|matter|wonder)|one another|each other|at all|after all|above all|"
    r"first of all|all the same|all along|at once|not once|at a single point|nothing but|"
    # Nobody is counted by "nobody knows", while "nobody was saved" counts.
    r"(?:no one|nobody) (?:else |really )?(?:knows?|can|could|should|would|will|wants?|expects?|"
    r"seems?|doubts?|believes?|thinks?|disputes?)|"
    r"another(?: (?:of|is|was|has|had|said|says|who|to|and|or|in|for)\b|(?=[.,;:!?)]|$))|"
    r"every (?:day|week|month|year|time)|once (?:again|more|a|the|it|he|she|they|this|these)|"
    r"(?:the|its|their|his|her|a) most [\w-]+(?:ed|ing|ive|ful|ous|ble|ant|ent|al|ic)|most "
    r"(?:likely|recently|notably|importantly)|third[- ](?:party|parties|countr\w+|world)|"
    r"(?:the|his|her|its|their) third(?! of\b)|(?:first|second|latter|last) half|"
    r"head ?quarters|(?:first|second|third|fourth|last|this|next) quarter)(?!\w)|^\W*third,"
)


def amounts(text: str) -> tuple[Quantity, ...]:
    """Find the numbers of a text that state an amount, in the order they stand."""
    named = {m.start() for m in _NAMED.finditer(text)}
    nothing = _points(text) | named
    return tuple(
        q for q in quantities(text) if q.start not in nothing and not _is_designation(text, q)
    )


def _is_designation(text: str, quantity: Quantity) -> bool:
    """Tell a number that only names: "Article 4", "the 21st century"."""
    if quantity.measure == "ordinal":
        return bool(_ORDINAL_NAMES & set(quantity.nouns[:2]))
    before = text[max(0, quantity.start - _LONGEST) : quantity.start]
    named = _NUMBERED.search(before) or _SHORT_NAME.search(before)
    return quantity.low <= _MOST_NAMED and bool(named)


def _points(text: str) -> set[int]:
    """Return where numbers stand that only count off the points of a text."""
    found = [*_BRACKETED.finditer(text)]
    starts = {m.start(m.lastindex or 0) for m in found}
    if opening := _OPENING_POINT.match(text):
        starts.add(opening.start(1))
    if _FIRST_POINT.search(text):
        starts |= {m.start(1) for m in _POINT.finditer(text)}
    return starts


def in_words(text: str) -> bool:
    """Tell whether a text states an amount in words: several, none, a third."""
    return bool(_AMOUNT.search(_IDIOM.sub(" ", fold(text))))
