"""The values that cross module boundaries: frozen, slotted, with at most tiny properties.

Every offset is a character offset into ``Document.text``, start inclusive, end exclusive.
The invariant everything rests on: ``document.text[citation.start:citation.end] == citation.quote``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Role = Literal["system", "user", "assistant"]
Mode = Literal["extractive", "generative"]
Kind = Literal["article", "brief", "record"]
Verdict = Literal["verbatim", "supported", "partly", "contradicted", "unsupported"]
VerifyVerdict = Literal["supported", "contradicted", "not_enough"]


def _label(named: Document | Origin) -> str:
    return named.title or named.author or named.publisher or named.id


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line inside a document's text; ``level`` 1 is the outermost."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Document:
    """A cleaned text with what is known about its origin.

    ``id`` is the file's stem or the record's id. ``date`` is an ISO date (``2024-11-05``,
    ``2024-11`` or ``2024``). What the source does not state is ``None``, never a guess.
    """

    id: str
    text: str
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: str | None = None
    url: str | None = None
    kind: Kind = "article"
    headings: tuple[Heading, ...] = ()

    @property
    def label(self) -> str:
        """Name the document for a reader: its title, or else its author, publisher or id."""
        return _label(self)

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) over everything an index keeps of the document."""
        fields = (self.id, self.text, self.title, self.author, self.publisher, self.date)
        rest = (self.url, self.kind, tuple((h.start, h.end, h.level) for h in self.headings))
        return hashlib.sha256(repr((*fields, *rest)).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a document beside its text, for lists of many; see ``Document``."""

    id: str
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: str | None = None
    kind: Kind = "article"

    @property
    def label(self) -> str:
        """Name the document for a reader: its title, or else its author, publisher or id."""
        return _label(self)


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """What became of one file: its documents, or the problem that kept it from being read.

    ``stamp`` stands for the place and the state of a file that holds one document. ``unchanged`` is
    the id of that document where an index has it from just there, and nothing was read.
    """

    path: str
    documents: tuple[Document, ...] = ()
    problem: str | None = None
    stamp: bytes | None = None
    unchanged: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's span in its document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a document that is indexed as one unit.

    ``context`` (headings, title, date) is embedded with the text and never quoted.
    """

    document: str
    start: int
    end: int
    text: str
    context: str = ""

    @property
    def id(self) -> str:
        """Derive the id from the position: ``document#start-end``."""
        return f"{self.document}#{self.start}-{self.end}"

    @property
    def embedded_text(self) -> str:
        """The text an embedder sees."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved span; ``score`` is higher for better and comparable within one search only."""

    document: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who stands behind a sentence: the speaker, how it was said and where the name stands.

    ``verb`` is the reporting verb's lemma (``say``, ``deny``, ``estimate`` …). ``speaker_start``
    and ``speaker_end`` are offsets of the name's fullest form in the document. ``explicit`` tells
    whether the sentence itself names the speaker, so that a reader needs no help.
    """

    speaker: str
    verb: str
    speaker_start: int
    speaker_end: int
    explicit: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """A numbered sentence as a chat model sees it, with all that is needed to cite it."""

    number: int
    document: Document
    start: int
    end: int
    score: float
    speaker: str | None = None

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """What a cross-encoder says of a sentence beside a question, in logits.

    Above 0, by ``relevance``, it answers more likely than nothing in its passage does. ``wordless``
    says how likely no word of its passage is the answer's, ``words`` which of its own most likely
    are, in small letters.
    """

    relevance: float
    wordless: float = 0.0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A checked span of a document: ``document.text[start:end] == quote``.

    ``url`` is the document's own address, as its source states it.
    """

    marker: int
    document: str
    title: str | None
    author: str | None
    publisher: str | None
    date: str | None
    kind: Kind
    quote: str
    start: int
    end: int
    score: float
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of an answer, the verdict on it, and the markers of the citations behind it."""

    text: str
    verdict: Verdict
    citations: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether evidence supports a claim; ``score`` in [0, 1], higher means supported."""

    verdict: VerifyVerdict
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question got: Markdown ``text`` with ``[1]`` markers, its claims and its citations.

    ``query`` is what the index was asked (it differs from the question for follow-ups). ``notes``
    are lines for the reader about how the answer came about, such as a fall-back. ``final`` is
    false while the answer is still growing in a stream. ``sources`` are the ids of the documents
    that the question was limited to, if it was.
    """

    question: str
    text: str
    abstained: bool
    mode: Mode
    model: str
    query: str = ""
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    final: bool = True
    sources: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Derive the id from what was asked, answered and cited."""
        spans = tuple((c.document, c.start, c.end, c.quote) for c in self.citations)
        seed = repr((self.question, self.text, self.mode, self.model, spans))
        return hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:16]

    def _repr_html_(self) -> str:
        from rag.rendering import answer_html

        return answer_html(self)

    def __str__(self) -> str:
        from rag.rendering import answer_plain

        return answer_plain(self)


class Embedder(Protocol):
    """Turns texts into unit vectors; ``fingerprint`` names model, revision and settings."""

    @property
    def fingerprint(self) -> str:
        """Identify the vector space: equal fingerprints mean comparable vectors."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: shape ``(len(texts), dimensions)``, float32, rows of length 1."""
        ...


class ChatModel(Protocol):
    """Writes text; the one method streams pieces of the reply as they come."""

    @property
    def name(self) -> str:
        """The model's name, for the answer."""
        ...

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the reply in pieces; raise a ``ChatModelError`` when it cannot be had whole."""
        ...
