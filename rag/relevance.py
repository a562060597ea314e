"""What a cross-encoder says of sentences that may answer, read beside the question."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Protocol

from rag.dates import dates, with_months_in_full
from rag.dating import day_fitting, without_years, year_untold, years_given, years_named
from rag.features import Candidate, day_opening, writer_asked
from rag.premises import Premises
from rag.questions import Question
from rag.seats import with_states_named
from rag.types import SentenceReading

RELEVANCE_SPAN = 8.0  # relevance is cut to this on both sides

_STATES_NOTHING = 3.0  # log odds: a question or heading answers none, however much is the same


class PassageReader(Protocol):
    """Reads a question together with passages."""

    def read(
        self, question: str, passages: Sequence[Sequence[str]]
    ) -> Sequence[Sequence[SentenceReading]]:
        """Say of each passage's sentences, in their order, whether they answer."""
        ...


def readings(
    question: Question, groups: Sequence[Sequence[Candidate]], passages: PassageReader
) -> dict[int, SentenceReading]:
    """Read groups of sentences; map each sentence's ``id`` to what the cross-encoder says of it.

    A year that goes without saying in a sentence is taken off the question that it is read with;
    a passage with sentences of both kinds is read twice.
    """
    texts = [[_told(question, c) for c in group] for group in groups]
    together = " ".join(itertools.chain.from_iterable(texts))
    plain = _plainly(question.text, together)
    years, found = years_named(question.text), dict[int, SentenceReading]()
    read: dict[str, list[int]] = {plain: []}
    for number, group in enumerate(groups):
        given = [years_unsaid(candidate, years) for candidate in group]
        bare = without_years(plain, frozenset().union(*given))
        if bare == plain or not all(given):
            read[plain].append(number)
        if bare != plain:
            read.setdefault(bare, []).append(number)
    for asked, numbers in read.items():
        said = passages.read(asked, [texts[number] for number in numbers])
        for number, of_group in zip(numbers, said, strict=True):
            for candidate, reading in zip(groups[number], of_group, strict=True):
                if asked == plain or years_unsaid(candidate, years):
                    found[id(candidate)] = _cut(reading)
    return found


def _cut(reading: SentenceReading) -> SentenceReading:
    return replace(reading, relevance=max(-RELEVANCE_SPAN, min(RELEVANCE_SPAN, reading.relevance)))


def _plainly(question: str, text: str) -> str:
    """Write a question in the words that the text beside it has for months and states."""
    return with_states_named(with_months_in_full(question), text)


def held_against(
    premises: Premises, candidate: Candidate, reading: SentenceReading, asked: str
) -> SentenceReading:
    """Make a sentence less relevant by what is ``asked`` otherwise, or where it states nothing."""
    said, document = reading.relevance, candidate.document
    if not candidate.states:
        said -= _STATES_NOTHING
    if premises:
        speaker = candidate.attribution.speaker if candidate.attribution else ""
        data = (speaker, document.author, document.publisher, document.date)
        own = (*data, candidate.around, *times_unsaid(candidate, asked))
        near = " ".join(filter(None, (*own, candidate.text)))
        untold = functools.partial(year_untold, document, candidate.text, candidate.around)
        said = max(-RELEVANCE_SPAN, said - premises.against(candidate.text, near, year=untold))
    return replace(reading, relevance=said)


def years_unsaid(candidate: Candidate, years: Set[int]) -> Set[int]:
    """Return the years, of those asked about, that go without saying in a sentence."""
    return years_given(candidate.document, candidate.text, candidate.around, years)


def times_unsaid(candidate: Candidate, asked: str) -> tuple[str, ...]:
    """List what goes without saying in a sentence, of the dates asked about: a year, a day."""
    document, text, around = candidate.document, candidate.text, candidate.around
    years = set(years_unsaid(candidate, years_named(asked)))
    day = day_fitting(document, text, around, candidate.start, dates(asked))
    if day and day.year:
        years |= {day.year}
    return (*map(str, sorted(years)), *([day.text] if day else []))


def _told(question: Question, candidate: Candidate) -> str:
    """Write a sentence as it is read: asked when, with its day; asked of its writer, with them."""
    text = spoken(candidate, opening=day_opening(question, candidate))
    writer = writer_asked(question, candidate)
    return f"{writer}: {text}" if writer else text


def spoken(candidate: Candidate, *, opening: str = "") -> str:
    """Write a sentence as a question would put it: with who says it, and months in full.

    ``opening`` comes before its first word.
    """
    attribution, text = candidate.attribution, with_months_in_full(opening + candidate.text)
    if attribution is None or attribution.speaker.split()[-1] in text:
        return text
    return f"{attribution.speaker}: {text}"
