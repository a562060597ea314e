"""The composition root: opens what the settings name and puts the parts together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from rag.chatbot import ABSTAIN_BELOW, Chatbot
from rag.config import Settings, load_settings
from rag.errors import IndexMissingError, InputError
from rag.index import ChromaServer, open_server, open_vectors
from rag.ingestion import (
    STORE_FILE,
    IngestReport,
    Portion,
    Progress,
    Stage,
    check,
    has_index,
    identity_of,
    ingest,
    known_files,
    recover,
    remove,
)
from rag.library import Read
from rag.quotes import QuoteMatch, find_quote
from rag.reading import Reader
from rag.retrieval import HybridRetriever
from rag.store import open_store
from rag.texts import READ_ABSTAIN_BELOW, TextReading, read_text
from rag.types import ChatModel, Embedder, ReadOutcome, Verification
from rag.verification import verify

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM

    from rag.cross_encoder import CrossEncoder

    AnyEmbedder: TypeAlias = Embedder | BaseEmbedding
    AnyChatModel: TypeAlias = ChatModel | LLM


def open_chatbot(
    *,
    index: Path | str | None = None,
    seeds: Path | str | None = None,
    settings: Settings | None = None,
    chat_model: AnyChatModel | None = None,
    embedder: AnyEmbedder | None = None,
) -> Chatbot:
    """Open the chatbot over an index folder, building the index from the seeds if there is none.

    What is not given comes from the environment. ``chat_model`` may be a LlamaIndex ``LLM``,
    ``embedder`` a LlamaIndex ``BaseEmbedding``. Raises a ``RagError`` that says what to do when the
    index was made with another model, cannot be read, or a setting is wrong.
    """
    settings = settings or load_settings(index=index, seeds=seeds)
    parts = _embedder(settings, embedder)
    path = settings.index / STORE_FILE
    if not has_index(settings.index):
        index_documents(settings=settings, embedder=parts)
    with ExitStack() as opened:  # closes what is open when a later part cannot be opened
        store = opened.enter_context(
            open_store(path, expected=identity_of(parts, settings.chunk_tokens))
        )
        if not store.chunk_total():
            raise IndexMissingError(
                f"the index in {settings.index} holds no documents; "
                "run `rag index PATH` to add some"
            )
        server = _server(settings)
        recover(settings.index, store, server=server)
        vectors = open_vectors(settings.index, store, server=server)
        opened.callback(vectors.close)
        below, tuned = settings.abstain_below, _cross_encoder(settings)
        return Chatbot(
            store,
            HybridRetriever(store, vectors, parts, is_word=_is_word),
            Reader(parts, passages=tuned),
            judge=tuned,
            chat_model=_chat_model(settings, chat_model),
            top_k=settings.top_k,
            abstain_below=ABSTAIN_BELOW if below is None else below,
            editor=_Editor(settings, parts),
            on_close=opened.pop_all().close,
        )


class _Editor:
    """Changes the index that a chatbot has open, by the same functions as everything else."""

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        self._settings = settings
        self._embedder = embedder

    def add(self, paths: Sequence[Path], *, read: Read) -> IngestReport:
        if not paths:  # to index_documents that means the seeds
            raise InputError("nothing was given to add; name files or folders")
        return index_documents(paths, settings=self._settings, embedder=self._embedder, read=read)

    def remove(self, document_ids: Sequence[str]) -> IngestReport:
        return remove_documents(document_ids, settings=self._settings)


def index_documents(
    paths: Iterable[Path | str] = (),
    *,
    settings: Settings | None = None,
    embedder: AnyEmbedder | None = None,
    rebuild: bool = False,
    ray: str | None = None,
    progress: Progress = lambda name: None,
    stage: Stage | None = None,
    read: Read = lambda outcome: None,
) -> IngestReport:
    """Add or update files and folders; without paths, the seeds. Unchanged files are not read.

    ``rebuild`` makes the index anew from the documents it holds and the paths. ``ray`` names a Ray
    cluster whose workers split and embed: ``local``, ``auto`` or ``HOST:PORT``. ``progress`` is
    called with each document's id, ``stage`` with ``"documents"`` or ``"vectors"``, how many are
    done and how many there are, ``read`` with what became of each file; what that returns, if
    anything, is taken in instead. Raises ``InputError`` when nothing could be read and
    ``ClusterError`` when Ray fails.
    """
    settings = settings or load_settings()
    chosen = [Path(p) for p in paths] or _default_paths(settings, rebuild=rebuild)
    from rag.documents import count_documents, read_documents

    if stage:
        stage("documents", 0, count_documents(chosen))
    with known_files(settings.index) as known, _makers(settings, embedder, ray) as makers:
        outcomes = read_documents(chosen) if rebuild else read_documents(chosen, known=known)
        report = ingest(
            settings.index,
            _told(outcomes, read),
            **makers,
            chunk_tokens=settings.chunk_tokens,
            rebuild=rebuild,
            progress=progress,
            stage=stage or (lambda what, done, total: None),
            server=_server(settings),
        )
    if not report.documents:
        where = ", ".join(str(p) for p in chosen)
        first = f" ({report.problems[0][0]}: {report.problems[0][1]})" if report.problems else ""
        raise InputError(
            f"nothing to index in {where}{first}; "
            "give .txt, .md, .jsonl, .html, .pdf or .docx files"
        )
    return report


def _told(outcomes: Iterable[ReadOutcome], read: Read) -> Iterator[ReadOutcome]:
    for outcome in outcomes:
        yield read(outcome) or outcome


@contextmanager
def _makers(
    settings: Settings, given: AnyEmbedder | None, ray: str | None
) -> Iterator[dict[str, Any]]:
    """Give what splits and embeds in an ingest: this process, or the workers of a cluster."""
    if ray is None:
        yield {"embedder": _embedder(settings, given)}
        return
    from rag.cluster import open_workers

    embedder = _embedder(settings, given, threads=1)  # a worker has one CPU
    with open_workers(ray, embedder, chunk_tokens=settings.chunk_tokens) as workers:
        portion = Portion(characters=workers.characters, texts=workers.texts)
        yield {"embedder": workers, "split": workers.split, "portion": portion}


def remove_documents(
    document_ids: Iterable[str], *, settings: Settings | None = None
) -> IngestReport:
    """Take documents out of the index, their text and vectors with them."""
    settings = settings or load_settings()
    return remove(settings.index, list(document_ids), server=_server(settings))


def check_index(
    *, settings: Settings | None = None, embedder: AnyEmbedder | None = None
) -> list[str]:
    """Verify the index against its documents; return what is wrong, one line each."""
    settings = settings or load_settings()
    identity = identity_of(_embedder(settings, embedder), settings.chunk_tokens)
    return check(settings.index, identity, server=_server(settings))


def list_sources(*, settings: Settings | None = None) -> list[dict[str, Any]]:
    """List the indexed documents: id, title, author, publisher, date, kind, chunks."""
    settings = settings or load_settings()
    with open_store(settings.index / STORE_FILE) as store:
        counts = store.chunk_counts()
        fields = ("id", "title", "author", "publisher", "date", "kind")
        return [
            {**{f: getattr(d, f) for f in fields}, "chunks": counts[d.id]}
            for d in store.documents()
        ]


def find_quotes(quote: str, *, settings: Settings | None = None) -> tuple[QuoteMatch, ...]:
    """Find where a quote stands, word for word or altered; empty when no document holds it."""
    settings = settings or load_settings()
    if not quote.strip():
        raise InputError("the quote is empty; give the words to look for")
    with open_store(settings.index / STORE_FILE) as store:
        return find_quote(quote, store.documents())


def open_text_reader(
    *, settings: Settings | None = None, embedder: AnyEmbedder | None = None
) -> Callable[[str, str], TextReading]:
    """Return a function that answers ``(question, text)`` from that text alone."""
    settings = settings or load_settings()
    reader = Reader(_embedder(settings, embedder), passages=_cross_encoder(settings))
    below = READ_ABSTAIN_BELOW if settings.abstain_below is None else settings.abstain_below
    return lambda question, text: read_text(question, text, reader=reader, abstain_below=below)


def _server(settings: Settings) -> ChromaServer | None:
    if not settings.chroma_url:
        return None
    token = settings.chroma_token
    return open_server(
        settings.chroma_url,
        token=token.get_secret_value() if token else None,
        ca=settings.chroma_ca,
        connect_seconds=settings.chroma_connect_timeout_seconds,
        query_seconds=settings.chroma_timeout_seconds,
    )


def open_verifier(*, settings: Settings | None = None) -> Callable[[str, str], Verification]:
    """Return a function that checks ``(claim, evidence)``; ``rag.verify`` needs no model."""
    judge = _cross_encoder(settings or load_settings())
    return lambda claim, evidence: verify(claim, evidence, judge=judge)


def _cross_encoder(settings: Settings) -> CrossEncoder | None:
    if settings.reader == "off":
        return None
    from rag.cross_encoder import open_cross_encoder

    return open_cross_encoder(cache_dir=settings.cache)


def _is_word(word: str) -> bool:
    from rag.minilm import is_word

    return is_word(word)


def _default_paths(settings: Settings, *, rebuild: bool) -> list[Path]:
    return [] if rebuild and has_index(settings.index) else [settings.seeds]


def _embedder(
    settings: Settings, given: AnyEmbedder | None, *, threads: int | None = None
) -> Embedder:
    if given is not None:
        is_llamaindex = hasattr(given, "get_text_embedding")
        return _adapted("LlamaIndexEmbedder", given) if is_llamaindex else given
    if settings.embedding_model == "minilm":
        from rag.embedding import open_minilm

        return open_minilm(cache_dir=settings.cache, threads=threads)
    from rag.embedding import OpenAIEmbedder

    key = settings.openai_api_key
    return OpenAIEmbedder(
        settings.embedding_model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
    )


def _chat_model(settings: Settings, given: AnyChatModel | None) -> ChatModel | None:
    if given is not None:
        is_llamaindex = hasattr(given, "stream_chat")
        return _adapted("LlamaIndexChatModel", given) if is_llamaindex else given
    from rag.chat_models import open_chat_model

    return open_chat_model(settings)


def _adapted(name: str, model: object):  # type: ignore[no-untyped-def] # noqa: ANN202
    from rag import llamaindex

    adapter: Callable[[object], object] = getattr(llamaindex, name)
    return adapter(model)
