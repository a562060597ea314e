"""Find the publisher in what a page says about itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_OUTLET = r"(?P<outlet>[A-Z][\w&’'.-]*(?: (?:(?:of|the|and|for|on|&) )?[A-Z][\w&’'.-]*){0,5}?)"
_SITE = r"(?:’s|'s)?(?: (?:web ?page|web ?site|site|portal|blog|page|online))?"
_STATED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:\bfollow) {_OUTLET} (?i:on google news)",
        r"(?i:\b(?:first|originally|previously)(?: time)? (?:published|appeared|posted))"
        rf" (?:on|in|by|at|with) (?:the )?{_OUTLET}{_SITE}(?=[.,;)]|$| on | and )",
        r"(?i:\b(?:re-?published|reprinted|re-?posted)(?: with permission)?)"
        rf" (?:from|by|on) (?:the )?{_OUTLET}{_SITE}(?=[.,;)]|$| on | under )",
        r"(?:©|(?i:copyright)(?: ©)?) ?(?:\d{4}(?:[-–]\d{4})?,? )?"
        rf"(?:by )?{_OUTLET}(?=[.,;]|$| \d| All)",
    )
)
# "told The Daily" is how a paper refers to itself; other pages quoting it write "reported".
_TOLD = re.compile(
    r"\btold (?P<outlet>[Tt]he [A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*){0,3})(?=[ .,;]|$)(?! that day)"
)
_LEAST_TELLINGS = 3


def stated_publisher(furniture: Iterable[str]) -> str | None:
    """Return the publisher that furniture names: credits, copyright, channels to follow."""
    for line in furniture:
        for rule in _STATED:
            if match := rule.search(line[:2_000]):
                return match["outlet"].rstrip(".")
    return None


def implied_publisher(paragraphs: Iterable[str]) -> str | None:
    """Return the outlet that the speakers talked to, where it is always the same one.

    A paper's own interviews read "told The Daily". It counts from three times on, and only where
    no other outlet is spoken to and this one is named in no other way: a page that retells
    another's reporting names its source.
    """
    text = "\n".join(paragraphs)
    tellings = Counter(match["outlet"] for match in _TOLD.finditer(text))
    if len(tellings) != 1:
        return None
    outlet, count = tellings.most_common(1)[0]
    if count < _LEAST_TELLINGS or text.count(outlet[4:]) != count:
        return None
    return f"The {outlet[4:]}"
