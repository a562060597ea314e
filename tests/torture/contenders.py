"""What processes do that use an index at the same time: write, wait for news, ask."""

from __future__ import annotations

import contextlib
import functools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.api import open_chatbot
from rag.chatbot import Chatbot
from rag.chunking import split_document
from rag.errors import IndexBusyError, IndexProblem
from rag.index import VectorIndex
from rag.ingestion import ingest
from rag.testing import HashEmbedder
from rag.types import Answer, Citation, Document, Message, ReadOutcome, Vectors
from torture.children import TOKENS, settings_of, take
from torture.documents import Step, own_word

_EVIDENCE = re.compile(r"^\[(\d+)\] \(.*?\) (.*)$", re.MULTILINE)
_PAUSE_SECONDS = 0.005
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an ingest beside others went; ``refused`` is the line its user sees."""

    seconds: float
    refused: str = ""


class SlowEmbedder(HashEmbedder):
    """Takes its time, as a model does."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def embed(self, texts: Sequence[str]) -> Vectors:
        time.sleep(self._seconds)
        return super().embed(texts)


def contend(folder: Path, documents: Sequence[Document], start: float, slow: float) -> Attempt:
    """Ingest at a given moment, as others do."""
    outcomes = [ReadOutcome(f"{d.id}.txt", (d,)) for d in documents]
    time.sleep(max(0.0, start - time.monotonic()))
    began = time.monotonic()
    try:
        ingest(folder, outcomes, embedder=SlowEmbedder(slow), chunk_tokens=TOKENS)
    except IndexBusyError as error:
        return Attempt(time.monotonic() - began, str(error))
    return Attempt(time.monotonic() - began)


def publish(folder: Path, steps: Sequence[Step], ready: Path, gap: float = 0.0) -> list[float]:
    """Make changes one after another once a reader is there; return when each was done."""
    _wait_for(ready)
    done = []
    for step in steps:
        time.sleep(gap)
        take(folder, step)
        done.append(time.monotonic())
    return done


def await_documents(folder: Path, documents: Sequence[Document], ready: Path) -> list[float]:
    """Open a chatbot and ask on until each document is found; return when each was."""
    seen = []
    with (
        open_chatbot(settings=settings_of(folder), embedder=HashEmbedder()) as bot,
        contextlib.closing(VectorIndex(folder)) as vectors,
    ):
        bot.search("ferry")
        ready.touch()
        for document in documents:
            _until(functools.partial(_is_found, bot, vectors, document))
            seen.append(time.monotonic())
    return seen


def _is_found(bot: Chatbot, vectors: VectorIndex, document: Document) -> bool:
    """Tell whether a document is found by its word and by its first vector."""
    first = split_document(document, chunk_tokens=TOKENS)[0]
    ((name, _),) = vectors.search(HashEmbedder().embed([first.embedded_text])[0], limit=1)
    passages = bot.search(own_word(document))
    return name.startswith(f"{document.id}#") and document.id in {p.document for p in passages}


class Hesitant:
    """A chat model that repeats two sentences of the evidence, and stops between them."""

    name = "hesitant"

    def __init__(self, begun: Path, go_on: Path) -> None:
        self._begun, self._go_on = begun, go_on

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        first, *rest = _EVIDENCE.findall(messages[-1].text)
        yield _cited(*first)
        self._begun.touch()
        _wait_for(self._go_on)
        yield from (_cited(*more) for more in rest[:1])


def _cited(number: str, sentence: str) -> str:
    return f"{sentence.rstrip('.')} [{number}]. "


def answer_slowly(folder: Path, question: str, begun: Path, go_on: Path) -> Answer:
    """Begin an answer, wait until the index has changed, and finish it."""
    settings = settings_of(folder)
    model = Hesitant(begun, go_on)
    with open_chatbot(settings=settings, embedder=HashEmbedder(), chat_model=model) as bot:
        return bot.ask(question)


def ask_on(
    folder: Path, versions: Mapping[str, Sequence[str]], ready: Path, end: Path
) -> tuple[int, list[str]]:
    """Ask until told to end; return how many answers came and what was wrong with any.

    ``versions`` maps documents to the texts that they have had or will have.
    """
    count, problems = 0, []
    with open_chatbot(settings=settings_of(folder), embedder=HashEmbedder()) as bot:
        while not end.exists() or not count:
            answer = bot.ask("What opens near the harbour today?")
            problems += misquoted(answer, versions)
            count += 1
            ready.touch()
    return count, problems


def misquoted(answer: Answer, versions: Mapping[str, Sequence[str]]) -> list[str]:
    """List the documents of which an answer quotes something that no version of theirs says."""
    quoted: dict[str, list[Citation]] = {c.document: [] for c in answer.citations}
    for citation in answer.citations:
        quoted[citation.document].append(citation)
    return [
        f"{name} is misquoted"
        for name, citations in quoted.items()
        if not any(_says(text, citations) for text in versions.get(name, ()))
    ]


def _says(text: str, citations: Sequence[Citation]) -> bool:
    return all(text[c.start : c.end] == c.quote for c in citations)


def change_beside(folder: Path, steps: Sequence[Step], ready: Path, end: Path) -> None:
    """Make changes beside a reader, and tell it when they are made."""
    try:
        publish(folder, steps, ready)
    finally:
        end.touch()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise IndexProblem("nothing came in time")
        time.sleep(_PAUSE_SECONDS)


def _wait_for(path: Path) -> None:
    _until(path.exists)
