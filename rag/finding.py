"""Find the passages for a question and its parts, and read them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.accounts import asks_across, core
from rag.candidates import Views
from rag.extraction import Reading
from rag.parts import Part, merged
from rag.questions import Question
from rag.reading import Candidate, Reader, Scored
from rag.retrieval import HybridRetriever
from rag.types import Passage

# Where a question asks what the articles say, so many are searched one by one.
_MOST_ARTICLES = 5
_OF_EACH_ARTICLE = 3
_WINDOWS = 8  # passages that the cross-encoder reads then


@dataclass(frozen=True, slots=True)
class Finder:
    """Searches and reads with the same settings each time; ``top_k`` passages for a question."""

    retriever: HybridRetriever
    reader: Reader
    top_k: int

    def found(
        self, asked: Sequence[Question], sources: Collection[str] | None, views: Views
    ) -> list[tuple[Passage, ...]]:
        """Search for a question, and for each of its parts after it."""
        return [views.intact(self._passages(part, sources)) for part in asked]

    def _passages(self, asked: Question, sources: Collection[str] | None) -> Sequence[Passage]:
        """Search for one question; where it asks what articles say, in each that has a say."""
        search = self.retriever.search
        if not asks_across(asked):
            return search(asked.text, top_k=self.top_k, sources=sources)
        text = core(asked).text
        found = dict.fromkeys(search(text, top_k=self.top_k, sources=sources))
        articles = list(dict.fromkeys(p.document for p in found))[:_MOST_ARTICLES]
        for article in articles if len(articles) > 1 else ():
            found |= dict.fromkeys(search(text, top_k=_OF_EACH_ARTICLE, sources=[article]))
        return tuple(found)

    def read(
        self, asked: Sequence[Question], found: Sequence[Sequence[Passage]], views: Views
    ) -> Reading:
        """Read the passages found for a question, and for each of its parts after it."""
        scored = [
            self._scored(part, views.candidates(passages))
            for part, passages in zip(asked, found, strict=True)
        ]
        parts = tuple(map(Part, asked[1:], scored[1:]))
        return Reading(asked[0], merged(scored) if parts else scored[0], parts)

    def _scored(self, asked: Question, candidates: Sequence[Candidate]) -> tuple[Scored, ...]:
        weigh = self.retriever.term_weights
        if asks_across(asked):
            return self.reader.score(core(asked), candidates, weigh=weigh, most=_WINDOWS)
        return self.reader.score(asked, candidates, weigh=weigh)
