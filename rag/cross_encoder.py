"""A small cross-encoder: reads a question, or a claim, together with the sentences of a text.

It is the embedded MiniLM, fine-tuned; what tuning changed is shipped as low-rank differences of
its weights (`rag/weights/reader.npz`), so the base weights need not be shipped twice. One pass
over ``[CLS] question [SEP] sentences [SEP]``; a sentence's score is the mean over its word pieces,
and the highest score of a piece as a word that answers. Scores at ``[CLS]`` say how likely it is
that no sentence answers. For a claim, three scores at ``[CLS]`` say whether the sentences support
it, contradict it, or do neither.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.entailment import nearest
from rag.minilm import ModelFiles, Weights, encodable, open_tokenizer, read_weights
from rag.sessions import open_built
from rag.types import SentenceReading

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

WEIGHTS_FILE = Path(__file__).parent / "weights" / "reader.npz"

_CLS, _SEP = 101, 102
_MAX_PIECES = 224  # what it was tuned with
_FIRST_PIECES, _SENTENCE_PIECES = 64, 100
_SENTENCE, _NONE, _VERDICTS, _WORD = 0, 1, slice(2, 5), 5  # columns of the head
_UNREAD = 8.0
_ABOUT_AS_LIKELY = 1.5  # in logits
_BUILDER = "int8-v1"
_MAX_THREADS = 4


class CrossEncoder:
    """Scores sentences against questions; safe to use from several threads."""

    def __init__(
        self,
        session: InferenceSession,
        tokenizer: Tokenizer,
        bias: npt.NDArray[np.float32],
        *,
        threads: int,
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._bias = bias
        self._threads = threads
        self._pieces = functools.lru_cache(maxsize=50_000)(self._encode)

    def read(self, question: str, passages: Sequence[Sequence[str]]) -> list[list[SentenceReading]]:
        """Read the sentences of each passage, several passages at once.

        Sentences that do not fit the first 224 word pieces of a passage count as the one of it that
        is least relevant.
        """
        if len(passages) < 2 or self._threads < 2:
            return [self._read(question, passage) for passage in passages]
        # The longest first: a long one begun last would keep all but one thread waiting.
        sizes = [sum(map(len, passage)) for passage in passages]
        order = sorted(range(len(passages)), key=lambda i: -sizes[i])
        with ThreadPoolExecutor(self._threads) as pool:
            found = pool.map(lambda i: self._read(question, passages[i]), order)
            return [said for _, said in sorted(zip(order, found, strict=True))]

    def _read(self, question: str, sentences: Sequence[str]) -> list[SentenceReading]:
        scores, spans = self._scores(question, sentences)
        none, wordless = float(scores[0, _NONE]), float(scores[0, _WORD])
        found = [
            self._reading(scores[start:end], self._pieces(sentence), none, wordless)
            for (start, end), sentence in zip(spans, sentences, strict=False)
        ]
        nothing = SentenceReading(-_UNREAD, wordless)
        least = min(found, default=nothing, key=lambda reading: reading.relevance)
        return [*found, *[least] * (len(sentences) - len(found))]

    def judge(self, claim: str, sentences: Sequence[str]) -> tuple[float, float, float]:
        """Return how likely the sentences support, contradict, or do not decide a claim.

        The three sum to 1. The sentences nearest to the claim are read where there are too many.
        """
        scores, _ = self._scores(claim, nearest(claim, sentences))
        chances = np.exp(scores[0, _VERDICTS] - scores[0, _VERDICTS].max())
        supported, contradicted, neither = map(float, chances / chances.sum())
        return supported, contradicted, neither

    def _scores(
        self, first: str, sentences: Sequence[str]
    ) -> tuple[npt.NDArray[np.float32], list[tuple[int, int]]]:
        """Score each word piece, (pieces, heads), and tell where each sentence that fits lies."""
        asked = [_CLS, *self._pieces(first)[:_FIRST_PIECES], _SEP]
        ids, spans = list(asked), []
        for sentence in sentences:
            pieces = self._pieces(sentence)[:_SENTENCE_PIECES]
            if len(ids) + len(pieces) >= _MAX_PIECES:
                break
            spans.append((len(ids), len(ids) + len(pieces)))
            ids += pieces
        segments = [0] * len(asked) + [1] * (len(ids) + 1 - len(asked))
        feed = {
            "ids": np.array([[*ids, _SEP]], np.int64),
            "segments": np.array([segments], np.int64),
        }
        return self._session.run(None, feed)[0][0] + self._bias, spans

    def _reading(
        self, scores: npt.NDArray[np.float32], ids: Sequence[int], none: float, wordless: float
    ) -> SentenceReading:
        """Read the scores of a sentence's word pieces against those for no answer and no word."""
        if not len(scores):
            return SentenceReading(-_UNREAD - none - wordless, wordless)
        found = float(scores[:, _SENTENCE].mean() + scores[:, _WORD].max())
        words = self._words(ids, scores[:, _WORD])
        return SentenceReading(found - none - wordless, wordless, words)

    def _words(self, ids: Sequence[int], scores: npt.NDArray[np.float32]) -> str:
        """Return the likeliest word and those beside it that are about as likely."""
        first = last = int(scores.argmax())
        least = scores[first] - _ABOUT_AS_LIKELY
        while first > 0 and (scores[first - 1] >= least or self._goes_on(ids[first])):
            first -= 1
        while last + 1 < len(scores) and (
            scores[last + 1] >= least or self._goes_on(ids[last + 1])
        ):
            last += 1
        return str(self._tokenizer.decode(list(ids[first : last + 1])))

    def _goes_on(self, piece: int) -> bool:
        """Tell whether a word piece goes on with the word of the piece before."""
        return str(self._tokenizer.id_to_token(piece)).startswith("##")

    def _encode(self, text: str) -> tuple[int, ...]:
        encoding = self._tokenizer.encode(encodable(text[:2000]), add_special_tokens=False)
        return tuple(encoding.ids)


def open_cross_encoder(
    *, cache_dir: Path | None = None, threads: int | None = None, weights: Path = WEIGHTS_FILE
) -> CrossEncoder:
    """Open the shipped cross-encoder, merging and quantising it first where the cache has none.

    Raises ``ModelMissingError`` when the base model's files are not to be had.
    """
    files = ModelFiles(cache_dir) if cache_dir else ModelFiles()
    content = weights.read_bytes()
    name = f"reader-{hashlib.sha256(content).hexdigest()[:8]}-{_BUILDER}.model"
    tuned = dict(np.load(io.BytesIO(content)))
    session = open_built(files.cache_dir / name, lambda: _built(files, tuned))
    return CrossEncoder(
        session,
        open_tokenizer(files),
        tuned["head.bias"].astype(np.float32),
        threads=threads or min(_MAX_THREADS, os.cpu_count() or 1),
    )


def _built(files: ModelFiles, tuned: Mapping[str, npt.NDArray[Any]]) -> bytes:
    from rag.bert import token_scoring_model

    head = tuned["head.weight"].astype(np.float32)
    return token_scoring_model(merged(read_weights(files), tuned), head, "int8")


def merged(base: Weights, tuned: Mapping[str, npt.NDArray[Any]]) -> Weights:
    """Add tuned differences to base weights.

    ``NAME.left`` (rows, rank) times ``NAME.right`` (rank, columns) is the difference of a matrix,
    ``NAME.delta`` that of a vector.
    """
    weights = dict(base)
    for name in base:
        if f"{name}.left" in tuned:
            left, right = tuned[f"{name}.left"], tuned[f"{name}.right"]
            weights[name] = base[name] + left.astype(np.float32) @ right.astype(np.float32)
        elif f"{name}.delta" in tuned:
            weights[name] = base[name] + tuned[f"{name}.delta"].astype(np.float32)
    return weights
