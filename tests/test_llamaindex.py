import asyncio
import pickle

import numpy as np
import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, LLMMetadata
from llama_index.core.bridge.pydantic import Field
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.llms import MockLLM
from llama_index.core.llms.custom import CustomLLM
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.schema import MetadataMode, NodeRelationship

from rag.chunking import split_document
from rag.embedding import open_minilm
from rag.errors import (
    ChatModelDenied,
    ChatModelOverloaded,
    ChatModelRejected,
    ChatModelReplyError,
    ChatModelTimeout,
    ChatModelUnreachable,
    EmbeddingError,
)
from rag.llamaindex import (
    ChunkSplitter,
    LlamaIndexChatModel,
    LlamaIndexEmbedder,
    as_embedding,
    as_retriever,
    from_llamaindex,
    to_llamaindex,
)
from rag.testing import HashEmbedder
from rag.types import Document, Heading, Message, Passage

TEXT = "The pact holds. It runs on. " * 40 + "\nTerms\n" + "The pact holds. It runs on. " * 40
PACT = Document(
    "pact",
    TEXT,
    title="Harbour pact",
    publisher="Port Office",
    date="2024-05-06",
    kind="record",
    headings=(Heading(TEXT.index("Terms"), TEXT.index("Terms") + 5, 2),),
)


def test_a_document_goes_to_llamaindex_and_back_unchanged():
    assert from_llamaindex(to_llamaindex(PACT)) == PACT
    bare = Document("bare", "Words only.")
    assert from_llamaindex(to_llamaindex(bare)) == bare


def test_a_foreign_document_keeps_what_we_know_of_it():
    foreign = LlamaDocument(id_="f", text="Words.", metadata={"title": "T", "kind": "x", "page": 3})
    assert from_llamaindex(foreign) == Document("f", "Words.", title="T")


def test_a_pipeline_splits_as_we_do_and_embeds_what_we_embed():
    embedder = HashEmbedder()
    pipeline = IngestionPipeline(
        transformations=[ChunkSplitter(chunk_tokens=60), as_embedding(embedder)]
    )
    nodes = pipeline.run(documents=[to_llamaindex(PACT)])
    chunks = split_document(PACT, chunk_tokens=60)
    assert [node.node_id for node in nodes] == [chunk.id for chunk in chunks]
    assert len(nodes) > 5
    for node, chunk in zip(nodes, chunks, strict=True):
        assert TEXT[node.start_char_idx : node.end_char_idx] == node.get_content() == chunk.text
        assert node.get_content(MetadataMode.EMBED) == chunk.embedded_text
        assert node.relationships[NodeRelationship.SOURCE].node_id == "pact"
        assert node.metadata["publisher"] == "Port Office"
    vectors = embedder.embed([chunk.embedded_text for chunk in chunks])
    assert np.allclose([node.embedding for node in nodes], vectors)


def test_a_node_without_context_embeds_its_text():
    (node,) = ChunkSplitter()([to_llamaindex(Document("bare", "Words only."))])
    assert node.get_content(MetadataMode.EMBED) == "Words only."


def test_the_splitter_and_the_embedded_model_can_be_sent_to_workers(tmp_path):
    splitter, model = ChunkSplitter(chunk_tokens=60), as_embedding(open_minilm(cache_dir=tmp_path))
    again = pickle.loads(pickle.dumps(splitter))
    documents = [to_llamaindex(PACT)]
    assert [node.node_id for node in again(documents)] == [n.node_id for n in splitter(documents)]
    vector = pickle.loads(pickle.dumps(model)).get_text_embedding("a pact")
    assert vector == model.get_text_embedding("a pact")


def test_queries_are_embedded_as_texts_with_and_without_await():
    model = as_embedding(HashEmbedder())
    vector = model.get_text_embedding("a pact")
    assert model.get_query_embedding("a pact") == vector
    assert asyncio.run(model.aget_query_embedding("a pact")) == vector
    assert model.model_name == "hash-64"


def test_a_search_is_a_retriever():
    passages = [Passage("pact", 0, 15, TEXT[:15], 0.9), Passage("pact", 16, 27, TEXT[16:27], 0.4)]
    asked = []

    def search(query):
        asked.append(query)
        return passages

    retriever = as_retriever(search)
    for found in (retriever.retrieve("holds?"), asyncio.run(retriever.aretrieve("holds?"))):
        assert [node.score for node in found] == [0.9, 0.4]
        assert [node.node.node_id for node in found] == ["pact#0-15", "pact#16-27"]
        assert found[0].node.get_content() == "The pact holds."
        assert found[0].node.ref_doc_id == "pact"
    assert asked == ["holds?", "holds?"]


class FixedEmbedding(MockEmbedding):
    """Returns the vectors it is given, or raises."""

    reply: object = None

    def _get_text_embeddings(self, texts):
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def test_a_llamaindex_embedding_gives_unit_vectors():
    embedder = LlamaIndexEmbedder(MockEmbedding(embed_dim=5))
    assert embedder.dimensions == 5
    vectors = embedder.embed(["one", "two"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert embedder.embed([]).shape == (0, 5)
    assert embedder.fingerprint == "llamaindex/MockEmbedding/unknown"


@pytest.mark.parametrize("reply", [RuntimeError("broken\nmodel"), [[1.0]], [[0.0], [1.0]]])
def test_a_failing_llamaindex_embedding_is_told_in_one_line(reply):
    embedder = LlamaIndexEmbedder(FixedEmbedding(embed_dim=1, reply=reply))
    with pytest.raises(EmbeddingError) as caught:
        embedder.embed(["one", "two"])
    assert "\n" not in str(caught.value)


class ScriptedLLM(CustomLLM):
    """Streams the replies it is given; an exception among them is raised."""

    replies: list[object] = Field(default_factory=list)
    asked: list[ChatMessage] = Field(default_factory=list)
    streams: bool = True

    @property
    def metadata(self):
        return LLMMetadata(model_name="scripted", is_chat_model=True)

    def chat(self, messages, **_):
        self.asked[:] = messages
        return self.replies[-1]

    def stream_chat(self, messages, **_):
        if not self.streams:
            raise NotImplementedError
        self.asked[:] = messages

        def responses():
            for reply in self.replies:
                if isinstance(reply, Exception):
                    raise reply
                yield reply

        return responses()

    def complete(self, prompt, formatted=False, **_):
        raise NotImplementedError

    def stream_complete(self, prompt, formatted=False, **_):
        raise NotImplementedError


def response(whole, delta=None):
    return ChatResponse(message=ChatMessage(role="assistant", content=whole), delta=delta)


QUESTION = [Message("system", "Be brief."), Message("user", "Does it hold?")]


@pytest.mark.parametrize(
    ("replies", "streams"),
    [
        ([response("It", "It"), response("It holds.", " holds.")], True),
        ([response("It"), response("It holds.")], True),
        ([response("", ""), response("It holds.", "It holds."), response("It holds.", "")], True),
        ([response("It holds.")], False),
    ],
)
def test_a_llamaindex_llm_is_a_chat_model(replies, streams):
    llm = ScriptedLLM(replies=replies, streams=streams)
    model = LlamaIndexChatModel(llm)
    assert "".join(model.stream(QUESTION)) == "It holds."
    assert [(str(m.role.value), m.content) for m in llm.asked] == [
        ("system", "Be brief."),
        ("user", "Does it hold?"),
    ]
    assert model.name == "scripted"


def test_a_plain_completion_llm_works_too():
    pieces = list(LlamaIndexChatModel(MockLLM()).stream(QUESTION))
    assert "Does it hold?" in "".join(pieces)
    assert LlamaIndexChatModel(MockLLM()).name


class VendorError(Exception):
    def __init__(self, status_code):
        super().__init__("a vendor's\nlong complaint")
        self.status_code = status_code


class APIConnectionError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (VendorError(401), ChatModelDenied),
        (VendorError(429), ChatModelOverloaded),
        (VendorError(408), ChatModelTimeout),
        (VendorError(400), ChatModelRejected),
        (VendorError(503), ChatModelUnreachable),
        (TimeoutError("slow"), ChatModelTimeout),
        (ConnectionRefusedError("down"), ChatModelUnreachable),
        (APIConnectionError("down"), ChatModelUnreachable),
        (ValueError("not JSON"), ChatModelReplyError),
    ],
)
def test_a_failing_llm_is_told_by_its_kind_after_what_it_wrote(error, kind):
    model = LlamaIndexChatModel(ScriptedLLM(replies=[response("It", "It"), error]))
    stream = model.stream(QUESTION)
    assert next(stream) == "It"
    with pytest.raises(kind) as caught:
        next(stream)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)


def test_an_empty_reply_is_an_error():
    with pytest.raises(ChatModelReplyError, match="empty"):
        list(LlamaIndexChatModel(ScriptedLLM(replies=[response(" ", " ")])).stream(QUESTION))


def test_a_stream_that_is_not_read_to_the_end_can_be_closed():
    llm = ScriptedLLM(replies=[response("It", "It"), response("It holds.", " holds.")])
    stream = LlamaIndexChatModel(llm).stream(QUESTION)
    assert next(stream) == "It"
    stream.close()
    with pytest.raises(StopIteration):
        next(stream)
