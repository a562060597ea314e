"""Say who stands behind each sentence of a document, or that the author does.

A wrong speaker is worse than none: what cannot be told for sure is ``None``. Where a speaker cites
another ("Corr cited comments by Dimon"), the one whose verb reports is taken, Corr: his is the
account we have. Whom "he" or "she" means is the work of ``rag.referents``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rag.cast import Cast, owns, read_cast
from rag.dates import CALENDAR
from rag.interviews import answers_of, turns_of
from rag.names import Name, is_country, is_institution, is_outlet, names, strip_titles
from rag.nations import ALIASES
from rag.quotation import Quotation, mask, quotations
from rag.referents import Referents
from rag.speech import Speech, find_speech
from rag.types import Attribution, Document, Sentence

_LETTER = re.compile(r"\w")
# "…" – Jane Doe, analyst: after the last quotation only a dash, a role and a name.
_TRAILER = re.compile(r"[\"”»']?[ \u00a0]*[.,]?[ \u00a0]*[-–—]+[ \u00a0]*")
# "….” Jane Doe, analyst: behind a full stop no dash is needed, and no stop makes it a sentence.
_SIGNATURE = re.compile(
    r"(?:(?<=[.!?…])[\"”»']|[\"”»'][ \u00a0]*\.)[ \u00a0]*(?=[^\W\d_][^,.:;]*, .*[^\W_]$)"
)
_TRAILER_LENGTH = 140  # characters; a longer rest is a sentence of its own
_ROLE = re.compile(r"[\w’' ,.\u00a0-]{0,60}$")
_OPENING_NAME = 60  # characters of a sentence within which its subject stands
# Farther in, behind "In Geneva, in a room full of maps, ", a verb tells that it is the subject.
_DOES = re.compile(
    r" (?!(?:and|or|as|of|in|at|on|for|from|with|to|by|who|whom|whose|that|which)\b)[a-z]"
)

DANGLING = re.compile(
    r"(?:(?:However|But|And|Then|Also|Still|Moreover|In addition|Furthermore|Meanwhile),? )?"
    r"(?P<pronoun>He|he|She|she|His|Her|They|they|Their|It|it|Its)\b"
)
_MEDIUM = re.compile(r"[Tt]he (?:newspaper|paper|magazine|outlet|broadcaster)$")
# More than the end of its sentence between a group and "they": a paragraph or another sentence.
_APART = re.compile(r"\n|[.!?][\"”’')]* .*[.!?][\"”’')]* ", re.DOTALL)
_MEDIUM_WITHIN = 1_000  # characters before "the newspaper", in which it is named


@dataclass(slots=True)
class Reader:
    """Walks a document in reading order, with whom its pronouns may mean by then."""

    text: str
    masked: str
    spans: tuple[Quotation, ...]
    cast: Cast
    referents: Referents = field(default_factory=Referents)
    running: Attribution | None = None
    several: Name | None = None  # the group that spoke last, "the crew's lawyers"
    unknown: set[int] = field(default_factory=set)  # starts of sentences spoken by nobody known
    found: list[Attribution | None] = field(default_factory=list)

    def read_paragraph(self, paragraph: Sequence[Sentence]) -> None:
        """Attribute the sentences of one paragraph."""
        speeches = [self._read_sentence(sentence) for sentence in paragraph]
        if trailer := self._trailer(paragraph):
            speeches = [
                speech or (trailer if self._has_quote([s]) or s is paragraph[-1] else None)
                for s, speech in zip(paragraph, speeches, strict=True)
            ]
        elif any(speeches):
            speeches = self._spread(paragraph, speeches)
        elif self.running and all(self._is_quoted(sentence) for sentence in paragraph):
            speeches = [_continued(self.running)] * len(paragraph)
        self.running = self._run_on(paragraph, speeches[-1])
        self.found += speeches

    def _run_on(
        self, paragraph: Sequence[Sentence], last: Attribution | None
    ) -> Attribution | None:
        """Tell whose words a wholly quoted next paragraph would be."""
        start, end = paragraph[-1].start, paragraph[-1].end
        if not self.text.endswith(":", start, end):
            answered = last is not None and last.verb == "ask"  # by somebody else
            return last if self._has_quote(paragraph) and not answered else None
        last_named = self.referents.person, self.referents.institution
        named = [name for name in last_named if name and name.start >= start]
        return last or (_attribution(named[0], "say", explicit=False) if named else None)

    def _read_sentence(self, sentence: Sentence) -> Attribution | None:
        speech = find_speech(self.masked[sentence.start : sentence.end])
        if speech and speech.kind == "pronoun":  # Jane Doe went on: "…," she said
            self._remember_subject(sentence, sentence.start + speech.start)
        attribution = self._resolve(speech, sentence) if speech else None
        if attribution is None:
            self._remember_subject(sentence, sentence.end)
            if speech:
                self.unknown.add(sentence.start)
        else:
            said = attribution.speaker, attribution.speaker_start, attribution.speaker_end
            persons = self.cast.persons(self.text, self._names(sentence.start, sentence.end))
            self.referents.named_beside(persons, speaker=Name(*said), verb=attribution.verb)
        return attribution

    def _resolve(self, speech: Speech, sentence: Sentence) -> Attribution | None:
        start, end = sentence.start + speech.start, sentence.start + speech.end
        said = Name(self.text[start:end], start, end)
        if speech.kind == "pronoun":
            pronoun, quoting = said.text.lower(), self._has_quote([sentence])
            if pronoun == "they":
                return self._they(sentence, speech.verb)
            name = (
                self.referents.quoted_as(pronoun, speech.verb)
                if quoting
                else self.referents.meant_by(pronoun)
            )
            return _attribution(name, speech.verb, explicit=False) if name else None
        if speech.kind == "group":
            medium = self._medium(start) if _MEDIUM.match(said.text) else None
            self.several = said if medium is None else None
            return _attribution(medium or said, speech.verb, explicit=medium is None)
        name = self.cast.full(strip_titles(said))
        self.referents.remember(name)
        return _attribution(name, speech.verb, explicit=True)

    def _they(self, sentence: Sentence, verb: str) -> Attribution | None:
        """Take "they" for the group that spoke in the sentence before, of the same paragraph."""
        group = self.several
        if group is None or _APART.search(self.text, group.end, sentence.start):
            return None
        return _attribution(group, verb, explicit=False)

    def _medium(self, end: int) -> Name | None:
        """Return the newspaper or broadcaster that is named last before ``end``."""
        named = self._names(max(0, end - _MEDIUM_WITHIN), end)
        outlets = (n for n in reversed(named) if is_outlet(n) and not self._in_credit(n))
        return next(outlets, None)

    def _in_credit(self, name: Name) -> bool:
        """Tell whether a name stands beside a stroke: "Ada Quill/Reuters"."""
        return "/" in (self.text[name.start - 1 : name.start], self.text[name.end : name.end + 1])

    def _remember_subject(self, sentence: Sentence, end: int) -> None:
        """Remember a person or body that opens a sentence: "He" or "It" may mean them next.

        What stands at ``end`` or behind it is not looked at.
        """
        found = self._names(sentence.start, end)
        if dangling := DANGLING.match(self.masked, sentence.start, end):
            self.referents.meant_by(dangling["pronoun"].lower())  # after "She left", he is another
        elif found and found[0].start - sentence.start <= _OPENING_NAME:
            self._remember_opening(found[0])
        elif fronted := self._fronted(sentence.start, end):
            self.referents.remember(self.cast.full(fronted))
        self.referents.named_beside(self.cast.persons(self.text, found))

    def _fronted(self, start: int, end: int) -> Name | None:
        """Return the only person named if what opens the sentence is not about them."""
        whole = [
            Name(n.text, start + n.start, start + n.end) for n in names(self.masked[start:end])
        ]
        persons = [name for name in whole if self.cast.is_person(strip_titles(name))]
        if len(persons) != 1 or not self.masked.endswith(", ", start, persons[0].start):
            return None
        return strip_titles(persons[0]) if _DOES.match(self.masked, persons[0].end) else None

    def _remember_opening(self, name: Name) -> None:
        if owns(self.text, name):
            self.referents.forget(name)
        elif self.cast.is_person(name) or is_body(name):
            self.referents.remember(self.cast.full(name))

    def _names(self, start: int, end: int) -> list[Name]:
        """Find the names between two offsets, titles dropped; days and months are no names."""
        return [
            strip_titles(Name(name.text, start + name.start, start + name.end))
            for name in names(self.masked[start:end])
            if name.words[0] not in CALENDAR
        ]

    def _is_quoted(self, sentence: Sentence) -> bool:
        """Tell whether nothing of the sentence stands outside quotation marks."""
        return not _LETTER.search(self.masked, sentence.start, sentence.end)

    def _starts_quoted(self, sentence: Sentence) -> bool:
        """Tell whether the sentence goes on with a quotation and then leaves it."""
        at = bisect_right(self.spans, sentence.start, key=lambda span: span.start) - 1
        return at >= 0 and self.spans[at].start < sentence.start < self.spans[at].end < sentence.end

    def _has_quote(self, paragraph: Sequence[Sentence]) -> bool:
        start, end = paragraph[0].start, paragraph[-1].end
        return any(span.start < end and start < span.end for span in self.spans)

    def _spread(
        self, paragraph: Sequence[Sentence], speeches: list[Attribution | None]
    ) -> list[Attribution | None]:
        """Give a paragraph's wholly quoted sentences to the speaker beside them."""
        spread = list(speeches)
        for i, sentence in enumerate(paragraph):
            if spread[i] is None and i and self._starts_quoted(sentence):
                spread[i] = _continued(spread[i - 1])
            elif spread[i] is None and self._is_quoted(sentence):
                spread[i] = self._beside(paragraph, spread, i)
        return spread

    def _beside(
        self, paragraph: Sequence[Sentence], speeches: Sequence[Attribution | None], i: int
    ) -> Attribution | None:
        """Return who speaks right before a sentence, or else first behind it, if that is known."""
        for beside in [*range(max(0, i - 1), i), *range(i + 1, len(paragraph))]:
            if speech := speeches[beside]:
                return _continued(speech)
            if paragraph[beside].start in self.unknown:
                self.unknown.add(paragraph[i].start)
                break
        return None

    def _trailer(self, paragraph: Sequence[Sentence]) -> Attribution | None:
        """Read the name that follows a paragraph's last quotation, as in "…" – Jane Doe."""
        start, end = paragraph[0].start, paragraph[-1].end
        inside = [span for span in self.spans if start <= span.start and span.end <= end]
        if not inside or not inside[-1].closed or inside[0].start > start + 1:
            return None
        after = inside[-1].end
        dashed = _TRAILER.match(self.masked, after, end)
        match = dashed or _SIGNATURE.match(self.text, after, end)
        rest = self.masked[match.end() : end] if match else ""
        if not 3 < len(rest) <= _TRAILER_LENGTH or find_speech(rest):
            return None
        for name in names(rest):
            person = strip_titles(name)
            if (
                not is_institution(person)
                and len(person.words) > 1
                and (_ROLE.match(rest[: name.start]) if dashed else not name.start)
            ):
                offset = end - len(rest)
                placed = Name(person.text, offset + person.start, offset + person.end)
                self.referents.remember(placed)
                return _attribution(placed, "say", explicit=True)
        return None


def attribute(document: Document, sentences: Sequence[Sentence]) -> tuple[Attribution | None, ...]:
    """Attribute each sentence; ``None`` is the author's own voice, or nobody one can be sure of."""
    reader, paragraphs = _read(document), _paragraphs(document.text, sentences)
    for paragraph in paragraphs:
        reader.read_paragraph(paragraph)
    shown = document.text, reader.masked, paragraphs, reader.cast
    answers, turns = answers_of(*shown), turns_of(*shown)
    return tuple(
        _in_turn(turns[s.start]) if s.start in turns else found or _answer(answers.get(s.start))
        for found, s in zip(reader.found, sentences, strict=True)
    )


def _in_turn(turn: tuple[Name, bool]) -> Attribution:
    speaker, labelled = turn
    return _attribution(speaker, "say", explicit=labelled)


def _answer(speaker: Name | None) -> Attribution | None:
    return _attribution(speaker, "say", explicit=False) if speaker else None


def read_before(document: Document, sentences: Sequence[Sentence], index: int) -> Reader:
    """Read a document as far as a sentence, which is not read."""
    reader = _read(document)
    for paragraph in _paragraphs(document.text, sentences[:index]):
        reader.read_paragraph(paragraph)
    return reader


def is_body(name: Name) -> bool:
    """Tell whether the name can say something as a body: Russia, not Russian."""
    return is_country(name) or (is_institution(name) and name.text not in ALIASES)


def _read(document: Document) -> Reader:
    spans = tuple(quotations(document.text))
    return Reader(document.text, mask(document.text, spans), spans, read_cast(document.text))


def _paragraphs(text: str, sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    paragraphs = [[sentence] for sentence in sentences[:1]]
    for before, sentence in pairwise(sentences):
        if "\n" in text[before.end : sentence.start]:
            paragraphs.append([])
        paragraphs[-1].append(sentence)
    return paragraphs


def _attribution(name: Name, verb: str, *, explicit: bool) -> Attribution:
    return Attribution(name.text, verb, name.start, name.end, explicit)


def _continued(attribution: Attribution | None) -> Attribution | None:
    """Carry a speaker on to a sentence that does not name one."""
    return replace(attribution, explicit=False) if attribution else None
