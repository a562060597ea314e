"""Turn passages into candidate sentences with what a reader needs to understand them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.attribution import attribute
from rag.documents.headings import heading_lines
from rag.errors import InputError
from rag.features import Candidate, asks
from rag.sentences import is_label, split_sentences
from rag.types import Attribution, Document, Heading, Passage, Sentence

_ANSWERED_WITHIN = 3  # sentences behind a question that may answer it


@dataclass(frozen=True, slots=True)
class View:
    """A document's sentences, who stands behind each, and the headings above each.

    ``unmarked`` is where lines begin that read as headings though nothing marks them,
    ``labels`` where datelines and credits do.
    """

    document: Document
    sentences: tuple[Sentence, ...]
    attributions: tuple[Attribution | None, ...]
    headings: tuple[str, ...]
    unmarked: frozenset[int]
    labels: frozenset[int]

    def candidate(self, index: int, *, passage_score: float = 0.0) -> Candidate:
        """Make a candidate of the sentence at ``index``."""
        sentence = self.sentences[index]
        return Candidate(
            document=self.document,
            start=sentence.start,
            end=sentence.end,
            around=f"{self.headings[index]}\n{self._before(index)}",
            asked=self._asked(index),
            attribution=self.attributions[index],
            passage_score=passage_score,
            heads=sentence.start in self.unmarked or sentence.start in self.labels,
        )

    def _asked(self, index: int) -> str:
        """Return the question that the sentence may answer: a heading, or a sentence before it."""
        text, sentence = self.document.text, self.sentences[index]
        above = heading_above(self.document, sentence.start)
        before = self.sentences[max(0, index - _ANSWERED_WITHIN) : index]
        near = [s for s in before if not above or s.start >= above.start]
        if asks(text[sentence.start : sentence.end]):
            return ""
        opening: list[Heading | Sentence] = (
            [above] if above and len(near) < _ANSWERED_WITHIN else []
        )
        for span in reversed([*opening, *near]):
            if asks(asked := text[span.start : span.end]):
                return asked
        return ""

    def _before(self, index: int) -> str:
        if index == 0:
            return ""
        before = self.sentences[index - 1]
        return self.document.text[before.start : before.end]


def view(document: Document) -> View:
    """Split a document into sentences and find who stands behind each."""
    sentences = split_sentences(document.text, document.headings)
    return View(
        document=document,
        sentences=sentences,
        attributions=attribute(document, sentences),
        headings=tuple(_heading_path(document, s.start) for s in sentences),
        unmarked=heading_lines(document),
        labels=_labels(document, sentences),
    )


def _labels(document: Document, sentences: Sequence[Sentence]) -> frozenset[int]:
    """Return where datelines and the credits of pictures begin."""
    return frozenset(s.start for s in sentences if is_label(document.text[s.start : s.end]))


def heading_above(document: Document, position: int) -> Heading | None:
    """Return the last heading up to a position."""
    return next((h for h in reversed(document.headings) if h.start <= position), None)


def _heading_path(document: Document, position: int) -> str:
    """Join the title and the headings a position stands under, outermost first."""
    path: dict[int, str] = {}
    for heading in document.headings:
        if heading.start > position:
            break
        path = {level: text for level, text in path.items() if level < heading.level}
        path[heading.level] = document.text[heading.start : heading.end]
    return " ".join([document.title or "", *path.values()]).strip()


class Views:
    """Keeps the views of documents lately used."""

    def __init__(self, document: Callable[[str], Document], *, limit: int = 256) -> None:
        self._document = document
        self._limit = limit
        self._views: dict[str, View] = {}

    def of(self, document_id: str) -> View:
        """Return a document's view, made anew when the document has changed."""
        document = self._document(document_id)
        known = self._views.get(document_id)
        if known is None or known.document is not document:
            if len(self._views) >= self._limit:
                self._views.clear()  # shared with what was pinned
            known = self._views[document_id] = view(document)
        return known

    def pinned(self) -> Views:
        """Return views that keep to each document as they first meet it, for one answer."""
        pinned = Views(functools.cache(self._document), limit=self._limit)
        pinned._views = self._views
        return pinned

    def intact(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """Return the passages whose documents still hold them: others were removed or changed."""
        return tuple(passage for passage in passages if self._holds(passage))

    def _holds(self, passage: Passage) -> bool:
        try:
            text = self._document(passage.document).text
        except InputError:
            return False
        return text[passage.start : passage.end] == passage.text

    def candidates(self, passages: Sequence[Passage]) -> tuple[Candidate, ...]:
        """List the sentences of the passages once each, the best passage's first; no labels."""
        found: dict[tuple[str, int], Candidate] = {}
        for passage in passages:
            seen = self.of(passage.document)
            for index, sentence in enumerate(seen.sentences):
                touched = sentence.start < passage.end and sentence.end > passage.start
                if touched and sentence.start not in seen.labels:
                    key = (passage.document, sentence.start)
                    found.setdefault(key, seen.candidate(index, passage_score=passage.score))
        return tuple(found.values())
