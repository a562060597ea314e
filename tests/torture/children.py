"""What the short-lived processes do: change an index, and look at one as a user would."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag import failpoints
from rag.api import open_chatbot
from rag.chatbot import Chatbot
from rag.chunking import split_document
from rag.config import Settings
from rag.errors import IndexMissingError, InputError, RagError
from rag.index import current_generation
from rag.index.generations import read_manifest
from rag.ingestion import STORE_FILE, check, identity_of, ingest, remove
from rag.store import embedding_key, open_store
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome
from torture.documents import Step, own_word

TOKENS = 64


@dataclass(frozen=True, slots=True)
class Done:
    """How many texts each step embedded, and should have; the error of the one that failed."""

    embedded: tuple[int, ...]
    expected: tuple[int, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """An index as a fresh process finds it; ``held`` maps ids to content hashes."""

    held: dict[str, str]
    problems: tuple[str, ...] = ()
    seconds: float = 0.0  # until the first search has an answer
    files: tuple[str, ...] = ()


def warm_up() -> None:
    """Load what is loaded at first use."""
    import filelock  # noqa: F401

    import rag.documents
    import rag.generation
    import rag.index.engine
    import rag.minilm  # noqa: F401

    split_document(Document("warm", "A text. Another."), chunk_tokens=TOKENS)


def change(
    folder: Path, steps: Sequence[Step], failpoint: str = "", log: Path | None = None
) -> Done:
    """Make the changes, logging each point passed; what the index refuses is returned."""
    failpoints.listen(_listener(failpoint, log))
    embedded, expected = [], []
    for step in steps:
        try:
            expected.append(_embeddings_due(folder, step))
            embedded.append(take(folder, step))
        except RagError as error:
            return Done(tuple(embedded), tuple(expected), f"{type(error).__name__}: {error}")
        failpoints.failpoint("step")
    return Done(tuple(embedded), tuple(expected))


def take(folder: Path, step: Step) -> int:
    """Make one step; return how many texts were embedded."""
    embedder = HashEmbedder()
    if step.removed:
        remove(folder, step.removed)
    else:
        outcomes = [ReadOutcome(f"{d.id}.txt", (d,)) for d in step.documents]
        ingest(folder, outcomes, embedder=embedder, chunk_tokens=TOKENS, rebuild=step.rebuild)
    return embedder.embedded


def _listener(failpoint: str, log: Path | None) -> failpoints.Listener | None:
    act = failpoints.armed(failpoint) if failpoint else None
    if log is None:
        return act
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def passed(name: str) -> None:
        os.write(file, f"{name}\n".encode())
        if act:
            act(name)

    return passed


def _embeddings_due(folder: Path, step: Step) -> int:
    """Count the texts of a step that neither a committed document nor the cache has."""
    fingerprint = HashEmbedder().fingerprint
    keys = {
        embedding_key(chunk.embedded_text, fingerprint)
        for document in step.documents
        for chunk in split_document(document, chunk_tokens=TOKENS)
    }
    try:
        with open_store(folder / STORE_FILE) as store:
            return len(keys - store.known_embeddings(keys))
    except IndexMissingError:
        return len(keys)


def look(folder: Path, gone: Sequence[str] = (), *, whole: bool = True) -> Seen:
    """Open an index as an app does, search it, and go through everything in it.

    ``gone`` is what no file may hold. What is not ``whole`` needs to answer, no more.
    """
    if not _exists(folder):
        return Seen({}, files=_names(folder))
    began = time.monotonic()
    with open_chatbot(settings=settings_of(folder), embedder=HashEmbedder()) as bot:
        bot.search("a ferry near the harbour", top_k=1)
        seconds = time.monotonic() - began
        documents = bot.documents()
        lost = [p for d in (*documents[:3], *documents[-3:]) for p in _not_found(bot, d)]
    held = {d.id: d.content_hash for d in documents}
    if not whole:
        return Seen(held, tuple(lost), seconds)
    problems = (*lost, *_problems(folder, documents), *_traces(folder, gone))
    return Seen(held, problems, seconds, _names(folder))


def _not_found(bot: Chatbot, document: Document) -> list[str]:
    word = own_word(document)
    if document.id in {p.document for p in bot.search(word, top_k=5)}:
        return []
    return [f"{document.id} is not found by {word}"]


def settings_of(folder: Path) -> Settings:
    """Say how an index is opened: without seeds, without a model, and never abstaining."""
    return Settings(
        index=folder, seeds=folder / "none", reader="off", chunk_tokens=TOKENS, abstain_below=0.0
    )


def _exists(folder: Path) -> bool:
    """Tell whether there is an index with a document in it."""
    try:
        with open_store(folder / STORE_FILE) as store:
            return store.chunk_total() > 0
    except IndexMissingError:
        return False


def _problems(folder: Path, documents: Sequence[Document]) -> list[str]:
    """Check the index, and that each document has its chunks, once each."""
    problems = check(folder, identity_of(HashEmbedder(), TOKENS))
    wanted = [c for d in documents for c in split_document(d, chunk_tokens=TOKENS)]
    with open_store(folder / STORE_FILE) as store:
        rows = store.select('SELECT document, start, "end" FROM chunks ORDER BY number')
        words = store.select("SELECT count(*) FROM chunk_words")[0][0]
    if sorted(rows) != sorted((c.document, c.start, c.end) for c in wanted):
        problems.append(f"{len(rows)} chunks where {len(wanted)} are due")
    vectors = read_manifest(folder / current_generation(folder)).count
    if not len(rows) == words == vectors:
        problems.append(f"{len(rows)} chunks, {words} rows of words, {vectors} vectors")
    return problems


def _traces(folder: Path, gone: Sequence[str]) -> list[str]:
    contents = {p: p.read_bytes().lower() for p in folder.rglob("*") if p.is_file()}
    return [
        f"{word} is still in {path.relative_to(folder)}"
        for word in gone
        for path, content in contents.items()
        if word.lower().encode() in content
    ]


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(p.name for p in folder.iterdir())) if folder.is_dir() else ()


def repeat(folder: Path, steps: Sequence[Step]) -> Done:
    """Make the changes of which some are made already, as a user who tries again."""
    embedded, expected = [], []
    for step in steps:
        expected.append(_embeddings_due(folder, step))
        try:
            embedded.append(take(folder, step))
        except InputError:  # removed already, and the rest of the removal is done
            if not step.removed:
                raise
            embedded.append(0)
    return Done(tuple(embedded), tuple(expected))
