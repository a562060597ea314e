import contextlib
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag import ingestion
from rag.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexProblem,
    IndexTracesError,
    InputError,
)
from rag.failpoints import armed, listen
from rag.index import current_generation, open_vectors
from rag.ingestion import STORE_FILE, Portion, identity_of, recover
from rag.retrieval import HybridRetriever
from rag.store import open_store
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome

ROOT = Path(__file__).resolve().parent.parent
TOKENS = 64

FERRY = Document("ferry", "The ferry sails at noon. It carries forty cars.", title="Timetable")
BRIDGE = Document("bridge", "The bridge is closed. Repairs take until spring.", date="2024-11")
LONG = Document("long", " ".join(f"Sentence number {n} speaks of item {n}." for n in range(120)))
ALL = (FERRY, BRIDGE, LONG)


# Where the vectors of a test's folder are: every test runs with a folder and with a server.
SERVERS = {}


def ingest(folder, outcomes, **options):
    return ingestion.ingest(folder, outcomes, server=SERVERS.get(folder), **options)


def remove(folder, document_ids):
    return ingestion.remove(folder, document_ids, server=SERVERS.get(folder))


def check(folder, identity):
    return ingestion.check(folder, identity, server=SERVERS.get(folder))


def searchable(folder, store):
    return contextlib.closing(open_vectors(folder, store, server=SERVERS.get(folder)))


def read(*documents, problem=None):
    outcomes = [ReadOutcome(f"{d.id}.txt", (d,)) for d in documents]
    return [*outcomes, ReadOutcome("bad.bin", problem=problem)] if problem else outcomes


def take(folder, *documents, embedder=None, **options):
    embedder = embedder or HashEmbedder()
    options = {"chunk_tokens": TOKENS, **options}
    return ingest(folder, read(*documents), embedder=embedder, **options)


def sound(folder, embedder=None, chunk_tokens=TOKENS):
    return check(folder, identity_of(embedder or HashEmbedder(), chunk_tokens)) == []


def held(folder):
    with open_store(folder / STORE_FILE) as store:
        return {d.id: d for d in store.documents()}


def found(folder, query):
    with (
        open_store(folder / STORE_FILE) as store,
        searchable(folder, store) as vectors,
    ):
        return HybridRetriever(store, vectors, HashEmbedder()).search(query, top_k=3)


def snapshot(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock"}


@pytest.fixture
def folder(tmp_path, server):
    made = tmp_path / "index"
    SERVERS[made] = server
    yield made
    del SERVERS[made]


without_server = pytest.mark.parametrize("server", ["folder"], indirect=True)


# ---------------------------------------------------------------------- coming and changing


def test_documents_that_come_are_found_and_the_index_is_sound(folder):
    taken = []
    report = take(folder, *ALL, progress=taken.append)
    assert report.added == ("ferry", "bridge", "long")
    assert taken == ["ferry", "bridge", "long"]
    assert report.documents == 3
    assert held(folder) == {d.id: d for d in ALL}
    assert sound(folder)
    assert found(folder, "when does the ferry sail")[0].document == "ferry"


def test_what_is_unchanged_is_neither_embedded_nor_written(folder):
    take(folder, *ALL)
    before = snapshot(folder)
    embedder = HashEmbedder()
    report = take(folder, *ALL, embedder=embedder)
    assert report.unchanged == ("ferry", "bridge", "long")
    assert (report.added, report.changed, report.embedded, embedder.embedded) == ((), (), 0, 0)
    assert snapshot(folder) == before


def test_only_what_changed_is_embedded(folder):
    take(folder, *ALL)
    changed = Document("long", LONG.text + " One more sentence about walruses.")
    embedder = HashEmbedder()
    report = take(folder, FERRY, changed, embedder=embedder)
    assert (report.changed, report.unchanged) == (("long",), ("ferry",))
    assert 0 < embedder.embedded == report.embedded <= 2
    assert found(folder, "walruses")[0].document == "long"
    assert sound(folder)


def test_metadata_alone_is_a_change_that_embeds_nothing_when_no_context_holds_it(folder):
    take(folder, *ALL)
    embedder = HashEmbedder()
    report = take(
        folder, Document("long", LONG.text, url="https://example.org/l"), embedder=embedder
    )
    assert report.changed == ("long",)
    assert embedder.embedded == 0
    assert held(folder)["long"].url == "https://example.org/l"


def test_text_that_was_replaced_leaves_no_trace(folder):
    take(folder, FERRY, Document("note", "The zzyzxquark is buried here. Nobody knows."))
    take(folder, Document("note", "Nothing is said."))
    assert sound(folder)
    assert not any(b"zzyzxquark" in content.lower() for content in snapshot(folder).values())


def test_text_that_was_removed_leaves_no_trace(folder):
    take(folder, FERRY, Document("hush-hush", "The zzyzxquark is buried here. Nobody knows."))
    report = remove(folder, ["hush-hush", "hush-hush"])
    assert report.removed == ("hush-hush",)
    assert sound(folder)
    for content in snapshot(folder).values():
        assert b"zzyzxquark" not in content.lower()
        assert b"hush-hush" not in content
    assert held(folder) == {"ferry": FERRY}


def test_removing_what_is_not_there_removes_nothing(folder):
    take(folder, *ALL)
    before = snapshot(folder)
    with pytest.raises(InputError, match=r"nobody, someone; `rag sources`"):
        remove(folder, ["ferry", "nobody", "someone"])
    assert snapshot(folder) == before


def test_an_index_can_be_emptied_and_filled_again(folder):
    take(folder, FERRY)
    remove(folder, ["ferry"])
    assert check(folder, identity_of(HashEmbedder(), TOKENS)) == [
        "the index holds no documents; run `rag index PATH`"
    ]
    take(folder, BRIDGE)
    assert sound(folder)
    assert found(folder, "bridge")[0].document == "bridge"


def test_the_last_of_two_documents_of_one_id_counts(folder):
    newer = Document("ferry", "The ferry no longer sails.")
    report = take(folder, FERRY, BRIDGE, newer)
    assert set(report.added) == {"ferry", "bridge"}
    assert held(folder)["ferry"] == newer
    assert sound(folder)


# ---------------------------------------------------------------------- what cannot be read


def test_problems_are_reported_beside_what_was_read(folder):
    outcomes = read(FERRY, problem="binary, not text")
    report = ingest(folder, outcomes, embedder=HashEmbedder(), chunk_tokens=TOKENS)
    assert report.added == ("ferry",)
    assert report.problems == (("bad.bin", "binary, not text"),)


@pytest.mark.parametrize("outcomes", [[], [ReadOutcome("bad.bin", problem="binary")]])
@pytest.mark.parametrize("rebuild", [False, True])
def test_where_nothing_can_be_read_no_index_is_left_behind(folder, outcomes, rebuild):
    report = ingest(folder, outcomes, embedder=HashEmbedder(), chunk_tokens=TOKENS, rebuild=rebuild)
    assert report.documents == 0
    assert report.problems == tuple((o.path, o.problem) for o in outcomes)
    assert not folder.exists()


def test_where_nothing_can_be_read_an_index_stays_as_it_is(folder):
    take(folder, FERRY)
    before = snapshot(folder)
    ingest(folder, read(problem="binary"), embedder=HashEmbedder(), chunk_tokens=TOKENS)
    assert snapshot(folder) == before


class FailingEmbedder(HashEmbedder):
    """Fails once it has embedded as many texts as it was told."""

    def __init__(self, *, after):
        super().__init__()
        self._after = after

    def embed(self, texts):
        if self.embedded + len(texts) > self._after:
            raise RuntimeError("the model is gone")
        return super().embed(texts)


def many(count):
    return [Document(f"d{n:04}", f"Document {n} is about topic {n}.") for n in range(count)]


def test_an_embedder_that_fails_at_once_leaves_nothing_behind(folder):
    with pytest.raises(RuntimeError):
        take(folder, FERRY, embedder=FailingEmbedder(after=0))
    assert not (folder / STORE_FILE).exists()
    assert take(folder, FERRY).added == ("ferry",)


def test_an_ingest_that_was_cut_short_is_resumed(folder):
    documents = many(600)
    with pytest.raises(RuntimeError):
        take(folder, *documents, embedder=FailingEmbedder(after=300))
    assert len(held(folder)) == 256, "the first batch was committed"
    embedder = HashEmbedder()
    report = take(folder, *documents, embedder=embedder)
    assert (len(report.unchanged), len(report.added)) == (256, 344)
    assert embedder.embedded == 344
    assert sound(folder)


@without_server
def test_a_stop_before_the_first_commit_leaves_the_vectors_sound(folder):
    take(folder, FERRY)
    with pytest.raises(RuntimeError):
        take(folder, LONG, embedder=FailingEmbedder(after=4), portion=Portion(texts=2))
    with open_store(folder / STORE_FILE) as store:
        assert store.kept == store.revision, "some embeddings are kept"
    assert sound(folder)


# ---------------------------------------------------------------------- the file written anew


def traces(folder, words):
    return [p for p, content in snapshot(folder).items() if words in content.lower()]


@pytest.fixture
def unwritten(folder):
    """An index from which a document was removed while the disk was too full to rewrite it."""
    take(folder, *ALL)
    listen(armed("log.rewrite:enospc"))
    try:
        with pytest.raises(IndexTracesError, match=r"is made, but .* `rag index`"):
            remove(folder, ["bridge"])
    finally:
        listen(None)
    return folder


@without_server
def test_a_removal_is_followed_by_its_vectors_even_where_the_file_cannot_be_rewritten(unwritten):
    assert set(held(unwritten)) == {"ferry", "long"}
    assert sound(unwritten)


@without_server
def test_a_change_is_followed_by_its_vectors_even_where_the_file_cannot_be_rewritten(folder):
    take(folder, *ALL)
    listen(armed("log.rewrite:enospc"))
    try:
        with pytest.raises(IndexTracesError):
            take(folder, Document("bridge", "Walruses sleep."))
    finally:
        listen(None)
    assert found(folder, "walruses")[0].document == "bridge"
    assert sound(folder)


@without_server
def test_an_index_that_awaits_its_rewriting_gets_it_from_an_ingest_that_changes_nothing(unwritten):
    take(unwritten, FERRY)
    assert traces(unwritten, b"repairs take") == []
    assert sound(unwritten)


@without_server
@pytest.mark.parametrize("whole", [True, False])
def test_an_index_that_awaits_its_rewriting_gets_it_when_it_is_opened(unwritten, whole):
    if not whole:
        (unwritten / current_generation(unwritten) / "manifest.json").unlink()
    with open_store(unwritten / STORE_FILE) as store:
        recover(unwritten, store)
        assert not store.awaits_rewriting
    assert traces(unwritten, b"repairs take") == []


# ---------------------------------------------------------------------- made otherwise


@pytest.mark.parametrize(
    "options", [{"embedder": HashEmbedder(name="other")}, {"chunk_tokens": 99}]
)
def test_an_index_made_otherwise_is_refused_until_it_is_rebuilt(folder, options):
    take(folder, *ALL)
    before = snapshot(folder)
    with pytest.raises(IndexMismatchError, match="--rebuild"):
        take(folder, FERRY, **options)
    assert snapshot(folder) == before
    report = ingest(
        folder,
        read(BRIDGE),
        **{"embedder": HashEmbedder(), "chunk_tokens": TOKENS, **options},
        rebuild=True,
    )
    assert sorted(report.unchanged) == ["bridge", "ferry", "long"]
    assert held(folder) == {d.id: d for d in ALL}
    assert sound(folder, **options)
    assert not sound(folder)


def test_an_embedder_of_another_size_can_take_over(folder):
    take(folder, *ALL)
    larger = HashEmbedder(dimensions=128)
    ingest(folder, [], embedder=larger, chunk_tokens=TOKENS, rebuild=True)
    assert sound(folder, larger)


def test_rebuilding_embeds_nothing_and_keeps_every_document(folder):
    take(folder, *ALL)
    embedder, taken = HashEmbedder(), []
    report = take(folder, embedder=embedder, rebuild=True, progress=taken.append)
    assert embedder.embedded == report.embedded == 0
    assert sorted(report.unchanged) == sorted(taken) == ["bridge", "ferry", "long"]
    assert held(folder) == {d.id: d for d in ALL}
    assert sound(folder)
    vectors = "server.id" if SERVERS[folder] else "vectors-2"
    assert {p.name for p in folder.iterdir()} == {
        "CURRENT", STORE_FILE, f"{STORE_FILE}.seal", vectors, "write.lock",
    }  # fmt: skip


def test_rebuilding_takes_new_versions_of_documents_too(folder):
    take(folder, FERRY, BRIDGE)
    newer = Document("bridge", "The bridge is open.")
    report = take(folder, newer, LONG, rebuild=True)
    assert (report.added, report.changed, report.unchanged) == (("long",), ("bridge",), ("ferry",))
    assert held(folder) == {"ferry": FERRY, "bridge": newer, "long": LONG}
    assert not any(b"Repairs take" in content for content in snapshot(folder).values())


def test_programs_that_have_the_index_open_see_the_rebuilt_one(folder):
    take(folder, FERRY)
    with (
        open_store(folder / STORE_FILE) as store,
        searchable(folder, store) as vectors,
    ):
        bot = HybridRetriever(store, vectors, HashEmbedder())
        assert bot.search("ferry", top_k=3)[0].document == "ferry"
        take(folder, BRIDGE, rebuild=True)
        assert bot.search("bridge", top_k=3)[0].document == "bridge"
        remove(folder, ["ferry"])
        assert {p.document for p in bot.search("ferry", top_k=3)} == {"bridge"}


def test_a_rebuild_that_fails_keeps_the_old_index(folder):
    take(folder, *ALL)
    with pytest.raises(RuntimeError):
        take(folder, *many(5), embedder=FailingEmbedder(after=0), rebuild=True)
    assert held(folder) == {d.id: d for d in ALL}
    assert sound(folder)
    assert not list(folder.glob("*.new*"))


# ---------------------------------------------------------------------- damage


def test_a_damaged_store_is_rebuilt_from_files_and_the_old_one_kept_aside(folder):
    take(folder, FERRY)
    (folder / STORE_FILE).write_bytes(b"garbage" * 500)
    with pytest.raises(IndexDamagedError, match="rag index --rebuild"):
        take(folder, FERRY)
    (problem,) = check(folder, identity_of(HashEmbedder(), TOKENS))
    assert "damaged" in problem
    with pytest.raises(IndexDamagedError, match="name the files"):
        take(folder, rebuild=True)
    report = take(folder, FERRY, rebuild=True)
    assert report.added == ("ferry",)
    assert "could not be kept" in report.problems[0][1]
    assert sound(folder)
    assert (folder / "store.sqlite.damaged").read_bytes() == b"garbage" * 500


def test_a_document_that_cannot_be_read_is_named_and_the_others_kept(folder):
    take(folder, *ALL)
    path = folder / STORE_FILE
    content = path.read_bytes()
    path.write_bytes(content.replace(b"The bridge is closed", b"The bridge is opened"[:20]))
    assert "not what was written" in check(folder, identity_of(HashEmbedder(), TOKENS))[0]
    report = take(folder, rebuild=True)
    assert set(held(folder)) == {"ferry", "long"}
    assert [name for name, _ in report.problems] == ["bridge"]


@without_server
def test_vectors_that_were_deleted_are_built_again_without_embedding(folder):
    take(folder, *ALL)
    for path in [*(folder / current_generation(folder)).iterdir(), folder / "CURRENT"]:
        path.unlink() if path.is_file() else None
    (problem,) = check(folder, identity_of(HashEmbedder(), TOKENS))
    assert "rag index" in problem
    embedder = HashEmbedder()
    take(folder, *ALL, embedder=embedder)
    assert embedder.embedded == 0
    assert sound(folder)


def test_check_tells_a_store_that_was_changed_behind_its_back(folder):
    take(folder, *ALL)
    with sqlite3.connect(folder / STORE_FILE) as connection:
        connection.execute("DELETE FROM chunks WHERE document = 'bridge'")
    connection.close()
    assert "not what was written" in check(folder, identity_of(HashEmbedder(), TOKENS))[0]
    (folder / f"{STORE_FILE}.seal").unlink()
    assert "words without a chunk" in check(folder, identity_of(HashEmbedder(), TOKENS))[0]


def test_checking_or_emptying_where_no_index_is_says_so_and_leaves_nothing(folder):
    for use in (
        lambda: check(folder, identity_of(HashEmbedder(), TOKENS)),
        lambda: remove(folder, ["a"]),
    ):
        with pytest.raises(IndexMissingError, match="rag index"):
            use()
    assert not folder.exists()


def test_other_files_in_the_folder_stay(folder):
    folder.mkdir()
    names = ("notes.txt", "vectors-9.bak", "store.sqlite.old", "notes.damaged.txt", "a.damaged")
    kept = dict.fromkeys(names, b"mine")
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    take(folder, FERRY)
    take(folder, BRIDGE, rebuild=True)
    remove(folder, ["ferry"])
    assert {name: (folder / name).read_bytes() for name in kept} == kept


def test_another_programs_database_is_not_written_to(folder):
    folder.mkdir()
    with sqlite3.connect(folder / STORE_FILE) as connection:
        connection.execute("CREATE TABLE groceries (name TEXT)")
    connection.close()
    before = (folder / STORE_FILE).read_bytes()
    for rebuild in (False, True):
        with pytest.raises(IndexProblem, match="another program"):
            take(folder, FERRY, rebuild=rebuild)
    assert (folder / STORE_FILE).read_bytes() == before


# ---------------------------------------------------------------------- other processes

SLOW_INGEST = """
import sys, time
from pathlib import Path
from rag.ingestion import ingest
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome
def outcomes():
    for n in range(10_000):
        if n == 300:
            print("under way", flush=True)
            time.sleep(600)
        yield ReadOutcome(str(n), (Document(f"d{n:04}", f"Document {n} is about topic {n}."),))
ingest(Path(sys.argv[1]), outcomes(), embedder=HashEmbedder(), chunk_tokens=64)
"""


def test_a_second_ingest_is_refused_at_once_and_can_begin_when_the_first_is_killed(folder):
    command = [sys.executable, "-c", SLOW_INGEST, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as first:
        assert first.stdout.readline() == b"under way\n"
        for change in (lambda: take(folder, FERRY), lambda: remove(folder, ["d0001"])):
            began = time.monotonic()
            with pytest.raises(IndexBusyError, match=f"process {first.pid}"):
                change()
            assert time.monotonic() - began < 1.5, "told within a second, on a busy machine too"
        first.kill()
    report = take(folder, *many(300))
    assert (len(report.unchanged), len(report.added)) == (256, 44)
    assert sound(folder)
