"""The figures that articles give: the sentences that count or measure something.

"Key figures, please" asks for no sentence that answers, but for those that hold numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.amounts import amounts
from rag.choosing import Statement, in_reading_order
from rag.questions import SOURCES, Question
from rag.reading import Scored
from rag.summaries import central
from rag.terms import fold, terms

_MOST, _ENOUGH = 10, 2  # sentences; figures in one that tells much
_KEY = r"(?:key|main|most important|important|biggest|relevant|central|hard|exact)"
_FIGURES = r"(?:numbers|figures|statistics|stats|amounts|sums|counts|quantities)"
_SORTS = "money casualty troop cost price financial trade budget size"
_OF = rf"(?: (?:{'|'.join(_SORTS.split())}))?"
_GIVEN = (
    r"(?:given|named|mentioned|cited|stated|reported|quoted|there|published|circulating|"
    r"out there|known)"
)
_MATTER = (
    r"(?:(?: (?:for|on|about|of|regarding|concerning|around|from|in|behind) (?P<matter>.+?))"
    r"(?: at a glance)?)?"
)
_ASKED = re.compile(
    rf"(?:(?:and|so|ok),? )?(?:"
    rf"(?:what|which)(?: are| is)?(?: the| all the)?(?: {_KEY})?(?P<kind>{_OF}) {_FIGURES}"
    rf"(?: (?:are|were|do they|do the {SOURCES}) (?:being )?(?:{_GIVEN}|give|name|cite|state))?|"
    rf"(?:(?:list|give|show|find|collect|pull out|get|extract|i need|what about)(?: me| us)? )?"
    rf"(?:(?:all|the|any|some)?(?: of)?(?: the)? ?{_KEY}?(?P<other>{_OF}) ?{_FIGURES}|"
    rf"(?:every|each)(?: single)? (?:number|figure|statistic))"
    rf"(?: (?:that are )?{_GIVEN})?"
    rf"){_MATTER}(?: at a glance| please)?\W*"
)
_TEXTS = re.compile(
    rf"(?:(?:the|all|these|this|your|any) )*(?:(?:two|three|four|five|six|\d+) )?"
    rf"(?:{SOURCES}|stories|article|text|it|them|here|story)\W*"
)
_KINDS = frozenset(terms(_SORTS))
_MONEY_KINDS = frozenset(terms("money cost price financial budget"))
_MONEY = re.compile(
    r"[$€£¥₩]|\b(?:dollars?|euros?|pounds?|francs?|crowns?|kron[aoe]r?|yen|yuan|rou?bles?|rupees?|"
    r"pesos?|cents?|costs?|prices?|worth|paid|pays?|budgets?|earn(?:s|ed)?)\b",
    re.IGNORECASE,
)
# "The number of the ships" asks for one of them.
_ONE = re.compile(r"(?:what|which)(?: is| are)?(?: the)? (?:number|amount|figure|count)s? of\b")


def tally_asked(question: Question) -> bool:
    """Tell whether a question asks for the figures that are given, all or the main ones."""
    folded = " ".join(fold(question.text).split())
    return bool(_ASKED.fullmatch(folded)) and not _ONE.match(folded) and " " in folded


def matter_of(question: Question) -> frozenset[str]:
    """Return the terms of what the figures are to be about; empty for all that is counted."""
    found = _ASKED.fullmatch(" ".join(fold(question.text).split()))
    if not found:
        return frozenset()
    matter = found["matter"] or ""
    kind = found["kind"] or found["other"] or ""
    return frozenset(terms(f"{kind} {'' if _TEXTS.fullmatch(matter) else matter}"))


def tally_of(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose sentences that give figures, on the matter if there is one, in reading order.

    Of too many those that give most, and of as many the more central ones.
    """
    matter = matter_of(question)
    in_order = sorted(scored, key=lambda s: (s.candidate.document.id, s.candidate.start))
    counting = [item for item in in_order if _figures_in(item)]
    on_it = [item for item in counting if matter <= set(terms(item.candidate.text))]
    if matter and matter <= _MONEY_KINDS:
        on_it = [item for item in counting if _gives_sums(item)]
    if not on_it and not matter <= _KINDS:
        on_it = [item for item in counting if not matter.isdisjoint(terms(item.candidate.text))]
    return in_reading_order([Statement(item) for item in _most_telling(on_it or counting)])


def _most_telling(items: Sequence[Scored]) -> list[Scored]:
    chosen: list[Scored] = []
    for least in (_ENOUGH, 1):
        more = [item for item in items if item not in chosen and _figures_in(item) >= least]
        room = _MOST - len(chosen)
        chosen += more if len(more) <= room else central(more, room) if room else []
    return chosen


def _gives_sums(item: Scored) -> bool:
    return bool(_MONEY.search(item.candidate.text))


def _figures_in(item: Scored) -> int:
    """Count the amounts that a sentence gives in figures."""
    text = item.candidate.text
    return sum(bool(re.search(r"\d", text[q.start : q.end])) for q in amounts(text))
