import contextlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexProblem,
    InputError,
)
from rag.failpoints import armed, listen
from rag.store import (
    Entry,
    Identity,
    Remains,
    adopt,
    create_store,
    digest_rows,
    embedding_key,
    find_problems,
    open_store,
    seal,
    vector_id,
)
from rag.terms import stem
from rag.testing import HashEmbedder
from rag.types import Chunk, Document, Heading, Origin

ROOT = Path(__file__).resolve().parent.parent
EMBEDDER = HashEmbedder()
IDENTITY = Identity(embedder=EMBEDDER.fingerprint, chunker="lines")


def entry(document):
    """Make one chunk of each line."""
    chunks, start = [], 0
    for line in document.text.split("\n"):
        if line.strip():
            end = start + len(line)
            chunks.append(Chunk(document.id, start, end, line, document.title or ""))
        start += len(line) + 1
    keys = tuple(embedding_key(c.embedded_text, EMBEDDER.fingerprint) for c in chunks)
    return Entry(document, tuple(chunks), keys)


def put(store, *documents):
    entries = [entry(d) for d in documents]
    keyed = {k: c for e in entries for k, c in zip(e.keys, e.chunks, strict=True)}
    vectors = EMBEDDER.embed([c.embedded_text for c in keyed.values()])
    store.apply(entries, vectors=dict(zip(keyed, vectors, strict=True)))


def names_found(store, *terms, **options):
    chunks = store.chunks([name for name, _ in store.search_words(terms, limit=50, **options)])
    return {chunk.text for chunk in chunks.values()}


@pytest.fixture
def store(tmp_path):
    with create_store(tmp_path / "store.sqlite", IDENTITY) as made:
        yield made


HARBOUR = Document(
    "harbour",
    "Dredging of the harbour began.\nThe ferries were rerouted.",
    title="Harbour works",
    author="A. Writer",
    publisher="The Quay",
    date="2024-11",
    url="https://example.org/h",
    kind="record",
    headings=(Heading(0, 8, 1),),
)
BRIDGE = Document("bridge", "The bridge closed in May.\nFerries carry the cars now.")

any_text = st.text(max_size=80)
optional = st.none() | any_text
any_document = st.builds(
    Document,
    id=st.text(min_size=1, max_size=8),
    text=st.text(min_size=1, max_size=200),
    title=optional,
    author=optional,
    publisher=optional,
    date=optional,
    url=optional,
    kind=st.sampled_from(["article", "brief", "record"]),
    headings=st.lists(st.builds(Heading, *[st.integers(0, 200)] * 3), max_size=3).map(tuple),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One store for the examples of a property; each example puts in documents of its own."""
    with create_store(tmp_path_factory.mktemp("shared") / "store.sqlite", IDENTITY) as made:
        yield made


@settings(deadline=None, max_examples=60)
@given(documents=st.lists(any_document, max_size=4, unique_by=lambda d: d.id))
def test_documents_come_back_as_they_went_in(shared, documents):
    shared.remove(shared.content_hashes())
    put(shared, *documents)
    assert list(shared.documents()) == sorted(documents, key=lambda d: d.id.encode())
    assert [shared.document(d.id) for d in documents] == documents
    assert shared.content_hashes() == {d.id: d.content_hash for d in documents}
    entries = [entry(d) for d in documents]
    wanted = {vector_id(c, k): c for e in entries for c, k in zip(e.chunks, e.keys, strict=True)}
    alike = {
        (c.document, k): vector_id(c, k)
        for e in entries
        for c, k in reversed([*zip(e.chunks, e.keys, strict=True)])
    }
    assert shared.vector_ids() == set(alike.values()), "the first of equal ones"
    assert shared.chunks(sorted(wanted)) == wanted
    assert shared.chunk_counts() == {e.document.id: len(e.chunks) for e in entries}
    assert shared.chunk_total() == len(wanted)
    assert find_problems(shared) == []


def test_origins_and_dates_are_listed_without_reading_a_text(store):
    put(store, HARBOUR, BRIDGE, replace(BRIDGE, id="kite", date="2023"))
    with contextlib.closing(sqlite3.connect(store.path)) as other, other:
        other.execute("UPDATE documents SET text = 'Another text.' WHERE id = 'harbour'")
    with pytest.raises(IndexDamagedError):
        list(store.documents())
    assert list(store.origins()) == [
        Origin("bridge"),
        Origin("harbour", "Harbour works", "A. Writer", "The Quay", "2024-11", "record"),
        Origin("kite", date="2023"),
    ]
    assert store.newest_date() == "2024-11"


@pytest.mark.parametrize(
    ("wanted", "newest"),
    [
        (["kite"], "2023"),
        (["bridge", "kite"], "2023"),
        (["bridge"], None),
        (["kite", *map(str, range(2_000)), "harbour"], "2024-11"),
    ],
)
def test_the_newest_date_is_that_of_the_documents_asked_for(store, wanted, newest):
    assert store.newest_date() is None
    put(store, HARBOUR, BRIDGE, replace(BRIDGE, id="kite", date="2023"))
    assert store.newest_date(wanted) == newest


@settings(deadline=None, max_examples=150)
@given(terms=st.lists(st.text(max_size=12), max_size=5))
def test_no_term_is_taken_for_query_syntax(shared, terms):
    put(shared, BRIDGE)
    for document in (["bridge"], None):
        for _, score in shared.search_words(terms, limit=5, documents=document):
            assert score == score  # a number, not NaN


HOSTILE = [
    '"', '""', '" OR "', "bridge OR", "NOT bridge", "bridge*", "text:bridge", "(bridge", "a AND",
    "NEAR(bridge May)", "^bridge", "\0", "bridge\0May", "-", "—", "{text}: x", "\\", "'", "%", "_",
    "\ud800", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("term", HOSTILE)
def test_hostile_terms_are_only_words(store, term):
    put(store, HARBOUR, BRIDGE)
    found = names_found(store, term)
    assert found <= {"The bridge closed in May."}
    assert names_found(store, term, "dredging") >= {"Dredging of the harbour began."}


def test_two_thousand_terms_make_one_query(store):
    put(store, HARBOUR)
    terms = [f"word{n}" for n in range(2000)] + ["ferries"]
    assert names_found(store, *terms) == {"The ferries were rerouted."}


def test_words_are_found_by_stem_phrase_and_context(store):
    put(store, HARBOUR, BRIDGE)
    assert names_found(store, "ferry") == {
        "The ferries were rerouted.",
        "Ferries carry the cars now.",
    }
    assert names_found(store, "carry the cars") == {"Ferries carry the cars now."}
    assert names_found(store, "cars the carry") == set()
    assert len(names_found(store, "works")) == 2, "the title counts for both of its chunks"


def test_words_are_ranked_best_first(store):
    put(store, Document("a", "ferry ferry ferry\nferry and many words on other matters"))
    ranked = store.search_words(["ferry"], limit=5)
    assert [store.chunks([name])[name].start for name, _ in ranked] == [0, 18]
    assert ranked[0][1] > ranked[1][1] > 0


def test_words_are_looked_for_in_the_sources_named(store):
    put(store, HARBOUR, BRIDGE)
    assert names_found(store, "ferry", documents=["bridge"]) == {"Ferries carry the cars now."}
    assert names_found(store, "ferry", documents=[]) == set()
    many = [f"no{n}" for n in range(40_000)] + ["harbour"]
    assert names_found(store, "ferry", documents=many) == {"The ferries were rerouted."}


def test_word_frequencies_count_chunks_by_stem(store):
    put(store, HARBOUR, BRIDGE)
    counts = store.word_frequencies({"ferri", "bridg", "absent"})
    assert counts == {"ferri": 2, "bridg": 1}
    assert ("bridg", 1) in store.words_between("b", "c")
    assert store.word_frequencies([f"w{n}" for n in range(3000)]) == {}


def test_the_index_stems_as_the_reader_does(store):
    words = (
        "ferries ferry agreement agreements soldiers deployed deployment military policies running "
        "hopping generalization national relations missiles occurring ties dying sky skies "
        "replied weaponry analyses sanctions sanctioned alliance allied allies biggest happily"
    ).split()
    put(store, Document("words", "\n".join(words)))
    known = store.word_frequencies({stem(word) for word in words})
    assert {word for word in words if stem(word) not in known} == set()


def test_a_change_that_fails_changes_nothing(store):
    put(store, HARBOUR)
    before = digest_rows(store.path)
    broken = Entry(BRIDGE, entry(BRIDGE).chunks, ())  # a chunk without a key
    with pytest.raises(ValueError):
        store.apply([entry(HARBOUR), broken], vectors={b"k" * 32: np.ones(4, dtype=np.float32)})
    assert digest_rows(store.path) == before
    put(store, BRIDGE)
    assert set(store.content_hashes()) == {"harbour", "bridge"}


def test_a_document_replaces_the_one_of_its_id(store):
    put(store, HARBOUR)
    changed = Document("harbour", "Only cranes remain.")
    put(store, changed)
    assert store.document("harbour") == changed
    assert names_found(store, "ferries") == set()
    assert store.chunk_total() == 1


def test_every_change_is_a_new_revision(store):
    seen = [store.revision]
    put(store, HARBOUR)
    seen.append(store.revision)
    store.remove(["harbour"])
    seen.append(store.revision)
    assert seen == sorted(set(seen))
    assert store.erased == store.revision


@pytest.mark.parametrize("way", ["remove", "replace"])
def test_text_that_is_taken_out_leaves_no_trace_in_any_file(store, way):
    secret = Document("secret", "The zzyzxquark lies buried.\nXylophagous words.", title="Qwghlm")
    put(store, HARBOUR, secret, BRIDGE)
    with sqlite3.connect(store.path) as reader:  # keeps the log from being cleared at the close
        reader.execute("SELECT count(*) FROM documents").fetchall()
        if way == "remove":
            store.remove(["secret"])
        else:
            put(store, Document("secret", "Nothing is said."))
            store.compact()
    reader.close()
    content = b"".join(p.read_bytes() for p in store.path.parent.iterdir()).lower()
    assert b"dredging" in content
    for word in (b"zzyzxquark", b"xylophag", b"qwghlm"):
        assert word not in content
    if way == "remove":
        assert b"secret" not in content


def test_rows_that_moved_from_page_to_page_leave_no_copy_behind(store):
    """SQLite's `secure_delete` overwrites deleted rows, but not what a moved row leaves."""
    picked, gone = random.Random(6), set()

    def own_words(names):
        return {re.search(r"zq\d+x", store.document(name).text)[0] for name in names}

    for number in range(30):
        held = sorted(store.content_hashes())
        if number % 3 == 2:
            out = picked.sample(held, len(held) // 2)
            gone |= own_words(out)
            store.remove(out)
        else:
            changed = [
                Document(
                    f"note-{place}",
                    f"The zq{number}{i:02}x is buried. " + "Nobody knows. " * picked.randrange(60),
                )
                for i, place in enumerate(picked.sample(range(60), 6))
            ]
            gone |= own_words({document.id for document in changed} & set(held))
            put(store, *changed)
            store.compact()
        content = store.path.read_bytes().lower()
        assert not [word for word in gone if word.encode() in content], number
    assert len(gone) > 40


def test_a_file_that_awaits_rewriting_is_not_sealed_and_is_rewritten_by_the_next(store):
    put(store, HARBOUR, BRIDGE)
    listen(armed("log.rewrite:enospc"))
    with pytest.raises(IndexProblem):
        store.remove(["harbour"])
    listen(None)
    assert store.awaits_rewriting
    assert not seal(store)
    store.compact()
    assert not store.awaits_rewriting
    assert seal(store)
    assert b"dredging" not in store.path.read_bytes().lower()


def test_a_file_awaits_its_rewriting_while_somebody_reads_what_it_was(store):
    put(store, HARBOUR, BRIDGE)
    store.connection().execute("PRAGMA busy_timeout = 50")
    with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM documents").fetchall()
        store.remove(["harbour"])
        assert store.awaits_rewriting
        assert not seal(store, wait=False)
    store.compact()
    assert not store.awaits_rewriting
    assert not [p for p in store.path.parent.iterdir() if b"dredging" in p.read_bytes().lower()]


def test_a_store_opened_twice_does_not_take_away_what_another_process_writes(tmp_path):
    """Closing a file that SQLite has open in the same process costs it its locks."""
    path = tmp_path / "store.sqlite"
    with create_store(path, IDENTITY) as made:
        put(made, HARBOUR)
        assert seal(made)
    first = open_store(path)
    assert first.chunk_total() > 0
    open_store(path).close()  # reads the whole file beside the connection above
    script = (
        "import os, sys; sys.path.insert(0, 'tests')\n"
        "from test_store import *\n"
        "open_store(Path(sys.argv[1])).close()\n"
        "put(open_store(Path(sys.argv[1])), BRIDGE)\n"
        "os._exit(0)"  # as a process that is killed: nothing is closed
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, cwd=ROOT)
    first.close()
    with open_store(path) as store:
        assert set(store.content_hashes()) == {"harbour", "bridge"}


def test_embeddings_stay_until_nothing_uses_them(store):
    put(store, HARBOUR, BRIDGE)
    keys = {k for d in (HARBOUR, BRIDGE) for k in entry(d).keys}
    assert store.known_embeddings([*keys, b"x" * 32]) == keys
    store.remove(["harbour"])
    assert store.known_embeddings(keys) == set(entry(BRIDGE).keys)
    vectors = EMBEDDER.embed([c.embedded_text for c in entry(BRIDGE).chunks])
    expected = {k: v.tobytes() for k, v in zip(entry(BRIDGE).keys, vectors, strict=True)}
    assert store.embeddings(keys) == expected
    rows = {name: (d, v) for name, d, v in store.chunk_vectors(sorted(store.vector_ids()))}
    assert {v for _, v in rows.values()} == set(expected.values())


def test_an_unknown_document_is_an_input_error(store):
    put(store, HARBOUR)
    for name in ("nobody", "\ud800", "a\0b"):
        with pytest.raises(InputError, match="rag sources"):
            store.document(name)


def test_chunks_that_are_gone_are_left_out(store):
    put(store, HARBOUR)
    names = sorted(store.vector_ids())
    assert set(store.chunks([*names, "gone#0-1@00"] * 700)) == set(names)


def test_threads_read_while_one_writes(store):
    put(store, HARBOUR)
    versions = [Document("harbour", f"Version {n} of it.") for n in range(30)]
    texts = {HARBOUR.text, *(d.text for d in versions)}
    wrong, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            chunks = store.chunks(sorted(store.vector_ids())).values()
            if store.document("harbour").text not in texts or any(
                c.text not in texts and c.text not in HARBOUR.text for c in chunks
            ):
                wrong.append(chunks)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for version in versions:
        put(store, version)
        assert store.document("harbour") == version
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files through /proc")
def test_threads_that_end_close_their_connections(store):
    put(store, HARBOUR)

    def open_files():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for _ in range(20):
        thread = threading.Thread(target=store.chunk_total)
        thread.start()
        thread.join()
    assert open_files() <= before + 3


def test_a_reader_sees_what_another_process_wrote(store):
    put(store, HARBOUR)
    with open_store(store.path, expected=IDENTITY) as reader:
        assert reader.document("harbour") == HARBOUR
        put(store, Document("harbour", "New words."))
        assert reader.document("harbour").text == "New words."


# ---------------------------------------------------------------------- opening


def test_opening_what_is_not_there_says_how_to_build_one(tmp_path):
    with pytest.raises(IndexMissingError, match="rag index"):
        open_store(tmp_path / "store.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_store_whose_making_was_cut_short_counts_as_none(tmp_path):
    path = tmp_path / "store.sqlite"
    path.touch()
    with pytest.raises(IndexMissingError):
        open_store(path)
    with create_store(path, IDENTITY) as store:
        put(store, BRIDGE)
    with open_store(path, expected=IDENTITY) as store:
        assert store.document("bridge") == BRIDGE


@pytest.mark.parametrize(
    ("expected", "named"),
    [
        (Identity("other-model", "lines"), "embedder 'hash-64'"),
        (Identity(EMBEDDER.fingerprint, "pages"), "chunker 'lines'"),
    ],
)
def test_an_index_made_otherwise_is_refused(store, expected, named):
    with pytest.raises(IndexMismatchError, match=named) as refused:
        open_store(store.path, expected=expected)
    assert "--rebuild" in str(refused.value)


def test_an_index_of_another_version_is_refused_even_for_listing(store):
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'schema'")
    connection.close()
    with pytest.raises(IndexMismatchError, match="schema '0'"):
        open_store(store.path)


def test_another_programs_file_is_left_alone(tmp_path):
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE groceries (name TEXT)")
    connection.close()
    before = path.read_bytes()
    for use in (open_store, Remains):
        with pytest.raises(IndexProblem, match="another program"):
            use(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("garbage", [b"not a database at all", b"\0" * 9000, b"SQLite format 3\0"])
def test_garbage_is_reported_as_damage(tmp_path, garbage):
    path = tmp_path / "store.sqlite"
    path.write_bytes(garbage * 2)
    with pytest.raises(IndexDamagedError, match="--rebuild"):
        open_store(path)
    with Remains(path) as remains:
        assert list(remains.documents()) == []
        assert str(path) in remains.problems[0][0]


def test_a_document_that_is_not_what_was_stored_is_never_shown(store):
    put(store, HARBOUR, BRIDGE)
    store.close()
    content = store.path.read_bytes()
    assert b"bridge closed in May" in content
    store.path.write_bytes(content.replace(b"bridge closed in May", b"bridge opened in May"))
    assert store.document("harbour") == HARBOUR
    with pytest.raises(IndexDamagedError, match="'bridge'"):
        store.document("bridge")
    assert any("'bridge'" in problem for problem in find_problems(store))
    with Remains(store.path) as remains:
        assert list(remains.documents()) == [HARBOUR]
        assert remains.problems[0][0] == "bridge"


def test_problems_names_parts_that_disagree(store):
    put(store, HARBOUR, BRIDGE)
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute("DELETE FROM chunks WHERE document = 'bridge' AND start > 0")
        connection.execute("DELETE FROM embeddings")
    connection.close()
    assert set(find_problems(store)) == {
        "3 chunks without an embedding",
        "1 words without a chunk",
    }


def test_a_lock_that_is_held_is_reported_as_busy(store):
    put(store, HARBOUR)
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store.connection().execute("PRAGMA busy_timeout = 50")
    try:
        with pytest.raises(IndexBusyError, match="another process"):
            put(store, BRIDGE)
    finally:
        holder.close()


def test_a_full_disk_is_named_and_changes_nothing(store):
    put(store, HARBOUR)
    before = digest_rows(store.path)
    pages = store.select("PRAGMA page_count")[0][0]
    store.connection().execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(IndexProblem, match="no space is left"):
        put(store, Document("large", "many words " * 5000))
    assert digest_rows(store.path) == before
    assert store.document("harbour") == HARBOUR


def test_a_store_on_a_path_that_cannot_be_is_an_index_problem(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(IndexProblem):
        create_store(tmp_path / "file" / "store.sqlite", IDENTITY)
    (tmp_path / "store.sqlite").mkdir()
    with pytest.raises(IndexProblem):
        create_store(tmp_path / "store.sqlite", IDENTITY)


READ_AS_SOMEBODY = """
import os, sys
from pathlib import Path
from rag.store import open_store
if os.getuid() == 0:
    os.setuid(65534)  # root may write anywhere
with open_store(Path(sys.argv[1])) as store:
    print(store.document("bridge").text)
    try:
        store.remove(["bridge"])
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_a_store_that_cannot_be_written_can_be_read(store):
    put(store, BRIDGE)
    store.close()
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder = Path(name)
        path = Path(shutil.copy(store.path, folder))
        path.chmod(0o444)
        folder.chmod(0o555)
        command = [sys.executable, "-c", READ_AS_SOMEBODY, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        folder.chmod(0o755)
    assert done.stderr == ""
    assert done.stdout.startswith(BRIDGE.text)
    assert "IndexProblem" in done.stdout
    assert "permissions" in done.stdout


# ---------------------------------------------------------------------- taking another's place


@pytest.mark.parametrize("damage", [None, b"garbage" * 100])
def test_a_new_store_takes_the_place_of_an_old_one(tmp_path, damage):
    path, built = tmp_path / "store.sqlite", tmp_path / "store.sqlite.new"
    with create_store(path, IDENTITY) as old:
        put(old, HARBOUR)
        if damage:
            old.close()
            path.write_bytes(damage)
        with create_store(built, IDENTITY, revision=7) as new:
            put(new, BRIDGE)
        adopt(path, built)
        assert [d.id for d in old.documents()] == ["bridge"], "an open store follows"
        assert old.revision == 8
    kept = {"store.sqlite", "store.sqlite.seal"} | ({"store.sqlite.damaged"} if damage else set())
    assert {p.name for p in tmp_path.iterdir()} == kept
    if not damage:
        assert b"Dredging" not in path.read_bytes()


def test_readers_go_on_while_a_new_store_takes_over(tmp_path):
    path, built = tmp_path / "store.sqlite", tmp_path / "store.sqlite.new"
    with create_store(path, IDENTITY) as store:
        put(store, HARBOUR)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM documents").fetchall()
        with create_store(built, IDENTITY) as new:
            put(new, BRIDGE)
        thread = threading.Thread(target=adopt, args=(path, built))
        thread.start()
        assert reader.execute("SELECT id FROM documents").fetchall() == [("harbour",)]
        reader.execute("COMMIT")
        thread.join()
        assert reader.execute("SELECT id FROM documents").fetchall() == [("bridge",)]
        reader.close()
