"""Bare question words given the clause they leave out: "When was the pact signed, and where?".

Linguists call the gap sluicing. Only clauses whose wording can be told are taken over: those with
a verb before the subject ("was the pact signed"), and a few that can be turned round ("who built
the pier", "how many boats were sold").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.terms import terms

_BE = r"(?:is|are|was|were)"
_DO = r"(?:do|does|did|will|would|can|could|should|may|might|must)"
_AUXILIARY = rf"(?:{_BE}|{_DO}|has|have|had)"
_LED = (
    r"(?:for how long|(?:by|for|to|with|from|against) whom|(?:since|until) when|(?:to|from) where)"
)
BARE = rf"(?:{_LED}|how (?:long|often)|when|where|why|how)\b(?: exactly\b)?"
_AND = r"(?:,\s*(?:and\s+)?|\s+and\s+)"
# What opens a question beside a plain question word: "by whom was", "when and by whom was".
OPENING = rf"(?:{_LED}|{BARE}(?:{_AND}{BARE})+)\s+{_AUXILIARY}\b"

_SHARED = re.compile(rf"({BARE}(?:{_AND}{BARE})+)\s+({_AUXILIARY}\s.+)", re.I)
_LAST = re.compile(rf"(?:[?;,]\s*(?:and\s+)?|\s+and\s+)({BARE})$", re.I)
_MOST_BARE = 3
_ENDS_ASKING = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)$", re.I)

_PLAIN = re.compile(
    rf"({BARE}|(?:(?:in|on|at|by)\s+)?(?:what|which) (?:year|month|day|date|time))\s+"
    rf"({_AUXILIARY}\s.+)",
    re.I,
)
_NO_NOUN = (
    rf"(?:{_AUXILIARY}|the|an?|it|he|she|they|we|you|i|this|that|these|those|his|her|its|their|of|"
    r"in|on|at|to|from|with|by|for|who|which|more|less)\b"
)
_COUNTED = rf"((?:(?!{_NO_NOUN})[\w-]+\s+){{1,3}}?)"
_OBJECT = re.compile(rf"(?:how many|what|which)\s+{_COUNTED}({_DO})\s+(.+)", re.I)
_SUBJECT = re.compile(
    rf"how many\s+(?:of\s+(?:the|its|their)\s+)?{_COUNTED}({_BE})\s+([\w-]+)(.*)", re.I
)
_DOER = re.compile(
    r"who\s+(\w+)\s+((?:(?-i:[A-Z])|(?:the|its|their|his|her|this|these|it|them)\b)[\w'’-]*"
    r"(?:\s+[\w'’-]+)*?)((?:\s+(?:in|at|on|near|for|with|to|from|after|before|during|against|into)"
    r"\s.+)?)$",
    re.I,
)
# The verb's place is sure behind one word ("did the club send to Brest") and at the end.
_VERB_BEFORE = re.compile(
    r"((?:(?:the|its|their)\s+)?[\w'’-]+\s+(?!of\b)[\w-]+)(\s+(?:in|at|on|for|with|to|from|by|after|"
    r"before|during|into)\s.+)",
    re.I,
)
_NO_VERB_LAST = re.compile(
    r"\b(?:in|at|on|near|for|with|to|from|by|after|before|during|into)\b|"
    r"\b(?:yesterday|today|tomorrow|year|month|week|ago|here|there|too|first|\w+ly|\d+)$",
    re.I,
)
_PARTICIPLES = {
    "broke": "broken", "drew": "drawn", "drove": "driven", "gave": "given", "hid": "hidden",
    "sank": "sunk", "saw": "seen", "stole": "stolen", "threw": "thrown", "took": "taken",
    "wrote": "written", "chose": "chosen", "began": "begun", "forbade": "forbidden",
    **{word: word for word in (
        "bought brought built caught cut dug fed fought found held hit hurt kept laid led left "
        "lent lost made met paid put sent set shot shut sold struck taught told won").split()},
}  # fmt: skip
_IN_USE = frozenset(_PARTICIPLES.values())
_NOT_PARTICIPLES = frozenset(
    "bed seed feed need speed shed red building opening meeting evening morning hearing wedding "
    "painting landing garden kitchen children women men queen citizen screen seven ten den".split()
)
_PASSIVE = re.compile(rf"{_BE}\b|\w+\s.*\b(?:be|been)\b", re.I)
_PLURAL = re.compile(r"(?:[a-z-]+[^\Wsui]s|people|men|women|children|them|these)$")


def completed(question: str) -> tuple[str, ...]:
    """Return a question with each of its bare question words as a question of its own.

    A question without any, or whose clause cannot be taken over, comes back alone.
    """
    rest, bare = question.strip(" ,;?"), list[str]()
    while (found := _LAST.search(rest)) and len(bare) < _MOST_BARE:
        bare.insert(0, found[1])
        rest = rest[: found.start()].rstrip(" ,;?")
    if _ENDS_ASKING.search(rest):
        return (question,)
    if shared := _SHARED.fullmatch(rest):
        first, *others = re.split(_AND, shared[1])
        rest, bare = f"{first} {shared[2]}", [*others, *bare]
    taken = taking_over(rest, bare)
    return (rest, *taken) if taken else (question,)


def taking_over(question: str, bare: Sequence[str]) -> tuple[str, ...]:
    """Ask the clause of a question with other question words; empty where that cannot be told."""
    head, clause = _clause(question.strip(" ?"))
    asked = [head.lower(), *(word.lower() for word in bare)]
    if not bare or not terms(clause) or len(set(asked)) < len(asked):
        return ()
    if any(word.startswith("by whom") for word in asked) and not _PASSIVE.match(clause):
        return ()
    # "Where is the pier?" has no verb to ask the reason of.
    if not {"when", "where"}.issuperset(asked) and head.lower() != "why" and not _has_verb(clause):
        return ()
    return tuple(f"{word[0].upper()}{word[1:]} {clause}" for word in bare)


def _clause(question: str) -> tuple[str, str]:
    """Split a question into its question word and a clause that may follow others; "" if none."""
    if plain := _PLAIN.fullmatch(question):
        return plain[1], plain[2]
    if wanted := _OBJECT.fullmatch(question):
        done = _with_object(wanted[3], wanted[1].strip())
        return "", f"{wanted[2]} {done}" if done else ""
    counted = _SUBJECT.fullmatch(question)
    if counted and _is_participle(counted[3]):
        return "", f"{counted[2]} the {counted[1].strip()} {counted[3]}{counted[4]}"
    doer = _DOER.fullmatch(question)
    if doer and (participle := _participle(doer[1].lower())):
        be = "were" if _PLURAL.search(doer[2].split(" of ")[0]) else "was"
        return "who", f"{be} {doer[2]} {participle}{doer[3]}"
    return "", ""


def _with_object(rest: str, noun: str) -> str:
    """Put what was asked for behind the verb; empty where the verb's place is unsure."""
    if placed := _VERB_BEFORE.fullmatch(rest):
        return f"{placed[1]} the {noun}{placed[2]}"
    return "" if _NO_VERB_LAST.search(rest) else f"{rest} the {noun}"


def _has_verb(clause: str) -> bool:
    """Tell "was the pier closed" and "did it close" from "is the pier"."""
    auxiliary, *rest = clause.lower().split()
    return not re.fullmatch(_BE, auxiliary) or any(map(_is_participle, rest[1:]))


def _is_participle(word: str) -> bool:
    word = word.lower()
    return word in _IN_USE or (
        word.endswith(("ed", "en", "wn", "ing")) and word not in _NOT_PARTICIPLES
    )


def _participle(past: str) -> str:
    """Return the participle of a verb in the past; empty where it is none that is known."""
    regular = past.endswith("ed") and past not in _NOT_PARTICIPLES
    return past if regular else _PARTICIPLES.get(past, "")
