"""What a questioner tells before asking: taken apart from the question, which it explains."""

from __future__ import annotations

import re
from itertools import pairwise

from rag.followups import carried, standalone
from rag.names import Name
from rag.questions import names
from rag.sentences import split_sentences
from rag.terms import terms
from rag.types import Message

_TOLD_TERMS = 3  # less is a greeting, or a name
_EACH = re.compile(
    r"\b(?P<verb>do|does|did|has|have|had|will|would|can|could|should|is|was|are|were) "
    r"(?:(?:each|either)\b(?! (?:other|side|party|country|nation|state|one|article|author|day|week|"
    r"month|year|time)\b)|both\b(?! \w+s\b))(?: of (?:them|the two|these)\b)?",
    re.IGNORECASE,
)
# "Quill names three reasons. Which?" asks for what is told of, and for nothing else.
_WHICH = re.compile(
    r"(?:and )?(?:which(?: (?:ones|are they|two|three|four|five|six|seven))?|"
    r"what (?:are|were) (?:they|these|those))\W*",
    re.I,
)
# "They say seven died. Does everyone agree?" asks what the articles say of it, each of them.
_AGREED = re.compile(
    r"(?P<told>[^?]*[^?.!;,–—\s-])[.!;,–—-]+\s*(?:and |but |so )?(?:"
    r"(?:do|does|did) (?:everyone|everybody|all|they all) agree|"
    r"(?:is|was) (?:that|this|it) (?:disputed|contested|agreed|uncontested)|"
    r"(?:do|does|did) (?:anyone|anybody|somebody) (?:disagree|dispute (?:that|this|it))|"
    r"(?P<right>(?:is|was) (?:that|this|it) (?:right|true|correct|accurate)))"
    r"(?: (?:on|about|with) (?:that|this|it))?\W*",
    re.IGNORECASE,
)
_HEARD = re.compile(
    r"(?:(?:i|we)(?:['’]ve| have)? (?:just )?(?:read|heard|saw|seen)|they say|it is said|"
    r"(?:my|our|a|the) \w+ (?:says?|said|tells me|claims?|told me))(?: that)? ",
    re.IGNORECASE,
)
_JOINING = re.compile(r",? and ")


def without_background(text: str) -> str:
    """Return the question that ends a text, with what it takes from the sentences before it."""
    agreed = _AGREED.fullmatch(text.strip())
    if agreed and (not agreed["right"] or re.search(r"\d", agreed["told"])):
        return f"{_HEARD.sub('', agreed['told'], count=1).strip()}. Do the articles agree?"
    told, asked = split_background(text)
    if not told:
        return text
    each = _named_each(told, asked)
    return f"{each} ({carried(told, each)})" if each else standalone(asked, [Message("user", told)])


def split_background(text: str) -> tuple[str, str]:
    """Split what a questioner tells first from the question that ends it.

    "The ferry sank on Monday. Who owned it?" asks for the owner: a sentence that only says again
    what is told would answer nothing. The background is empty where there is none.
    """
    spans = split_sentences(text)
    if len(spans) < 2 or not text.rstrip().endswith("?"):
        return "", text
    told, last = text[: spans[-1].start].strip(), text[spans[-1].start :].strip()
    if "?" in told or len(set(terms(told))) < _TOLD_TERMS or _WHICH.fullmatch(last):
        return "", text
    return told, last


def _named_each(told: str, asked: str) -> str | None:
    """Name the two whom "each" means: "Quill and Sand want a pier. What does each offer?"."""
    each, pair = _EACH.search(asked), _pair(told)
    if not each or not pair or any(terms(name.text) for name in names(asked)):
        return None
    rest = asked[each.end() :].rstrip(" ?")
    return f"{asked[: each.start()]}{each['verb']} {pair} each{rest}?"


def _pair(told: str) -> str | None:
    """Return the first two names that "and" joins, as they are written."""
    found = [name for name in names(f"so {told}") if terms(name.text)]
    for one, other in pairwise(found):
        if _JOINING.fullmatch(_between(told, one, other)):
            return f"{one.text} and {other.text}"
    return None


def _between(told: str, one: Name, other: Name) -> str:
    return f"so {told}"[one.end : other.start]
