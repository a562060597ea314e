"""Ingestion on Ray: the same index as without, and one clear line when the cluster fails."""

import contextlib
import ipaddress
import os
import pickle
import signal
import socket
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import chromadb
import numpy as np
import pytest

from rag.chunking import split_document
from rag.cli import run
from rag.cluster import open_workers
from rag.cluster.messages import Setup
from rag.cluster.process import RayProcess
from rag.cluster.serving import explained
from rag.embedding import OpenAIEmbedder
from rag.errors import ClusterError, ConfigError, EmbeddingError
from rag.index import current_generation
from rag.ingestion import STORE_FILE, Portion, check, identity_of, ingest
from rag.testing import HashEmbedder
from rag.types import Document, Heading, ReadOutcome

ROOT = Path(__file__).resolve().parent.parent
TOKENS = 32

needs_ray = pytest.mark.skipif(not find_spec("ray"), reason="Ray has no wheel for this platform")


def _article(number):
    text = f"Ferry {number} sails at noon. It carries {number} cars — and “a dog”. " * (30 + number)
    heading = text.index("carries")
    return Document(
        f"ferry-{number}",
        f"{text}\n\nThe same words. The same words. The same words.",
        title=f"Timetable {number}",
        author="a new user",
        date="2024-11-05",
        headings=(Heading(heading, heading + 7, 2),),
    )


ARTICLES = (
    *(_article(number) for number in range(27)),
    Document("untitled", "Words without an origin. Zwölf Fähren fahren. 十二艘渡轮启航。"),
    Document("wordless", "… — …"),
)


@pytest.fixture
def running(tmp_path, monkeypatch):
    """The address of a cluster that somebody else has started, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # on the loopback address
    monkeypatch.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", "5")
    command = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block"]
    options = ["--num-cpus=2", "--include-dashboard=false", "--disable-usage-stats"]
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        head = subprocess.Popen(
            [*command, f"--port={port}", f"--temp-dir={folder}", *options],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"127.0.0.1:{port}", head
        finally:
            started = processes(head.pid)
            head.terminate()
            head.wait()
            assert_all_end(started)


def wait_for(address):
    """Wait until somebody listens."""
    host, port = address.split(":")
    for _ in range(1200):
        with contextlib.suppress(OSError), socket.create_connection((host, int(port))):
            return
        time.sleep(0.1)
    pytest.fail(f"nobody at {address}")


@pytest.fixture(scope="module")
def workers():
    with open_workers("local", HashEmbedder(), chunk_tokens=TOKENS, cpus=2) as opened:
        yield opened


def take(folder, documents=ARTICLES, *, workers=None, portion=None, **options):
    """Ingest here, or on workers."""
    makers = {"embedder": HashEmbedder()}
    if workers:
        portion = portion or Portion(characters=workers.characters, texts=workers.texts)
        makers = {"embedder": workers, "split": workers.split, "portion": portion}
    outcomes = [ReadOutcome(f"{d.id}.txt", (d,)) for d in documents]
    return ingest(folder, outcomes, **makers, chunk_tokens=TOKENS, **options)


def tables(folder):
    """Every row of a store: documents, chunks, words, embeddings bit for bit.

    Only how many commits it took may differ, and with it how FTS5 lays its words out.
    """
    listing = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'chunk_words_*'"
    )
    with contextlib.closing(sqlite3.connect(folder / STORE_FILE)) as connection:
        names = [name for (name,) in connection.execute(listing)]
        held = {name: set(connection.execute(f"SELECT * FROM {name}")) for name in names}
        held["chunk_words"] = set(connection.execute("SELECT rowid, * FROM chunk_words"))
    held["meta"] = {row for row in held["meta"] if row[0] not in ("revision", "erased")}
    return held


def vectors(folder):
    """Every vector of the live generation, bit for bit, by its id."""
    client = chromadb.PersistentClient(path=str(folder / current_generation(folder)))
    with contextlib.closing(client):
        found = client.get_collection("chunks", embedding_function=None).get(include=["embeddings"])
    rows = np.asarray(found["embeddings"], dtype="<f4")
    return {name: row.tobytes() for name, row in zip(found["ids"], rows, strict=True)}


def assert_same(one, other):
    assert tables(one) == tables(other)
    assert len(vectors(one)) > 100
    assert vectors(one) == vectors(other)


def processes(first):
    """Map a process and all that came of it to their command lines."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    known = {int(pid): (int(parent), "".join(command)) for pid, parent, *command in rows}
    found = [first]
    for pid in found:
        found += [child for child, (parent, _) in known.items() if parent == pid]
    return {pid: known[pid][1] for pid in found if pid in known}


def assert_all_end(pids):
    """Wait until none of the processes runs; one that nobody has waited for does not."""
    for _ in range(600):
        listed = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True)
        rows = map(str.split, listed.stdout.splitlines())
        left = {int(pid) for pid, state in rows if "Z" not in state} & set(pids)
        if not left:
            return
        time.sleep(0.1)
    pytest.fail(f"still running: {left}")


def environment(pid):
    """A process's environment, where the system shows it."""
    shown = Path(f"/proc/{pid}/environ")
    return shown.read_bytes() if shown.exists() else b"RAY_USAGE_STATS_ENABLED=0"


def listening(pids):
    """Yield the addresses that processes listen at, where the system lists them."""
    links = [link for pid in pids for link in Path(f"/proc/{pid}/fd").glob("*")]
    sockets = {link.readlink().name for link in links if link.is_symlink()}
    for table in filter(Path.exists, map(Path, ("/proc/net/tcp", "/proc/net/tcp6"))):
        for row in map(str.split, table.read_text().splitlines()[1:]):
            if row[3] == "0A" and f"socket:[{row[9]}]" in sockets:
                raw = bytes.fromhex(row[1].split(":")[0])
                words = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
                yield ipaddress.ip_address(words)


def is_loopback(address):
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


# ---------------------------------------------------------------------- the same index


@needs_ray
def test_workers_make_the_index_that_is_made_here(tmp_path, workers):
    here, there = tmp_path / "here", tmp_path / "there"
    report = take(here)
    assert take(there, workers=workers) == report
    assert len(report.added) == len(ARTICLES)
    assert_same(here, there)


@needs_ray
@pytest.mark.cluster
def test_a_worker_that_is_killed_is_replaced_and_the_index_is_the_same(tmp_path, workers):
    workers.split(ARTICLES[:1])  # the cluster is there
    killed = []

    def kill_one():
        while not killed:
            for pid, command in processes(workers.pid).items():
                if command.startswith("ray::MapWorker"):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                    return
            time.sleep(0.05)

    thread = threading.Thread(target=kill_one, daemon=True)
    thread.start()
    take(tmp_path / "there", workers=workers)
    assert killed
    take(tmp_path / "here")
    assert_same(tmp_path / "here", tmp_path / "there")


@needs_ray
@pytest.mark.cluster
def test_only_what_changed_is_embedded(tmp_path, workers):
    take(tmp_path, ARTICLES[:3], workers=workers)
    longer = Document("untitled", ARTICLES[27].text + "\n\nOne sentence more.")
    report = take(tmp_path, [*ARTICLES[:3], longer], workers=workers)
    assert (len(report.unchanged), report.added, report.embedded) == (3, ("untitled",), 1)


@needs_ray
@pytest.mark.cluster
def test_the_command_makes_the_seeds_index_with_the_embedded_model(tmp_path, seeds, seed_index):
    assert run(["index", str(seeds), "--index", str(tmp_path), "--ray", "local"]) == 0
    assert tables(tmp_path) == tables(seed_index)
    assert vectors(tmp_path) == vectors(seed_index)


# ---------------------------------------------------------------------- what can go wrong


@needs_ray
@pytest.mark.cluster
def test_a_lost_cluster_costs_one_portion_and_the_rest_is_kept(tmp_path, workers):
    half = sum(len(d.text) for d in ARTICLES) // 2
    portion = Portion(characters=half, texts=workers.texts)
    taken, started = [], {}

    def lose(name):
        taken.append(name)
        if len(taken) == len(ARTICLES):
            started.update(processes(workers.pid))
            os.kill(workers.pid, signal.SIGKILL)

    with pytest.raises(ClusterError, match=r"was lost; what was indexed so far is kept"):
        take(tmp_path, workers=workers, portion=portion, progress=lose)
    assert_all_end(started)
    report = take(tmp_path)
    assert len(report.unchanged) + len(report.added) == len(ARTICLES)
    assert report.unchanged
    assert report.added
    assert check(tmp_path, identity_of(HashEmbedder(), TOKENS)) == []


@needs_ray
@pytest.mark.cluster
def test_what_was_started_is_seen_by_this_machine_alone_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    before = set(Path("/tmp").glob("rag-ray-*"))
    with open_workers("local", HashEmbedder(), chunk_tokens=TOKENS, cpus=1) as opened:
        assert opened.split(ARTICLES[:1]) == [split_document(ARTICLES[0], chunk_tokens=TOKENS)]
        (folder,) = set(Path("/tmp").glob("rag-ray-*")) - before
        started = processes(opened.pid)
        assert any("raylet" in command for command in started.values())
        assert all(map(is_loopback, listening(started)))
        assert b"RAY_USAGE_STATS_ENABLED=0" in environment(opened.pid)
    assert not folder.exists()
    assert_all_end(started)
    assert not list(tmp_path.iterdir())


@needs_ray
@pytest.mark.cluster
def test_a_cluster_that_runs_already_is_joined_and_its_loss_is_told(tmp_path, running):
    address, head = running
    wait_for(address)
    failing = OpenAIEmbedder("m", api_key=None, base_url="http://127.0.0.1:1/v1")
    with (
        open_workers(address, failing, chunk_tokens=TOKENS) as joined,
        pytest.raises(EmbeddingError, match=r"embedding model .m. at 127\.0\.0\.1 failed"),
    ):
        joined.embed(["words"])
    with open_workers(address, HashEmbedder(), chunk_tokens=TOKENS) as joined:
        take(tmp_path / "there", workers=joined)
        take(tmp_path / "here")
        assert_same(tmp_path / "here", tmp_path / "there")
        for pid, command in processes(head.pid).items():
            if "gcs_server" in command:
                os.kill(pid, signal.SIGKILL)
        with pytest.raises(ClusterError, match="what was indexed so far is kept"):
            joined.split(ARTICLES)


@needs_ray
def test_nothing_is_started_where_nothing_changed(tmp_path):
    take(tmp_path)
    with open_workers("local", HashEmbedder(), chunk_tokens=TOKENS) as idle:
        report = take(tmp_path, workers=idle)
        assert idle.pid is None
    assert len(report.unchanged) == len(ARTICLES)


@needs_ray
def test_where_nobody_is_one_line_says_so_and_nothing_is_made(tmp_path, seeds, capsys):
    with socket.socket() as bound:  # but not listening
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        status = run(["index", str(seeds), "--index", str(tmp_path / "i"), "--ray", address])
    said = capsys.readouterr().err
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith(f"rag: no Ray cluster at {address}")
    assert not (tmp_path / "i").exists()


@pytest.mark.parametrize("address", ["", "cluster", "http://127.0.0.1:6379", "host:", "host:port"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ConfigError, match="expected local, auto or HOST:PORT"):
        open_workers(address, HashEmbedder(), chunk_tokens=TOKENS)


@needs_ray
def test_an_embedder_that_cannot_be_sent_is_refused():
    embedder = HashEmbedder()
    embedder.lock = threading.Lock()
    with pytest.raises(ConfigError, match="cannot be sent to workers"):
        open_workers("local", embedder, chunk_tokens=TOKENS)


def test_a_worker_of_another_version_refuses():
    from rag.cluster.components import WorkerEmbedding, WorkerSplitter

    with pytest.raises(ClusterError, match="install the same version"):
        WorkerSplitter(chunker="other/1")
    with pytest.raises(ClusterError, match="install the same version"):
        WorkerEmbedding(pickle.dumps(HashEmbedder()), "hash-65")


def test_what_a_worker_raised_is_told_in_its_own_words():
    quoted = "ray::MapWorker()\n  File …\nrag.errors.EmbeddingError: the server is down; check it"
    error = explained(Exception(quoted), "local")
    assert (type(error), str(error)) == (EmbeddingError, "the server is down; check it")
    other = explained(ValueError("two\nlines"), "10.0.0.1:6379")
    assert isinstance(other, ClusterError)
    assert "10.0.0.1:6379 failed (ValueError: two lines)" in str(other)


def test_a_process_that_cannot_be_started_is_one_line_and_leaves_no_folder(tmp_path):
    folder = tmp_path / "ray"
    (folder / "ray.log").mkdir(parents=True)  # no log can be opened there
    with pytest.raises(ClusterError, match=r"no process could be started for Ray \(Is a directory"):
        RayProcess(Setup("local", 1, str(folder), TOKENS, b"", ""))
    assert not folder.exists()


def test_without_the_extra_one_line_names_it(tmp_path, seeds):
    site = Path(sysconfig.get_path("purelib"))
    for entry in site.iterdir():
        if not entry.name.startswith(("ray", "llama_index_ingestion_ray")):
            (tmp_path / entry.name).symlink_to(entry)
    done = subprocess.run(
        [sys.executable, "-S", "-m", "rag", "index", str(seeds), "--ray", "local"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "RAG_INDEX": str(tmp_path / "index")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert (
        done.stderr == 'rag: --ray needs the package ray: pip install -e ".[ray]" in the checkout\n'
    )
