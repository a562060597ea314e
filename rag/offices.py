"""Whose office a text speaks of: "Norville's mayor", "the mayor of Norville".

Another town's mayor is no answer to a question for this one's, however alike the sentence is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.nations import ALIASES
from rag.terms import terms

_OFFICE = (
    r"(?:president|premier|minister|chancellor|ambassador|king|queen|mayor|governor|secretary|"
    r"leader|chief|head|commander|envoy|spokes(?:man|woman|person)|speaker|director)"
)
_NAME = r"(?P<name>[A-Z][\w’'-]*?(?: [A-Z][\w’'-]*?){0,3})"
_WORDS = r"(?:[\w-]+ ){0,2}?"
_OWNED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_NAME}['’]s? {_WORDS}(?P<office>(?i:{_OFFICE}))\b",
        rf"\b(?P<office>(?i:{_OFFICE})) (?:of|for) (?:the )?{_NAME}(?![\w’'-])",
    )
)
_COUNTRY = "|".join(map(re.escape, sorted(ALIASES, key=len, reverse=True)))
_OF_COUNTRY = re.compile(rf"\b(?P<name>{_COUNTRY}) {_WORDS}(?P<office>(?i:{_OFFICE}))\b")


@dataclass(frozen=True, slots=True)
class Office:
    """An office with the terms of whose it is."""

    office: str
    owner: frozenset[str]


def offices_in(text: str) -> tuple[Office, ...]:
    """List the offices of which a text says whose they are."""
    return tuple(dict.fromkeys(_read(text)))


def _read(text: str) -> Iterator[Office]:
    for pattern in _OWNED:
        for found in pattern.finditer(text):
            if owner := frozenset(terms(found["name"])):
                yield Office(found["office"].lower(), owner)
    for found in _OF_COUNTRY.finditer(text):
        yield Office(found["office"].lower(), frozenset(terms(found["name"])))


def is_anothers(asked: Sequence[Office], sentence: str, *, holder: bool = False) -> bool:
    """Tell whether a sentence speaks of an office asked for, and only as somebody else's.

    Somebody of whom it does not say so may hold the other one, where it names whose that is; but
    not where the ``holder`` is asked for and the office named for others only.
    """
    told = tuple(_read(sentence)) if asked else ()
    have = set(terms(sentence)) if told else set()
    for wanted in asked:
        same = [held for held in told if held.office == wanted.office]
        if not same or any(held.owner & wanted.owner for held in same):
            continue
        named = len(re.findall(rf"\b{wanted.office}\b", sentence, re.IGNORECASE))
        if have.isdisjoint(wanted.owner) or (holder and len(same) >= named):
            return True
    return False
