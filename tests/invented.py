"""Invented articles, the smallest parts a chatbot can be put together from, and what must hold."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from markdown_it import MarkdownIt

from rag.chatbot import Chatbot
from rag.errors import InputError
from rag.features import Candidate
from rag.reading import Reader
from rag.testing import HashEmbedder
from rag.types import Answer, Attribution, Document, Origin, Passage

HARBOUR = Document(
    "harbour",
    "Dredging of the northern harbour began on Monday. Forty ships wait outside the breakwater.\n\n"
    "The port office blames a storm for the delay. Insurers disagree with the port office.",
    title="Harbour works delayed",
    publisher="The Invented Courier",
    date="2024-11-05",
)
BRIDGE = Document(
    "bridge",
    "The bridge over the strait closed in March. Engineers found cracks in its pillars.",
    author="Correspondent A",
    date="2023-03-09",
    kind="brief",
)
ISLAND = Document(
    "island", "A ferry serves the island twice a day. Islanders want a tunnel instead."
)
DOCUMENTS = (HARBOUR, BRIDGE, ISLAND)


def origin_of(document: Document) -> Origin:
    """Leave out what a list does not show of a document."""
    d = document
    return Origin(d.id, d.title, d.author, d.publisher, d.date, d.kind)


_MARKER = re.compile(r"\\.|\[(\d+)\]", re.DOTALL)


class Shelf:
    """Documents in memory, each one chunk."""

    revision = 1

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = {d.id: d for d in documents}

    def documents(self) -> Iterator[Document]:
        yield from self._documents.values()

    def origins(self) -> Iterator[Origin]:
        yield from map(origin_of, self._documents.values())

    def newest_date(self, document_ids: Collection[str] = ()) -> str | None:
        wanted = document_ids or self._documents
        return max(
            (d.date for d in self._documents.values() if d.date and d.id in wanted), default=None
        )

    def document(self, document_id: str) -> Document:
        if document_id not in self._documents:
            raise InputError(f"no document {document_id}")
        return self._documents[document_id]

    def chunk_counts(self) -> Mapping[str, int]:
        return dict.fromkeys(self._documents, 1)


class WholeDocuments:
    """A retriever that hands over every document whole, in the order of the shelf."""

    notes: tuple[str, ...] = ()

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def search(
        self, query: str, *, top_k: int, sources: Collection[str] | None = None
    ) -> tuple[Passage, ...]:
        wanted = [d for d in self._shelf.documents() if not sources or d.id in sources]
        return tuple(Passage(d.id, 0, len(d.text), d.text, 0.5) for d in wanted[:top_k])

    def mend(self, query: str) -> str:
        return query

    def holds(self, word: str) -> bool:
        return any(
            re.search(rf"\b{re.escape(word)}\b", d.text, re.IGNORECASE)
            for d in self._shelf.documents()
        )

    def term_weights(self, wanted: Collection[str]) -> dict[str, float]:
        return dict.fromkeys(wanted, 1.0)


def small_reader() -> Reader:
    return Reader(HashEmbedder(dimensions=512))


def small_chatbot(*documents: Document, **options) -> Chatbot:
    """Put a chatbot together that reads every sentence of the documents."""
    shelf = Shelf(documents or DOCUMENTS)
    return Chatbot(shelf, WholeDocuments(shelf), small_reader(), **options)


def candidate(document: Document, text: str, attribution: Attribution | None = None) -> Candidate:
    """Make a candidate of a piece of a document."""
    start = document.text.index(text)
    return Candidate(document, start, start + len(text), attribution=attribution)


def markers_in(text: str) -> list[int]:
    """List the citation markers of an answer's Markdown, in order; escaped brackets are none."""
    return [int(m[1]) for m in _MARKER.finditer(text) if m[1]]


def assert_sound(answer: Answer, documents: Sequence[Document]) -> None:
    """Check what must hold for every answer, whoever wrote it."""
    known = {d.id: d for d in documents}
    numbers = [c.marker for c in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1)), "citations are numbered from 1"
    assert list(dict.fromkeys(markers_in(answer.text))) == numbers, "in order of appearance"
    for cited in answer.citations:
        document = known[cited.document]
        assert cited.quote
        assert document.text[cited.start : cited.end] == cited.quote
        assert (cited.title, cited.author, cited.publisher, cited.date, cited.kind) == (
            *(document.title, document.author, document.publisher, document.date, document.kind),
        )
    if not answer.abstained:
        assert [n for claim in answer.claims for n in claim.citations] == markers_in(answer.text)
    for passage in answer.passages:
        assert known[passage.document].text[passage.start : passage.end] == passage.text


_PLAIN_TAG = re.compile(r"</?(?:p|ul|li)>")
_COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def plain(markdown: str) -> str:
    """Read Markdown as a browser shows it; anything but paragraphs and bullets is a failure."""
    shown = _PLAIN_TAG.sub(" ", _COMMONMARK.render(markdown))
    assert "<" not in shown, f"structure in {shown!r}"
    return " ".join(html.unescape(shown).split())
