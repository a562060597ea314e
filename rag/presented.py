"""Whom a question means by what they are, "the harbour's chief pilot", as articles present people.

An article says once who somebody is and goes on with the name; so do the sentences that answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rag.cast import Cast, key, read_cast
from rag.names import Name, is_institution, strip_titles
from rag.names import names as names_in
from rag.terms import terms

OFFICES = (
    "administrator admiral adviser advisor ambassador analyst anchor architect attorney author "
    "banker boss brigadier captain ceo chair chairman chairwoman chancellor chief colonel "
    "columnist commander commentator commissioner correspondent counsel curator delegate deputy "
    "diplomat director economist editor engineer envoy executive expert farmer fellow foreman "
    "general geologist governor head historian hydrologist inspector instructor investigator "
    "journalist judge lawmaker lawyer leader lecturer lieutenant major manager marshal mayor "
    "minister negotiator officer official owner physicist pilot politician premier president "
    "priest professor prosecutor reporter representative researcher scholar scientist secretary "
    "senator sergeant skipper specialist spokesman spokesperson spokeswoman strategist surgeon "
    "teacher trader undersecretary veteran worker writer"
)
_OFFICE = rf"(?:{'|'.join(OFFICES.split())})"
# Who is at the head of something is called by any of these.
_GENERAL = re.compile(r"\bsecretary[- ]general\b", re.IGNORECASE)
_HEAD, *_HEADS = terms("head boss chief ceo leader director chairman chairwoman chair")
_SHORT = {
    short: terms(office)[0]
    for short, office in (
        ("gov", "governor"), ("sen", "senator"), ("rep", "representative"), ("prof", "professor"),
        ("gen", "general"), ("amb", "ambassador"), ("col", "colonel"), ("pres", "president"),
    )
}  # fmt: skip
# Of these, articles on one affair mostly have but one: "the governor" needs no more words.
_ALONE = frozenset(terms("governor mayor president premier chancellor chairman chairwoman ceo"))
# "Kardania's chief negotiator", "the retired admiral", "the head of the pilots' union".
_DESCRIBED = re.compile(
    rf"\b(?:[Tt]he|[A-Z][\w-]*['’]s?) (?:[\w'’-]+ ){{0,3}}?{_OFFICE}\b(?:[ -](?:{_OFFICE}))?"
    r"(?: (?:of|for) (?:the )?[A-Z][\w-]*(?: [A-Z][\w-]*){0,3})?(?!['’]?s? [A-Z])"
)
_ASKS_WHO = re.compile(r"\W*(?:who(?:se|m)?\b|(?:what|which) .*\bname\b|name\b)", re.IGNORECASE)
_REACH = 90  # characters beside a name
_ENDS = re.compile(r"[.;:!?\"“”()\n–—]")
_BEHIND = re.compile(
    r"(?:,| is| was| has been|, who (?:is|was|has been))[ \u00a0]"
    r"((?:(?!,? who\b)[^.;:!?\"“”()\n])+)"
)


def is_office(text: str) -> bool:
    """Tell whether words for what somebody is name an office or a calling."""
    return bool(re.search(rf"\b{_OFFICE}\b", text, re.IGNORECASE))


def described_in(question: str) -> str | None:
    """Return how a question describes a person that it does not name; mostly it does not."""
    described = None if _ASKS_WHO.match(question) else _DESCRIBED.search(question)
    said = set(terms(described.group())) if described else set()
    return described.group() if described and (len(said) > 1 or said & _ALONE) else None


def with_name(question: str, described: str, texts: Iterable[str]) -> str:
    """Put the name of whom a question describes in the place of the description.

    Texts are searched for how they present people; where none, or more than one, is presented so,
    the question comes back unchanged.
    """
    wanted = _offices_alike(described)
    found = {key(name): name.text for text in texts for name in _presented(text, wanted)}
    if len(found) != 1:
        return question
    return f"{question.replace(described, found.popitem()[1], 1)} ({described})"


def _presented(text: str, wanted: set[str]) -> Iterator[Name]:
    """Yield the persons whom a text presents with all of the terms wanted."""
    cast = read_cast(text)
    for name in names_in(text):
        person = strip_titles(name)
        if _is_full(person, cast) and wanted <= _offices_alike(presentation(text, name, person)):
            yield person


def _offices_alike(text: str) -> set[str]:
    """Return the terms of a description, all words for who is at the head of a thing as one."""
    plain = (_SHORT.get(term, term) for term in terms(_GENERAL.sub(_HEAD, text)))
    return {_HEAD if term in _HEADS else term for term in plain}


def _is_full(person: Name, cast: Cast) -> bool:
    return len(person.words) > 1 and not is_institution(person) and cast.is_person(person)


def presentation(text: str, name: Name, person: Name) -> str:
    """Return what stands beside a name in apposition: its title, words before it, and behind."""
    before = _ENDS.split(text[max(0, name.start - _REACH) : name.start])[-1].rstrip()
    apposed = before.endswith(",")
    before = before.rstrip(",").rpartition(",")[2]
    if not apposed and not re.search(rf"{_OFFICE}$", before):
        before = ""
    behind = _BEHIND.match(text, person.end, person.end + _REACH)
    title = text[name.start : person.start]
    return f"{before} {title} {behind[1] if behind else ''}"
