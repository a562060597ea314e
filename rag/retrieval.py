"""Find the passages that bear on a query, by what they mean and by the words they hold.

Both scores are scaled and added: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid
Retrieval, TOIS 2023. Typing errors are mended against the index's own words, and the names of a
country stand for each other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rag.index import VectorSearch
from rag.inflection import forms_of
from rag.store import Store
from rag.terms import STOP_WORDS, content_words, fold, names_of, stem, stems_of, words
from rag.types import Chunk, Document, Embedder, Passage, Vectors

_CANDIDATES = 40  # taken from each ranking before fusing
# Of a fused score: the only text with a word comes before the nearest one without.
_DENSE_SHARE = 0.49

# A passage joins neighbouring chunks up to this many characters, about 400 tokens.
_PASSAGE_CHARACTERS = 1800

_TYPO_MIN_LENGTH = 4  # shorter words have too many neighbours one letter away
_TYPO_LONG_WORD = 8  # from here on two letters may be wrong
_QUESTION_WORDS = ("what", "when", "where", "which", "who", "whose", "why", "how")
# What questions are put with and a vocabulary may lack.
_REQUESTS = frozenset(
    "summarise summarize summarised summarized analyse characterise characterize criticise "
    "criticize criticised criticized emphasise prioritise prioritize paraphrase itemise itemize "
    "contextualise contextualize".split()
)
_SLIPS = ("wat", "wen")  # words by themselves, which open no question
_QUERY_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk with its fused score."""

    chunk: Chunk
    score: float


class HybridRetriever:
    """Searches a store and its vectors; takes finished parts and owns none of them.

    ``is_word`` tells whether a lower-case word is spelled right even if the index lacks it.
    """

    def __init__(
        self,
        store: Store,
        vectors: VectorSearch,
        embedder: Embedder,
        *,
        is_word: Callable[[str], bool] = lambda word: False,
    ) -> None:
        self._store = store
        self._vectors = vectors
        self._embedder = embedder
        self._is_word = is_word

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the answer should know of how the passages were found."""
        return (note,) if (note := self._vectors.note) else ()

    def search(
        self, query: str, *, top_k: int, sources: Collection[str] | None = None
    ) -> tuple[Passage, ...]:
        """Return up to ``top_k`` passages, best first, among ``sources`` (document ids) if given.

        A score is the fused score, in [0, 1].
        """
        mended = self.mend(query)
        vector = self._embedder.embed([mended])[0]
        with self._store.snapshot():  # a document removed meanwhile is there to the end
            ranked = self._ranked(mended, vector, sources)
            return merge_neighbours(ranked[:top_k], self._store.document)

    def _ranked(
        self, mended: str, vector: Vectors, sources: Collection[str] | None
    ) -> tuple[Ranked, ...]:
        dense = self._vectors.search(vector, limit=_CANDIDATES, documents=sources)
        words = self._store.search_words(
            query_phrases(mended), limit=_CANDIDATES, documents=sources
        )
        scores = fuse(dense, words)
        chunks = self._store.chunks(list(scores))
        # A vector without a chunk belongs to a document removed since the generation was built.
        return tuple(
            Ranked(chunks[name], score) for name, score in scores.items() if name in chunks
        )

    def mend(self, query: str) -> str:
        """Replace words the index does not know by the index's word one or two letters away."""
        mended: dict[str, str | None] = {
            word: self._nearest(word) for word in self._unknown_words(query)
        }
        if asking := self._mended_opening(query):
            mended |= asking
        if not any(mended.values()):
            return query
        return _QUERY_WORD.sub(lambda m: mended.get(m.group()) or m.group(), query)

    def holds(self, word: str) -> bool:
        """Tell whether any text of the index holds a word, in any of its forms."""
        return bool(self._store.word_frequencies(set(stems_of(fold(word)))))

    def term_weights(self, wanted: Collection[str]) -> dict[str, float]:
        """Weigh terms by inverse document frequency over the chunks, as BM25 does."""
        stems = {term: stems_of(term) for term in wanted}
        counts = self._store.word_frequencies({s for group in stems.values() for s in group})
        total = self._store.chunk_total()
        return {
            term: inverse_frequency(max((counts.get(s, 0) for s in group), default=0), total)
            for term, group in stems.items()
        }

    def _mended_opening(self, query: str) -> dict[str, str]:
        """Map a mistyped question word that opens the query to the one it must be."""
        from rapidfuzz.distance import OSA

        match = _QUERY_WORD.search(query)
        word = match[0] if match else ""
        if word != word.lower() or word in STOP_WORDS:
            return {}
        if self._is_word(word) and word not in _SLIPS:
            return {}
        near = [w for w in _QUESTION_WORDS if OSA.distance(word, w, score_cutoff=1) <= 1]
        known = self._store.word_frequencies({stem(word)})
        return {word: near[0]} if len(near) == 1 and not known else {}

    def _unknown_words(self, query: str) -> set[str]:
        candidates = {
            word
            for word in _QUERY_WORD.findall(query)
            if len(stem(fold(word))) >= _TYPO_MIN_LENGTH - 1
            and len(word) >= _TYPO_MIN_LENGTH
            and fold(word) not in STOP_WORDS
            and fold(word) not in _REQUESTS
            and not self._is_word(fold(word))
        }
        known = self._store.word_frequencies({stem(fold(word)) for word in candidates})
        return {word for word in candidates if stem(fold(word)) not in known}

    def _nearest(self, word: str) -> str | None:
        """Find the index's word for a mistyped one; of two, the one that begins alike."""
        from rapidfuzz.distance import OSA, Prefix

        wanted = stem(fold(word))
        allowed = 1 if len(wanted) < _TYPO_LONG_WORD else 2
        close = [
            (distance, -Prefix.similarity(wanted, candidate), -count, candidate)
            for candidate, count in self._store.words_between(wanted[0], chr(ord(wanted[0]) + 1))
            if len(candidate) >= _TYPO_MIN_LENGTH - 1
            and (distance := OSA.distance(wanted, candidate, score_cutoff=allowed)) <= allowed
        ]
        return self._as_written(min(close)[-1]) if close else None

    def _as_written(self, stemmed: str) -> str | None:
        """Find a word of that stem in the index: it keeps stems, an embedder wants words."""
        for name, _ in self._store.search_words([stemmed], limit=1):
            for chunk in self._store.chunks([name]).values():
                return next((w for w in words(chunk.embedded_text) if stem(w) == stemmed), None)
        return None


def inverse_frequency(count: int, total: int) -> float:
    """Weigh a term held by ``count`` of ``total`` texts (Robertson and Zaragoza 2009); above 0."""
    return math.log1p((total - min(count, total) + 0.5) / (count + 0.5))


def query_phrases(query: str) -> list[str]:
    """List what BM25 looks for: content words in all their forms, of a country each name."""
    phrases: dict[str, None] = {}
    for term, word in content_words(query):
        phrases.update(dict.fromkeys(names_of(term) or forms_of(word)))
    return list(phrases)


def fuse(
    dense: Sequence[tuple[str, float]], words: Sequence[tuple[str, float]]
) -> dict[str, float]:
    """Add cosine similarities and BM25 scores up to one score in [0, 1] each, best first.

    The best of each list counts as 1; nothing is BM25's lowest, and the last of the list the lowest
    of the similarities. Unlike ranks, that keeps how far the one text with a rare word stands out.
    """
    lowest = min((score for _, score in dense), default=0.0)
    near, held = _scaled(dense, lowest), _scaled(words, 0.0)
    scores = {
        name: _DENSE_SHARE * near.get(name, 0.0) + (1 - _DENSE_SHARE) * held.get(name, 0.0)
        for name in {**near, **held}
    }
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def _scaled(ranking: Sequence[tuple[str, float]], lowest: float) -> dict[str, float]:
    """Map scores to [0, 1]; to 1 where all are the same."""
    highest = max((score for _, score in ranking), default=0.0)
    width = highest - lowest
    return {name: (score - lowest) / width if width > 0 else 1.0 for name, score in ranking}


def merge_neighbours(
    ranked: Sequence[Ranked], document: Callable[[str], Document]
) -> tuple[Passage, ...]:
    """Join chunks that touch or overlap into passages; a passage has its best chunk's score.

    Chunks of different sections stay apart, and a passage does not outgrow
    ``_PASSAGE_CHARACTERS`` unless a single chunk does.
    """
    spans: list[Ranked] = []
    for item in sorted(ranked, key=lambda r: (r.chunk.document, r.chunk.start)):
        if spans and _joinable(spans[-1].chunk, item.chunk, document(item.chunk.document).text):
            spans[-1] = _joined(spans[-1], item, document(item.chunk.document).text)
        else:
            spans.append(item)
    spans.sort(key=lambda r: (-r.score, r.chunk.document, r.chunk.start))
    return tuple(
        Passage(s.chunk.document, s.chunk.start, s.chunk.end, s.chunk.text, round(s.score, 6))
        for s in spans
    )


def _joinable(left: Chunk, right: Chunk, text: str) -> bool:
    return (
        left.document == right.document
        and left.context == right.context
        and not text[left.end : right.start].strip()
        and max(left.end, right.end) - left.start <= _PASSAGE_CHARACTERS
    )


def _joined(left: Ranked, right: Ranked, text: str) -> Ranked:
    start, end = left.chunk.start, max(left.chunk.end, right.chunk.end)
    chunk = Chunk(left.chunk.document, start, end, text[start:end], left.chunk.context)
    return Ranked(chunk, max(left.score, right.score))
