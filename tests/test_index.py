import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import IndexBusyError, IndexDamagedError, IndexMissingError, IndexProblem
from rag.index import (
    VectorIndex,
    build_generation,
    current_generation,
    is_current,
    live_revision,
    open_vectors,
    write_lock,
)
from rag.index.engine import engine_version
from rag.index.exact import ExactIndex
from rag.index.generations import finish, read_manifest
from rag.index.probe import through_bindings, through_client
from rag.index.probing import require_openable
from rag.store import Entry, Identity, create_store, embedding_key, open_store, vector_id
from rag.testing import HashEmbedder
from rag.types import Chunk, Document

ROOT = Path(__file__).resolve().parent.parent
EMBEDDER = HashEmbedder(dimensions=256)
IDENTITY = Identity(embedder=EMBEDDER.fingerprint, chunker="words")


def entry(document):
    """Make one chunk of each word."""
    chunks, start = [], 0
    for word in document.text.split(" "):
        chunks.append(Chunk(document.id, start, start + len(word), word))
        start += len(word) + 1
    return Entry(document, tuple(chunks), tuple(embedding_key(c.text, "") for c in chunks))


def put(store, **texts):
    for name, text in texts.items():
        made = entry(Document(name, text))
        vectors = EMBEDDER.embed([c.text for c in made.chunks])
        store.apply([made], vectors=dict(zip(made.keys, vectors, strict=True)))


def signed(manifest):
    fields = {name: value for name, value in manifest.items() if name != "checksum"}
    checksum = hashlib.sha256(json.dumps(fields).encode()).hexdigest()
    return json.dumps({**fields, "checksum": checksum})


def words_near(index, store, word, limit=3, documents=None):
    found = index.search(EMBEDDER.embed([word])[0], limit=limit, documents=documents)
    chunks = store.chunks([name for name, _ in found])
    return [chunks[name].text for name, _ in found]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def store(folder):
    with create_store(folder / "store.sqlite", IDENTITY) as made:
        put(made, fruit="apple pear plum", tools="saw hammer drill")
        yield made


@pytest.fixture
def index(folder, store):
    build_generation(folder, store)
    made = VectorIndex(folder)
    yield made
    made.close()


def generation_names(folder):
    return sorted(p.name for p in folder.glob("vectors-*"))


def test_the_nearest_vector_comes_first_with_its_cosine_similarity(index, store):
    vector = EMBEDDER.embed(["pear"])[0]
    found = index.search(vector, limit=6)
    assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)
    names = {
        vector_id(chunk, key): float(vector @ EMBEDDER.embed([chunk.text])[0])
        for made in (entry(store.document("fruit")), entry(store.document("tools")))
        for chunk, key in zip(made.chunks, made.keys, strict=True)
    }
    assert {name for name, _ in found} == set(names) == index.vector_ids()
    for name, score in found:
        assert score == pytest.approx(names[name], abs=1e-5)
    assert words_near(index, store, "pear", limit=1) == ["pear"]


def test_a_search_keeps_to_the_documents_named(index, store):
    assert set(words_near(index, store, "pear", 6, ["tools"])) == {"saw", "hammer", "drill"}
    assert words_near(index, store, "pear", 6, []) == []
    assert words_near(index, store, "pear", 6, ["nobody"]) == []
    assert len(words_near(index, store, "pear", 6, ["tools", "fruit"])) == 6


def test_what_a_document_repeats_has_one_vector(folder, store, index):
    put(store, tools="saw saw hammer saw", others="saw")
    build_generation(folder, store)
    assert sorted(words_near(index, store, "saw", 6, ["tools", "others"])) == [
        "hammer",
        "saw",
        "saw",
    ]
    assert sorted(words_near(ExactIndex(store), store, "saw", 6, ["tools"])) == ["hammer", "saw"]
    put(store, tools="hammer saw")
    build_generation(folder, store)
    assert sorted(words_near(index, store, "saw", 6, ["tools"])) == ["hammer", "saw"]
    assert index.vector_ids() == store.vector_ids()


def test_an_index_of_nothing_finds_nothing(folder):
    with create_store(folder / "store.sqlite", IDENTITY) as store:
        build_generation(folder, store)
        index = VectorIndex(folder)
        assert index.search(EMBEDDER.embed(["pear"])[0], limit=3) == []
        assert index.vector_ids() == set()
        index.close()


def test_a_folder_without_vectors_says_so(tmp_path):
    with pytest.raises(IndexMissingError, match="rag index"):
        VectorIndex(tmp_path).search(EMBEDDER.embed(["pear"])[0], limit=3)


def test_a_new_generation_holds_what_came_and_not_what_went(folder, store, index):
    assert is_current(folder, store)
    assert words_near(index, store, "pear", 1) == ["pear"]
    put(store, fruit="apple cherry")
    assert not is_current(folder, store)
    build_generation(folder, store)
    assert is_current(folder, store)
    assert live_revision(folder) == store.revision
    assert index.vector_ids() == store.vector_ids()
    assert words_near(index, store, "cherry", 1) == ["cherry"]
    assert len(generation_names(folder)) == 2, "readers may still be on the last one"


def test_vectors_taken_out_are_in_no_file_afterwards(folder, store, index):
    secret = EMBEDDER.embed(["zebra-quokka"])[0].astype("<f4").tobytes()
    put(store, secret="zebra-quokka")
    build_generation(folder, store)

    def holds_secret():
        files = (p for p in folder.rglob("*") if p.is_file())
        return any(
            secret in content or b"secret" in content for content in map(Path.read_bytes, files)
        )

    assert holds_secret()
    store.remove(["secret"])
    build_generation(folder, store)  # told by the store that a copy will not do
    store.close()
    assert not holds_secret()


def test_deleted_vectors_do_not_pile_up(folder, store):
    sizes = []
    for n in range(12):
        put(store, long=" ".join(f"w{n}x{k}" for k in range(60)))
        name = build_generation(folder, store)
        manifest = json.loads((folder / name / "manifest.json").read_text())
        sizes.append(manifest["stale"])
    assert max(sizes) <= 2 * 66


def test_only_one_spare_generation_is_kept(folder, store):
    for n in range(4):
        put(store, **{f"more{n}": f"word{n}"})
        build_generation(folder, store)
    assert generation_names(folder) == ["vectors-3", "vectors-4"]
    assert current_generation(folder) == "vectors-4"


def test_leftovers_of_a_build_that_was_cut_short_are_swept(folder, store, index):
    first = current_generation(folder)
    half = folder / "vectors-7"
    shutil.copytree(folder / first, half)
    manifest = {"engine": "1", "revision": -1, "count": 0, "stale": 0, "files": {}}
    (half / "manifest.json").write_text(json.dumps(manifest))
    (folder / "vectors-5").mkdir()
    put(store, more="cherry")
    build_generation(folder, store)
    assert generation_names(folder) == [first, "vectors-8"]


def test_folders_of_another_make_are_left_alone(folder, store, index):
    for name in ("vectors-2", "vectors-old", "vectors-3", "notes"):
        (folder / name).mkdir()
        (folder / name / "keep.txt").write_text("mine")
    (folder / "vectors-3" / "manifest.json").write_text('{"name": "a web app"}')
    put(store, more="cherry")
    build_generation(folder, store)
    for name in ("vectors-2", "vectors-old", "vectors-3", "notes"):
        assert (folder / name / "keep.txt").read_text() == "mine"


def test_a_build_that_fails_leaves_the_live_generation_alone(folder, store, index):
    before = current_generation(folder)
    made = entry(Document("broken", "cherry"))
    store.apply([made])  # without its vector
    with pytest.raises(IndexDamagedError, match="1 embeddings are missing"):
        build_generation(folder, store)
    assert generation_names(folder) == [before]
    assert words_near(index, store, "pear", 1) == ["pear"]


# ---------------------------------------------------------------------- readers and writers


def test_a_search_under_way_finishes_on_the_generation_it_began_with(folder, store, index):
    vector = EMBEDDER.embed(["pear"])[0]
    wrong, stop = [], threading.Event()

    def search():
        while not stop.is_set():
            found = store.chunks([name for name, _ in index.search(vector, limit=1)])
            if [c.text for c in found.values()] != ["pear"]:
                wrong.append(found)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(8):
        put(store, more=f"word{n}")
        build_generation(folder, store, fresh=n % 2 == 0)  # every other one deletes the last
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


ADD_A_WORD = """
import sys
from pathlib import Path
from rag.index import build_generation
from rag.store import Entry, embedding_key, open_store
from rag.testing import HashEmbedder
from rag.types import Chunk, Document
folder, word = Path(sys.argv[1]), "cherry"
with open_store(folder / "store.sqlite") as store:
    key = embedding_key(word, "")
    entry = Entry(Document("late", word), (Chunk("late", 0, len(word), word),), (key,))
    store.apply([entry], vectors={key: HashEmbedder(dimensions=256).embed([word])[0]})
    build_generation(folder, store)
"""


def test_what_another_process_adds_is_found_by_the_next_search(folder, store, index):
    assert words_near(index, store, "cherry", 1) != ["cherry"]
    subprocess.run([sys.executable, "-c", ADD_A_WORD, str(folder)], check=True, cwd=ROOT)
    assert words_near(index, store, "cherry", 1) == ["cherry"]


def test_two_readers_share_a_generation(folder, store, index):
    other = VectorIndex(folder)
    assert words_near(other, store, "pear", 1) == words_near(index, store, "pear", 1) == ["pear"]
    other.close()
    assert words_near(index, store, "pear", 1) == ["pear"]
    index.close()
    assert words_near(index, store, "pear", 1) == ["pear"], "it opens again"


def test_a_second_writer_is_refused_within_a_second_and_told_who_writes(folder):
    hold = f"""
import sys, time
from pathlib import Path
from rag.index import write_lock
with write_lock(Path({str(folder)!r})):
    print("held", flush=True)
    sys.stdin.read()
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusyError, match=f"process {holder.pid}"), write_lock(folder):
            pass
        holder.kill()
    with write_lock(folder):
        assert (folder / "write.holder").read_text() == str(os.getpid())
    assert not (folder / "write.holder").exists()


def test_a_folder_that_cannot_be_is_an_index_problem(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(IndexProblem, match="cannot be written"), write_lock(folder):
            pass


READ_AS_SOMEBODY = """
import os, sys
from pathlib import Path
from rag.errors import IndexProblem
from rag.index import VectorIndex, build_generation
from rag.store import open_store
from rag.testing import HashEmbedder
import chromadb  # before the files it lies in cannot be read
chromadb.EphemeralClient().close()
if os.getuid() == 0:
    os.setuid(65534)  # root may write anywhere
folder = Path(sys.argv[1])
with open_store(folder / "store.sqlite") as store:
    index = VectorIndex(folder)
    (found,) = index.search(HashEmbedder(dimensions=256).embed(["pear"])[0], limit=1)
    print([chunk.text for chunk in store.chunks([found[0]]).values()])
    index.close()
    try:
        build_generation(folder, store)
    except IndexProblem as error:
        print(error)
"""


def test_an_index_that_cannot_be_written_can_be_searched(folder, store, index):
    index.close()
    store.close()
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        Path(name).chmod(0o755)
        sealed = shutil.copytree(folder, Path(name) / "index")
        before = {p: p.read_bytes() for p in sealed.rglob("*") if p.is_file()}
        for path in [*sealed.rglob("*"), sealed]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        command = [sys.executable, "-c", READ_AS_SOMEBODY, str(sealed)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        for path in [sealed, *(p for p in sealed.rglob("*") if p.is_dir())]:
            path.chmod(0o755)
        after = {p: p.read_bytes() for p in sealed.rglob("*") if p.is_file()}
    assert done.stderr == ""
    assert done.stdout.startswith("['pear']\n")
    assert "cannot be written" in done.stdout
    assert after == before


FILL_THE_DISK = """
import resource, sys
from pathlib import Path
from rag.errors import IndexProblem
from rag.index import build_generation
from rag.store import open_store
with open_store(Path(sys.argv[1]) / "store.sqlite") as store:
    for limit in sys.argv[2:]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
        try:
            build_generation(Path(sys.argv[1]), store)
        except IndexProblem as error:
            print(error)
"""


def test_a_disk_that_fills_up_leaves_the_live_generation_alone(folder, store, index):
    put(store, more="cherry")
    limits = ("100", "4000", "100000", "150000")  # bytes a file may have
    command = [sys.executable, "-c", FILL_THE_DISK, str(folder), *limits]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == len(limits), "one line for each"
    assert all(line.count("Errno") <= 1 for line in lines), "not one for each file"
    assert words_near(index, store, "pear", 1) == ["pear"]
    assert generation_names(folder) == ["vectors-1"]


# ---------------------------------------------------------------------- damage


def _truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def _empty(path):
    os.truncate(path, 0)


def _flip(path):
    content = bytearray(path.read_bytes())
    for place in range(1, len(content), max(1, len(content) // 300)):
        content[place] ^= 0xFF
    path.write_bytes(content)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A folder with one whole generation of two kinds of segment files."""
    folder = tmp_path_factory.mktemp("sound")
    with create_store(folder / "store.sqlite", IDENTITY) as store:
        put(store, fruit="apple pear plum", tools=" ".join(f"tool{n}" for n in range(40)))
        build_generation(folder, store)
    index = VectorIndex(folder)
    index.search(EMBEDDER.embed(["pear"])[0], limit=3)
    index.close()
    return folder


PARTS = (
    "chroma.sqlite3", "manifest.json", "*/data_level0.bin", "*/header.bin", "*/length.bin",
    "*/link_lists.bin", "*/index_metadata.pickle",
)  # fmt: skip


@pytest.mark.parametrize("harm", [_truncate, _empty, _flip, Path.unlink], ids=lambda f: f.__name__)
@pytest.mark.parametrize("part", PARTS)
def test_damage_is_found_before_the_engine_sees_it(sound, tmp_path, part, harm):
    folder = shutil.copytree(sound, tmp_path / "damaged")
    (path,) = folder.glob(f"vectors-1/{part}")
    if harm is not Path.unlink and not path.stat().st_size:
        pytest.skip("an empty file has nothing to damage")
    harm(path)
    index = VectorIndex(folder)
    with pytest.raises(IndexDamagedError, match="rag index --rebuild") as found:
        index.search(EMBEDDER.embed(["pear"])[0], limit=3)
    assert "\n" not in str(found.value)
    with open_store(folder / "store.sqlite") as store:
        build_generation(folder, store)
        assert words_near(index, store, "pear", 1) == ["pear"], "built anew from the store"
    index.close()


def test_a_generation_whose_files_were_deleted_is_damaged(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "damaged")
    shutil.rmtree(folder / "vectors-1")
    with pytest.raises(IndexDamagedError, match="--rebuild"):
        VectorIndex(folder).vector_ids()
    assert not (folder / "vectors-1").exists()


def test_a_generation_of_another_engine_is_refused(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "old")
    path = folder / "vectors-1" / "manifest.json"
    path.write_text(signed({**json.loads(path.read_text()), "engine": "0.4.1"}))
    with pytest.raises(IndexDamagedError, match=r"chromadb 0\.4\.1.*--rebuild"):
        VectorIndex(folder).vector_ids()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../../etc", b"vectors-\n", b"notes"])
def test_a_pointer_that_names_no_generation_is_damage(tmp_path, content):
    (tmp_path / "CURRENT").write_bytes(content)
    with pytest.raises(IndexDamagedError, match="--rebuild"):
        VectorIndex(tmp_path).vector_ids()
    assert live_revision(tmp_path) == -1


# ---------------------------------------------------------------------- many vectors


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 2**32 - 1))
def test_search_agrees_with_comparing_all_vectors(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 1500))
    vectors = rng.normal(size=(count, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    folder = tmp_path_factory.mktemp("many")
    text = "x" * count
    chunks = tuple(Chunk("all", n, n + 1, "x") for n in range(count))
    keys = tuple(embedding_key(str(n), "") for n in range(count))
    with create_store(folder / "store.sqlite", IDENTITY) as store:
        made = Entry(Document("all", text), chunks, keys)
        store.apply([made], vectors=dict(zip(keys, vectors, strict=True)))
        build_generation(folder, store)
        index = VectorIndex(folder)
        found = index.search(vectors[0], limit=10)
        places = [store.chunks([name])[name].start for name, _ in found]
        index.close()
    exact = np.argsort(-(vectors @ vectors[0]), kind="stable")[:10].tolist()
    assert len(set(places) & set(exact)) >= 0.8 * len(exact), "an approximate search may miss some"
    assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)


def test_a_reader_that_goes_on_mends_what_is_switched_to(folder, store, caplog):
    build_generation(folder, store)
    index = open_vectors(folder, store, server=None)
    assert words_near(index, store, "pear", 1) == ["pear"]
    put(store, more="cherry")
    name = build_generation(folder, store)
    (folder / name / "chroma.sqlite3").unlink()
    assert words_near(index, store, "cherry", 1) == ["cherry"]
    (folder / "CURRENT").unlink()
    assert words_near(index, store, "cherry", 1) == ["cherry"]
    assert [r.message.count("built anew from the store") for r in caplog.records] == [1, 1]
    assert [p.name for p in folder.glob("*.damaged")] == [f"{name}.damaged"]
    index.close()


def test_without_leave_to_mend_damage_is_reported_and_left(folder, store, index):
    (path,) = folder.glob("vectors-1/chroma.sqlite3")
    path.unlink()
    with pytest.raises(IndexDamagedError, match="rag index --rebuild"):
        open_vectors(folder, store, server=None, mend=False)
    assert generation_names(folder) == ["vectors-1"]


# ---------------------------------------------------------------------- the first opening


def never_opened(folder):
    """Return a generation's folder as if no machine of this kind had opened it."""
    path = folder / current_generation(folder)
    (path / "probed").unlink()
    return path


def resigned(path):
    """Make a manifest tell of the files as they are: as if they had been written like that."""
    finish(path, read_manifest(path))


def test_a_generation_is_opened_in_a_child_process_before_it_goes_live(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "copy")
    path = never_opened(folder)
    index = VectorIndex(folder)
    assert (path / "probed").exists() is False
    index.open()
    assert f"chromadb {engine_version()}" in (path / "probed").read_text()
    index.close()


def test_a_crash_of_the_engine_leaves_this_process_standing(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "crashing")
    path = never_opened(folder)
    (header,) = path.glob("*/header.bin")
    content = bytearray(header.read_bytes())
    content[len(content) // 2] ^= 0x10
    header.write_bytes(content)
    resigned(path)
    with pytest.raises(IndexDamagedError, match=r"SIG[A-Z]+.*rag index --rebuild"):
        VectorIndex(folder).open()
    assert not (path / "probed").exists()


def test_an_engine_that_hangs_is_given_up(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "hanging")
    path = never_opened(folder)
    (header,) = path.glob("*/header.bin")
    os.truncate(header, 0)
    with pytest.raises(IndexDamagedError, match="hangs"):
        require_openable(path, count=43, seconds=2)


def test_a_generation_that_holds_another_number_of_vectors_is_refused(sound, tmp_path):
    path = never_opened(shutil.copytree(sound, tmp_path / "other"))
    with pytest.raises(IndexDamagedError, match="43 vectors instead of 44"):
        require_openable(path, count=44)
    require_openable(path, count=43)


@pytest.mark.parametrize("way", [through_bindings, through_client], ids=lambda f: f.__name__)
def test_both_ways_to_open_a_generation_count_its_vectors(sound, tmp_path, way):
    path = shutil.copytree(sound, tmp_path / "copy") / current_generation(sound)
    assert way(str(path)) == 43
