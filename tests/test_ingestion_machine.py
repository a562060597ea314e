"""An index against a dict: whatever is added, edited, removed or rebuilt, both hold the same."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rag.errors import InputError
from rag.index import VectorIndex
from rag.ingestion import STORE_FILE, check, identity_of, ingest, remove
from rag.retrieval import HybridRetriever
from rag.store import open_store
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome

TOKENS = 32
SUBJECTS = "harbour bridge ferry market school library station garden".split()
VERBS = "opens closes grows moves waits".split()
sentences = st.builds("The {} {} in {}.".format, *map(st.sampled_from, (SUBJECTS, VERBS, SUBJECTS)))
documents = st.builds(
    Document,
    id=st.sampled_from(["a", "b", "c", "d"]),
    text=st.lists(sentences, min_size=1, max_size=8).map(" ".join),
    title=st.none() | st.sampled_from(SUBJECTS),
)


class IndexMachine(RuleBasedStateMachine):
    """Keeps a searcher open throughout, as an app does."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="rag-machine-"))
        self.model = {}
        self.open_searcher()

    def open_searcher(self):
        self.resources = contextlib.ExitStack()
        self.vectors = self.resources.enter_context(contextlib.closing(VectorIndex(self.folder)))
        self.store = None

    def take(self, *taken, rebuild=False):
        embedder = HashEmbedder()
        outcomes = [ReadOutcome(d.id, (d,)) for d in taken]
        report = ingest(
            self.folder, outcomes, embedder=embedder, chunk_tokens=TOKENS, rebuild=rebuild
        )
        return report, embedder.embedded

    @initialize(first=documents)
    def begin(self, first):
        self.take(first)
        self.model[first.id] = first

    @rule(taken=st.lists(documents, min_size=1, max_size=3, unique_by=lambda d: d.id))
    def add_or_edit(self, taken):
        report, _ = self.take(*taken)
        for document in taken:
            before = self.model.get(document.id)
            group = "unchanged" if before == document else "changed" if before else "added"
            assert document.id in getattr(report, group)
            self.model[document.id] = document
        assert report.documents == len(taken)

    @rule()
    def take_the_same_again(self):
        report, embedded = self.take(*self.model.values())
        assert (set(report.unchanged), embedded) == (set(self.model), 0)

    @rule(name=st.sampled_from(["a", "b", "c", "d"]))
    def remove_one(self, name):
        if name in self.model:
            remove(self.folder, [name])
            del self.model[name]
        else:
            with pytest.raises(InputError):
                remove(self.folder, [name])

    @rule()
    def rebuild(self):
        report, embedded = self.take(rebuild=True)
        assert (set(report.unchanged), embedded) == (set(self.model), 0)

    @rule()
    def reopen(self):
        self.resources.close()
        self.open_searcher()

    @invariant()
    def holds_what_the_model_holds(self):
        if not (self.folder / STORE_FILE).exists():
            return
        if self.store is None:
            self.store = self.resources.enter_context(open_store(self.folder / STORE_FILE))
        assert {d.id: d for d in self.store.documents()} == self.model
        assert self.vectors.vector_ids() == self.store.vector_ids()
        self.find_each()

    def find_each(self):
        searcher = HybridRetriever(self.store, self.vectors, HashEmbedder())
        for document in self.model.values():
            first = document.text.split(".")[0]
            (passage, *_) = searcher.search(first, top_k=3, sources=[document.id])
            assert passage.document == document.id
            assert document.text[passage.start : passage.end] == passage.text

    def teardown(self):
        self.resources.close()
        problems = check(self.folder, identity_of(HashEmbedder(), TOKENS))
        shutil.rmtree(self.folder)
        empty = [] if self.model else ["the index holds no documents; run `rag index PATH`"]
        assert problems == empty


TestIndexMachine = IndexMachine.TestCase
TestIndexMachine.settings = settings(max_examples=6, stateful_step_count=8, deadline=None)
