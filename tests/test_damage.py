"""Whatever happens to the files of an index, it is noticed before an answer is given."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from damage import (
    ROOT,
    TOKENS,
    Harm,
    Witness,
    become_folder,
    become_link_to,
    become_pipe,
    delete,
    documents,
    flip,
    forbid,
    garble,
    shorten,
    taken,
    truncate,
    write,
    zero,
)

from rag.index import current_generation
from rag.ingestion import STORE_FILE, check, identity_of, remove
from rag.store import open_store
from rag.testing import HashEmbedder
from rag.types import Document

IDENTITY = identity_of(HashEmbedder(), TOKENS)


@dataclass(frozen=True)
class Sound:
    """Undamaged indexes to copy: ours, its files before the last change, and others."""

    ours: Path
    before: Path
    other: Path
    twin: Path  # the other index, after as many changes as ours
    answer: object


@pytest.fixture(scope="module")
def witness():
    made = Witness()
    yield made
    made.close()


@pytest.fixture(scope="module")
def room():
    """A folder in memory where there is one: an index waits for the disk at each of its steps."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place, prefix="rag-damage-") as name:
        yield Path(name)


@pytest.fixture
def place(room):
    """An empty folder for one test."""
    with tempfile.TemporaryDirectory(dir=room) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def sound(room, witness):
    base = room / "sound"
    ours, before, other, twin = (base / name for name in ("ours", "before", "other", "twin"))
    ferry, long = documents()
    taken(ours, HashEmbedder(), long)
    shutil.copytree(ours, before)
    taken(ours, HashEmbedder(), ferry)
    taken(other, HashEmbedder(), *documents(other=True))
    shutil.copytree(other, twin)
    taken(twin, HashEmbedder(), Document("more", "Twins have as many changes behind them."))
    met = witness.ask(ours)
    assert "noon" in met["answer"][0]
    assert met["embedded"] == 0
    assert met["lines"] == []
    return Sound(ours, before, other, twin, met["answer"])


@pytest.fixture
def folder(sound, place):
    return shutil.copytree(sound.ours, place / "index")


def in_live(folder, part):
    """Find a part of the live generation, or a file of the index itself."""
    if "/" not in part:
        return folder / part
    (found,) = (folder / current_generation(folder)).glob(part.removeprefix("live/"))
    return found


def ways(part, *harms, more=()):
    """List ways to harm a part; only ``make damage`` goes through those in ``more``."""
    marked = [(*harm, pytest.mark.damage) for harm in more]
    return [
        pytest.param(part, harm, id=f"{part}-{name}", marks=marks)
        for name, harm, *marks in (*harms, *marked)
    ]


ANY_FILE: list[tuple[str, Harm]] = [
    ("empty", truncate(0)),
    ("half", truncate(0.5)),
    ("garbled", garble),
    ("gone", delete),
    ("folder", become_folder),
    ("pipe", become_pipe),
    ("link-to-nothing", become_link_to("nowhere")),
]
ANY_BYTE: list[tuple[str, Harm]] = [
    ("shorter", shorten),
    ("flipped-first", flip(0)),
    ("flipped-middle", flip(0.5)),
    ("flipped-last", flip(1)),
    ("zeroed-middle", zero(0.5)),
]
GRAPH = ("live/*/data_level0.bin", "live/*/index_metadata.pickle")
SMALL = ("live/*/header.bin", "live/*/length.bin", "live/*/link_lists.bin")

HALF, GONE, FOLDER, PIPE = ANY_FILE[1], *ANY_FILE[3:6]
FLIPPED = ("flipped", flip(0.5))
VECTORS = [
    *ways(GRAPH[0], *ANY_FILE, *ANY_BYTE, ("zeroed-first", zero(0))),
    *ways(GRAPH[1], GONE, FLIPPED, more=(*ANY_FILE[:3], *ANY_FILE[4:], *ANY_BYTE)),
    *ways("live/manifest.json", HALF, FLIPPED, PIPE, more=(ANY_FILE[0], *ANY_FILE[2:5])),
    *(way for part in SMALL for way in ways(part, FLIPPED, more=(HALF, GONE))),
    *ways("live/chroma.sqlite3", HALF, GONE, PIPE, ("zeroed-first", zero(0))),
    *ways("live/chroma.sqlite3", more=(*ANY_FILE[:1], *ANY_FILE[2:5], *ANY_FILE[6:])),
    *ways("CURRENT", ANY_FILE[0], PIPE, ("flipped-number", flip(0.9)), more=(HALF, FOLDER)),
    *ways("CURRENT", ("outside", write(b"../vectors-1")), more=[("9", write(b"vectors-9\n"))]),
]


@pytest.mark.parametrize(("part", "harm"), VECTORS)
def test_damaged_vectors_are_built_anew_without_embedding(sound, witness, folder, part, harm):
    path = in_live(folder, part)
    if harm is not delete and path.is_file() and not path.stat().st_size:
        pytest.skip("an empty file has nothing to damage")
    harm(path)
    assert_mended(sound, witness, folder)


def assert_mended(sound, witness, folder):
    """Assert that an index answers as before, says in a line what was wrong, and is whole now."""
    met = witness.ask(folder)
    assert met["died"] is None
    assert met["answer"] == sound.answer
    assert met["embedded"] == 0
    assert check(folder, IDENTITY) == []
    assert current_generation(folder) != current_generation(sound.ours)
    assert len(met["lines"]) == 1
    assert "built anew from the store" in met["lines"][0]
    assert len(list(folder.glob("vectors-*.damaged*"))) <= 1


def exchanged(one, two):
    """Let two files or folders change names."""
    spare = one.with_name("spare")
    one.rename(spare)
    two.rename(one)
    spare.rename(two)


@pytest.mark.parametrize("revision", ["same", "lower"])
def test_a_generation_of_another_index_is_not_searched(sound, witness, folder, revision):
    source = sound.other if revision == "lower" else sound.twin
    live = folder / current_generation(folder)
    shutil.rmtree(live)
    shutil.copytree(source / current_generation(source), live)
    if revision == "same":
        assert_mended(sound, witness, folder)
    else:
        assert_up_to_date(sound, witness, folder)
    assert "noon" in witness.ask(folder)["answer"][0]


@pytest.mark.parametrize("part", [*GRAPH, "live/chroma.sqlite3", "live/manifest.json"])
@pytest.mark.parametrize("of", ["twin", "before"])
def test_a_file_of_other_vectors_is_not_searched(sound, witness, folder, part, of):
    shutil.copyfile(in_live(getattr(sound, of), part), in_live(folder, part))
    assert_mended(sound, witness, folder)


@pytest.mark.parametrize("harm", [delete, become_link_to("../other"), write(b"x"), become_pipe])
def test_a_generation_that_is_no_folder_is_built_anew(sound, witness, folder, harm):
    live = folder / current_generation(folder)
    shutil.rmtree(live)
    if harm is not delete:
        harm(live)
    assert_mended(sound, witness, folder)


def test_a_graph_that_is_gone_is_built_anew(sound, witness, folder):
    shutil.rmtree(in_live(folder, "live/*/header.bin").parent)
    assert_mended(sound, witness, folder)


def test_files_of_a_graph_that_changed_names_are_not_searched(sound, witness, folder):
    exchanged(in_live(folder, "live/*/header.bin"), in_live(folder, "live/*/length.bin"))
    assert_mended(sound, witness, folder)


def assert_up_to_date(sound, witness, folder):
    met = witness.ask(folder)
    assert met["died"] is None
    assert met["answer"] == sound.answer
    assert met["embedded"] == 0
    assert check(folder, IDENTITY) == []


def test_an_older_generation_in_the_place_of_the_live_one_is_brought_up_to_date(
    sound, witness, folder
):
    exchanged(folder / "vectors-1", folder / "vectors-2")
    assert_up_to_date(sound, witness, folder)


@pytest.mark.parametrize("harm", [delete, become_link_to("nowhere")])
def test_a_pointer_that_is_gone_is_made_again(sound, witness, folder, harm):
    harm(folder / "CURRENT")
    assert_up_to_date(sound, witness, folder)


def test_a_pointer_to_an_older_generation_is_brought_up_to_date(sound, witness, folder):
    (folder / "CURRENT").write_text("vectors-1\n")
    assert_up_to_date(sound, witness, folder)


# ---------------------------------------------------------------------- the store


def replace_text(path):
    content = path.read_bytes()
    assert b"sails at noon" in content
    path.write_bytes(content.replace(b"sails at noon", b"sails at dawn"))


def change_vector(path):
    """Change one embedding as a program would, which leaves the file in order."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        (key, vector) = connection.execute("SELECT key, vector FROM embeddings").fetchone()
        connection.execute("UPDATE embeddings SET vector = ? WHERE key = ?", (vector[::-1], key))
    delete_logs(path)


def lose_table(path):
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE embeddings")
    delete_logs(path)


def become_groceries(path):
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE groceries (name TEXT)")


def delete_logs(path):
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


STORE = [
    *ways(STORE_FILE, *ANY_FILE[:2], *ANY_FILE[3:6], more=(ANY_FILE[2], ANY_FILE[6])),
    *ways(STORE_FILE, *ANY_BYTE[1:4], more=(*ANY_BYTE[:1], *ANY_BYTE[4:], ("zeroed", zero(0.99)))),
    *ways(STORE_FILE, ("text", replace_text), ("vector", change_vector), ("table", lose_table)),
    *ways(STORE_FILE, ("another-program", become_groceries), more=[("zeroed-first", zero(0))]),
]


@pytest.mark.parametrize(("part", "harm"), STORE)
def test_a_damaged_store_says_so_and_is_rebuilt(sound, witness, folder, part, harm):
    harm(folder / part)
    assert_told(sound, witness, folder)
    kept = [p for p in folder.iterdir() if p.name.startswith(f"{STORE_FILE}.damaged")]
    assert len(kept) == (0 if harm is delete else 1)


def assert_told(sound, witness, folder, *, embeds=True):
    """Assert that an index refuses to answer, names the command, and is whole after it."""
    met = witness.ask(folder)
    assert met["died"] is None
    assert "answer" not in met
    assert "rag index --rebuild" in met["told"]
    assert "\n" not in met["told"]
    assert check(folder, IDENTITY)[0] == met["told"]
    met = witness.ask(folder, repair=True)
    assert met["died"] is None
    assert met["answer"] == sound.answer
    assert met["embedded"] == 0 or embeds
    assert check(folder, IDENTITY) == []


@pytest.mark.parametrize("of", ["other", "before"])
def test_the_store_of_another_time_or_index_is_not_read(sound, witness, folder, of):
    shutil.copyfile(getattr(sound, of) / STORE_FILE, folder / STORE_FILE)
    assert_told(sound, witness, folder)


def test_a_link_to_the_store_of_another_index_is_not_read(sound, witness, folder):
    become_link_to(str(sound.other / STORE_FILE))(folder / STORE_FILE)
    assert_told(sound, witness, folder)
    assert check(sound.other, IDENTITY) == [], "the other index is left alone"


@pytest.fixture(scope="module")
def foreign_log(sound, room):
    """The log of another index, as a writer that was killed leaves it."""
    return cut_short(sound.other, room / "cut") / f"{STORE_FILE}-wal"


LOGS = [
    *ways("-wal", ("garbage", write(b"garbage" * 1000)), FOLDER, PIPE, more=ANY_FILE[6:]),
    *ways("-journal", ("garbage", write(b"garbage" * 1000)), more=ANY_FILE[4:]),
]


@pytest.mark.parametrize(("log", "harm"), LOGS)
def test_a_log_that_is_not_the_store_s_is_not_replayed(sound, witness, folder, log, harm):
    harm(folder / f"{STORE_FILE}{log}")
    assert_told(sound, witness, folder, embeds=False)


def test_the_log_of_another_index_is_not_replayed(sound, witness, folder, foreign_log):
    shutil.copyfile(foreign_log, folder / f"{STORE_FILE}-wal")
    assert_told(sound, witness, folder, embeds=False)


CUT_SHORT = """
import os, sys
from pathlib import Path
from damage import TOKENS
from rag.ingestion import identity_of
from rag.chunking import split_document
from rag.store import Entry, embedding_key, open_store
from rag.testing import HashEmbedder
from rag.types import Document
store = open_store(Path(sys.argv[1]))
embedder = HashEmbedder()
for n in range(3):
    document = Document(f"late-{n}", f"Late news number {n} came in.")
    chunks = split_document(document, chunk_tokens=TOKENS)
    keys = tuple(embedding_key(c.embedded_text, embedder.fingerprint) for c in chunks)
    vectors = embedder.embed([c.embedded_text for c in chunks])
    store.apply([Entry(document, chunks, keys)], vectors=dict(zip(keys, vectors)))
os._exit(0)
"""


def cut_short(index, target):
    """Copy an index and let a writer die in it after three commits, all of them in the log."""
    folder = shutil.copytree(index, target / "index")
    command = [sys.executable, "-c", CUT_SHORT, str(folder / STORE_FILE)]
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": path})
    assert (folder / f"{STORE_FILE}-wal").stat().st_size
    return folder


@pytest.fixture(scope="module")
def unfinished(sound, room):
    return cut_short(sound.ours, room / "unfinished")


def test_a_log_that_a_killed_writer_left_is_read(witness, unfinished, place):
    folder = shutil.copytree(unfinished, place / "index")
    met = witness.ask(folder)
    assert "noon" in met["answer"][0]
    assert met["embedded"] == 0
    assert check(folder, IDENTITY) == []


LOSSES = [
    *ways("-wal", HALF, GONE, FLIPPED, ("zeroed-first", zero(0))),
    *ways("-wal", more=(ANY_FILE[0], *ANY_FILE[2:3], FOLDER, ANY_BYTE[1], ANY_BYTE[3])),
]


@pytest.mark.parametrize(("log", "harm"), LOSSES)
def test_a_log_that_lost_what_was_committed_says_so(witness, unfinished, place, log, harm):
    folder = shutil.copytree(unfinished, place / "index")
    harm(folder / f"{STORE_FILE}{log}")
    met = witness.ask(folder)
    assert met["died"] is None
    assert "answer" not in met
    assert "rag index --rebuild" in met["told"]
    met = witness.ask(folder, repair=True)
    assert met["died"] is None
    assert "noon" in met["answer"][0]
    assert check(folder, IDENTITY) == []


# ---------------------------------------------------------------------- what carries nothing

GARBAGE = ("garbage", write(b"garbage" * 5000))
ASIDE = [
    *ways(f"{STORE_FILE}.seal", GONE, FLIPPED, FOLDER, more=(*ANY_FILE[:3], PIPE)),
    *ways(f"{STORE_FILE}-shm", GARBAGE),
    *ways("write.lock", FOLDER, more=(GONE, PIPE)),
    *ways("write.holder", PIPE, more=(FOLDER, GARBAGE, *ANY_FILE[6:])),
    *ways("live/probed", GONE, more=(FOLDER, PIPE)),
    *ways("CURRENT.new", PIPE, more=(FOLDER, GARBAGE)),
    *ways(f"{STORE_FILE}.new", GARBAGE, more=(FOLDER, PIPE)),
]


@pytest.mark.parametrize(("part", "harm"), ASIDE)
def test_what_carries_nothing_may_be_damaged(sound, witness, folder, part, harm):
    harm(in_live(folder, part))
    assert_up_to_date(sound, witness, folder)


def test_a_seal_of_another_store_says_so(sound, witness, folder):
    name = f"{STORE_FILE}.seal"
    shutil.copyfile(sound.other / name, folder / name)
    assert_told(sound, witness, folder)


def test_leftovers_of_a_build_are_left_out(sound, witness, folder):
    shutil.copytree(folder / "vectors-2", folder / "vectors-9")
    (folder / "vectors-9" / "manifest.json").unlink()
    assert_up_to_date(sound, witness, folder)


@pytest.mark.parametrize("name", ["write.lock", "write.holder"])
@pytest.mark.parametrize("harm", [become_folder, become_pipe])
def test_a_damaged_lock_stops_no_writer_for_ever(sound, witness, folder, name, harm):
    (folder / name).unlink(missing_ok=True)
    harm(folder / name)
    met = witness.ask(folder, repair=True)
    assert met["died"] is None
    assert met.get("answer") == sound.answer or "cannot be written" in met["told"]


# ---------------------------------------------------------------------- permissions

PARTS = (
    STORE_FILE, f"{STORE_FILE}.seal", "CURRENT", "live/manifest.json", "live/chroma.sqlite3",
    "live/*/data_level0.bin", "vectors-2", ".",
)  # fmt: skip


@pytest.fixture(scope="module")
def nobody():
    made = Witness(as_nobody=True)
    yield made
    made.close()


@pytest.mark.parametrize("part", PARTS)
def test_what_may_not_be_read_is_told_or_mended(sound, nobody, part):
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        Path(name).chmod(0o777)
        folder = shutil.copytree(sound.ours, Path(name) / "index")
        if os.getuid() == 0:
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, 65534, 65534)
        forbid(in_live(folder, part))
        met = nobody.ask(folder)
        folder.chmod(0o755)
    assert met["died"] is None
    assert met.get("answer") == sound.answer or "\n" not in met["told"]


# ---------------------------------------------------------------------- what was taken out


def files_with(folder, words):
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if words in path.read_bytes().lower()]


@pytest.mark.parametrize("way", ["removed", "edited"])
def test_text_taken_out_is_in_no_file_even_where_damage_kept_one(witness, folder, way):
    secret = Document("hush-hush", "The zzyzxquark lies under Skarholm. Nobody knows of it.")
    taken(folder, HashEmbedder(), secret)
    garble(in_live(folder, "live/*/data_level0.bin"))
    assert len(witness.ask(folder)["lines"]) == 1
    flip(1)(folder / STORE_FILE)
    assert "answer" in witness.ask(folder, repair=True)
    assert len(list(folder.glob("*.damaged"))) == 2, "vectors and a store"
    assert len(files_with(folder, b"zzyzxquark")) == 2
    with open_store(folder / STORE_FILE) as reader:  # as an app that goes on running
        assert reader.document("hush-hush") == secret
        if way == "removed":
            remove(folder, ["hush-hush"])
            assert files_with(folder, b"hush-hush") == []
        else:
            taken(folder, HashEmbedder(), Document("hush-hush", "Nothing is said."))
        assert files_with(folder, b"zzyzxquark") == []
    assert check(folder, IDENTITY) == []


def test_a_removal_deletes_what_a_rebuild_that_was_cut_short_left(folder):
    shutil.copyfile(folder / STORE_FILE, folder / f"{STORE_FILE}.new")
    remove(folder, ["ferry"])
    assert files_with(folder, b"sails at noon") == []
