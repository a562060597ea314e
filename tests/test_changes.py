"""Documents that come, change and go while a chatbot is in use."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from invented import BRIDGE, DOCUMENTS, HARBOUR, ISLAND, Shelf, WholeDocuments, small_reader

from rag.chatbot import Chatbot
from rag.errors import InputError
from rag.index import VectorIndex
from rag.ingestion import STORE_FILE, ingest, remove
from rag.retrieval import HybridRetriever
from rag.store import open_store
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome

CRACKS = "Who found cracks in the pillars?"
REOPENED = Document(
    "bridge", "Divers found rust on the bridge. Painters found cracks in its pillars."
)


def embedder():
    return HashEmbedder(dimensions=512)


def take(folder, *documents):
    outcomes = [ReadOutcome(d.id, (d,)) for d in documents]
    return ingest(folder, outcomes, embedder=embedder(), chunk_tokens=32)


@pytest.fixture
def folder(tmp_path):
    take(tmp_path / "index", *DOCUMENTS)
    return tmp_path / "index"


@contextlib.contextmanager
def chatbot(folder, **options):
    with (
        open_store(folder / STORE_FILE) as store,
        contextlib.closing(VectorIndex(folder)) as vectors,
    ):
        retriever = HybridRetriever(store, vectors, embedder())
        yield Chatbot(store, retriever, small_reader(), abstain_below=0.0, **options)


def is_sound(answer, versions):
    """Whether each citation is verbatim in one and the same version of its document."""
    return all(
        any(
            all(d.text[c.start : c.end] == c.quote for c in answer.citations if c.document == d.id)
            for d in versions
            if d.id == cited.document
        )
        for cited in answer.citations
    )


class Interrupted:
    """A chat model in whose reply something else happens."""

    name = "interrupted"

    def __init__(self, happen):
        self._happen = happen

    def stream(self, messages):
        yield "Engineers found cracks "
        self._happen()
        yield "in its pillars. [2]"


@pytest.mark.parametrize(
    "change",
    [lambda folder: remove(folder, ["bridge"]), lambda folder: take(folder, REOPENED)],
    ids=["removed", "changed"],
)
def test_an_answer_under_way_finishes_on_the_documents_it_began_with(folder, change):
    model = Interrupted(lambda: change(folder))
    with chatbot(folder, chat_model=model) as bot:
        answer = bot.ask(CRACKS, sources=["bridge"])
        assert answer.mode == "generative"
        assert [c.document for c in answer.citations] == ["bridge"]
        assert is_sound(answer, [BRIDGE])
        assert not any(BRIDGE.text[:20] in p.text for p in bot.search("bridge"))


class MovingShelf(Shelf):
    """Changes the moment a search has looked at it."""

    def __init__(self, documents, change):
        super().__init__(documents)
        self.change = change


class LateSearch(WholeDocuments):
    """Changes the shelf behind the second search: the first is for how names are written."""

    searches = 0

    def search(self, query, *, top_k, sources=None):
        found = super().search(query, top_k=top_k, sources=sources)
        self.searches += 1
        if self.searches == 2:
            self._shelf.change(self._shelf._documents)
        return found


@pytest.mark.parametrize(
    "change",
    [lambda held: held.pop("bridge"), lambda held: held.update(bridge=REOPENED)],
    ids=["removed", "changed"],
)
def test_what_goes_between_search_and_reading_is_left_out_of_the_answer(change):
    shelf = MovingShelf([HARBOUR, BRIDGE], change)
    answer = Chatbot(shelf, LateSearch(shelf), small_reader(), abstain_below=0.0).ask(CRACKS)
    assert [p.document for p in answer.passages] == ["harbour"]
    assert {c.document for c in answer.citations} <= {"harbour"}


def test_many_ask_while_documents_come_change_and_go(folder):
    done = threading.Event()

    def ask(bot):
        answers = []
        while not done.is_set():
            answers.append(bot.ask(CRACKS))
        return answers

    with chatbot(folder) as bot, ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask, bot) for _ in range(3)]
        for _ in range(4):
            take(folder, REOPENED)
            remove(folder, ["bridge", "island"])
            take(folder, BRIDGE, ISLAND)
        done.set()
        answers = [answer for asked in asking for answer in asked.result()]
    assert len(answers) > 10
    assert all(is_sound(answer, [*DOCUMENTS, REOPENED]) for answer in answers)


def test_a_chatbot_without_an_editor_says_that_it_only_reads():
    shelf = Shelf(DOCUMENTS)
    bot = Chatbot(shelf, WholeDocuments(shelf), small_reader())
    for change in (lambda: bot.add("a.txt"), lambda: bot.remove("bridge")):
        with pytest.raises(InputError, match="open_chatbot"):
            change()


def test_an_index_emptied_under_a_chatbot_leaves_nothing_to_answer_from(folder):
    with chatbot(folder) as bot:
        before = bot.revision
        remove(folder, [d.id for d in DOCUMENTS])
        assert bot.revision > before
        assert bot.ask(CRACKS).abstained
        take(folder, BRIDGE)
        assert bot.ask(CRACKS).citations[0].document == "bridge"
