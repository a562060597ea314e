"""Our LlamaIndex components as a worker makes them: the same code and model as here, or none."""

from __future__ import annotations

import pickle

from llama_index.core.bridge.pydantic import field_validator

from rag.chunking import CHUNKER
from rag.errors import ClusterError
from rag.llamaindex import AttestEmbedding, ChunkSplitter
from rag.types import Embedder

_REMEDY = "install the same version of attest-rag on every node"


class WorkerSplitter(ChunkSplitter):
    """Cuts documents, with the version of the chunker that the index is made with."""

    @field_validator("chunker")  # type: ignore[untyped-decorator]
    @classmethod
    def _same(cls, chunker: str) -> str:
        if chunker != CHUNKER:
            raise ClusterError(f"a worker cuts as {CHUNKER!r}, expected {chunker!r}; {_REMEDY}")
        return chunker


class WorkerEmbedding(AttestEmbedding):
    """Embeds with an embedder that was sent pickled: MiniLM is opened from the worker's files."""

    def __init__(self, pickled: bytes, fingerprint: str) -> None:
        embedder: Embedder = pickle.loads(pickled)
        if embedder.fingerprint != fingerprint:
            raise ClusterError(
                f"a worker embeds as {embedder.fingerprint!r}, expected {fingerprint!r}; {_REMEDY}"
            )
        super().__init__(embedder)
