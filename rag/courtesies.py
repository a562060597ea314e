"""Courtesies before a question, which ask nothing: "Thanks, that is clear."."""

from __future__ import annotations

import re

_COURTESY = re.compile(
    r"^\s*(?:(?:(?:many )?thanks|thank you)\b(?! to\b)[^.!?,;:]{0,40}|"
    r"(?:ok|okay|all ?right|great|good|perfect|fine|right|cool|nice|i see|got it|understood|hi|"
    r"hello)|(?:that|this|it)(?:['’]s| is| was)? (?:(?:very|quite|really|all) )?(?:clear|helpful|"
    r"useful|interesting|good|great|enough|helps?|helped|makes sense|answers (?:my|the) question|"
    r"i need(?:ed)?)(?: now| to know)?)\s*(?:[,.!;:]+|[–—-]\s)\s*(?=[\w“\"])",
    re.IGNORECASE,
)
_MOST_COURTESIES = 4


def without_courtesy(question: str) -> str:
    """Blank out thanks and greetings before a question; offsets stay."""
    rest = question
    for _ in range(_MOST_COURTESIES):
        rest = _COURTESY.sub("", rest)
    return rest.rjust(len(question))
