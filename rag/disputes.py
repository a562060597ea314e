"""What is disputed: the sentences in which somebody denies, doubts or contradicts what others say.

"Where do the articles disagree?" names no matter on which accounts could be held side by side
(`rag.accounts` does that); what the articles themselves report as disputed answers it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.choosing import Statement
from rag.questions import SOURCES, Question
from rag.reading import Scored
from rag.summaries import central
from rag.terms import fold

_MOST = 8
_THEY = rf"(?:they|people|everyone|(?:the |these |your |all )*(?:two |different )?{SOURCES})"
_EACH_OTHER = r"(?: (?:with )?(?:each other|one another))?"
_DISAGREE = rf"(?:disagree|differ|diverge|conflict|clash|contradict){_EACH_OTHER}"
_DISAGREEMENTS = (
    r"(?:(?:main|key|biggest) )?(?:contradictions?|disagreements?|discrepanc(?:y|ies)|disputes?|"
    r"controvers(?:y|ies)|points of (?:contention|dispute|disagreement)|open questions|"
    r"conflicting (?:accounts|claims|reports|versions)|inconsistenc(?:y|ies))"
)
_HERE = (
    rf"(?: (?:here|in (?:this|the) (?:\w+ )?(?:affair|case|story|row|matter|conflict)|"
    rf"(?:between|among|in|across) (?:them|{_THEY})))?"
)
_ASKED = re.compile(
    rf"(?:(?:and|so|ok|okay),? )*(?:"
    rf"(?:where|what|how|on what|about what|over what) do {_THEY} {_DISAGREE}"
    r"(?: (?:on|about|over))?|"
    rf"do {_THEY} (?:{_DISAGREE}|agree{_EACH_OTHER})|"
    r"what(?: exactly)? (?:is|are|remains|is still) (?:disputed|contested|in dispute|"
    r"controversial|contentious|unclear|open|not agreed|up for debate)|"
    rf"(?:what|which) (?:are (?:the )?)?{_DISAGREEMENTS}(?: are there)?|"
    rf"(?:are|is) there (?:any )?{_DISAGREEMENTS}|"
    rf"(?:list|name|show|find|give)(?: me)? (?:all )?(?:the )?(?:any )?{_DISAGREEMENTS}"
    rf"){_HERE}\W*"
)
_DISPUTES = re.compile(
    r"\b(?:(?<!hard to )den(?:y|ies|ied|ials?)|"
    r"disput(?:es|ing|ed(?! [a-z]+s\b))|disagree\w*|"
    r"contradict\w*|contest(?:s|ed)\b|"
    r"reject(?:s|ed)|refut\w+|rebut\w*|unfounded|accus(?:es?|ed|ations?)|blam(?:es?|ed)|"
    r"counter(?:s|ed) that|critics|sceptic\w*|skeptic\w*|debate(?:s|d)?\b|"
    r"(?:do|does|did)(?: not|n['’]t) agree|not (?:all|every\w*)\b.{0,40}\b(?:agrees?|same)|"
    r"(?:a|quite) (?:very )?different (?:story|view|line|account|picture|figure|number|answer)|"
    r"on the other hand|by contrast|others (?:say|argue|maintain|believe|insist|see|think|hold)|"
    r"some (?:say|argue|maintain|believe|insist|think|hold|have argued)|"
    r"remains? (?:open|unclear|uncertain)|could not (?:be verified|verify)|"
    r"call(?:s|ed) (?:it|this|that|them|the \w+) (?:an? )?[\"“]?(?:deception|lie|nonsense|rumou?r|"
    r"propaganda|false|absurd))",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"\b(?:(?:disput|reject|contest|contradict|disagree|refut)\w*|den(?:y|ies|ied)) (?:with )?"
    r"(?:that|this|it|them|the (?:claims?|accusations?|accounts?|figures?))\b|"
    r"\b(?:on the other hand|by contrast|different (?:story|view|line|account|picture|answer))\b",
    re.IGNORECASE,
)


def disputes_asked(question: Question) -> bool:
    """Tell whether a question asks what is disputed, at large."""
    return bool(_ASKED.fullmatch(" ".join(fold(question.text).split())))


def matter_of(_question: Question) -> frozenset[str]:
    """Return no terms: all that the articles tell is asked about."""
    return frozenset()


def disputes_of(_question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose sentences that report a disagreement, the newest article's first.

    One that answers the sentence before it ("Quill disputes that") comes with it.
    """
    in_order = sorted(scored, key=lambda s: (s.candidate.document.id, s.candidate.start))
    disputed = [item for item in in_order if _DISPUTES.search(item.candidate.text)]
    if not disputed:
        return ()
    shown = set(map(id, disputed if len(disputed) <= _MOST else central(disputed, _MOST)))
    chosen: dict[int, Scored] = {}
    for before, item in pairwise([in_order[0], *in_order]):
        if id(item) in shown:
            if _is_answer(item, before):
                chosen[id(before)] = before
            chosen[id(item)] = item
    newest_first = sorted(
        chosen.values(), key=lambda item: item.candidate.document.date or "", reverse=True
    )
    return tuple(Statement(item) for item in newest_first)


def _is_answer(item: Scored, before: Scored) -> bool:
    """Tell whether a sentence only says no to the one before it in its article."""
    together = item.candidate.document.id == before.candidate.document.id and item is not before
    return together and bool(_ANSWERS.search(item.candidate.text))
