"""Find authors in signatures and biographies, and names in lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.bylines import ROLES, tells_of_author
from rag.documents.lines import ends_sentence, is_name, strip_bullet, word_count
from rag.sentences import split_sentences

_AND = re.compile(r",? (?:and|&) |, ")
_SIGNATURE = re.compile(r"(?P<name>[^–—,|]{4,60}?)(?: ?[–—|] ?| - |, )(?P<role>[^.!?]{3,120})$")
_ROLE = re.compile(ROLES, re.IGNORECASE)
_BIO_VERB = re.compile(
    r",? (?:is|was|has|have|are|serves|served|works|worked|writes|covers|reports|teaches|joined"
    r"|holds)\b"
)
_FIRST_PRINTED = re.compile(r"\b(?:first|originally) (?:time )?(?:appeared|published)\b", re.I)
_PRONOUN = re.compile(r"(?:He|She|They|His|Her|Their)\b")
_TITLE_WORDS = 12  # "Author and veteran journalist Jane Roe is …" names its subject within these


def glued_author(line: str) -> str | None:
    """Return the author of a by-line with more text behind it: ``By Jane Roe. Jane Roe is …``."""
    match = re.match(r"[Bb][Yy]:? (?P<name>[^.!?]{4,60})\. ", line)
    return match["name"] if match and is_name(match["name"]) else None


def signature_author(line: str) -> str | None:
    """Return the author of a closing line: ``Jane Roe – Academic and Writer`` or ``– Jane Roe``."""
    bare = strip_bullet(line)
    if ends_sentence(bare):
        return None
    if bare != line and is_name(bare):
        return bare
    match = _SIGNATURE.fullmatch(bare)
    if match and is_name(match["name"]) and _ROLE.search(match["role"]) and word_count(bare) <= 20:
        return match["name"].strip()
    return None


def bio_subject(paragraph: str) -> str | None:
    """Return whom a biographical note presents: ``Jane Roe is a senior fellow at …``."""
    bare = strip_bullet(paragraph)
    verb = _BIO_VERB.search(bare[:200])
    if not verb or not _ROLE.search(bare[:400]) or len(bare) > 2_000:
        return None
    return _closing_name(bare[: verb.start()])


def presents(paragraph: str, author: str) -> bool:
    """Whether a paragraph at the end tells about a known author."""
    bare = strip_bullet(paragraph)
    opening = " ".join(bare.split()[:_TITLE_WORDS])
    if bare.casefold() == author.casefold():
        return True
    return author in opening and bool(_BIO_VERB.search(bare) or _ROLE.search(bare))


def note_on(author: str, paragraph: str) -> str:
    """Return the sentences of a paragraph that tell who its article's author is; may be empty.

    By-lines, disclaimers and where the article was first published stay out.
    """
    bare, told = strip_bullet(paragraph), list[str]()
    for span in split_sentences(bare):
        sentence = bare[span.start : span.end].strip()
        goes_on = bool(told and _PRONOUN.match(sentence))
        if (goes_on or tells_of_author(sentence, author)) and not _FIRST_PRINTED.search(sentence):
            told.append(sentence)
    return " ".join(told)


def list_names(text: str) -> str | None:
    """Return the names that a line consists of, or None if it holds anything else."""
    names = split_names(text)
    return joined(names) if all(map(is_person, names)) else None


def split_names(text: str) -> list[str]:
    """Part the names that commas, "and" or "&" join."""
    return [part.strip(" .,") for part in _AND.split(text.strip())]


def is_person(name: str) -> bool:
    """Whether a text is the name of a person and tells no role."""
    return is_name(name) and not _ROLE.search(name)


def joined(names: Sequence[str]) -> str | None:
    """Write several names as a list, with "and" before the last; None where there is none."""
    people = [_in_capitals(name) for name in names]
    if not people:
        return None
    return people[0] if len(people) == 1 else f"{', '.join(people[:-1])} and {people[-1]}"


def _in_capitals(name: str) -> str:
    return name.title() if name.isupper() else name


def _closing_name(text: str) -> str | None:
    """Return the name a phrase ends in, after titles such as "Veteran journalist"."""
    parts = text.split()
    if not 2 <= len(parts) <= _TITLE_WORDS:
        return None
    for size in (5, 4, 3, 2):
        name = " ".join(parts[-size:])
        rest = " ".join(parts[:-size])
        if len(parts) >= size and is_name(name) and (not rest or _ROLE.search(rest)):
            return name
    return None
