"""Turn texts into unit vectors: with the embedded MiniLM, or by an OpenAI-compatible server."""

from __future__ import annotations

import functools
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from rag.errors import EmbeddingError
from rag.minilm import (
    MAX_CHARACTERS,
    MAX_PIECES,
    NAME,
    REVISION,
    SHA256,
    ModelFiles,
    encodable,
    open_tokenizer,
    read_weights,
)
from rag.sessions import open_built
from rag.types import Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from openai import OpenAI
    from tokenizers import Tokenizer

_BUILDER = "int8-v1"  # raise the version whenever the built graph changes
_MAX_THREADS = 4
_OPENAI = "https://api.openai.com/v1"
_MAX_INPUTS = 256
_TIMEOUT_SECONDS = 60.0


class MiniLM:
    """all-MiniLM-L6-v2 on onnxruntime, one text a run, so that a vector depends on its text alone.

    Safe to use from several threads. Reads the first 256 word pieces of a text. Pickled, it is
    opened again from its files, so that a worker on another machine uses its own cache.
    """

    def __init__(
        self, session: InferenceSession, tokenizer: Tokenizer, *, threads: int, files: ModelFiles
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._threads = threads
        self._files = files

    def __reduce__(self) -> tuple[Callable[[ModelFiles, int], MiniLM], tuple[ModelFiles, int]]:
        return _open, (self._files, self._threads)

    @property
    def fingerprint(self) -> str:
        """Name, revision and precision."""
        return f"{NAME}@{REVISION[:8]}/{_BUILDER.replace('-', '/')}"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return 384

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts, several at once on several threads."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)

        def fill(row: int) -> None:
            vectors[row] = self._vector(texts[row])

        if len(texts) < 2 or self._threads < 2:
            for row in range(len(texts)):
                fill(row)
            return vectors
        # The longest first: a long one taken last would leave the other threads idle.
        rows = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        with ThreadPoolExecutor(self._threads) as pool:
            for _ in pool.map(fill, rows):
                pass
        return vectors

    def _vector(self, text: str) -> Vectors:
        ids = self._tokenizer.encode(encodable(text[:MAX_CHARACTERS])).ids
        if len(ids) > MAX_PIECES:
            ids = [*ids[: MAX_PIECES - 1], ids[-1]]  # the last is [SEP]
        vectors: Vectors = self._session.run(None, {"ids": np.array([ids], np.int64)})[0]
        return vectors.reshape(-1)


def open_minilm(
    *,
    cache_dir: Path | None = None,
    threads: int | None = None,
    files: ModelFiles | None = None,
) -> MiniLM:
    """Open the embedded model, building it first where the cache holds none.

    Raises ``ModelMissingError`` when its files are neither installed nor to be had from the hub.
    """
    files = files or (ModelFiles(cache_dir) if cache_dir else ModelFiles())
    return _open(files, threads or min(_MAX_THREADS, os.cpu_count() or 1))


def _open(files: ModelFiles, threads: int) -> MiniLM:
    weights_name = SHA256["model.safetensors"][:8]
    path = files.cache_dir / f"{NAME}-{weights_name}-{_BUILDER}.model"
    session = open_built(path, lambda: _built(files))
    return MiniLM(session, open_tokenizer(files), threads=threads, files=files)


def _built(files: ModelFiles) -> bytes:
    from rag.bert import embedding_model

    return embedding_model(read_weights(files), "int8")


class OutsideEmbedder(ABC):
    """Embeds with somebody else's model, which tells how long a vector is by making one."""

    _dimensions: int | None = None

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """The model, and who serves it."""

    @property
    def dimensions(self) -> int:
        """The length of a vector, learnt from the first that is made."""
        if self._dimensions is None:
            self.embed(["dimensions"])
        assert self._dimensions is not None
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; raise ``EmbeddingError`` when the model fails."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        try:
            rows = self._rows(texts)
            vectors = unit_vectors(rows, count=len(texts), dimensions=self._dimensions)
        except Exception as error:
            raise self._failure(error) from error
        self._dimensions = vectors.shape[1]
        return vectors

    @abstractmethod
    def _rows(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Have the model embed one or more texts."""

    @abstractmethod
    def _failure(self, error: Exception) -> EmbeddingError:
        """Tell what went wrong in one line."""


class OpenAIEmbedder(OutsideEmbedder):
    """Embeds through the embeddings API of OpenAI or of a server that speaks it."""

    def __init__(self, model: str, *, api_key: str | None, base_url: str | None) -> None:
        self._model = model
        self._api_key = api_key or "none"  # local servers ask for no key, the client does
        self._base_url = base_url or _OPENAI

    @property
    def fingerprint(self) -> str:
        """The model and the host that serves it."""
        return f"{self._model}@{urlsplit(self._base_url).hostname}"

    def _rows(self, texts: Sequence[str]) -> list[list[float]]:
        """Ask for at most 256 texts a request."""
        batches = [texts[i : i + _MAX_INPUTS] for i in range(0, len(texts), _MAX_INPUTS)]
        return [row for batch in batches for row in self._rows_of_batch(batch)]

    def _rows_of_batch(self, texts: Sequence[str]) -> list[list[float]]:
        reply = self._client.embeddings.create(
            model=self._model,
            # The API refuses empty inputs.
            input=[encodable(text) if text.strip() else "." for text in texts],
            encoding_format="float",  # not every server knows base64, the client's default
        )
        rows = [row.embedding for row in sorted(reply.data, key=lambda row: row.index)]
        if len(rows) != len(texts):
            raise ValueError(f"expected {len(texts)} vectors, found {len(rows)}")
        return rows

    @functools.cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(api_key=self._api_key, base_url=self._base_url, timeout=_TIMEOUT_SECONDS)

    def close(self) -> None:
        """Close the connections to the server; the next call opens new ones."""
        client = self.__dict__.pop("_client", None)
        if client is not None:
            client.close()

    def _failure(self, error: Exception) -> EmbeddingError:
        """Tell what went wrong in one short line; what a server says is not to be trusted."""
        status = getattr(error, "status_code", None)
        kind = f"status {status}" if status else type(error).__name__
        reason = " ".join(str(error).split())[:200].replace(self._api_key, "…")
        return EmbeddingError(
            f"embedding model {self._model!r} at {urlsplit(self._base_url).hostname} failed: "
            f"{kind}: {reason}; check RAG_EMBEDDING_MODEL, OPENAI_API_KEY and OPENAI_BASE_URL"
        )


def unit_vectors(rows: Sequence[Sequence[float]], *, count: int, dimensions: int | None) -> Vectors:
    """Scale the vectors a model returned to length 1; raise ``ValueError`` if they are not usable.

    ``count`` is how many are expected, ``dimensions`` how long they are if that is known.
    """
    vectors = np.array(rows, dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1]:
        raise ValueError(f"expected {count} vectors, found an array of shape {vectors.shape}")
    if dimensions not in (None, vectors.shape[1]):
        raise ValueError(f"expected vectors of {dimensions} numbers, found {vectors.shape[1]}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and lengths.all()):
        raise ValueError("expected vectors with a length, found one without")
    unit: Vectors = vectors / lengths
    return unit
