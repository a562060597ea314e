"""An index against a dict: whatever files are written, edited, renamed, deleted or removed, whoever
starts again or dies in the middle, both hold the same.

10 runs of 30 steps; with ``HYPOTHESIS_PROFILE=long``, 500 of 50. A change costs a fifth of a
second, since each new generation is first opened in a process of its own.
"""

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from changing import TOKENS, remove, remove_and_die, take, take_and_die
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from torture.processes import Job, Processes

from rag.errors import IndexMissingError, InputError
from rag.failpoints import POINTS
from rag.index import VectorIndex, current_generation
from rag.ingestion import STORE_FILE, check, identity_of, recover
from rag.retrieval import HybridRetriever
from rag.store import open_store
from rag.testing import HashEmbedder

SUBJECTS = "harbour bridge ferry market school library station garden".split()
VERBS = "opens grows moves waits".split()
SAME_SIZE = dict(zip(VERBS, [*VERBS[1:], VERBS[0]], strict=True))
sentences = st.builds("The {} {} in {}.".format, *map(st.sampled_from, (SUBJECTS, VERBS, SUBJECTS)))
texts = st.lists(sentences, min_size=1, max_size=8).map(" ".join)
names = st.sampled_from("abcd")
MEMORY = next((path for path in ["/dev/shm"] if os.access(path, os.W_OK)), None)  # never synced
# Two folders may hold files of one name; the first folder's counts.
places = st.tuples(st.sampled_from(["north", "south"]), names)
points = st.sampled_from(POINTS)


class FailingEmbedder(HashEmbedder):
    """Fails at once."""

    def embed(self, texts):
        raise RuntimeError("the model is gone")


class IndexMachine(RuleBasedStateMachine):
    """Keeps a searcher open throughout, as an app does."""

    processes: Processes

    def __init__(self):
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="rag-machine-", dir=MEMORY))
        self.index = self.root / "index"
        self.sources = [self.root / "north", self.root / "south"]
        for folder in self.sources:
            folder.mkdir()
        self.files = {}
        self.held, self.unchecked = {}, True
        self.resources = contextlib.ExitStack()
        self.store = self.vectors = None

    # ------------------------------------------------------------------ files change

    def path(self, place):
        return self.root / place[0] / f"{place[1]}.txt"

    @rule(place=places, text=texts)
    def write(self, place, text):
        self.path(place).write_text(text)
        self.files[place] = text

    @rule(place=places)
    def edit_without_a_change_of_size(self, place):
        if text := self.files.get(place):
            self.write(place, re.sub(r"\w+(?= in)", lambda m: SAME_SIZE[m[0]], text))

    @rule(place=places, to=places)
    def rename(self, place, to):
        if place in self.files and place != to:
            self.path(place).replace(self.path(to))
            self.files[to] = self.files.pop(place)

    @rule(place=places)
    def delete(self, place):
        if self.files.pop(place, None):
            self.path(place).unlink()

    def due(self):
        """What an ingest of both folders should leave in the index."""
        first_wins = sorted(self.files, reverse=True)
        return self.held | {name: self.files[folder, name] for folder, name in first_wins}

    # ------------------------------------------------------------------ the index follows

    @precondition(lambda self: self.files)
    @rule()
    def take(self):
        due, known = self.due(), set(self.held.values())
        embedder = HashEmbedder()
        report = take(self.index, self.sources, embedder=embedder)
        for name in {name for _, name in self.files}:
            before, now = self.held.get(name), due[name]
            group = "unchanged" if before == now else "changed" if before else "added"
            assert name in getattr(report, group)
        if set(due.values()) <= known:
            assert embedder.embedded == 0, "a new name is no new text"
        self.holds(due)

    @precondition(lambda self: self.files)
    @rule()
    def take_the_same_again(self):
        self.take()
        with open_store(self.index / STORE_FILE) as store:
            version, generation = self.version(store), current_generation(self.index)
            report = take(self.index, self.sources, embedder=FailingEmbedder())
            assert (report.added, report.changed, report.embedded) == ((), (), 0)
            assert self.version(store) == version, "nothing was written"
            assert current_generation(self.index) == generation

    @staticmethod
    def version(store):
        return store.revision, store.select("PRAGMA data_version")

    @rule()
    def remove_what_has_no_file(self):
        gone = self.held.keys() - {name for _, name in self.files}
        if gone:
            self.remove(*gone)

    @rule(name=names)
    def remove_one(self, name):
        if name in self.held:
            self.remove(name)
        elif self.store:
            with pytest.raises(InputError):
                remove(self.index, [name])

    def remove(self, *gone):
        remove(self.index, gone)
        self.holds({name: text for name, text in self.held.items() if name not in gone})

    @precondition(lambda self: self.held)
    @rule()
    def rebuild(self):
        report = take(self.index, rebuild=True, embedder=FailingEmbedder())
        assert set(report.unchanged) == set(self.held)
        self.holds(self.held)

    @rule()
    def restart(self):
        self.resources.close()
        self.store = self.vectors = None
        self.holds(self.held)

    # ------------------------------------------------------------------ and fails to

    @precondition(lambda self: self.files)
    @rule()
    def lose_the_embedding_model(self):
        due = self.due()
        try:
            take(self.index, self.sources, embedder=FailingEmbedder())
        except RuntimeError:
            due = self.held
        self.holds(due)

    @precondition(lambda self: self.files)
    @rule(point=points)
    def die_while_files_are_taken_in(self, point):
        due = self.due()
        self.die(Job(take_and_die, (self.index, self.sources, False, point)), due)
        self.take()

    @precondition(lambda self: self.held)
    @rule(point=points)
    def die_while_the_index_is_made_anew(self, point):
        self.die(Job(take_and_die, (self.index, (), True, point)), self.held)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), point=points)
    def die_while_documents_are_removed(self, data, point):
        gone = data.draw(st.lists(st.sampled_from(sorted(self.held)), min_size=1, unique=True))
        due = {name: text for name, text in self.held.items() if name not in gone}
        self.die(Job(remove_and_die, (self.index, gone, point)), due)
        with contextlib.suppress(InputError):  # it was done, or has been repeated
            remove(self.index, gone)
        self.holds(due)

    def die(self, job, due):
        """Find what was there before or what should come of it, and nothing between."""
        (outcome,) = self.processes.run(job)
        assert (outcome.error, outcome.hung) == ("", False)
        self.restart()
        self.open()
        found = self.documents() if self.store else {}
        assert found in (self.held, due)
        if found:
            assert self.vectors.vector_ids() == self.store.vector_ids()
        self.holds(found)

    # ------------------------------------------------------------------ what must hold

    def holds(self, held):
        """Say what the index holds from now on."""
        self.held, self.unchecked = held, True

    def open(self):
        """Open the index as a chatbot does, once there is one: a file without a table is none."""
        if self.store is None and (self.index / STORE_FILE).exists():
            try:
                self.store = self.resources.enter_context(open_store(self.index / STORE_FILE))
            except IndexMissingError:
                return
            recover(self.index, self.store)
            opened = contextlib.closing(VectorIndex(self.index))
            self.vectors = self.resources.enter_context(opened)

    def documents(self):
        return {d.id: d.text for d in self.store.documents()}

    @invariant()
    def holds_what_the_dict_holds(self):
        if not self.unchecked:
            return
        self.open()
        self.unchecked = False
        if self.store is None:
            assert not self.held
            return
        assert self.documents() == self.held
        assert self.vectors.vector_ids() == self.store.vector_ids()
        searcher = HybridRetriever(self.store, self.vectors, HashEmbedder())
        for name, text in self.held.items():
            (passage, *_) = searcher.search(text.split(".")[0], top_k=3, sources=[name])
            assert (passage.document, text[passage.start : passage.end]) == (name, passage.text)

    def teardown(self):
        self.resources.close()
        if (self.index / STORE_FILE).exists():
            self.looks_whole()
        shutil.rmtree(self.root)

    def looks_whole(self):
        empty = [] if self.held else ["the index holds no documents; run `rag index PATH`"]
        try:
            assert check(self.index, identity_of(HashEmbedder(), TOKENS)) == empty
        except IndexMissingError:
            assert not self.held


@pytest.fixture(scope="module", autouse=True)
def forking():
    """The process whose children die."""
    with Processes() as IndexMachine.processes:
        yield


LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"

TestIndexMachine = IndexMachine.TestCase
TestIndexMachine.settings = settings(
    max_examples=500 if LONG else 10,
    stateful_step_count=50 if LONG else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
