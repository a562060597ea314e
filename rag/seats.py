"""Name the state for the capital that stands for it: "Moscow denied it" speaks of Russia.

A model that reads a question beside a text tells the two apart, where the text has the other.
"""

from __future__ import annotations

import re

from rag.nations import STATE_OF_SEAT, fold, unfold

_ANY = "|".join(STATE_OF_SEAT)
_SEAT = re.compile(rf"\b(?:[Tt]he (?=Kremlin))?({_ANY})(?P<s>['’]s)?(?!\w|-[a-z]| [A-Z])")
# What is in, to or from a capital, or several, has a place; so has what visits it. Behind a name,
# it is part of one.
_A_PLACE = re.compile(
    r"\b(?:in|into|to|at|from|near|outside|around|across|of|for|via|through|inside|"
    r"became|become|becomes|called|named|visit(?:s|ed|ing)?|leav(?:e|es|ing)|left|reach(?:es|ed)?)"
    rf" (?:(?:the )?(?:{_ANY})(?:, and|, or|,| and| or) )*$"
)
_IN_A_NAME = re.compile(r"(?<![.?!,;:] )(?<!^)\b[A-Z][\w'’.]* $")
_ARTICLE = dict.fromkeys(("unitedstates", "unitedkingdom"), "the ")


def with_states_named(question: str, text: str) -> str:
    """Write the states that a text names for their capitals in a question about it.

    A capital that is a place stays: "in Moscow", "a visit to Moscow", "the Moscow Times".
    """
    named = frozenset(re.findall(r"\w+", fold(text)))

    def written(found: re.Match[str]) -> str:
        key, before = STATE_OF_SEAT[found.group(1)], question[: found.start()]
        if key not in named or _A_PLACE.search(before) or _IN_A_NAME.search(before):
            return found.group()
        state = written_out(key)
        return state + (_possessive(state) if found.group("s") else "")

    return _SEAT.sub(written, question)


def written_out(key: str) -> str:
    """Write a state's key as a sentence names it, with its article."""
    return _ARTICLE.get(key, "") + unfold(key)


def _possessive(name: str) -> str:
    return "’" if name.endswith("s") else "’s"
