"""Compare who speaks in a claim with who speaks in its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rag.checks import Finding, Severity
from rag.names import Name, is_institution, strip_titles
from rag.nations import fold
from rag.quotation import mask, quotations
from rag.sentences import split_sentences
from rag.speech import Speech, find_speech
from rag.statement import MAX_CHARACTERS


@lru_cache(maxsize=512)  # the claims of one answer share their evidence
def speeches(text: str) -> tuple[tuple[Speech, str], ...]:
    """Find the sentences of a text that report speech, with the speaker as it stands there."""
    text = text[:MAX_CHARACTERS]
    masked = mask(text, tuple(quotations(text)))
    found: list[tuple[Speech, str]] = []
    for sentence in split_sentences(text):
        if speech := find_speech(masked[sentence.start : sentence.end]):
            start = sentence.start + speech.start
            found.append((speech, text[start : sentence.start + speech.end]))
    return tuple(found)


def named_speakers(text: str) -> tuple[Name, ...]:
    """List the names that a text gives its speakers, titles dropped."""
    return tuple(
        strip_titles(Name(said, speech.start, speech.end))
        for speech, said in speeches(text)
        if speech.kind == "name"
    )


def check_speaker(claim: str, evidence: str, speaker: str | None) -> Iterator[Finding]:
    """Find a speaker of the claim whom the evidence does not have speaking."""
    known = list(named_speakers(evidence))
    if speaker:
        known.append(strip_titles(Name(speaker, 0, len(speaker))))
    if not known and _anybody_speaks(evidence):
        return  # an official, or "he": it may be whom the claim names
    for asked in named_speakers(claim):
        if any(_same(asked, other) for other in known):
            continue
        # A body may well speak through its head; two persons are two persons.
        persons = not is_institution(asked) and not any(is_institution(name) for name in known)
        severity: Severity = "conflict" if persons and known else "unstated"
        names = " and ".join(dict.fromkeys(name.text for name in known)) or "nobody"
        reason = f"speaker: the claim names {asked.text}, the evidence {names}"
        yield Finding("speaker", severity, reason)


def _anybody_speaks(text: str) -> bool:
    """Tell whether a text reports or quotes anything, whoever is behind it."""
    return bool(speeches(text)) or any(quotations(text[:MAX_CHARACTERS]))


def _same(one: Name, other: Name) -> bool:
    """Tell whether one name may be short for the other."""
    first, second = (set(fold(name.text).lower().split()) for name in (one, other))
    return first <= second or second <= first
