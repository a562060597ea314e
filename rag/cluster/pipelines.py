"""The two halves of an ingest as LlamaIndex pipelines on Ray; runs in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import ray
from llama_index.core.schema import BaseNode, TextNode, TransformComponent
from llama_index.ingestion.ray import RayIngestionPipeline, RayTransformComponent
from ray.data import ActorPoolStrategy, DataContext

from rag.chunking import CHUNKER
from rag.cluster.components import WorkerEmbedding, WorkerSplitter
from rag.cluster.messages import Setup
from rag.llamaindex import to_llamaindex
from rag.types import Chunk, Document, Vectors

_DOCUMENTS_A_TASK = 16
_TEXTS_A_TASK = 64
# Ray would start workers anew for ever; a text that kills each of them must come to an end.
_RETRIES = 3
_LOCAL_STORE_BYTES = 512 * 2**20


def connect(setup: Setup) -> int:
    """Start or join the cluster; return how many CPUs it has, zero where ``auto`` finds none."""
    try:
        ray.init(setup.address, **_init_options(setup))
    except ConnectionError:
        if setup.address == "auto":
            return 0
        raise
    DataContext.get_current().enable_progress_bars = False
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def disconnect() -> None:
    """Leave the cluster; one that was started here ends."""
    ray.shutdown()


def _init_options(setup: Setup) -> dict[str, Any]:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if setup.address != "local":
        return quiet
    return quiet | {
        "num_cpus": setup.cpus,
        "include_dashboard": False,
        "object_store_memory": _LOCAL_STORE_BYTES,
        "_temp_dir": setup.folder,
    }


def split(setup: Setup, documents: Sequence[Document], cpus: int) -> list[tuple[Chunk, ...]]:
    """Cut documents on the workers; the chunks of each, in order."""
    options = {"chunk_tokens": setup.chunk_tokens, "chunker": CHUNKER}
    tasks = -(-len(documents) // _DOCUMENTS_A_TASK)
    pipeline = _pipeline(WorkerSplitter, options, _DOCUMENTS_A_TASK, min(cpus, tasks))
    chunks: dict[str, list[Chunk]] = {document.id: [] for document in documents}
    for node in pipeline.run(documents=[to_llamaindex(document) for document in documents]):
        chunks[node.metadata["document"]].append(_chunk(node))
    return [tuple(sorted(chunks[d.id], key=lambda chunk: chunk.start)) for d in documents]


def embed(setup: Setup, texts: Sequence[str], cpus: int) -> Vectors:
    """Embed texts on the workers; one row for each, in order."""
    options = {"pickled": setup.embedder, "fingerprint": setup.fingerprint}
    tasks = -(-len(texts) // _TEXTS_A_TASK)
    pipeline = _pipeline(WorkerEmbedding, options, _TEXTS_A_TASK, min(cpus, tasks))
    nodes = pipeline.run(nodes=[TextNode(id_=str(row), text=t) for row, t in enumerate(texts)])
    rows = {int(node.node_id): node.embedding for node in nodes}
    return np.array([rows[row] for row in range(len(texts))], dtype=np.float32)


def _pipeline(
    component: type[TransformComponent], options: Mapping[str, object], batch: int, actors: int
) -> RayIngestionPipeline:
    placing: dict[str, Any] = {
        "batch_size": batch,
        # One is enough to begin: the others may be busy with somebody else's work.
        "compute": ActorPoolStrategy(min_size=1, max_size=actors, initial_size=actors),
        "num_cpus": 1,
        "max_restarts": _RETRIES,
        "max_task_retries": _RETRIES,
    }
    step = RayTransformComponent(component, placing, dict(options))
    return RayIngestionPipeline(transformations=[step])


def _chunk(node: BaseNode) -> Chunk:
    where = (node.start_char_idx, node.end_char_idx)
    return Chunk(node.metadata["document"], *where, node.text, node.metadata["context"])
