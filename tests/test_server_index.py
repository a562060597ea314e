"""The vectors of an index on a real Chroma server: switched whole, kept in step, lost and found."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chroma_servers import chroma, only, proxy
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cli import run
from rag.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexProblem,
    IndexServerUnreachable,
)
from rag.index import open_server, open_vectors
from rag.index.collections import Collections
from rag.index.exact import ExactIndex
from rag.index.remote import ServerIndex
from rag.ingestion import STORE_FILE, check, identity_of, ingest, remove
from rag.retrieval import HybridRetriever
from rag.store import Entry, Identity, create_store, embedding_key, open_store
from rag.testing import HashEmbedder
from rag.types import Chunk, Document, ReadOutcome

ROOT = Path(__file__).resolve().parent.parent
TOKENS = 64
FERRY = Document("ferry", "The ferry sails at noon and carries forty cars.")
BRIDGE = Document("bridge", "The bridge is closed until spring.")


def take(folder, server, *documents, embedder=None, **options):
    outcomes = [ReadOutcome(f"{d.id}.txt", (d,)) for d in documents]
    embedder = embedder or HashEmbedder()
    return ingest(
        folder, outcomes, embedder=embedder, chunk_tokens=TOKENS, server=server, **options
    )


def many(count, start=0):
    return [Document(f"d{n:05}", f"Document {n} is about topic {n}.") for n in range(start, count)]


def problems(folder, server):
    return check(folder, identity_of(HashEmbedder(), TOKENS), server=server)


def vector(text):
    return HashEmbedder().embed([text])[0]


@contextlib.contextmanager
def opened(folder, server, **options):
    with open_store(folder / STORE_FILE) as store:
        index = ServerIndex(folder, store, server, **options)
        with contextlib.closing(index):
            yield index


def nearest(index, text, **options):
    return [name.partition("#")[0] for name, _ in index.search(vector(text), limit=1, **options)]


def pointer(folder):
    return (folder / "CURRENT").read_text().strip()


def collections(folder, server):
    """List what the server holds of an index."""
    with server.connect() as connection:
        return Collections(connection, (folder / "server.id").read_text().strip()).all()[0]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def shared(chroma_server):
    """A server that other tests use too."""
    return open_server(chroma_server.url)


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    with chroma(tmp_path_factory.mktemp("fragile")) as process:
        yield process


@pytest.fixture
def own(fragile):
    """A server that the test may stop."""
    fragile.start()
    return fragile


# ---------------------------------------------------------------------- generations


def test_a_change_is_built_beside_the_live_collection_and_switched_to(folder, shared):
    take(folder, shared, FERRY)
    first = pointer(folder)
    with opened(folder, shared) as index:
        assert nearest(index, "ferry sails") == ["ferry"]
        take(folder, shared, BRIDGE)
        assert pointer(folder) != first
        assert {c.name for c in collections(folder, shared)} == {first, pointer(folder)}
        assert nearest(index, "The bridge is closed") == ["bridge"]
        assert index.note is None
    assert problems(folder, shared) == []
    assert not list(folder.glob("vectors-*"))


def test_only_what_differs_is_sent_and_no_more_than_two_collections_are_kept(folder, chroma_server):
    with proxy(chroma_server) as front:
        server = open_server(front.url)
        for n in range(5):
            front.seen.clear()
            take(folder, server, *many(20 + n, start=0 if n == 0 else 19 + n))
            assert len(collections(folder, server)) <= 2
        sent = [r.json["ids"] for r in front.seen if r.path.endswith("/upsert")]
    assert [len(ids) for ids in sent] == [2], "of this change and of the one before"
    assert problems(folder, open_server(chroma_server.url)) == []


def test_what_is_unchanged_is_not_sent(folder, chroma_server):
    with proxy(chroma_server) as front:
        server = open_server(front.url)
        take(folder, server, FERRY)
        front.seen.clear()
        take(folder, server, FERRY)
    assert {r.method for r in front.seen} == {"GET"}


def test_deleted_vectors_do_not_pile_up(folder, shared):
    for n in range(6):
        take(folder, shared, *(Document(d.id, f"{d.text} Version {n}.") for d in many(20)))
        marks = [c.mark for c in collections(folder, shared)]
        assert all(mark.stale <= mark.count for mark in marks)
    assert problems(folder, shared) == []


def test_searches_under_way_find_the_same_throughout_switches(folder, shared):
    take(folder, shared, FERRY, BRIDGE)
    wrong, stop = [], threading.Event()
    with opened(folder, shared) as index:

        def search():
            while not stop.is_set():
                if (found := nearest(index, FERRY.text)) != ["ferry"]:
                    wrong.append(found)

        threads = [threading.Thread(target=search) for _ in range(4)]
        for thread in threads:
            thread.start()
        for n in range(6):
            take(folder, shared, Document("more", f"Word number {n}."))
        remove(folder, ["more"], server=shared)
        stop.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert index.note is None


def test_what_is_removed_is_gone_from_the_server(folder, shared):
    secret = Document("hush-hush", "The zzyzxquark is buried here.")
    take(folder, shared, FERRY, secret)
    take(folder, shared, BRIDGE)
    assert len(collections(folder, shared)) == 2
    remove(folder, ["hush-hush"], server=shared)
    (left,) = collections(folder, shared)
    assert left.name == pointer(folder)
    with opened(folder, shared) as index:
        assert {name.partition("#")[0] for name in index.vector_ids()} == {"ferry", "bridge"}
    assert problems(folder, shared) == []


READ_WITH_CHROMADB = """
import json, sys
import chromadb
port, name, vector = json.loads(sys.argv[1])
collection = chromadb.HttpClient("127.0.0.1", port).get_collection(name, embedding_function=None)
print(collection.query(query_embeddings=[vector], n_results=1)["metadatas"])
"""


def test_chroma_s_own_client_reads_what_is_there(folder, shared, chroma_server):
    take(folder, shared, FERRY, BRIDGE)
    asked = json.dumps([chroma_server.port, pointer(folder), vector(FERRY.text).tolist()])
    command = [sys.executable, "-c", READ_WITH_CHROMADB, asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[[{'document': 'ferry'}]]"


# ---------------------------------------------------------------------- whose it is


def test_collections_of_others_are_left_alone(folder, shared):
    take(folder, shared, FERRY)
    stem, _, number = pointer(folder).rpartition("-")
    foreign = f"{stem}-{int(number) + 1}"
    with shared.connect() as connection:
        connection.write("POST", "", {"name": foreign, "metadata": {"purpose": "groceries"}})
        take(folder, shared, BRIDGE)
        take(folder, shared, *many(3))
        assert connection.get(f"/{foreign}")["metadata"] == {"purpose": "groceries"}
    assert problems(folder, shared) == []
    (folder / "CURRENT").write_text(foreign)
    assert "not of this index" in problems(folder, shared)[0]


def test_vectors_made_otherwise_are_not_searched(folder, shared):
    take(folder, shared, FERRY)
    (live,) = collections(folder, shared)
    with shared.connect() as connection:
        mine = Collections(connection, live.mark.attest_index)
        for mark in (replace(live.mark, made_of="other"), replace(live.mark, complete=False)):
            mine.change(live, live.name, mark)
            assert "unfinished or was made otherwise" in problems(folder, shared)[0]
            with opened(folder, shared) as index:
                assert nearest(index, "ferry sails") == ["ferry"], "the store's are compared"
                assert "was made otherwise" in index.note


def test_an_embedder_of_another_size_can_take_over(folder, shared):
    take(folder, shared, FERRY)
    take(folder, shared, BRIDGE)
    larger = HashEmbedder(dimensions=128)
    take(folder, shared, embedder=larger, rebuild=True)
    assert check(folder, identity_of(larger, TOKENS), server=shared) == []
    assert len(collections(folder, shared)) == 1


def test_vectors_move_to_a_server_and_back(folder, shared):
    take(folder, None, FERRY)
    with opened(folder, shared) as index, pytest.raises(IndexMissingError, match="--rebuild"):
        nearest(index, "ferry")
    take(folder, shared, rebuild=True)
    assert not list(folder.glob("vectors-*"))
    assert problems(folder, shared) == []
    for change in (
        lambda: take(folder, None, BRIDGE),
        lambda: remove(folder, ["ferry"]),
        lambda: open_vectors(folder, store, server=None).search(vector("ferry"), limit=1),
    ):
        with (
            open_store(folder / STORE_FILE) as store,
            pytest.raises(IndexMismatchError, match=r"RAG_CHROMA_URL.*--rebuild"),
        ):
            change()
    take(folder, None, rebuild=True)
    assert problems(folder, None) == []
    assert pointer(folder).startswith("vectors-")


# ---------------------------------------------------------------------- the server is lost


def test_a_query_that_loses_its_server_is_answered_from_the_store(folder, own):
    def kill(handler):
        own.stop()
        return handler.hang_up()

    with proxy(own, only("/query", kill, times=1)) as front:
        server = open_server(front.url)
        take(folder, server, FERRY, BRIDGE)
        with opened(folder, server, rest_seconds=0.2) as index:
            assert nearest(index, FERRY.text) == ["ferry"]
            assert "without their server" in index.note
            assert front.url in index.note
            assert nearest(index, "closed until spring", documents=["bridge"]) == ["bridge"]
            assert nearest(index, FERRY.text, documents=[]) == []
            own.start()
            time.sleep(0.2)
            assert nearest(index, BRIDGE.text) == ["bridge"]
            assert index.note is None


def test_a_server_that_was_lost_is_not_waited_for_by_every_question(folder, own):
    take(folder, open_server(own.url), FERRY)
    with proxy(own, lambda handler: time.sleep(1) or handler.hang_up()) as front:
        server = open_server(front.url, query_seconds=0.2)
        with opened(folder, server) as index:
            for _ in range(20):
                assert nearest(index, FERRY.text) == ["ferry"]
        assert len(front.seen) == 1


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("/query", b"null"),
        ("/query", b"{}"),
        ("/query", b'{"ids": [["a"]], "distances": [[]]}'),
        ("", b"null"),
        ("", b"[]"),
    ],
)
def test_a_reply_of_another_form_is_told_in_one_line(folder, chroma_server, path, reply):
    with proxy(chroma_server) as front:
        server = open_server(front.url)
        take(folder, server, FERRY)
        front.trick = only(path or pointer(folder), lambda handler: handler.reply(200, reply))
        with opened(folder, server) as index, pytest.raises(IndexProblem, match="Chroma") as error:
            nearest(index, FERRY.text)
        assert "\n" not in str(error.value)


def test_more_vectors_than_can_be_compared_in_time_give_the_error(folder, own):
    server = open_server(own.url)
    take(folder, server, FERRY, BRIDGE)
    own.stop()
    with (
        opened(folder, server, compared_at_most=1) as index,
        pytest.raises(IndexServerUnreachable, match="cannot be reached"),
    ):
        nearest(index, FERRY.text)


def test_an_ingest_that_loses_its_server_loses_nothing_and_is_resumed(folder, own):
    def kill(handler):
        own.stop()
        return handler.hang_up()

    with proxy(own) as front:
        server = replace(open_server(front.url), write_attempts=2)
        take(folder, server, FERRY)
        live = pointer(folder)
        front.trick = only("/upsert", kill)
        with pytest.raises(IndexServerUnreachable, match="what was read is kept") as error:
            take(folder, server, *many(300))
        assert "\n" not in str(error.value)
        assert pointer(folder) == live
        with pytest.raises(IndexServerUnreachable):
            take(folder, server, BRIDGE)
        own.start()
        with opened(folder, server) as index:
            assert nearest(index, FERRY.text) == ["ferry"]
            assert index.note is None
        front.trick = lambda handler: False
        embedder = HashEmbedder()
        report = take(folder, server, *many(300), embedder=embedder)
    assert (len(report.unchanged), embedder.embedded) == (300, 0)
    assert problems(folder, open_server(own.url)) == []


def test_an_ingest_outlasts_a_restart_of_the_server(folder, own):
    def restart(handler):
        own.stop()
        own.start()
        return handler.hang_up()

    with proxy(own, only("/upsert", restart, times=1)) as front:
        take(folder, open_server(front.url), *many(50))
    assert problems(folder, open_server(own.url)) == []


def test_a_server_that_came_back_empty_is_filled_from_the_store(folder, own):
    server = open_server(own.url)
    take(folder, server, FERRY, BRIDGE)
    own.wipe()
    assert "rag index --rebuild" in problems(folder, server)[0]
    with opened(folder, server) as index:
        assert nearest(index, FERRY.text) == ["ferry"]
        assert "rag index --rebuild" in index.note
    embedder = HashEmbedder()
    take(folder, server, FERRY, embedder=embedder)
    assert embedder.embedded == 0
    assert problems(folder, server) == []


def test_a_removal_that_loses_its_server_is_finished_by_the_next_run(folder, own):
    def kill(handler):
        own.stop()
        return handler.hang_up()

    with proxy(own) as front:
        server = replace(open_server(front.url), write_attempts=2)
        take(folder, server, FERRY, BRIDGE)
        front.trick = lambda handler: handler.command == "DELETE" and kill(handler)
        with pytest.raises(IndexServerUnreachable):
            remove(folder, ["bridge"], server=server)
        own.start()
        front.trick = lambda handler: False
        assert len(collections(folder, server)) == 2, "the one with the removed vector among them"
        take(folder, server, FERRY)
        assert len(collections(folder, server)) == 1
    assert problems(folder, open_server(own.url)) == []


KILLED_INGEST = """
import sys
from pathlib import Path
from rag.index import open_server
from rag.ingestion import ingest
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome
documents = [Document(f"d{n:05}", f"Document {n} is about topic {n}.") for n in range(2100)]
outcomes = [ReadOutcome(d.id, (d,)) for d in documents]
ingest(Path(sys.argv[1]), outcomes, embedder=HashEmbedder(), chunk_tokens=64,
       server=open_server(sys.argv[2]))
"""


def test_a_build_whose_process_was_killed_is_resumed_where_it_stopped(folder, chroma_server):
    reached, done = threading.Event(), threading.Event()
    seen = []

    def third(handler):
        seen.append(handler.path)
        if len(seen) < 3:
            return False
        reached.set()
        done.wait(60)
        return handler.hang_up()

    with proxy(chroma_server, only("/upsert", third)) as front:
        command = [sys.executable, "-c", KILLED_INGEST, str(folder), front.url]
        with subprocess.Popen(command, cwd=ROOT) as writer:
            assert reached.wait(120)
            writer.send_signal(signal.SIGKILL)
        done.set()
        assert not (folder / "CURRENT").exists()
        front.trick = lambda handler: False
        front.seen.clear()
        take(folder, open_server(front.url), *many(1))
        sent = [len(r.json["ids"]) for r in front.seen if r.path.endswith("/upsert")]
    assert sent == [100], "the two batches of a thousand were there"
    server = open_server(chroma_server.url)
    assert problems(folder, server) == []
    assert len(collections(folder, server)) == 1


# ---------------------------------------------------------------------- replicas

REPLICA = """
import sys
from rag.api import open_chatbot
from rag.config import load_settings
from rag.testing import HashEmbedder
with open_chatbot(settings=load_settings(), embedder=HashEmbedder()) as bot:
    print("ready", flush=True)
    for line in sys.stdin:
        print([p.document for p in bot.search(line, top_k=1)], flush=True)
print("chromadb" in sys.modules, flush=True)
"""


@pytest.fixture
def replicas(folder, chroma_server):
    """Two processes that answer from the same folder and server."""
    take(folder, open_server(chroma_server.url), FERRY)
    environment = {
        **os.environ,
        "RAG_INDEX": str(folder),
        "RAG_CHROMA_URL": chroma_server.url,
        "RAG_CHUNK_TOKENS": str(TOKENS),
        "RAG_READER": "off",
    }
    with contextlib.ExitStack() as running:
        made = []
        for _ in range(2):
            command = [sys.executable, "-c", REPLICA]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            process = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)
            running.enter_context(process)
            running.callback(process.kill)
            made.append(process)
        for process in made:
            assert process.stdout.readline() == "ready\n"
        yield made


def asked(process, query):
    process.stdin.write(f"{query}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_two_replicas_are_in_step_after_an_ingest_and_a_removal(folder, replicas, shared):
    for process in replicas:
        assert asked(process, "When is the bridge closed?") == "['ferry']"
    take(folder, shared, BRIDGE)
    began = time.monotonic()
    for process in replicas:
        assert asked(process, "When is the bridge closed?") == "['bridge']"
    remove(folder, ["bridge"], server=shared)
    for process in replicas:
        assert asked(process, "When is the bridge closed?") == "['ferry']"
    assert time.monotonic() - began < 3 * 2.0, "each sees a change with its next query"
    for process in replicas:
        process.stdin.close()
        assert process.stdout.readline() == "False\n", "nobody waits for chromadb's import"


def test_a_replica_elsewhere_follows_when_its_link_leads_to_a_new_copy(tmp_path, folder, shared):
    link = tmp_path / "replica"

    def publish(number):
        """Do what the README tells."""
        copy = tmp_path / f"copy-{number}"
        copy.mkdir()
        with (
            contextlib.closing(sqlite3.connect(folder / STORE_FILE)) as source,
            contextlib.closing(sqlite3.connect(copy / STORE_FILE)) as target,
        ):
            source.backup(target)
        shutil.copy(folder / "CURRENT", copy)
        (tmp_path / "next").symlink_to(copy)
        (tmp_path / "next").replace(link)

    take(folder, shared, FERRY)
    publish(1)
    with (
        open_store(link / STORE_FILE) as store,
        contextlib.closing(ServerIndex(link, store, shared)) as vectors,
    ):
        retriever = HybridRetriever(store, vectors, HashEmbedder())

        def first(query):
            return retriever.search(query, top_k=1)[0].document

        assert first("The bridge is closed") == "ferry"
        for n in range(3):  # the collection that it reads is brought up to date meanwhile
            take(folder, shared, BRIDGE, *many(n))
            assert first("The bridge is closed") == "ferry"
        publish(2)
        assert first("The bridge is closed") == "bridge"
        assert vectors.note is None


# ---------------------------------------------------------------------- the same answers


def answered(capsys, *arguments):
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    return {name: value for name, value in answer.items() if name not in ("timings_ms", "notes")}


def alike(one, other):
    """Compare answers; similarities differ in the seventh digit by how they were summed."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == (pytest.approx(other, abs=1e-3) if isinstance(other, float) else other)


QUESTIONS = (
    "How many North Korean soldiers are in the Kursk region?",
    "Will NATO move into East Asia?",
    "What salary does the head of NATO earn?",
)


def test_answers_are_the_same_with_a_folder_a_server_and_a_lost_server(
    seed_index, tmp_path, own, monkeypatch, capsys
):
    folder = shutil.copytree(seed_index, tmp_path / "index")
    monkeypatch.setenv("RAG_INDEX", str(folder))
    monkeypatch.setenv("RAG_READER", "off")
    from_folder = [answered(capsys, "ask", question) for question in QUESTIONS]
    monkeypatch.setenv("RAG_CHROMA_URL", own.url)
    assert run(["index", "--rebuild"]) == 0
    assert run(["check"]) == 0
    assert alike([answered(capsys, "ask", question) for question in QUESTIONS], from_folder)
    own.stop()
    assert alike([answered(capsys, "ask", question) for question in QUESTIONS], from_folder)
    assert run(["ask", QUESTIONS[0]]) == 0
    assert "without their server" in " ".join(capsys.readouterr().out.split())
    assert run(["remove", "anything"]) == 2
    assert capsys.readouterr().err.startswith(f"rag: the Chroma server at {own.url} cannot be")


# ---------------------------------------------------------------------- comparing all


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 40))
def test_comparing_all_vectors_finds_the_nearest(tmp_path_factory, seed, count, limit):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    path = tmp_path_factory.mktemp("exact") / f"{secrets.token_hex(4)}.sqlite"
    keys = [embedding_key(str(n), "") for n in range(count)]
    half = count // 2
    with create_store(path, Identity("e", "c")) as store:
        for name, numbers in (("a", range(half)), ("b", range(half, count))):
            chunks = tuple(Chunk(name, n, n + 1, "x") for n in numbers)
            entry = Entry(Document(name, "x" * count), chunks, tuple(keys[n] for n in numbers))
            store.apply([entry], vectors={keys[n]: vectors[n] for n in numbers})
        index = ExactIndex(store)
        everywhere = index.search(vectors[0], limit=limit)
        among = index.search(vectors[0], limit=limit, documents=["b"])
        store.remove(["a"])
        left = index.search(vectors[0], limit=limit)
        assert [name for name, _ in left] == [name for name, _ in among], "none that is removed"
        assert index.search(vectors[0], limit=limit, documents=[]) == []
        starts = {name: chunk.start for name, chunk in store.chunks([n for n, _ in among]).items()}
    expected = np.sort(vectors @ vectors[0])[::-1][:limit]
    assert [score for _, score in everywhere] == pytest.approx(expected.tolist(), abs=1e-6)
    expected = np.sort(vectors[half:] @ vectors[0])[::-1][:limit]
    assert [score for _, score in among] == pytest.approx(expected.tolist(), abs=1e-6)
    assert all(start >= half for start in starts.values())


def test_damage_to_the_pointer_is_told(folder, shared):
    take(folder, shared, FERRY)
    (folder / "CURRENT").write_bytes(b"\xff\xfe")
    with opened(folder, shared) as index, pytest.raises(IndexDamagedError, match="--rebuild"):
        index.vector_ids()
