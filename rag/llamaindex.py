"""Both ways between this package and LlamaIndex: its models here, our parts in its pipelines.

Importing this takes about two seconds, so only what needs LlamaIndex does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.llms import LLM
from llama_index.core.schema import (
    BaseNode,
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
    TransformComponent,
)
from llama_index.core.schema import Document as LlamaDocument

from rag.chunking import CHUNKER, split_document
from rag.embedding import OutsideEmbedder
from rag.errors import (
    ChatModelDenied,
    ChatModelError,
    ChatModelOverloaded,
    ChatModelRejected,
    ChatModelReplyError,
    ChatModelTimeout,
    ChatModelUnreachable,
    EmbeddingError,
)
from rag.types import Chunk, Document, Embedder, Heading, Message, Passage

_ORIGIN = ("title", "author", "publisher", "date", "url", "kind")
_BATCH = 256


class LlamaIndexEmbedder(OutsideEmbedder):
    """Embeds with any LlamaIndex ``BaseEmbedding``.

    Questions are embedded as texts are: a model with instructions for queries gets none.
    """

    def __init__(self, model: BaseEmbedding) -> None:
        self._model = model

    @property
    def fingerprint(self) -> str:
        """The adapted class and the name of its model."""
        return f"llamaindex/{self._model.class_name()}/{self._model.model_name}"

    def _rows(self, texts: Sequence[str]) -> list[list[float]]:
        rows: list[list[float]] = self._model.get_text_embedding_batch(list(texts))
        return rows

    def _failure(self, error: Exception) -> EmbeddingError:
        return EmbeddingError(f"{self.fingerprint} failed: {_line(error)}")


class LlamaIndexChatModel:
    """Writes with any LlamaIndex ``LLM``, under the time limits that the model itself sets."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    @property
    def name(self) -> str:
        """The model's name, or its class where it has none."""
        return str(self._llm.metadata.model_name or self._llm.class_name())

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the reply in pieces; raise a ``ChatModelError`` when it cannot be had whole."""
        chat = [ChatMessage(role=message.role, content=message.text) for message in messages]
        written = False
        try:
            with closing(_pieces(self._llm, chat)) as pieces:
                for piece in pieces:
                    written = written or bool(piece.strip())
                    yield piece
        except Exception as error:
            raise self._failure(error) from error
        if not written:
            raise ChatModelReplyError(f"{self.name} gave an empty reply; try again")

    def _failure(self, error: Exception) -> ChatModelError:
        return _kind_of(error)(f"{self.name} failed: {_line(error)}")


def _pieces(llm: LLM, chat: list[ChatMessage]) -> Generator[str, None, None]:
    """Yield what each response adds; some models fill only ``message``, which grows."""
    written = ""
    for response in _responses(llm, chat):
        whole = response.message.content or ""
        piece = response.delta
        if piece is None:
            piece = whole.removeprefix(written)
        written += piece
        if piece:
            yield piece


def _responses(llm: LLM, chat: list[ChatMessage]) -> Iterator[ChatResponse]:
    try:
        responses = llm.stream_chat(chat)
    except NotImplementedError:
        responses = iter([llm.chat(chat)])
    yield from responses


def _kind_of(error: Exception) -> type[ChatModelError]:
    """Sort an error of any vendor by its status, or else by its class."""
    status, name = getattr(error, "status_code", None), type(error).__name__.lower()
    if status in (401, 403):
        return ChatModelDenied
    if status == 429:
        return ChatModelOverloaded
    if status == 408 or isinstance(error, TimeoutError) or "timeout" in name:
        return ChatModelTimeout
    if isinstance(status, int):
        return ChatModelRejected if status < 500 else ChatModelUnreachable
    if isinstance(error, ConnectionError) or "connect" in name:
        return ChatModelUnreachable
    return ChatModelReplyError


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


class AttestEmbedding(BaseEmbedding):  # type: ignore[misc]
    """One of our embedders as LlamaIndex wants it."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(model_name=embedder.fingerprint, embed_batch_size=_BATCH)
        self._embedder = embedder

    @classmethod
    def class_name(cls) -> str:
        """Name the component in serialised pipelines."""
        return "AttestEmbedding"

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._embedder.embed(texts).tolist()
        return vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)


def as_embedding(embedder: Embedder) -> BaseEmbedding:
    """Offer an embedder to LlamaIndex, for its pipelines, indexes and metrics."""
    return AttestEmbedding(embedder)


class ChunkSplitter(TransformComponent):  # type: ignore[misc]
    """Cuts LlamaIndex documents as ``rag.chunking`` cuts ours.

    Nodes have the ids ``document#start-end`` and true offsets; what they give to an embedder is
    the chunk's context and text.
    """

    chunk_tokens: int = Field(default=180, ge=32, le=240)
    chunker: str = Field(default=CHUNKER, description="Keeps caches of other versions apart.")

    @classmethod
    def class_name(cls) -> str:
        """Name the component in serialised pipelines."""
        return "AttestChunkSplitter"

    def __call__(self, nodes: Sequence[BaseNode], **_: Any) -> list[BaseNode]:  # noqa: ANN401
        """Cut each document into text nodes."""
        return [
            _node(chunk, source, origin)
            for source in nodes
            for origin in [source.as_related_node_info()]  # hashes the whole text: once is enough
            for chunk in split_document(from_llamaindex(source), chunk_tokens=self.chunk_tokens)
        ]


def to_llamaindex(document: Document) -> LlamaDocument:
    """Write a document as LlamaIndex has it; ``from_llamaindex`` reads it back unchanged."""
    known = {name: value for name in _ORIGIN if (value := getattr(document, name)) is not None}
    headings = [[heading.start, heading.end, heading.level] for heading in document.headings]
    metadata = {**known, "headings": headings} if headings else known
    return LlamaDocument(
        id_=document.id,
        text=document.text,
        metadata=metadata,
        excluded_embed_metadata_keys=list(metadata),
        excluded_llm_metadata_keys=["headings", "kind"],
    )


def from_llamaindex(node: BaseNode) -> Document:
    """Read a document from a LlamaIndex one; metadata of other names stays behind."""
    known = {name: str(node.metadata[name]) for name in _ORIGIN if node.metadata.get(name)}
    if known.get("kind") not in ("article", "brief", "record"):
        known.pop("kind", None)
    headings = tuple(Heading(*entry) for entry in node.metadata.get("headings", ()))
    return Document(node.node_id, node.get_content(), headings=headings, **known)  # type: ignore[arg-type]


def _node(chunk: Chunk, source: BaseNode, origin: RelatedNodeInfo) -> TextNode:
    metadata = {name: value for name, value in source.metadata.items() if name != "headings"}
    hidden = [*metadata, "document"]
    metadata |= {"document": chunk.document, "context": chunk.context}
    return TextNode(
        id_=chunk.id,
        text=chunk.text,
        start_char_idx=chunk.start,
        end_char_idx=chunk.end,
        metadata=metadata,
        excluded_embed_metadata_keys=hidden,
        excluded_llm_metadata_keys=hidden,
        metadata_template="{value}",
        text_template="{metadata_str}\n{content}",
        relationships={NodeRelationship.SOURCE: origin},
    )


class _Retriever(BaseRetriever):  # type: ignore[misc]
    """A search of ours as LlamaIndex wants it."""

    def __init__(self, search: Callable[[str], Sequence[Passage]]) -> None:
        super().__init__()
        self._search = search

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_found(passage) for passage in self._search(query_bundle.query_str)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


def as_retriever(search: Callable[[str], Sequence[Passage]]) -> BaseRetriever:
    """Offer a search, such as ``bot.search``, to LlamaIndex's query engines and metrics."""
    return _Retriever(search)


def _found(passage: Passage) -> NodeWithScore:
    node = TextNode(
        id_=f"{passage.document}#{passage.start}-{passage.end}",
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={"document": passage.document},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.document)},
    )
    return NodeWithScore(node=node, score=passage.score)
