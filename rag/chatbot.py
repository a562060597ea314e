"""Ask a question, get a cited answer: one path for every way in.

``stream`` yields answers that grow; ``ask`` returns the last. The extractive writer selects
sentences. The generative writer hands numbered sentences to a chat model and checks what comes
back; whenever the model fails, the extractive answer stands in and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from rag.candidates import Views
from rag.clock import Clock
from rag.errors import ChatModelError, InputError
from rag.extraction import Reading, about_author, about_holdings, about_source, quoted
from rag.finding import Finder
from rag.followups import split_background, standalone
from rag.generation import Generation
from rag.ingestion import IngestReport
from rag.library import Editor, Library, Read
from rag.parts import parts_of
from rag.phrasing import WELCOME, abstention, not_heard, only_chosen, what_to_ask
from rag.questions import analyse, checked
from rag.reading import Reader
from rag.requests import as_question, courtesy
from rag.retrieval import HybridRetriever
from rag.types import Answer, ChatModel, Document, Message, Origin, Passage
from rag.verification import Judge
from rag.vetting import Checked, Vetter

# Below this probability of holding an answer, the articles are said not to answer; chosen on the
# dev split of the gold questions and others that are not shipped.
ABSTAIN_BELOW = 0.6


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
        self._library = library
        self._retriever = retriever
        self._finder = Finder(retriever, reader, top_k, library.origins, abstain_below)
        self._chat_model = chat_model
        self._judge = judge
        self._top_k = top_k
        self._abstain_below = abstain_below
        self._views = Views(library.document)
        self._editor = editor
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
        return self._answers(question, history, sources)

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

    # ------------------------------------------------------------------ the one code path

    def _answers(
        self, question: str, history: Sequence[Message], sources: Collection[str] | None
    ) -> Generator[Answer, None, None]:
        clock = Clock()
        if reply := self._courtesy(question, history, sources):
            yield replace(reply, timings_ms=clock.total())
            return
        query = self._retriever.mend(standalone(question, history))
        views = self._views.pinned()
        told, asked = split_background(query)
        whole = analyse(as_question(standalone(asked, [Message("user", told)]) if told else query))
        aims = self._finder.aims([whole, *map(analyse, parts_of(whole))], sources, searched=query)
        found = self._finder.found(aims, sources, views)
        clock.step("retrieve")
        reading = self._finder.read(aims, found, sources, views)
        clock.step("read")
        shown = found[0][: self._finder.top_k]
        start = Answer(question, "", False, "extractive", self.model, query, passages=shown)
        limited = tuple(dict.fromkeys(sources or ()))
        start = replace(start, notes=self._retriever.notes, sources=limited)
        yield from (
            replace(answer, timings_ms=clock.total())
            for answer in self._written(start, reading, history, views)
        )

    def _courtesy(
        self, question: str, history: Sequence[Message], sources: Collection[str] | None
    ) -> Answer | None:
        """Reply to a greeting, to thanks, or to a call for help that opens a conversation."""
        kind = courtesy(question)
        if kind is None or (kind == "help" and history):
            return None
        if kind == "thanks":
            text = WELCOME
        else:
            count = len(set(sources or ())) or sum(1 for _ in self._library.origins())
            text = what_to_ask(count, chosen=bool(sources))
        return Answer(question, text, True, "extractive", self.model, question)

    def _written(
        self, start: Answer, reading: Reading, history: Sequence[Message], views: Views
    ) -> Iterator[Answer]:
        if self._chat_model is None or not reading.scored:
            yield self._extract(start, reading, views)
            return
        if answer := self._about_source(start, reading, views):
            yield replace(answer, model="extractive")
            return
        generation = Generation(
            self._chat_model,
            start,
            reading.scored,
            abstain=lambda begun: self._abstention(begun, reading, views),
            judge=self._judge,
        )
        try:
            yield from generation.answers(history)
        except ChatModelError as error:
            note = f"The chat model could not be used, so this answer is extractive: {error}"
            fallback = replace(start, model="extractive", notes=(*start.notes, note))
            yield self._extract(fallback, reading, views)

    def _extract(self, start: Answer, reading: Reading, views: Views) -> Answer:
        if answer := self._about_source(start, reading, views):
            return answer
        below = self._abstain_below
        chosen = reading.chosen(abstain_below=below)
        if not chosen:
            author = about_author(start, reading.question, views)
            return author or self._abstention(start, reading, views)
        return quoted(start, reading, chosen, views, abstain_below=below)

    def _about_source(self, start: Answer, reading: Reading, views: Views) -> Answer | None:
        if reading.parts:  # the article's own data would answer one part and hide the others
            return None
        held = about_holdings(start, reading.question, self._library)
        return held or about_source(start, reading.question, views, self._retriever.term_weights)

    def _abstention(self, start: Answer, reading: Reading, views: Views) -> Answer:
        """Decline; where a few articles were chosen, look whether another one answers."""
        answer = abstention(start, reading.scored, self._library)
        if reading.voice and not reading.own:
            answer = replace(answer, notes=(*answer.notes, not_heard(reading.voice.name)))
        if not start.sources:
            return answer
        asked = [reading.question, *(part.question for part in reading.parts)]
        aims = self._finder.aims(asked, None)
        everywhere = self._finder.read(aims, self._finder.found(aims, None, views), None, views)
        chosen = everywhere.chosen(abstain_below=self._abstain_below)
        documents = [statement.lead.candidate.document for statement in chosen]
        other = next((d for d in documents if d.id not in start.sources), None)
        return replace(answer, notes=(*answer.notes, only_chosen(start.sources, other)))

    def _known(self, sources: Collection[str] | None) -> Collection[str] | None:
        for source in sources or ():
            self._library.document(source)
        return sources or None


T = TypeVar("T")


def _several(given: T | str | Iterable[T | str]) -> Iterable[T | str]:
    """Take one path or id for a list of one: a string is no list of its letters."""
    return given if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
