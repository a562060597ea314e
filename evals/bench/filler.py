"""Text and vectors to fill an index up with, where real ones would take hours to embed.

The words are those of MiniLM's vocabulary, which is ordered by frequency, drawn by Zipf's law with
a few favoured in each document, so that common and rare words are as common and as rare as in
news. A vector is a blend of real sentence vectors with a little noise. Both follow from a number.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rag.minilm import open_tokenizer
from rag.terms import STOP_WORDS
from rag.types import Document, ReadOutcome, Vectors

CHUNKS_PER_DOCUMENT = 8
_WORDS_PER_CHUNK = 152
_SENTENCE_WORDS = (10, 26)
_STOP_SHARE, _TOPIC_SHARE = 0.45, 0.15
_TOPIC_WORDS = 25
_BLEND = (1.0, 0.6, 0.4)
_NOISE = 0.02  # of each number of a vector; its length is 1


class FillerText:
    """Documents by number."""

    def __init__(self) -> None:
        vocabulary = open_tokenizer().get_vocab()
        known = sorted(vocabulary, key=vocabulary.__getitem__)
        plain = [w for w in known if w.isascii() and w.isalpha() and len(w) > 2]
        self._stop = [w for w in plain if w in STOP_WORDS]
        self._words = [w for w in plain if w not in STOP_WORDS]
        shares = 1 / np.arange(10, len(self._words) + 10)  # Zipf and Mandelbrot
        self._cumulated = np.cumsum(shares / shares.sum())

    def outcomes(self, first: int, last: int) -> Iterator[ReadOutcome]:
        """Yield documents, as reading files does."""
        for number in range(first, last):
            yield ReadOutcome(f"filler-{number}.txt", (self.document(number),))

    def document(self, number: int) -> Document:
        """Write a document of about ``CHUNKS_PER_DOCUMENT`` chunks."""
        rng = np.random.default_rng(number)
        words = self._drawn(rng, CHUNKS_PER_DOCUMENT * _WORDS_PER_CHUNK)
        lengths = rng.integers(*_SENTENCE_WORDS, len(words) // _SENTENCE_WORDS[0])
        ends = [0, *np.cumsum(lengths).tolist()]
        sentences = [" ".join(words[a:b]).capitalize() for a, b in itertools.pairwise(ends)]
        text = ". ".join(filter(None, sentences)) + "."
        return Document(f"filler-{number:06}", text)

    def query(self, number: int) -> str:
        """Ask for words of a document, common ones among them, as questions do."""
        rng = np.random.default_rng([number, 1])
        found = [w for w in self.document(number).text[:400].split() if w not in STOP_WORDS]
        return " ".join(rng.choice(found, 7, replace=False)).replace(".", "").lower()

    def _drawn(self, rng: np.random.Generator, count: int) -> list[str]:
        topic = self._by_frequency(rng, _TOPIC_WORDS)
        plain = self._by_frequency(rng, count)
        kinds, picks = rng.random(count), rng.integers(0, 1 << 30, count)
        return [
            self._stop[pick % len(self._stop)]
            if kind < _STOP_SHARE
            else topic[pick % _TOPIC_WORDS]
            if kind < _STOP_SHARE + _TOPIC_SHARE
            else word
            for kind, pick, word in zip(kinds.tolist(), picks.tolist(), plain, strict=True)
        ]

    def _by_frequency(self, rng: np.random.Generator, count: int) -> list[str]:
        places = np.searchsorted(self._cumulated, rng.random(count))
        return [self._words[place] for place in places.tolist()]


class BlendEmbedder:
    """Stands in for MiniLM: as many numbers a vector, at no cost."""

    def __init__(self, base: Vectors) -> None:
        self._base = base

    @classmethod
    def from_file(cls, path: Path) -> BlendEmbedder:
        """Blend the vectors of a ``.npy`` file."""
        return cls(np.load(path))

    @property
    def fingerprint(self) -> str:
        """Name the blend."""
        return f"blend-{len(self._base)}"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._base.shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Blend three base vectors for each text, always the same ones for the same text."""
        return np.stack([self._vector(zlib.crc32(text.encode())) for text in texts])

    def _vector(self, seed: int) -> Vectors:
        rng = np.random.default_rng(seed)
        parts = self._base[rng.integers(0, len(self._base), len(_BLEND))]
        blend = np.array(_BLEND, np.float32) @ parts
        blend += rng.standard_normal(blend.size, np.float32) * np.float32(_NOISE)
        vector: Vectors = blend / np.linalg.norm(blend)
        return vector
