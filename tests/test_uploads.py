"""Files that were uploaded: a verdict on each, their documents indexed, and nothing left over."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.api import index_documents, list_sources, open_chatbot
from rag.config import load_settings
from rag.errors import IndexBusyError
from rag.index import write_lock
from rag.testing import HashEmbedder
from rag.uploads import sweep, take_uploads

ROOT = Path(__file__).resolve().parent.parent
BRIDGE = "The bridge over the strait closed in March. Engineers found cracks in its pillars.\n"
FERRY = "The ferry to the island sails at noon. It carries forty cars and a zzyzx band.\n"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Settings of an index of its own that holds one article."""
    monkeypatch.setenv("RAG_READER", "off")
    (tmp_path / "bridge.txt").write_text(BRIDGE)
    settings = load_settings(index=tmp_path / "index")
    index_documents([tmp_path / "bridge.txt"], settings=settings, embedder=embedder())
    return settings


def embedder():
    return HashEmbedder(dimensions=512)


@pytest.fixture
def bot(own):
    with open_chatbot(settings=own, embedder=embedder()) as bot:
        yield bot


@pytest.fixture
def upload(tmp_path):
    """Write a file as a server does that took it: in a folder of its own."""
    made = []

    def upload(name, content):
        folder = tmp_path / "uploaded" / str(len(made))
        folder.mkdir(parents=True)
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        made.append(path)
        return path

    return upload


def ids(settings):
    return [source["id"] for source in list_sources(settings=settings)]


def told(bot, *files):
    return {verdict.name: verdict.text for verdict in take_uploads(bot, files)}


def record(name, text):
    return json.dumps({"id": name, "text": text})


def test_an_uploaded_article_is_cited_in_the_next_answer_and_its_file_is_gone(bot, own, upload):
    file = upload("ferry.txt", FERRY)
    (verdict,) = take_uploads(bot, [file])
    assert (verdict.name, verdict.text, verdict.taken) == ("ferry.txt", "added", True)
    assert not file.exists()
    cited = bot.ask("When does the ferry to the island sail?").citations[0]
    assert (cited.document, FERRY[cited.start : cited.end]) == ("ferry", cited.quote)
    assert ids(own) == ["bridge", "ferry"]


def test_each_file_gets_its_verdict_and_a_bad_one_stops_none(bot, own, upload):
    verdicts = told(
        bot,
        upload("tool.exe", b"MZ"),
        upload("empty.md", ""),
        upload("photo.txt", bytes(range(256)) * 20),
        upload("ferry.txt", FERRY),
        upload("bridge.txt", BRIDGE),
    )
    assert verdicts["tool.exe"].startswith("not added: expected one of .docx,")
    assert verdicts["empty.md"] == "not added: it is empty"
    assert verdicts["photo.txt"] == "not added: it looks binary, not text"
    assert verdicts["ferry.txt"] == "added"
    assert verdicts["bridge.txt"] == "is indexed already and has not changed"
    assert ids(own) == ["bridge", "ferry"]


def test_where_nothing_can_be_read_each_verdict_says_why(bot, own, upload):
    verdicts = take_uploads(bot, [upload("empty.md", ""), upload("broken.pdf", "no pdf")])
    assert [verdict.taken for verdict in verdicts] == [False, False]
    assert "PDF" in verdicts[1].text
    assert ids(own) == ["bridge"]


def test_a_new_version_takes_the_place_of_the_earlier_one(bot, own, upload):
    changed = upload("bridge.txt", BRIDGE + "It opened again in June.\n")
    assert told(bot, changed) == {"bridge.txt": "added in place of an earlier version"}
    assert bot.document("bridge").text.endswith("in June.")


HEATING = "# Heating costs\n\nGas became dearer in autumn, and many flats stayed cold all week.\n"
TRAMS = "# Night trams\n\nThe city council lets three lines run until two in the morning.\n"


def test_another_article_of_the_same_name_is_refused_and_nothing_is_lost(bot, own, upload):
    assert told(bot, upload("index.md", HEATING)) == {"index.md": "added"}
    verdicts = told(bot, upload("index.md", TRAMS), upload("ferry.txt", FERRY))
    assert verdicts == {
        "index.md": "not added: another article, “Heating costs”, is indexed as index; "
        "rename this one, or remove that one first",
        "ferry.txt": "added",
    }
    assert "Gas became dearer" in bot.document("index").text
    assert ids(own) == ["bridge", "ferry", "index"]


def test_another_article_is_refused_where_it_comes_alone_and_has_no_title(bot, upload):
    assert told(bot, upload("bridge.txt", FERRY)) == {
        "bridge.txt": "not added: another article is indexed as bridge; "
        "rename this one, or remove that one first"
    }
    assert bot.document("bridge").text.startswith("The bridge")


def test_a_record_of_another_article_is_refused_and_the_others_are_taken(bot, own, upload):
    lines = "\n".join([record("bridge", FERRY), record("ferry", FERRY)])
    (text,) = told(bot, upload("more.jsonl", lines)).values()
    assert text.startswith("added; another article is indexed as bridge")
    assert bot.document("bridge").text.startswith("The bridge")
    assert ids(own) == ["bridge", "ferry"]


def test_a_new_version_may_change_the_title_or_rewrite_the_text(bot, upload):
    told(bot, upload("index.md", HEATING))
    retitled = HEATING.replace("Heating costs", "Cold flats")
    replaced = {"index.md": "added in place of an earlier version"}
    assert told(bot, upload("index.md", retitled)) == replaced
    rewritten = "# Cold flats\n\nPrices fell again, the government said after a long meeting.\n"
    assert told(bot, upload("index.md", rewritten)) == replaced


def test_records_are_counted_and_bad_lines_named(bot, upload):
    lines = [record("one", FERRY), record("two", FERRY), "nonsense", record("one", BRIDGE)]
    (text,) = told(bot, upload("more.jsonl", "\n".join(lines))).values()
    assert text.startswith("2 articles: 2 added; line 3: expected JSON")
    assert "line 4: the id 'one' is taken by more.jsonl:1" in text


def test_many_bad_lines_are_told_in_short(bot, upload):
    (text,) = told(bot, upload("bad.jsonl", "nonsense\n" * 50)).values()
    assert text.startswith("not added: line 1: expected JSON")
    assert text.endswith("; and 47 more like that")


def test_two_files_that_claim_one_id_are_named_without_where_they_were_kept(bot, upload):
    lines = "".join(
        f"<p>Ferry number {n} sails at noon and carries forty cars.</p>" for n in range(9)
    )
    page = f"<html><body><article>{lines}</article></body></html>"
    verdicts = told(bot, upload("ferry.html", page), upload("ferry.txt", FERRY))
    assert verdicts["ferry.txt"] == (
        "not added: the id 'ferry' is taken by ferry.html; change one of the two"
    )


def test_two_files_of_one_name_are_not_mixed_up(bot, upload):
    first, second = take_uploads(bot, [upload("a.txt", FERRY), upload("a.txt", BRIDGE)])
    assert (first.text, second.taken) == ("added", False)
    assert "another file of that name" in second.text


def test_a_brief_that_came_with_its_original_gets_a_verdict_too(bot, upload):
    verdicts = told(bot, upload("ferry.txt", FERRY), upload("ferry.md", "A brief on the ferry.\n"))
    assert verdicts["ferry.md"] == ("not added: its original, which came with it, was read instead")


def test_a_file_that_another_page_was_quicker_to_take_is_asked_for_again(bot, upload):
    gone = upload("gone.txt", FERRY)
    gone.unlink()
    assert "send it again" in told(bot, gone)["gone.txt"]


NAMES = [
    *("-rf.txt", "a b.txt", "new\nline.txt", "\u202egnp.txt", "ünïcode 🛳.txt", "a:3.txt", "'.txt"),
    *("x" * 240 + ".txt", "<img src=x onerror=alert(1)>.txt", "%2e%2e%2f.txt", "é" * 120),
]


def test_a_name_is_only_a_name(bot, own, upload):
    verdicts = take_uploads(bot, [upload(name, FERRY + name) for name in NAMES])
    assert [verdict.name for verdict in verdicts] == NAMES
    assert [verdict.taken for verdict in verdicts] == [name.endswith(".txt") for name in NAMES]
    bot.remove(set(ids(own)) - {"bridge"})
    assert ids(own) == ["bridge"]


TAKE_WITHOUT_ROOM = """
import resource, sys
from pathlib import Path
from rag.errors import InputError
from rag.uploads import take_uploads
class Chatbot:
    def add(self, paths, *, read):
        assert not paths
        raise InputError("nothing to add")
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
(verdict,) = take_uploads(Chatbot(), [Path(sys.argv[1])])
print(verdict.text)
"""
OTHER_DISK = Path("/dev/shm")


@pytest.mark.skipif(not OTHER_DISK.is_dir(), reason="needs a second file system")
def test_a_file_for_which_there_is_no_room_is_refused_in_one_line(upload):
    file = upload("ferry.txt", FERRY * 9)
    done = subprocess.run(
        [sys.executable, "-c", TAKE_WITHOUT_ROOM, str(file)],
        env={**os.environ, "TMPDIR": str(OTHER_DISK)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert done.stdout == "not added: it could not be kept (File too large); send it again\n"
    assert not file.exists()


def test_progress_counts_the_files_read(bot, upload):
    seen = []
    files = [upload("ferry.txt", FERRY), upload("empty.md", "")]
    take_uploads(bot, files, progress=lambda done, total, what: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_a_busy_index_is_said_and_the_files_are_gone_all_the_same(bot, own, upload):
    file = upload("ferry.txt", FERRY)
    with write_lock(own.index), pytest.raises(IndexBusyError):
        take_uploads(bot, [file])
    assert not file.exists()
    assert ids(own) == ["bridge"]


def test_no_copy_of_an_uploaded_text_is_left_once_it_is_removed(bot, own, upload, tmp_path):
    take_uploads(bot, [upload("ferry.txt", FERRY)])
    assert holding(tmp_path, b"zzyzx"), "the store holds it"
    assert not holding(tmp_path / "uploaded", b"zzyzx")
    bot.remove("ferry")
    assert not holding(tmp_path, b"zzyzx")


def holding(folder: Path, text: bytes) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and text in p.read_bytes()]


def test_uploads_that_nobody_took_are_swept_after_an_hour(tmp_path, upload):
    old, new = upload("old.txt", FERRY), upload("new.txt", FERRY)
    hours_ago = time.time() - 7200
    for path in (old, old.parent):
        os.utime(path, (hours_ago, hours_ago))
    sweep(tmp_path / "uploaded")
    assert new.exists()
    assert not old.exists()
    sweep(tmp_path / "missing")
