"""What is measured of Attest; runs in a process of its own and prints one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def ingest(index: Path, folder: Path) -> dict[str, float]:
    """Build an index of a folder; loading the libraries and the model is not counted."""
    import chromadb.api.rust  # noqa: F401
    import llama_index.core.node_parser  # noqa: F401

    import rag.documents  # noqa: F401
    from rag import index_documents, load_settings
    from rag.embedding import open_minilm

    settings = load_settings(index=index)
    embedder = open_minilm(cache_dir=settings.cache)
    embedder.embed(["warm-up"])
    started = time.perf_counter()
    index_documents([folder], settings=settings, embedder=embedder)
    return {"seconds": time.perf_counter() - started}


def warm(index: Path, questions: Path) -> dict[str, list[float]]:
    """Ask and search each question; milliseconds each."""
    from rag import open_chatbot

    asked: list[str] = json.loads(questions.read_text(encoding="utf-8"))
    with open_chatbot(index=index) as bot:
        bot.ask(asked[0])
        return {
            "answer_ms": [_timed(bot.ask, question) for question in asked],
            "search_ms": [_timed(bot.search, question) for question in asked],
        }


def find(index: Path, questions: Path) -> dict[str, list[list[tuple[str, str, int]]]]:
    """Search each question; for each the passages: file, text, where it starts."""
    from rag import open_chatbot

    asked: list[str] = json.loads(questions.read_text(encoding="utf-8"))
    with open_chatbot(index=index) as bot:
        found = [bot.search(question, top_k=10) for question in asked]
    return {"found": [[(f"{p.document}.txt", p.text, p.start) for p in each] for each in found]}


def _timed(call: Callable[[str], object], text: str) -> float:
    started = time.perf_counter()
    call(text)
    return (time.perf_counter() - started) * 1000


JOBS: dict[str, Callable[[Path, Path], object]] = {"ingest": ingest, "warm": warm, "find": find}

if __name__ == "__main__":
    job, *paths = sys.argv[1:]
    print(json.dumps(JOBS[job](*map(Path, paths))))  # noqa: T201
