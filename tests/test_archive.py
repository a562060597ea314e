"""Conversations in their file: whose they are, writers at once, damage, what must be gone."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from fake_chatbot import DOCUMENTS, FakeChatbot
from hypothesis import given
from hypothesis import strategies as st

from rag.api import index_documents, list_sources, open_chatbot, remove_documents
from rag.archive import ARCHIVE_FILE, Archive, Entry, Place, forget_conversations
from rag.config import load_settings
from rag.conversation import STOPPED, Turn, growing, shown_answer
from rag.errors import (
    ArchiveDamagedError,
    ArchiveError,
    ArchiveOutdatedError,
    IndexProblem,
    IndexTracesError,
)
from rag.failpoints import armed, listen
from rag.shelf import GONE, Bookmark, Shelf, bookmark_of
from rag.testing import HashEmbedder
from rag.transcripts import FORGOTTEN, UNREADABLE, entry_of, settled, turn_of

READER = "r" * 43
QUESTION = "What does the treaty mean for Beijing and Pyongyang?"


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / ARCHIVE_FILE)


def entry(question, body="{}", **rests_on):
    return Entry(question, body, rests_on)


def put(archive, *questions, at=None, reader=READER, begins=True):
    entries = [entry(question) for question in questions]
    return archive.put(reader, entries, at=at, store_revision=1, begins=begins)


def questions(archive, place, reader=READER):
    _, entries = archive.get(reader, place.id)
    return [found.question for found in entries]


def answered(chatbot, *asked):
    """A conversation as the page holds it."""
    find = Shelf(chatbot).find
    turns = ()
    for question in asked:
        *_, last = growing(chatbot, question, turns, [])
        turns = (*turns, settled(last, turns, find))
    return turns


def bytes_of(folder):
    return b"".join(p.read_bytes() for p in Path(folder).rglob("*") if p.is_file())


# ---------------------------------------------------------------- keeping


def test_what_is_put_is_found_again_in_another_process(archive):
    place = put(archive, "first?", "half a character \ud800?")
    assert questions(Archive(archive.path), place) == ["first?", "half a character \ud800?"]
    assert oct(archive.path.stat().st_mode & 0o777) == "0o600"


def test_only_the_holder_of_the_secret_sees_and_deletes_a_conversation(archive):
    place = put(archive, "mine?")
    assert archive.get("another", place.id) is None
    assert archive.list("another") == ()
    assert not archive.delete("another", place.id)
    with pytest.raises(KeyError):
        put(archive, "theirs?", at=place, reader="another")
    assert questions(archive, place) == ["mine?"]
    assert READER.encode() not in archive.path.read_bytes()


def test_list_has_the_newest_first_with_its_first_question(archive):
    first = put(archive, "one?", "two?")
    second = put(archive, "three?")
    assert [(c.id, c.question, c.turns) for c in archive.list(READER)] == [
        (second.id, "three?", 1),
        (first.id, "one?", 2),
    ]
    put(archive, "one?", at=first)
    assert [c.id for c in archive.list(READER)] == [first.id, second.id]


def test_two_pages_that_go_on_from_the_same_place_both_keep_what_they_asked(archive):
    begun = put(archive, "shared?")
    one = put(archive, "shared?", "one?", at=begun)
    other = put(archive, "shared?", "other?", at=begun)
    assert one.id == begun.id != other.id
    assert questions(archive, one) == ["shared?", "one?"]
    assert questions(archive, other) == ["shared?", "other?"]


def test_end_of_an_answer_does_not_part_a_page_that_was_loaded_meanwhile(archive):
    begun = put(archive, "asked?")
    assert put(archive, "asked?", at=begun, begins=False) == begun
    assert put(archive, "asked?", "next?", at=begun).id == begun.id


def test_what_was_given_up_is_left_where_another_page_has_gone_on(archive):
    begun = put(archive, "asked?")
    put(archive, "asked?", "next?", at=begun)
    late = [entry("asked?", "given up")]
    archive.put(READER, late, at=begun, store_revision=1, begins=False, parts=False)
    assert [c.id for c in archive.list(READER)] == [begun.id]
    assert questions(archive, begun) == ["asked?", "next?"]


def test_many_threads_and_processes_write_at_once_and_lose_nothing(archive):
    code = (
        "import sys; from pathlib import Path; from rag.archive import Archive, Entry\n"
        "a = Archive(Path(sys.argv[1]))\n"
        "[a.put(sys.argv[2], [Entry(f'{n}?', '{}', {})], at=None, store_revision=1)"
        " for n in range(10)]"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen([sys.executable, "-c", code, archive.path, READER], env=environment)
        for _ in range(2)
    ]
    threads = [
        threading.Thread(target=lambda: [put(archive, f"{n}?") for n in range(10)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in running] == [0, 0]
    listed = archive.list(READER)
    assert sorted(c.question for c in listed) == sorted(f"{n}?" for n in range(10) for _ in "12345")


def aged(archive, place, days):
    with closing(sqlite3.connect(archive.path)) as connection:
        sql = "UPDATE conversations SET changed = changed - ? WHERE id = ?"
        connection.execute(sql, (days * 24 * 3600, place.id))
        connection.commit()


def test_new_conversation_takes_the_place_of_what_nobody_went_on_with_for_half_a_year(archive):
    old, older = put(archive, "old?"), put(archive, "older?", reader="another")
    aged(archive, old, 179)
    aged(archive, older, 181)
    put(archive, "new?")
    assert [c.question for c in archive.list(READER)] == ["new?", "old?"]
    assert archive.get("another", older.id) is None


def test_reader_keeps_the_newest_two_hundred_conversations(archive):
    theirs = put(archive, "theirs?", reader="another")
    first, second = put(archive, "first?"), put(archive, "second?")
    for number in range(198):
        put(archive, f"{number}?")
    assert questions(archive, first) == ["first?"]
    put(archive, "second?", "more?", at=second)
    put(archive, "last?")
    assert archive.get(READER, first.id) is None
    assert questions(archive, second) == ["second?", "more?"]
    assert questions(archive, theirs, "another") == ["theirs?"]
    with closing(sqlite3.connect(archive.path)) as connection:
        assert connection.execute("SELECT count(*) FROM turns").fetchone() == (202,)


# ---------------------------------------------------------------- damage


def test_file_of_another_program_is_left_alone(archive):
    with closing(sqlite3.connect(archive.path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    before = archive.path.read_bytes()
    with pytest.raises(ArchiveError, match="another program made it"):
        put(archive, "mine?")
    with pytest.raises(ArchiveError):
        forget_conversations(archive.path.parent, lambda: 2, dict, deletes_damaged=True)
    assert archive.path.read_bytes() == before


def test_file_of_another_version_is_left_alone(archive):
    put(archive, "mine?")
    with closing(sqlite3.connect(archive.path)) as newer:
        newer.execute("ALTER TABLE turns RENAME TO questions")
        newer.execute("PRAGMA user_version = 2")
    before = archive.path.read_bytes()
    for use in (
        lambda: put(archive, "mine?"),
        lambda: forget_conversations(archive.path.parent, lambda: 2, dict, deletes_damaged=True),
    ):
        with pytest.raises(ArchiveError, match="another version made it"):
            use()
    assert archive.path.read_bytes() == before


def test_file_that_lost_a_table_is_damaged(archive):
    put(archive, "mine?")
    with closing(sqlite3.connect(archive.path)) as other:
        other.execute("DROP TABLE rests")
    with pytest.raises(ArchiveDamagedError, match="it has no rests"):
        put(archive, "mine?")


def use_all(archive):
    for listed in archive.list(READER):
        archive.get(READER, listed.id)
        archive.put(READER, [], at=Place(listed.id, 1), store_revision=1)
        archive.delete(READER, listed.id)


@pytest.mark.parametrize(
    ("at", "with_what"), [(0, b"not a database"), (100, bytes(4000)), (5000, b"\xff" * 9000)]
)
def test_damage_is_one_line_and_goes_with_the_next_removal(archive, at, with_what, caplog):
    for number in range(40):
        archive.put(READER, [entry("q?", "SECRET" * 99, d=str(number))], at=None, store_revision=1)
    content = bytearray(archive.path.read_bytes())
    content[at : at + len(with_what)] = with_what
    archive.path.write_bytes(content)
    with pytest.raises(ArchiveDamagedError, match="move the file away") as caught:
        use_all(archive)
    assert "\n" not in str(caught.value)
    with pytest.raises(ArchiveDamagedError):
        forget_conversations(archive.path.parent, lambda: 2, dict, deletes_damaged=False)
    assert archive.path.exists()
    forget_conversations(archive.path.parent, lambda: 2, dict, deletes_damaged=True)
    assert b"SECRET" not in bytes_of(archive.path.parent)
    assert "conversations of the chat are deleted" in caplog.text


def test_folder_or_pipe_in_its_place_is_one_line_and_hangs_nobody(archive):
    os.mkfifo(archive.path)
    with pytest.raises(ArchiveError, match="no regular file"):
        put(archive, "mine?")
    archive.path.unlink()
    archive.path.mkdir()
    with pytest.raises(ArchiveError, match="no regular file"):
        archive.list(READER)
    with pytest.raises(ArchiveError, match="unable to open"):
        put(Archive(archive.path / "missing" / ARCHIVE_FILE), "mine?")


# ---------------------------------------------------------------- erasing


def test_forgetting_leaves_no_byte_of_an_answer_nor_of_those_before_it(archive):
    place = put(archive, "kept?")
    for number in range(30):  # rows grow and move
        body = f"SECRET-{number} " * (number * 20)
        entries = [entry("kept?", "stays", b="2"), entry("secret?", body, a="1", b="2")]
        place = archive.put(READER, entries, at=place, store_revision=1)
    archive.forget(lambda: 2, lambda: {"b": "2", "a": "changed"})
    _, (kept, gone) = archive.get(READER, place.id)
    assert (kept.body, gone.question, gone.body) == ("stays", "secret?", "")
    assert b"SECRET" not in bytes_of(archive.path.parent)


def free_pages(archive):
    """How many pages the file has that nothing is in; none once it is written anew."""
    with closing(sqlite3.connect(archive.path)) as connection:
        return connection.execute("PRAGMA freelist_count").fetchone()[0]


def test_file_is_written_anew_only_where_something_that_it_ever_quoted_is_gone(archive):
    long = [entry("q?", "SECRET " * 9999, a="1")]
    place = archive.put(READER, long, at=None, store_revision=1)
    archive.put(READER, [entry("another?")], at=place, store_revision=1)
    assert (before := free_pages(archive)) > 0
    archive.forget(lambda: 2, lambda: {"a": "1", "b": "new"})
    assert free_pages(archive) == before
    archive.forget(lambda: 3, lambda: {"b": "new"})
    assert free_pages(archive) == 0


def test_store_is_asked_under_the_lock_so_that_what_was_seen_never_goes_back(archive):
    put(archive, "first?")
    locked = []

    def seen(answer):
        with closing(sqlite3.connect(archive.path, timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
                locked.append(False)
            except sqlite3.OperationalError:
                locked.append(True)
        return answer

    archive.forget(lambda: seen(5), lambda: seen({}))
    assert locked == [False, True, True]  # at first it is only seen whether there is work


def test_deleted_conversation_leaves_no_byte(archive):
    place = put(archive, "SECRET " * 500)
    assert archive.delete(READER, place.id)
    assert archive.list(READER) == ()
    assert b"SECRET" not in bytes_of(archive.path.parent)


def test_answer_that_is_late_for_the_forgetting_is_refused(archive):
    put(archive, "first?")
    archive.forget(lambda: 5, dict)
    with pytest.raises(ArchiveOutdatedError):
        archive.put(READER, [entry("late?")], at=None, store_revision=4)


def test_forgetting_that_a_writer_blocks_is_done_by_the_next(archive):
    archive.put(READER, [entry("q?", "SECRET", a="1")], at=None, store_revision=1)
    with closing(sqlite3.connect(archive.path)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT * FROM turns").fetchall()
        with pytest.raises(ArchiveError, match="locked"):
            archive.forget(lambda: 2, dict)
    assert b"SECRET" in bytes_of(archive.path.parent)
    archive.forget(lambda: 2, dict)
    assert b"SECRET" not in bytes_of(archive.path.parent)


FERRY = "The ferry to the island sails at noon. It carries forty cars and a brass band.\n"
BRIDGE = "The bridge over the strait closed in March. Engineers found cracks in its pillars.\n"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Settings of an index of two articles, with an answer from each kept beside it."""
    monkeypatch.setenv("RAG_READER", "off")
    for name, text in (("ferry", FERRY), ("bridge", BRIDGE)):
        (tmp_path / f"{name}.txt").write_text(text)
    settings = load_settings(index=tmp_path / "index")
    own = [tmp_path / "ferry.txt", tmp_path / "bridge.txt"]
    index_documents(own, settings=settings, embedder=HashEmbedder(dimensions=512))
    with open_chatbot(settings=settings, embedder=HashEmbedder(dimensions=512)) as bot:
        shelf = Shelf(bot, Archive(settings.index / ARCHIVE_FILE))
        for question, source in (
            ("When does the ferry sail?", "ferry"),
            ("What closed?", "bridge"),
        ):
            *_, turn = growing(bot, question, (), [source])
            shelf.kept(Bookmark(reader=READER), (settled(turn, (), shelf.find),))
    return settings


def bodies(settings):
    archive = Archive(settings.index / ARCHIVE_FILE)
    found = [archive.get(READER, c.id)[1][0] for c in archive.list(READER)]
    return {kept.question: kept.body for kept in found}


def test_removed_article_is_gone_from_the_conversations_too(index):
    assert b"sails at noon" in (index.index / ARCHIVE_FILE).read_bytes()
    remove_documents(["ferry"], settings=index)
    assert b"sails at noon" not in bytes_of(index.index)
    assert bodies(index)["When does the ferry sail?"] == ""
    assert "closed in March" in bodies(index)["What closed?"]


@pytest.mark.parametrize("rebuild", [False, True])
def test_changed_article_takes_the_answers_that_rest_on_it(index, tmp_path, rebuild):
    (tmp_path / "ferry.txt").write_text(FERRY.replace("noon", "dawn"))
    embedder = HashEmbedder(dimensions=512)
    index_documents([tmp_path / "ferry.txt"], settings=index, embedder=embedder, rebuild=rebuild)
    assert b"sails at noon" not in (index.index / ARCHIVE_FILE).read_bytes()
    assert "closed in March" in bodies(index)["What closed?"]


def test_removal_that_died_before_the_conversations_is_finished_by_the_next_opening(index):
    kept = (index.index / ARCHIVE_FILE).read_bytes()
    remove_documents(["ferry"], settings=index)
    (index.index / ARCHIVE_FILE).write_bytes(kept)  # as it was when the process died
    open_chatbot(settings=index, embedder=HashEmbedder(dimensions=512)).close()
    assert b"sails at noon" not in bytes_of(index.index)


def test_removal_forgets_before_the_vectors_are_built(index):
    listen(armed("generation.closed:error"))
    try:
        with pytest.raises(IndexProblem):
            remove_documents(["ferry"], settings=index)
    finally:
        listen(None)
    assert b"sails at noon" not in (index.index / ARCHIVE_FILE).read_bytes()


@pytest.mark.parametrize("rebuild", [False, True])
def test_change_forgets_before_the_vectors_are_built(index, tmp_path, rebuild):
    (tmp_path / "ferry.txt").write_text(FERRY.replace("noon", "dawn"))
    own, embedder = [tmp_path / "ferry.txt"], HashEmbedder(dimensions=512)
    listen(armed("generation.closed:error"))
    try:
        with pytest.raises(IndexProblem):
            index_documents(own, settings=index, embedder=embedder, rebuild=rebuild)
    finally:
        listen(None)
    assert b"sails at noon" not in (index.index / ARCHIVE_FILE).read_bytes()


def test_opening_forgets_also_where_the_vectors_are_on_a_server(index):
    kept = (index.index / ARCHIVE_FILE).read_bytes()
    remove_documents(["ferry"], settings=index)
    (index.index / ARCHIVE_FILE).write_bytes(kept)  # as it was when the process died
    away = index.model_copy(update={"chroma_url": "http://127.0.0.1:1"})
    open_chatbot(settings=away, embedder=HashEmbedder(dimensions=512)).close()
    assert b"sails at noon" not in bytes_of(index.index)


def test_locked_conversations_hold_up_no_opening(index):
    began = time.monotonic()
    with closing(sqlite3.connect(index.index / ARCHIVE_FILE)) as other:
        other.execute("BEGIN EXCLUSIVE")
        open_chatbot(settings=index, embedder=HashEmbedder(dimensions=512)).close()
    assert time.monotonic() - began < 4


def test_opening_leaves_damaged_conversations_alone(index, caplog):
    path = index.index / ARCHIVE_FILE
    path.write_bytes(b"not a database" * 400)
    open_chatbot(settings=index, embedder=HashEmbedder(dimensions=512)).close()
    assert path.read_bytes() == b"not a database" * 400
    assert "not a database" in caplog.text


def test_ingest_that_takes_nothing_out_warns_where_the_conversations_cannot_be_written(
    index, tmp_path, caplog
):
    (tmp_path / "market.txt").write_text("The market opens at dawn. It closes at dusk.\n")
    with closing(sqlite3.connect(index.index / ARCHIVE_FILE)) as other:
        other.execute("BEGIN EXCLUSIVE")
        report = index_documents(
            [tmp_path / "market.txt"], settings=index, embedder=HashEmbedder(dimensions=512)
        )
    assert report.added == ("market",)
    assert "locked" in caplog.text


def test_removal_says_so_where_the_conversations_cannot_be_written(index):
    with closing(sqlite3.connect(index.index / ARCHIVE_FILE)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(IndexTracesError, match="may still quote"):
            remove_documents(["ferry"], settings=index)
    assert [source["id"] for source in list_sources(settings=index)] == ["bridge"]
    index_documents(
        [index.index.parent / "bridge.txt"], settings=index, embedder=HashEmbedder(dimensions=512)
    )
    assert b"sails at noon" not in bytes_of(index.index)


# ---------------------------------------------------------------- turns


def hashes(chatbot):
    return Shelf(chatbot).hashes()


def test_kept_refusal_names_no_article_that_it_does_not_rest_on():
    chatbot = FakeChatbot()
    (turn,) = answered(chatbot, "Quota of zebra crossings?")
    refusal = replace(turn.answer, sources=("d",), notes=("“Another” seems to answer this.",))
    kept = entry_of(replace(turn, answer=refusal), hashes(chatbot))
    back = turn_of(kept, Shelf(chatbot).find, hashes(chatbot))
    assert back.answer.sources == ("d",)
    assert "Another" not in kept.body


def test_turn_comes_back_as_it_was():
    chatbot = FakeChatbot()
    find = Shelf(chatbot).find
    for turn in answered(chatbot, QUESTION, "And soldiers?", "Quota of zebra crossings?"):
        back = turn_of(entry_of(turn, hashes(chatbot)), find, hashes(chatbot))
        assert replace(back.answer, timings_ms={}) == replace(turn.answer, timings_ms={})
        assert shown_answer(back, 1) == shown_answer(turn, 1)
        assert back.rests_on == turn.rests_on


@given(st.text(), st.text(), st.booleans())
def test_any_question_and_problem_come_back(question, problem, stopped):
    turn = Turn(question, None, problem or "failed", stopped)
    assert turn_of(entry_of(turn, lambda _: None), lambda _: None, lambda _: None) == turn


def test_answer_without_its_article_is_neither_written_nor_shown():
    turns = answered(FakeChatbot(), QUESTION)
    left = FakeChatbot([d for d in DOCUMENTS if d.id != "pact"])
    written = entry_of(turns[0], hashes(FakeChatbot()))
    assert turn_of(written, Shelf(left).find, hashes(left)) == Turn(QUESTION, problem=FORGOTTEN)
    assert entry_of(turns[0], hashes(left)).body == ""


def test_later_answer_rests_on_what_the_one_before_it_told():
    first, second = answered(FakeChatbot(), QUESTION, "Where are the soldiers of the Kursk region?")
    assert {name for name, _ in first.rests_on} <= {name for name, _ in second.rests_on}


@pytest.mark.parametrize("body", ["[]", "{", '{"version": 2}', '{"version": 1}'])
def test_turn_of_another_version_says_so(body):
    turn = turn_of(Entry("q?", body, {}), lambda _: None, lambda _: None)
    assert turn == Turn("q?", problem=UNREADABLE)


# ---------------------------------------------------------------- a browser's shelf


def test_answer_that_never_ended_comes_back_as_stopped(archive):
    shelf = Shelf(FakeChatbot(), archive)
    mark = shelf.kept(Bookmark(), (Turn(QUESTION),))
    _, (turn,) = shelf.opened(mark)
    assert turn.stopped
    assert STOPPED in shown_answer(turn, 1)


def test_each_browser_gets_a_secret_nobody_can_guess(archive):
    shelf = Shelf(FakeChatbot(), archive)
    marks = [shelf.kept(Bookmark(), (Turn(QUESTION),)) for _ in range(3)]
    assert len({m.reader for m in marks}) == len({m.conversation for m in marks}) == 3
    assert all(len(m.reader) >= 43 and len(m.conversation) >= 22 for m in marks)


def test_page_with_a_conversation_that_was_deleted_elsewhere_does_not_bring_it_back(archive):
    shelf = Shelf(FakeChatbot(), archive)
    turns = answered(FakeChatbot(), QUESTION)
    mark = shelf.kept(Bookmark(), turns)
    shelf.deleted(mark, mark.conversation)
    assert shelf.kept(mark, (*turns, Turn("more?"))).told == GONE
    assert shelf.listed(mark) == ()


def test_undoing_the_first_question_deletes_the_conversation(archive):
    shelf = Shelf(FakeChatbot(), archive)
    mark = shelf.kept(Bookmark(), (Turn(QUESTION),))
    assert shelf.kept(mark, ()).conversation == ""
    assert shelf.listed(mark) == ()


def test_failure_to_keep_is_told_and_logged_once(archive, caplog):
    archive.path.write_bytes(b"not a database" * 99)
    shelf = Shelf(FakeChatbot(), archive)
    mark = shelf.kept(Bookmark(), (Turn(QUESTION),))
    assert "cannot be kept" in mark.told
    assert shelf.kept(mark, (Turn(QUESTION),)).told == mark.told
    assert caplog.text.count("cannot be kept") == 1
    assert QUESTION not in caplog.text


class FailingStore(FakeChatbot):
    """A chatbot whose documents cannot be read while ``failing``."""

    failing = False

    def document(self, document_id):
        if self.failing:
            raise IndexProblem("the store is locked")
        return super().document(document_id)


def test_passing_error_of_the_store_destroys_no_kept_answer(archive):
    chatbot = FailingStore()
    shelf = Shelf(chatbot, archive)
    turns = answered(chatbot, QUESTION)
    mark = shelf.kept(Bookmark(), turns)
    chatbot.failing = True
    assert "the store is locked" in shelf.kept(mark, (*turns, Turn("more?"))).told
    failed, shown = shelf.opened(mark)
    assert ("the store is locked" in failed.told, failed.conversation, shown) == (
        True,
        mark.conversation,
        (),
    )
    chatbot.failing = False
    found, (back,) = shelf.opened(failed)
    assert (found.told, back.rests_on) == ("", turns[0].rests_on)
    assert back.answer.citations


@pytest.mark.parametrize("sent", [None, 7, [], {"reader": 5, "revision": "1", "shown": True}])
def test_browser_may_send_anything(sent):
    assert bookmark_of(sent, "page") == Bookmark("page")


def test_what_another_page_showed_is_not_taken_for_what_this_one_shows():
    mark = Bookmark("one", READER, "conversation", 3, shown=2, told="why")
    assert bookmark_of(asdict(mark), "one") == mark
    assert bookmark_of(asdict(mark), "other") == replace(mark, page="other", shown=0, told="")
