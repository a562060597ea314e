"""A chatbot over invented articles that answers by shared words: small, fast, with real spans."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from invented import origin_of

from rag.candidates import Views
from rag.errors import InputError, RagError
from rag.types import Answer, Citation, Claim, Document, Heading, Message, Origin, Passage
from rag.vetting import Checked, Search, Vetter

_WORD = re.compile(r"[a-z]{4,}")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]")

PACT = """What the treaty says
Moscow and Pyongyang agreed to help each other when either of them is attacked. The text \
was signed in June 2024, during a state visit.

Officials in Seoul asked for the wording of the clause. They called it a threat to the peninsula.

How Beijing sees it
Beijing kept silent for two days. A columnist writes that the treaty is a \
headache for China, because it loosens its hold on Pyongyang.

Trade between the two signatories had grown for a year before that.

Observers had counted trains at the Tumen bridge every week.

Nobody expects the treaty to be published in full.

The next meeting is planned for spring."""

KURSK = """Soldiers arrive in the border region
Some 8,000 North Korean soldiers were in the Kursk region, the minister said on Thursday. \
He expected them to fight within days.

Pyongyang denied sending soldiers and spoke of a rumour."""

LEDE = len("What the treaty says")
BEIJING = PACT.index("How Beijing sees it")
DOCUMENTS = (
    Document(
        "pact",
        PACT,
        "A Treaty Between Neighbours",
        "Correspondent A",
        "The Invented Courier",
        "2024-06-20",
        headings=(
            Heading(0, LEDE, 2),
            Heading(BEIJING, BEIJING + len("How Beijing sees it"), 2),
        ),
    ),
    Document(
        "kursk", KURSK, "Troops at the Border", "Correspondent B", None, "2024-11-01", kind="brief"
    ),
)


class FakeChatbot:
    """Cites the sentences that share the most words with the question, one a step.

    ``pause`` seconds pass before each step. ``failure`` is raised instead of an answer.
    """

    def __init__(
        self,
        documents: Sequence[Document] = DOCUMENTS,
        *,
        pause: float = 0.0,
        failure: Exception | None = None,
    ) -> None:
        self._documents = {document.id: document for document in documents}
        self._pause = pause
        self.failure = failure
        self.model = "extractive"
        self.revision = 1
        self.asked: list[tuple[str, tuple[Message, ...], frozenset[str]]] = []
        self.abandoned = 0

    def documents(self) -> tuple[Document, ...]:
        return tuple(self._documents.values())

    def origins(self) -> tuple[Origin, ...]:
        return tuple(map(origin_of, self._documents.values()))

    def document(self, document_id: str) -> Document:
        if document_id not in self._documents:
            raise InputError(f"there is no document {document_id!r}")
        return self._documents[document_id]

    def chunk_counts(self) -> Mapping[str, int]:
        return {name: document.text.count("\n\n") + 1 for name, document in self._documents.items()}

    def search(
        self, query: str, *, top_k: int | None = None, sources: Collection[str] | None = None
    ) -> tuple[Passage, ...]:
        wanted = set(_WORD.findall(query.lower()))
        found = [
            Passage(d.id, m.start(), m.end(), m.group(), len(wanted & _words(m.group())) / 10)
            for d in self._documents.values()
            if not sources or d.id in sources
            for m in _SENTENCE.finditer(d.text)
            if wanted & _words(m.group())
        ]
        return tuple(sorted(found, key=lambda p: -p.score)[: top_k or 3])

    def check(self, text: str, *, sources: Collection[str] | None = None) -> tuple[Checked, ...]:
        if self.failure:
            raise self.failure
        search: Search = lambda query, sources: self.search(query, sources=sources)  # noqa: E731
        return Vetter(self, search, Views(self.document)).check(text, sources)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        sources: Collection[str] | None = None,
    ) -> Answer:
        *_, last = self.stream(question, history=history, sources=sources)
        return last

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        sources: Collection[str] | None = None,
    ) -> Iterator[Answer]:
        self.asked.append((question, tuple(history), frozenset(sources or ())))
        if len(question) > 4000:
            raise InputError("the question is too long")
        if isinstance(self.failure, RagError):
            raise self.failure
        return self._answers(question, self.search(question, sources=sources), bool(history))

    def _answers(
        self, question: str, passages: tuple[Passage, ...], follow_up: bool
    ) -> Iterator[Answer]:
        query = f"{question} treaty" if follow_up else question
        answer = Answer(question, "", False, "extractive", "extractive", query, passages=passages)
        finished = False
        try:
            for marker, passage in enumerate(passages, start=1):
                time.sleep(self._pause)
                answer = self._with(answer, marker, passage)
                yield answer
            if self.failure:
                raise self.failure
            if not passages:
                answer = replace(answer, text="The articles do not answer this.", abstained=True)
            yield replace(answer, final=True, notes=("Read in a test.",))
            finished = True
        finally:
            self.abandoned += not finished

    def _with(self, answer: Answer, marker: int, passage: Passage) -> Answer:
        document = self._documents[passage.document]
        span = (passage.start + len(passage.text) - len(passage.text.lstrip()), passage.end)
        cited = Citation(
            marker,
            document.id,
            document.title,
            document.author,
            document.publisher,
            document.date,
            document.kind,
            document.text[slice(*span)],
            *span,
            passage.score,
        )
        return replace(
            answer,
            text=f"{answer.text} {cited.quote} [{marker}]".strip(),
            citations=(*answer.citations, cited),
            claims=(*answer.claims, Claim(cited.quote, "verbatim", (marker,))),
            final=False,
        )


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))
