"""Workers on Ray as an ingest sees them: a splitter and an embedder that are many."""

from __future__ import annotations

import dataclasses
import os
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.cluster.addresses import STARTED_HERE, check_address
from rag.cluster.messages import Setup
from rag.cluster.process import RayProcess, new_folder
from rag.errors import ClusterError, ConfigError
from rag.minilm import encodable
from rag.types import Chunk, Document, Embedder, Vectors

# Ray starts its workers anew for each portion, so a portion is much: about 1,700 chunks for each
# worker. It is also what a lost cluster costs, and all of it is held in memory, about 17 KB a chunk
# (384 Python floats of 32 bytes, and the node around them): hence the limit.
_CHARACTERS_PER_CPU = 1_200_000
_MOST_CHARACTERS = 48_000_000


class RayWorkers:
    """Splits and embeds on a Ray cluster, which is joined when there is something to do.

    The results are those of ``split_document`` and of the embedder itself. ``open_workers`` makes
    one; ``characters`` and ``texts`` are how much it is best given at a time.
    """

    texts = 131_072

    def __init__(self, setup: Setup, embedder: Embedder, *, characters: int) -> None:
        self._setup = setup
        self._embedder = embedder
        self.characters = characters
        self._process: RayProcess | None = None

    @property
    def fingerprint(self) -> str:
        """The embedder's own: where a vector is made does not matter."""
        return self._embedder.fingerprint

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._embedder.dimensions

    @property
    def pid(self) -> int | None:
        """The process group of what was started for the cluster, if anything was."""
        return self._process.pid if self._process else None

    def split(self, documents: Sequence[Document]) -> list[tuple[Chunk, ...]]:
        """Cut documents into chunks; raise ``ClusterError`` when the cluster fails."""
        cut: list[tuple[Chunk, ...]] = self._call("split", list(documents))
        return cut

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; raise ``ClusterError`` or ``EmbeddingError`` when that fails."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        vectors: Vectors = self._call("embed", [encodable(text) for text in texts])
        return vectors

    def close(self) -> None:
        """Leave the cluster; one that was started for this ends."""
        if self._process:
            self._process.close()
            self._process = None

    def __enter__(self) -> RayWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, what: str, things: Sequence[object]) -> Any:  # noqa: ANN401
        if not things:
            return []
        if self._process is None:
            self._process = _joined(self._setup)
        try:
            return self._process.call(what, things)
        except ClusterError:
            self.close()
            raise


def open_workers(
    address: str, embedder: Embedder, *, chunk_tokens: int, cpus: int | None = None
) -> RayWorkers:
    """Prepare to split and embed on Ray; nothing is started yet.

    ``address`` is ``local`` (a cluster of this machine alone, with ``cpus`` workers), ``auto`` (the
    one that runs here, or else that) or ``HOST:PORT``. Raises ``ConfigError`` or ``ClusterError``
    where that cannot be used.
    """
    check_address(address)
    try:
        pickled = pickle.dumps(embedder)
    except Exception as error:
        raise ConfigError(
            f"the embedder {embedder.fingerprint} cannot be sent to workers ({error}); "
            "index without --ray"
        ) from error
    setup = Setup(address, cpus, "", chunk_tokens, pickled, embedder.fingerprint)
    workers = cpus or os.cpu_count() or 1
    characters = _MOST_CHARACTERS
    if address in STARTED_HERE:
        characters = min(characters, workers * _CHARACTERS_PER_CPU)
    return RayWorkers(setup, embedder, characters=characters)


def _joined(setup: Setup) -> RayProcess:
    process = RayProcess(dataclasses.replace(setup, folder=new_folder()))
    if process.cpus:
        return process
    process.close()
    return RayProcess(dataclasses.replace(setup, address="local", folder=new_folder()))
