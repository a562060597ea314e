"""An embedder and a chat model that need nothing but this file."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from rag.errors import ChatModelError
from rag.types import Message, Vectors

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """Embeds a text as the signed hash counts of its words: fast, deterministic, no model."""

    def __init__(self, *, dimensions: int = 64, name: str = "hash") -> None:
        self._dimensions = dimensions
        self._name = name
        self.embedded = 0

    @property
    def fingerprint(self) -> str:
        """Name and size: another size is another vector space."""
        return f"{self._name}-{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; ``embedded`` counts them."""
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.lower()):
                code = zlib.crc32(word.encode())
                row[code % self._dimensions] += 1.0 if code & 0x10000 else -1.0
            if not row.any():
                row[0] = 1.0
            row /= np.linalg.norm(row)
        return vectors


class ScriptedChatModel:
    """Replies with what it was given, one reply a call, and records what it was asked.

    A reply is a string (streamed word by word) or a ``ChatModelError`` (raised).
    """

    def __init__(self, *replies: str | ChatModelError, name: str = "scripted") -> None:
        self._replies = list(replies)
        self._name = name
        self.calls: list[tuple[Message, ...]] = []

    @property
    def name(self) -> str:
        """The name it was given."""
        return self._name

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the next reply word by word."""
        self.calls.append(tuple(messages))
        reply = self._replies.pop(0)
        if isinstance(reply, ChatModelError):
            raise reply
        yield from re.findall(r"\S+\s*|\s+", reply)
