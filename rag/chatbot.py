"""Ask a question, get a cited answer: one path for every way in.

``stream`` yields answers that grow; ``ask`` returns the last. The extractive writer selects
sentences. The generative writer hands numbered sentences to a chat model and checks what comes
back; whenever the model fails, the extractive answer stands in and says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

from rag.candidates import Views
from rag.composing import choose, cite, markdown
from rag.errors import ChatModelError, InputError
from rag.followups import standalone
from rag.generation import Generation
from rag.phrasing import abstention, present
from rag.provenance import answer_about, field_asked
from rag.questions import Question, analyse
from rag.reading import Reader, Scored, answerable_score
from rag.retrieval import HybridRetriever
from rag.types import Answer, ChatModel, Document, Message, Passage

MAX_QUESTION_CHARACTERS = 4000

# Below this probability of holding an answer, the articles are said not to answer; chosen on the
# dev split of the gold questions.
ABSTAIN_BELOW = 0.62


class Library(Protocol):
    """What a chatbot needs to know of the documents."""

    def documents(self) -> Iterator[Document]:
        """Yield every document."""
        ...

    def document(self, document_id: str) -> Document:
        """Return one document."""
        ...

    def chunk_counts(self) -> Mapping[str, int]:
        """Map documents to how many chunks each has."""
        ...


@dataclass(slots=True)
class _Clock:
    """Measures the steps of one answer in milliseconds."""

    timings: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)
    _last: float = field(default_factory=time.perf_counter)

    def step(self, name: str) -> None:
        now = time.perf_counter()
        self.timings[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def total(self) -> dict[str, float]:
        elapsed = round((time.perf_counter() - self._started) * 1000, 2)
        return {**self.timings, "total": elapsed}


class Chatbot:
    """Answers questions about the documents of an index; safe to share between threads.

    ``open_chatbot`` makes one. ``close`` frees what was opened with it.
    """

    def __init__(
        self,
        library: Library,
        retriever: HybridRetriever,
        reader: Reader,
        *,
        chat_model: ChatModel | None = None,
        top_k: int = 8,
        abstain_below: float = ABSTAIN_BELOW,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self._library = library
        self._retriever = retriever
        self._reader = reader
        self._chat_model = chat_model
        self._top_k = top_k
        self._abstain_below = abstain_below
        self._views = Views(library.document)
        self._on_close = on_close

    @property
    def model(self) -> str:
        """Name what writes the answers: the chat model, or ``extractive``."""
        return self._chat_model.name if self._chat_model else "extractive"

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        sources: Collection[str] | None = None,
    ) -> Answer:
        """Answer a question.

        ``history`` holds the earlier turns, oldest first; ``sources`` limits the answer to those
        document ids. Raises ``InputError`` for a question that is empty or longer than
        ``MAX_QUESTION_CHARACTERS``, or a source that is not in the index.
        """
        *_, last = self.stream(question, history=history, sources=sources)
        return last

    async def aask(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        sources: Collection[str] | None = None,
    ) -> Answer:
        """Answer a question without blocking the event loop; see ``ask``."""
        return await asyncio.to_thread(self.ask, question, history=history, sources=sources)

    async def astream(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        sources: Collection[str] | None = None,
    ) -> AsyncIterator[Answer]:
        """Yield growing answers without blocking the event loop; see ``stream``."""
        answers = self.stream(question, history=history, sources=sources)
        loop = asyncio.get_running_loop()
        # One thread does it all in order, so that closing waits for a step that is under way.
        thread, stepping = ThreadPoolExecutor(1), True
        try:
            while (answer := await loop.run_in_executor(thread, next, answers, None)) is not None:
                stepping = False
                yield answer
                stepping = True
        finally:
            closing = thread.submit(answers.close)
            thread.shutdown(wait=False)
            if not stepping:  # a cancelled caller does not wait for the chat model
                await asyncio.wrap_future(closing)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        sources: Collection[str] | None = None,
    ) -> Generator[Answer, None, None]:
        """Yield growing answers; the last has ``final`` set. Raises as ``ask`` does, at once."""
        question = _checked(question)
        sources = self._known(sources)
        return self._answers(question, history, sources)

    def search(
        self, query: str, *, top_k: int | None = None, sources: Collection[str] | None = None
    ) -> tuple[Passage, ...]:
        """Return the passages that bear on a query, best first."""
        query, sources = _checked(query), self._known(sources)
        return self._retriever.search(query, top_k=top_k or self._top_k, sources=sources)

    def documents(self) -> tuple[Document, ...]:
        """Return every document, ordered by id."""
        return tuple(self._library.documents())

    def document(self, document_id: str) -> Document:
        """Return one document; raise ``InputError`` when there is none of that id."""
        return self._library.document(document_id)

    def chunk_counts(self) -> Mapping[str, int]:
        """Map each document's id to its number of chunks."""
        return self._library.chunk_counts()

    def close(self) -> None:
        """Free what was opened with the chatbot."""
        self._on_close()

    def __enter__(self) -> Chatbot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ the one code path

    def _answers(
        self, question: str, history: Sequence[Message], sources: Collection[str] | None
    ) -> Generator[Answer, None, None]:
        clock = _Clock()
        query = self._retriever.mend(standalone(question, history))
        passages = self._retriever.search(query, top_k=self._top_k, sources=sources)
        clock.step("retrieve")
        asked = analyse(query)
        scored = self._read(asked, passages)
        clock.step("read")
        start = Answer(question, "", False, "extractive", self.model, query, passages=passages)
        yield from (
            replace(answer, timings_ms=clock.total())
            for answer in self._written(start, asked, scored, history)
        )

    def _read(self, question: Question, passages: Sequence[Passage]) -> tuple[Scored, ...]:
        candidates = self._views.candidates(passages)
        return self._reader.score(question, candidates, weigh=self._retriever.term_weights)

    def _written(
        self,
        start: Answer,
        question: Question,
        scored: Sequence[Scored],
        history: Sequence[Message],
    ) -> Iterator[Answer]:
        if self._chat_model is None or not scored:
            yield self._extract(start, question, scored)
            return
        generation = Generation(self._chat_model, start, scored)
        try:
            yield from generation.answers(history)
        except ChatModelError as error:
            note = f"The chat model could not be used, so this answer is extractive: {error}"
            fallback = replace(start, model="extractive", notes=(note,))
            yield self._extract(fallback, question, scored)

    def _extract(self, start: Answer, question: Question, scored: Sequence[Scored]) -> Answer:
        if field := field_asked(question):
            documents = tuple(
                self._library.document(i) for i in {p.document for p in start.passages}
            )
            weights = self._retriever.term_weights(question.terms)
            claim = answer_about(question, field, documents, start.passages, weights)
            if claim:
                return replace(start, text=markdown([claim], as_list=False), claims=(claim,))
        if not scored or answerable_score(scored) < self._abstain_below:
            return abstention(start, scored, self._library)
        claims, citations = cite(choose(question, scored), lambda c: present(c, self._views))
        as_list = question.shape in ("list", "comparison", "summary")
        text = markdown(claims, as_list=as_list)
        return replace(start, text=text, claims=claims, citations=citations)

    def _known(self, sources: Collection[str] | None) -> Collection[str] | None:
        for source in sources or ():
            self._library.document(source)
        return sources or None


def _checked(question: str) -> str:
    stripped = question.strip()
    if not stripped:
        raise InputError("the question is empty; type what you want to know")
    if len(stripped) > MAX_QUESTION_CHARACTERS:
        raise InputError(
            f"the question has {len(stripped):,} characters, at most "
            f"{MAX_QUESTION_CHARACTERS:,} are read; shorten it"
        )
    return stripped
