"""Find who says something inside one sentence: ``X said``, ``said X``, ``according to X``.

Works on text whose quotations are masked (see ``rag.quotation``), so that the words of a quotation
are never taken for its speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.dates import CALENDAR
from rag.names import Name, is_institution, names
from rag.reporting import (
    ACCORDING,
    ADDING_THINGS,
    ADVERBS,
    APPOSITION,
    BESIDE_SPEAKER,
    BETWEEN_COMMAS,
    CLAUSE_END,
    CLAUSE_START,
    CONTENT,
    DEPENDENT,
    FOLLOWING_GROUP,
    GROUP,
    INVERTIBLE,
    LEADING_ROLE,
    LONGEST_GROUP,
    NAME_TAIL,
    OFFICE_BETWEEN,
    PARTICIPLES,
    PRONOUN,
    QUOTE_BEFORE,
    QUOTE_OR_COMMA,
    SAYING,
    SAYING_WITH_CONTENT,
    SECOND_VERB,
    SOMEBODY,
    SOURCES,
    VERB,
)

SpeakerKind = Literal["name", "pronoun", "group"]


_LONGEST_SENTENCE = 2_000  # characters; a longer one is no sentence, and would be read in vain


@dataclass(frozen=True, slots=True)
class Speech:
    """A speaker named in a sentence: where, with which verb's lemma, and as what."""

    start: int
    end: int
    verb: str
    kind: SpeakerKind


def find_speech(sentence: str) -> Speech | None:
    """Find who says what the sentence reports; offsets are into ``sentence``, quotes masked."""
    return next(_candidates(sentence[:_LONGEST_SENTENCE]), None)


def several_speak(sentence: str) -> bool:
    """Tell whether a sentence names more than one speaker; quotes masked."""
    found = {(s.start, s.end) for s in _candidates(sentence[:_LONGEST_SENTENCE])}
    return len(found) > 1


def _candidates(sentence: str) -> Iterator[Speech]:
    known = tuple(name for name in names(sentence) if name.words[0] not in CALENDAR)
    for verb in VERB.finditer(sentence):
        if found := _speaker_of(sentence, verb, known):
            yield found
    for match in ACCORDING.finditer(sentence):
        if found := _first_source(sentence, match.end(), known, "say"):
            yield found


def _speaker_of(sentence: str, verb: re.Match[str], known: tuple[Name, ...]) -> Speech | None:
    word = verb.group()
    if word == "accused" and sentence.startswith(" of", verb.end()):
        return None
    if word.startswith("add") and ADDING_THINGS.match(sentence, verb.end()):  # nothing is said
        return None
    if word in PARTICIPLES:
        return _opening_subject(sentence, verb, known)
    if word in SAYING_WITH_CONTENT and not CONTENT.match(sentence, verb.end()):
        return None
    lemma = SAYING.get(word) or SAYING_WITH_CONTENT[word]
    before = sentence[: verb.start()]
    inverted = word in INVERTIBLE and QUOTE_OR_COMMA.search(before[-4:])
    after = _first_source(sentence, verb.end() + 1, known, lemma) if inverted else None
    if (
        after
        and not QUOTE_BEFORE.search(before)
        and not _ends_clause(sentence, before, after, known)
    ):
        after = None
    return after or _subject(before, known, lemma)


def _ends_clause(sentence: str, before: str, after: Speech, known: tuple[Name, ...]) -> bool:
    """Tell "It is closed, said Quill." from "Quill, an engineer, said Ross had closed it."."""
    if CLAUSE_END.match(sentence, after.end):
        return True
    if not BESIDE_SPEAKER.match(sentence, after.end):
        return False
    apposed = _apposed(before, known, after.verb)
    return apposed is None or len(before[apposed.start : apposed.end].split()) < 2


def _subject(before: str, known: tuple[Name, ...], verb: str) -> Speech | None:
    """Read the subject that ends where the verb group starts."""
    stop = ADVERBS.search(before[-80:])
    end = len(before) - (len(stop.group()) if stop else 0)
    clause = before[:end]
    if match := PRONOUN.search(clause[-6:]):
        start = max(0, end - 6) + match.start()
        return Speech(start, end, verb, "pronoun")
    for name in reversed(known):
        if name.end <= end and NAME_TAIL.match(clause, name.end):
            if DEPENDENT.search(clause, 0, name.start):
                continue
            if _source_follows(clause, name.end):
                break
            return Speech(name.start, name.end, verb, "name")
    offset = clause.rfind(" ", 0, max(0, end - LONGEST_GROUP)) + 1
    if group := GROUP.search(clause, offset):
        return Speech(group.start(), group.end(), verb, "group")
    if SECOND_VERB.search(before):
        return _first_subject(before, known, verb)
    somebody = SOMEBODY.search(clause) if verb == "say" else None
    if somebody:
        return Speech(somebody.start(), somebody.end(), verb, "group")
    return _apposed(before, known, verb)


def _owns(sentence: str, name: Name) -> bool:
    """Tell whether somebody of a person's speaks, not the person: "X's widow"."""
    return not is_institution(name) and sentence.startswith(("'s", "’s"), name.end)


def _source_follows(clause: str, end: int) -> bool:
    """Tell whether the name only describes a source: "American officials"."""
    return bool(re.search(SOURCES, clause[end:]))


def _apposed(before: str, known: tuple[Name, ...], verb: str) -> Speech | None:
    """Read "X, an instructor at Y, said": X opens the clause."""
    last = next((name for name in reversed(known) if name.end <= len(before)), None)
    if last and _stands_alone(before, last):
        return Speech(last.start, last.end, verb, "name")
    opening = max((m.end() for m in CLAUSE_START.finditer(before)), default=0)
    for start in sorted({0, opening}, reverse=True):
        first = next((name for name in known if name.start >= start), None)
        if first and first.start - start <= 30 and APPOSITION.match(before, first.end):
            return Speech(first.start, first.end, verb, "name")
    return None


def _stands_alone(before: str, name: Name) -> bool:
    """Tell whether a person's full name is all there is between the last two commas."""
    person = len(name.words) > 1 and not is_institution(name)
    alone = BETWEEN_COMMAS.match(before, name.end) and BETWEEN_COMMAS.search(before[: name.start])
    return person and bool(alone)


def _opening_subject(sentence: str, verb: re.Match[str], known: tuple[Name, ...]) -> Speech | None:
    """Give "…, stating that" to the name or pronoun that opens the sentence."""
    if not re.search(r",[ \u00a0]*$", sentence[: verb.start()]):
        return None
    if not CONTENT.match(sentence, verb.end()):
        return None
    return _first_subject(sentence[: verb.start()], known, PARTICIPLES[verb.group()])


def _first_subject(before: str, known: tuple[Name, ...], verb: str) -> Speech | None:
    """Read the name or pronoun that opens the sentence."""
    if pronoun := re.match(r"(?:He|She|They)\b", before):
        return Speech(0, pronoun.end(), verb, "pronoun")
    if known and known[0].start <= 4 and known[0].end < len(before):
        return Speech(known[0].start, known[0].end, verb, "name")
    return None


def _officer_of(sentence: str, name: Name, known: tuple[Name, ...]) -> Name | None:
    """Return who a name only tells the office of: "NASA administrator Bill Nelson"."""
    behind = next((n for n in known if n.start > name.end), None)
    if behind is None or len(behind.words) < 2 or is_institution(behind):
        return None
    return behind if OFFICE_BETWEEN.fullmatch(sentence[name.end : behind.start]) else None


def _first_source(sentence: str, start: int, known: tuple[Name, ...], verb: str) -> Speech | None:
    """Read the name, after at most a few words of role, or the group that starts here."""
    stop = re.compile(r"[,.;:\"“”(·]|$").search(sentence, start)
    end = stop.start() if stop else len(sentence)
    for name in known:
        if (
            name.start >= start
            and name.start <= end
            and LEADING_ROLE.match(sentence[start : name.start])
        ):
            if officer := _officer_of(sentence, name, known):
                return Speech(officer.start, officer.end, verb, "name")
            if _owns(sentence, name):
                continue
            if _source_follows(sentence[: min(end, name.end + 30)], name.end):
                break
            return Speech(name.start, name.end, verb, "name")
    if group := FOLLOWING_GROUP.match(sentence, start, end):
        return Speech(start, group.end(), verb, "group")
    return None
