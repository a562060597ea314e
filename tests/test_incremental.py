"""Indexing again costs what changed: unchanged files are not read, and a stop loses little."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag import check_index, index_documents, load_settings
from rag.api import remove_documents
from rag.documents.stamps import stamp_of
from rag.ingestion import STORE_FILE
from rag.store import open_store
from rag.testing import HashEmbedder
from rag.types import Document

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    for name in ("ferry", "bridge", "market"):
        (folder / f"{name}.txt").write_text(f"The {name} opens at noon. It closes at dusk.\n")
    return folder


@pytest.fixture
def settings(tmp_path):
    return load_settings(index=tmp_path / "index")


def index(articles, settings, **options):
    embedder = HashEmbedder()
    return index_documents([articles], settings=settings, embedder=embedder, **options)


def held(settings, path):
    """The document that the index has of a file as it is."""
    with open_store(settings.index / STORE_FILE) as store:
        return store.document_of_file(stamp_of(path))


def test_the_index_knows_the_files_it_has_read(articles, settings):
    index(articles, settings)
    ferry = articles / "ferry.txt"
    assert held(settings, ferry) == "ferry"
    ferry.write_text("The ferry sank.\n")
    assert held(settings, ferry) is None
    report = index(articles, settings)
    assert (report.changed, set(report.unchanged)) == (("ferry",), {"bridge", "market"})
    assert held(settings, ferry) == "ferry"


def test_a_file_that_was_touched_is_read_once_more_and_no_more(articles, settings):
    index(articles, settings)
    ferry = articles / "ferry.txt"
    os.utime(ferry, (1_700_000_000, 1_700_000_000))
    assert held(settings, ferry) is None
    with open_store(settings.index / STORE_FILE) as store:
        before = store.revision
    assert len(index(articles, settings).unchanged) == 3
    assert held(settings, ferry) == "ferry"
    assert check_index(settings=settings, embedder=HashEmbedder()) == []
    with open_store(settings.index / STORE_FILE) as store:
        assert store.revision == before, "no reader sees a change"


def test_a_document_that_was_removed_is_read_again(articles, settings):
    index(articles, settings)
    remove_documents(["ferry"], settings=settings)
    assert held(settings, articles / "ferry.txt") is None
    assert index(articles, settings).added == ("ferry",)


def test_a_document_that_other_text_replaced_is_read_again(tmp_path, articles, settings):
    index(articles, settings)
    (tmp_path / "records.jsonl").write_text('{"id": "ferry", "text": "The ferry is new."}\n')
    index(tmp_path / "records.jsonl", settings)
    assert index(articles, settings).changed == ("ferry",)


def test_a_rebuild_keeps_what_it_knows_of_files_and_reads_those_it_is_given(articles, settings):
    index(articles, settings)
    index_documents(settings=settings, embedder=HashEmbedder(), rebuild=True)
    assert held(settings, articles / "ferry.txt") == "ferry"
    with contextlib.closing(sqlite3.connect(settings.index / STORE_FILE)) as connection:
        connection.execute("UPDATE documents SET text = 'Damaged.' WHERE id = 'ferry'")
        connection.commit()
    index(articles, settings, rebuild=True)
    with open_store(settings.index / STORE_FILE) as store:
        assert store.document("ferry").text.startswith("The ferry opens")


def test_stages_tell_how_many_documents_and_vectors_there_are(articles, settings):
    stages = []
    index(articles, settings, stage=lambda *stage: stages.append(stage))
    assert stages[0] == ("documents", 0, 3)
    assert ("vectors", 0, 3) in stages


class Interrupted(HashEmbedder):
    """Stops as Ctrl-C would, once it has embedded as many texts as it was told."""

    def __init__(self, *, after):
        super().__init__()
        self._after = after

    def embed(self, texts):
        if self.embedded + len(texts) > self._after:
            raise KeyboardInterrupt
        return super().embed(texts)


def test_a_stop_within_a_long_document_loses_one_batch_of_its_embeddings(tmp_path, settings):
    text = " ".join(f"Sentence number {n} speaks of item {n} and no other." for n in range(9000))
    (tmp_path / "long.txt").write_text(text)
    first = Interrupted(after=512)
    with pytest.raises(KeyboardInterrupt):
        index_documents([tmp_path / "long.txt"], settings=settings, embedder=first)
    second = HashEmbedder()
    index_documents([tmp_path / "long.txt"], settings=settings, embedder=second)
    with open_store(settings.index / STORE_FILE) as store:
        assert isinstance(store.document("long"), Document)
        assert first.embedded + second.embedded == store.chunk_total()
    assert first.embedded == 512


def committed(path):
    """How many documents a store holds, seen from outside."""
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        try:
            return connection.execute("SELECT count(*) FROM documents").fetchone()[0]
        except sqlite3.Error:
            return 0


def test_an_interrupted_command_keeps_what_it_committed_and_goes_on_from_there(tmp_path):
    folder, index = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    for number in range(1500):
        text = f"Ferry number {number} sails at noon. It carries {number} cars and a dog."
        (folder / f"ferry-{number}.txt").write_text(text)
    command = [sys.executable, "-m", "rag", "index", str(folder), "--index", str(index)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background
    ) as first:
        while not committed(index / STORE_FILE) and first.poll() is None:
            time.sleep(0.05)
        first.send_signal(signal.SIGINT)
        out, err = first.communicate()
    assert (first.returncode, out) == (130, "")
    assert "goes on there" in err
    kept = committed(index / STORE_FILE)
    assert 0 < kept < 1500
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert again.stdout.splitlines()[-1] == f"{1500 - kept} added, 0 changed, {kept} unchanged"
    once_more = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    expected = "0 added, 0 changed, 1500 unchanged: the index is up to date"
    assert once_more.stdout.splitlines()[-1] == expected
