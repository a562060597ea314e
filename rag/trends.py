"""Questions how a figure changed: asked as what each article gives for it, the oldest first.

No sentence says how the toll grew where each report only has the count of its day.
"""

from __future__ import annotations

import re

_FIGURE = (
    r"\b(?:numbers?|counts?|tolls?|totals?|sums?|prices?|costs?|estimates?|figures?|shares?|"
    r"percentages?|rates?|budgets?|size|amounts?|values?|populations?|cases|deaths|infections|"
    r"casualties|losses|bills?|wages?|salar(?:y|ies)|turnout|output|production|sales|revenues?|"
    r"profits?|debts?|fares?|rents?|fees?|fines?)\b"
)
_CHANGE = (
    r"(?:chang|increas|decreas|declin|evolv|shift|develop|vari|doubl|tripl)(?:e|es|ed|y)?|"
    r"gr[eo]w(?:n)?|rise|risen|fall|fallen|dropp?(?:ed)?|climb(?:ed)?|shr[iu]nk|soar(?:ed)?|"
    r"(?:go|gone|went|come|came) (?:up|down)|(?:been )?(?:revised|corrected|updated)"
)
_HAS = r"(?:did|do|does|has|have|had|was|were)"
_WHEN = (
    r"(?:over|from|between|since|during|within|throughout|across|until|in|as|with|after|by|up|to)"
)
_TREND = re.compile(
    rf"(?:(?:and|but|so),? )?(?:how|by how much)(?: much| far| fast)? {_HAS} "
    rf"(?P<what>(?:the |its |their |his |her )?[^,;:?]*?{_FIGURE}[^,;:?]*?) (?:{_CHANGE})"
    rf"(?: {_WHEN}\b.*)?\W*",
    re.IGNORECASE,
)
_OVER_TIME = "over time, by the different accounts"


def over_time(text: str) -> str:
    """Ask for a figure at each time instead of how it changed; others come back unchanged."""
    found = _TREND.fullmatch(text.strip())
    return f"What was {found['what']} {_OVER_TIME}?" if found else text


def asks_over_time(text: str) -> bool:
    """Tell whether a question is one that ``over_time`` writes: what answers is shown by date."""
    return _OVER_TIME in text
