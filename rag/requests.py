"""What is typed into a chat beside questions: greetings, thanks, wishes to be told of a thing.

A greeting is no question, and "Tell me more about the treaty" is one in other words.
"""

from __future__ import annotations

import re
from typing import Literal

from rag.terms import fold

Courtesy = Literal["greeting", "thanks", "help"]

_OPENING = r"(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|dear|greetings)\b)"
_THERE = r"(?:[ ,]*(?:there|all|bot|chatbot|everyone|again))?"
_FINE = r"(?:ok|okay|great|perfect|nice|cool|good)"
_COURTESIES: tuple[tuple[Courtesy, re.Pattern[str]], ...] = (
    (
        "help",
        re.compile(
            rf"(?:{_OPENING}{_THERE}\W+)?(?:help(?: me)?|"
            r"what (?:can|do) you (?:do|know|answer)(?: for me)?|how (?:do|does|can) "
            r"(?:you|this|it|i use (?:you|this|it))(?: (?:work|help(?: me)?))?|"
            r"what (?:is|are) (?:this|you)(?: (?:for|about))?|who are you|"
            r"what (?:can|should|may) i ask(?: (?:you|here))?(?: about)?)\W*"
        ),
    ),
    ("greeting", re.compile(rf"{_OPENING}{_THERE}(?:\W+how are you(?: doing)?(?: today)?)?\W*")),
    (
        "thanks",
        re.compile(
            rf"(?:{_FINE}\W+)?(?:many )?(?:thanks|thank you|thx|cheers)"
            rf"(?: (?:a lot|so much|very much|again))?\W*|(?:{_FINE}|bye|goodbye)\W*"
        ),
    ),
)
_TELL = re.compile(
    r"(?:(?:please|can you|could you|would you)\s+)*(?:tell\s+(?:me|us)|talk)\s+"
    r"(?:a\s+(?:bit|little)\s+)?(?:(?:more|something|everything|all)\s+)?about\s+(?P<matter>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_MORE = re.compile(r"(?:some\s+)?more\s+(?:about|on)\s+(?P<matter>\S.*)", re.IGNORECASE | re.DOTALL)


def courtesy(text: str) -> Courtesy | None:
    """Tell a greeting, thanks or a call for help that asks nothing of the articles."""
    folded = fold(text).strip()
    return next((kind for kind, pattern in _COURTESIES if pattern.fullmatch(folded)), None)


def as_question(text: str) -> str:
    """Write a request to be told of a thing as the question it is; others come back unchanged."""
    match = _TELL.fullmatch(text.strip()) or _MORE.fullmatch(text.strip())
    return f"What is said about {match['matter'].rstrip(' .!?')}?" if match else text
