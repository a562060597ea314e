"""A small real stand-in for the chatbot, to try the harness without an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.types import Answer, Document, Message, Passage


class ScriptedBot:
    """Gives the answer (or raises the exception) scripted for a question, over one document.

    Every search returns the same passages. ``histories`` and ``searches`` record what it was asked.
    """

    def __init__(
        self,
        document: Document,
        answers: Mapping[str, Answer | Exception],
        *,
        passages: Sequence[Passage] = (),
    ) -> None:
        self._document = document
        self._answers = answers
        self._passages = tuple(passages)
        self.histories: list[tuple[Message, ...]] = []
        self.searches: list[str] = []

    def ask(self, question: str, *, history: Sequence[Message] = ()) -> Answer:
        """Give the scripted answer, or raise the scripted exception."""
        self.histories.append(tuple(history))
        answer = self._answers[question]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def search(self, query: str, *, top_k: int | None = None) -> Sequence[Passage]:
        """Return the first ``top_k`` of its passages."""
        self.searches.append(query)
        return self._passages[:top_k]

    def document(self, document_id: str) -> Document:
        """Return its document; raise ``KeyError`` for any other id."""
        if document_id != self._document.id:
            raise KeyError(document_id)
        return self._document
