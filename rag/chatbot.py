"""Ask a question, get a cited answer; and keep the documents that answers come from.

``stream`` yields answers that grow; ``ask`` returns the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from rag.aiming import Aimer
from rag.answering import Answering
from rag.candidates import Views
from rag.errors import InputError
from rag.finding import Finder
from rag.ingestion import IngestReport
from rag.library import Editor, Library, Read
from rag.questions import checked
from rag.reading import Reader
from rag.retrieval import HybridRetriever
from rag.types import Answer, ChatModel, Document, Message, Origin, Passage
from rag.verification import Judge
from rag.vetting import Checked, Vetter

# Below this probability of holding an answer, the articles are said not to answer; chosen on the
# dev split of the gold questions and others that are not shipped.
ABSTAIN_BELOW = 0.46


class Chatbot:
    """Answers questions about the documents of an index; safe to share between threads.

    ``open_chatbot`` makes one. Documents may come and go meanwhile, through it or another process:
    each answer keeps to those it began with. ``close`` frees what was opened with it.
    """

    def __init__(
        self,
        library: Library,
        retriever: HybridRetriever,
        reader: Reader,
        *,
        chat_model: ChatModel | None = None,
        judge: Judge | None = None,
        top_k: int = 8,
        abstain_below: float = ABSTAIN_BELOW,
        editor: Editor | None = None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        aimer = Aimer(retriever, top_k, library.origins)
        finder = Finder(retriever, reader, top_k, abstain_below)
        self._answering = Answering(library, aimer, finder, chat_model, judge)
        self._library = library
        self._retriever = retriever
        self._judge = judge
        self._top_k = top_k
        self._views = Views(library.document)
        self._editor = editor
        self._on_close = on_close

    @property
    def model(self) -> str:
        """Name what writes the answers: the chat model, or ``extractive``."""
        return self._answering.model

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
        ``rag.questions.MAX_QUESTION_CHARACTERS``, or a source that is not in the index.
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
        question = checked(question)
        sources = self._known(sources)
        return self._answering.answers(question, history, sources, self._views.pinned())

    def search(
        self, query: str, *, top_k: int | None = None, sources: Collection[str] | None = None
    ) -> tuple[Passage, ...]:
        """Return the passages that bear on a query, best first; ``top_k`` is at least 1."""
        if top_k is not None and top_k < 1:
            raise InputError(f"top_k is {top_k}; ask for at least one passage")
        query, sources = checked(query), self._known(sources)
        return self._retriever.search(query, top_k=top_k or self._top_k, sources=sources)

    def check(self, text: str, *, sources: Collection[str] | None = None) -> tuple[Checked, ...]:
        """Check what a text quotes and claims, each with the spans it rests on; see ``Vetter``.

        Raises ``InputError`` for a text that is empty or too long, as ``ask`` does.
        """
        sources = self._known(sources)
        views = self._views.pinned()
        return Vetter(self._library, self._passages, views, self._judge).check(text, sources)

    def _passages(self, text: str, sources: Collection[str] | None) -> tuple[Passage, ...]:
        return self._retriever.search(text, top_k=self._top_k, sources=sources)

    def documents(self) -> tuple[Document, ...]:
        """Return every document, ordered by id."""
        return tuple(self._library.documents())

    def origins(self) -> tuple[Origin, ...]:
        """Return what is known of every document beside its text, ordered by id; for lists."""
        return tuple(self._library.origins())

    def document(self, document_id: str) -> Document:
        """Return one document; raise ``InputError`` when there is none of that id."""
        return self._library.document(document_id)

    def chunk_counts(self) -> Mapping[str, int]:
        """Map each document's id to its number of chunks."""
        return self._library.chunk_counts()

    @property
    def revision(self) -> int:
        """A number that grows with every change of the documents."""
        return self._library.revision

    def add(
        self, paths: Path | str | Iterable[Path | str], *, read: Read = lambda outcome: None
    ) -> IngestReport:
        """Add or update files and folders; from the next question on they are searched.

        ``read`` is called with what became of each file, and may return what is taken in instead.
        Raises ``InputError`` when a path is not there or nothing could be read, and
        ``IndexBusyError`` while another process is writing.
        """
        return self._changing.add([Path(p) for p in _several(paths)], read=read)

    async def aadd(
        self, paths: Path | str | Iterable[Path | str], *, read: Read = lambda outcome: None
    ) -> IngestReport:
        """Add or update files and folders without blocking the event loop; see ``add``."""
        return await asyncio.to_thread(self.add, paths, read=read)

    def remove(self, document_ids: str | Iterable[str]) -> IngestReport:
        """Take documents out, with their text, words and vectors.

        Raises ``InputError``, and removes nothing, when one of them is not there.
        """
        return self._changing.remove([str(i) for i in _several(document_ids)])

    async def aremove(self, document_ids: str | Iterable[str]) -> IngestReport:
        """Take documents out without blocking the event loop; see ``remove``."""
        return await asyncio.to_thread(self.remove, document_ids)

    @property
    def _changing(self) -> Editor:
        if self._editor is None:
            raise InputError("this chatbot only reads its documents; open one with open_chatbot()")
        return self._editor

    def close(self) -> None:
        """Free what was opened with the chatbot."""
        self._on_close()

    def __enter__(self) -> Chatbot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _known(self, sources: Collection[str] | None) -> Collection[str] | None:
        for source in sources or ():
            self._library.document(source)
        return sources or None


T = TypeVar("T")


def _several(given: T | str | Iterable[T | str]) -> Iterable[T | str]:
    """Take one path or id for a list of one: a string is no list of its letters."""
    return given if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
