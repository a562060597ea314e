"""A store that nobody writes is sealed; the seal tells whether its bytes are what was written."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rag.errors import IndexDamagedError, RagError
from rag.store import (
    Entry,
    Identity,
    connections,
    create_store,
    embedding_key,
    is_as_sealed,
    open_store,
    read_seal,
    seal,
    seal_path,
)
from rag.store.files import digest_file, stamp_of
from rag.store.seals import Seal, write_seal
from rag.testing import HashEmbedder
from rag.types import Chunk, Document

ROOT = Path(__file__).resolve().parent.parent
EMBEDDER = HashEmbedder()


def put(store, name, text):
    key = embedding_key(text, "")
    entry = Entry(Document(name, text), (Chunk(name, 0, len(text), text),), (key,))
    store.apply([entry], vectors={key: EMBEDDER.embed([text])[0]})


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "store.sqlite"
    with create_store(path, Identity("hash", "whole")) as store:
        put(store, "quay", "The quay is long.")
        assert seal(store)
    return path


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def test_a_sealed_store_is_what_was_written_until_a_bit_flips(path):
    assert is_as_sealed(path)
    open_store(path).close()
    flipped(path)
    with pytest.raises(IndexDamagedError, match="rag index --rebuild"):
        open_store(path)


def test_opening_and_reading_leave_store_and_seal_alone(path):
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    with open_store(path) as store:
        assert store.document("quay").text == "The quay is long."
        assert seal(store)
    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == before


def test_a_change_breaks_the_seal_and_remembers_what_was_committed(path):
    with open_store(path) as store:
        put(store, "mole", "The mole is short.")
        assert read_seal(path) == Seal(store.revision)
        assert not is_as_sealed(path)
        assert seal(store)
        assert read_seal(path).revision == store.revision
    assert is_as_sealed(path)


def test_a_change_that_fails_leaves_a_store_that_can_be_sealed_again(path):
    with open_store(path) as store:
        broken = Entry(Document("mole", "x"), (Chunk("mole", 0, 1, "x"),), ())
        with pytest.raises(ValueError):
            store.apply([broken])
        assert read_seal(path) == Seal(store.revision)
    open_store(path).close()
    assert is_as_sealed(path)


def test_opening_seals_what_a_killed_writer_left(path):
    with open_store(path) as store:
        put(store, "mole", "The mole is short.")
    assert not is_as_sealed(path)
    open_store(path).close()
    assert is_as_sealed(path)


@pytest.mark.parametrize("content", [b"", b"{}\n", b"\xff\n\xff", b'{"revision": 1}\nabc'])
def test_a_seal_that_cannot_be_read_is_made_again(path, content):
    seal_path(path).write_bytes(content)
    assert read_seal(path) is None
    open_store(path).close()
    assert is_as_sealed(path)


def test_a_store_is_not_sealed_while_another_process_reads_an_older_state(path):
    hold = (
        "import sqlite3, sys\n"
        "reader = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "reader.execute('BEGIN')\n"
        "reader.execute('SELECT count(*) FROM documents').fetchall()\n"
        "sys.stdout.write('reading\\n'); sys.stdout.flush(); sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold, str(path)], **pipes, cwd=ROOT) as reader:
        assert reader.stdout.readline() == b"reading\n"
        with open_store(path) as store:
            put(store, "mole", "The mole is short.")
            assert not seal(store, wait=False)
            assert not is_as_sealed(path)
            reader.communicate()
            assert seal(store)


def test_a_large_file_is_read_again_only_when_its_stamp_changed_or_all_is_asked_for(tmp_path):
    path = tmp_path / "store.sqlite"
    path.touch()
    os.truncate(path, 65_000_000)
    write_seal(path, Seal(1, digest_file(path), stamp_of(path)))
    assert is_as_sealed(path)
    write_seal(path, Seal(1, "another digest", stamp_of(path)))
    assert is_as_sealed(path), "the stamp is enough"
    with pytest.raises(IndexDamagedError):
        is_as_sealed(path, fully=True)
    with path.open("r+b") as file:
        file.write(b"x")
    with pytest.raises(IndexDamagedError):
        is_as_sealed(path)


def test_readers_that_open_while_one_writes_never_see_damage(path):
    wrong, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            try:
                with open_store(path) as store:
                    store.document("quay")
            except RagError as error:
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    with open_store(path) as store:
        for n in range(25):
            put(store, f"mole-{n}", f"Mole number {n} is short. " * 40)
            if n % 3 == 0:
                seal(store)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_a_log_that_goes_while_it_is_looked_for_is_none(path, monkeypatch):
    monkeypatch.setattr(Path, "exists", lambda self: True)  # as it was a moment ago
    assert not connections._has_log(path)
    assert not connections._has_log(path, empty=True)
