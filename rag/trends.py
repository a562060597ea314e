"""Questions about how a figure changed: asked as what each article gives for it, the oldest first.

No sentence says how the toll grew where each report only has the count of its day.
"""

from __future__ import annotations

import re

# The noun itself is what changes: "the number of cases", not "the debt crisis". Case counts: "the
# Count" and "Bill" are people.
_FIGURE = (
    r"(?:numbers?|counts?|tolls?|totals?|prices?|costs?|estimates?|shares?|percentages?|rates?|"
    r"budgets?|sizes?|amounts?|values?|populations?|cases|deaths|infections|casualties|wages?|"
    r"salar(?:y|ies)|turnout|output|sales|revenues?|profits?|fares?|rents?|fees?|"
    r"figures?(?= (?:for|of|on) ))"
)
_NO_NOUN = r"(?:who|whom|which|that|to|and|or|of|in|for|by|with|did|does|do|is|was|were|are|has)"
_WHAT = (
    rf"(?:the |its |their |his |her |our )?(?:(?!{_NO_NOUN}\b)[a-z][\w-]* ){{0,3}}"
    rf"(?P<head>{_FIGURE})"
    r"(?: (?:of|in|for|on|from|among|with) [^,;:?()]{1,80}?)?"
)
_CHANGE = (
    r"(?:changed?|increased?|decreased?|declined?|evolved?|developed?|gr[eo]wn?|rise|risen|fall|"
    r"fallen|dropp?(?:ed)?|climb(?:ed)?|shrink|shrunk|soar(?:ed)?|var(?:y|ied)|doubled?|"
    r"(?:go|gone) (?:up|down)|been (?:revised|corrected|updated)|revised|corrected|updated)"
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"spring|summer|autumn|winter|fall)"
)
_THEN = rf"(?:(?:the )?(?:early |late )?{_MONTH}|then|now|today|the (?:start|beginning|end))"
# From when to when is left to the articles, which are shown by their dates.
_WHEN = (
    rf"(?: (?:from {_THEN} (?:to|until) {_THEN}|between {_THEN} and {_THEN}|since {_THEN}|"
    r"over (?:time|the (?:days|weeks|months|years))|across (?:the|all) articles))?"
)
_TREND = re.compile(
    r"(?:(?:[Aa]nd|[Bb]ut|[Ss]o),? )?[Hh]ow (?:did|has|have|had|was|were) "
    rf"(?P<what>{_WHAT}) {_CHANGE}{_WHEN}(?P<rest>(?: [^,;:?()]{{1,80}})?(?: \([^()]*\))?)[?.! ]*"
)


def over_time(text: str) -> str | None:
    """Ask for a figure by each account instead of how it changed; ``None`` for what asks no such.

    What answers is to be shown by the dates of the articles.
    """
    found = _TREND.fullmatch(text.strip())
    if not found:
        return None
    verb = "were" if found["head"].endswith("s") else "was"
    return f"What {verb} {found['what']}{found['rest']}, by the different accounts?"
