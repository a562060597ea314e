"""Read a question about a head of state as one about the state: "Why did Kim send soldiers?".

News lets either act for the other, and a sentence that answers may name only the state. Who leads
which is what the articles present them as.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator

from rag.cast import read_cast
from rag.names import is_institution, strip_titles
from rag.names import names as names_in
from rag.nations import COUNTRY_KEYS
from rag.offices import offices_in
from rag.presented import presentation
from rag.seats import written_out

_HEADS = frozenset("president premier chancellor king queen leader minister".split())
_MINISTER = re.compile(r"(?<!\bprime )\bminister\b", re.IGNORECASE)
# The head of something else in a state, or of the state no longer.
_ANOTHER = re.compile(
    r"\b(?:opposition|party|parliament\w*|senate|house|rebel|separatist|militia|union|church|"
    r"religious|business|military|army|former|ex|then|late|vice|deputy|acting|candidate)\b",
    re.IGNORECASE,
)
_ASKS_WHO = re.compile(r"\W*who(?:['’]s| is| was)\b", re.IGNORECASE)


def with_states_led(question: str, texts: Iterable[str]) -> str:
    """Write the states for the heads of state that a question names, as texts present them.

    Unchanged where it asks who somebody is, and where texts present one as the head of several.
    """
    named = [] if _ASKS_WHO.match(question) else [*names_in(question)]
    asked = {strip_titles(name).text for name in named}
    led: dict[str, set[str]] = {}
    for text in texts:
        for form, state in _heads(text, asked):
            led.setdefault(form, set()).add(state)
    for name in reversed(named):
        states = led.get(strip_titles(name).text, set())
        if len(states) == 1:
            question = question[: name.start] + written_out(*states) + question[name.end :]
    return question


def read_as(question: str) -> str:
    """Say how a question was read, for an answer."""
    return f"Nothing answers this of whom it names, so it is answered as: “{question}”"


def _heads(text: str, asked: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield which of the names asked a text presents as the head of a state, and the state's key.

    Whoever is presented in full is meant by the first word and by the last.
    """
    if not any(form in text for form in asked):
        return
    cast = read_cast(text)
    for name in names_in(text):
        person = strip_titles(name)
        forms = {person.text, person.words[0], person.words[-1]} & set(asked)
        if not forms or is_institution(person) or not cast.is_person(person):
            continue
        told = presentation(text, name, person)
        if _ANOTHER.search(told) or _MINISTER.search(told):
            continue
        led = {_key(term) for o in offices_in(told) if o.office in _HEADS for term in o.owner}
        if len(led) == 1 and led <= COUNTRY_KEYS:
            yield from itertools.product(forms, led)


def _key(term: str) -> str:
    """Return the key of a state from its term."""
    return term.lstrip("@").replace("-", "")
