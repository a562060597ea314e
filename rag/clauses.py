"""Take a claim apart, so that each thing it says is held against the evidence by itself.

A long claim that is mostly true reads as true. What it says last may stand nowhere.
"""

from __future__ import annotations

import re

from rag.terms import terms

_BREAK = re.compile(
    r",\s+|;\s+|\s+(?=(?:and|but|while|where|which|who|when|after|before|because|although|with) )"
)
_LEAST_TERMS = 3  # of a clause; less goes with what follows it


def clauses(claim: str) -> tuple[str, ...]:
    """Split a claim at commas and conjunctions; one without them is its own only clause."""
    found: list[str] = []
    begun: list[str] = []
    said: set[str] = set()
    for piece in _BREAK.split(claim.strip()):
        begun.append(piece)
        said.update(terms(piece))
        if len(said) >= _LEAST_TERMS:
            found.append(", ".join(begun))
            begun, said = [], set()
    if begun and found:
        found[-1] = ", ".join([found[-1], *begun])
    return tuple(found) or (claim.strip(),)
