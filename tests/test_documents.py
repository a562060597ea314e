import os
import socket
import sys
from pathlib import Path

import pytest

from rag.documents import read_documents
from rag.errors import InputError
from rag.types import Document, ReadOutcome

STORY = (
    "The harbour board of Lindmouth voted on Monday to deepen the northern channel. "
    "Work starts in spring and will take two years.\n\n"
    "Fishing crews had asked for a later start. The board refused by seven votes to two.\n"
)


def write(path: Path, content: str | bytes = STORY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(*paths: Path) -> list[ReadOutcome]:
    return list(read_documents(paths))


def documents(*paths: Path) -> list[Document]:
    return [document for outcome in read(*paths) for document in outcome.documents]


def problem_of(path: Path) -> str:
    (outcome,) = read(path)
    assert outcome.problem is not None
    assert outcome.documents == ()
    return outcome.problem


def test_a_text_file_becomes_one_document_named_after_its_stem(tmp_path):
    (outcome,) = read(write(tmp_path / "channel.txt"))
    (document,) = outcome.documents
    assert (document.id, document.kind, outcome.problem) == ("channel", "article", None)
    assert document.text == STORY.strip()


def test_a_folder_is_read_with_all_below_it_in_the_order_of_names(tmp_path):
    for name in ("b.txt", "a/z.txt", "c.md", "a/a.txt"):
        write(tmp_path / name)
    assert [document.id for document in documents(tmp_path)] == ["a", "z", "b", "c"]


def test_reading_is_lazy(tmp_path):
    write(tmp_path / "a.txt")
    late = write(tmp_path / "b.txt")
    outcomes = read_documents([tmp_path])
    next(outcomes)
    late.write_text("")
    assert next(outcomes).problem == "it is empty"


def test_a_missing_path_is_named_before_anything_is_read(tmp_path):
    good = write(tmp_path / "a.txt")
    with pytest.raises(InputError, match=r"nowhere\.txt: there is no such file or folder"):
        read_documents([good, tmp_path / "nowhere.txt"])


def test_a_folder_without_files_yields_nothing(tmp_path):
    assert read(tmp_path) == []


def test_a_bad_file_does_not_stop_the_others(tmp_path):
    write(tmp_path / "a.pdf", b"%PDF-1.4 broken")
    write(tmp_path / "b.txt")
    bad, good = read(tmp_path)
    assert bad.problem
    assert good.documents


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "it is empty"),
        ("blank.txt", b" \n\t\n", "it holds no text"),
        ("photo.txt", bytes(range(256)) * 20, "it looks binary, not text"),
        ("table.xlsx", b"PK", "skipped: expected one of"),
        ("noextension", b"words", "found no suffix"),
        ("broken.docx", b"not a zip", "it cannot be read as a Word file"),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Word's old format"),
        ("broken.pdf", b"not a pdf", "it cannot be read as a PDF"),
        ("page.html", b"<html><body></body></html>", "no article text"),
    ],
)
def test_an_unreadable_file_is_a_problem_with_its_reason(tmp_path, name, content, reason):
    assert reason in problem_of(write(tmp_path / name, content))


def test_a_file_that_may_not_be_read_is_a_problem(tmp_path):
    path = write(tmp_path / "secret.txt")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "Permission denied" in problem_of(path)


def test_a_file_that_is_too_large_is_a_problem(tmp_path):
    path = write(tmp_path / "huge.txt")
    os.truncate(path, 64 * 1024 * 1024 + 1)
    assert problem_of(path) == "it is too large: at most 64 MB can be read"


def test_hidden_files_and_manuals_are_passed_over_in_silence(tmp_path):
    for name in (".secret.txt", ".git/config.txt", "README.md", "a.txt"):
        write(tmp_path / name)
    assert [outcome.path for outcome in read(tmp_path)] == [str(tmp_path / "a.txt")]


def test_an_original_is_read_instead_of_the_brief_beside_it(tmp_path):
    write(tmp_path / "story.txt")
    write(tmp_path / "story.md", "---\nkind: brief\n---\n\nA brief about the channel.\n")
    assert [document.kind for document in documents(tmp_path)] == ["article"]
    given = documents(tmp_path / "story.md", tmp_path / "story.txt")
    assert [document.kind for document in given] == ["article"]


def test_a_file_given_twice_is_read_once(tmp_path):
    path = write(tmp_path / "a.txt")
    assert len(read(tmp_path, path)) == 1


def test_the_second_document_with_an_id_is_a_problem_that_names_both(tmp_path):
    first = write(tmp_path / "one" / "story.txt")
    second = write(tmp_path / "two" / "story.txt")
    good, bad = read(tmp_path)
    assert [document.id for document in good.documents] == ["story"]
    assert (bad.path, bad.documents) == (str(second), ())
    assert f"the id 'story' is taken by {first}" in (bad.problem or "")


def test_links_that_lead_outside_the_folder_are_skipped(tmp_path):
    outside = write(tmp_path / "outside" / "secret.txt")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.txt").symlink_to(outside)
    (root / "b.txt").symlink_to("../outside/secret.txt")
    (root / "folder").symlink_to(outside.parent)
    (root / "gone.txt").symlink_to(root / "nothing.txt")
    problems = [outcome.problem for outcome in read(root)]
    assert problems == ["skipped: it links to a place outside the folder"] * 3 + [
        "skipped: it links to nothing"
    ]


def test_links_within_the_folder_do_not_double_a_document(tmp_path):
    write(tmp_path / "b" / "story.txt")
    (tmp_path / "a.txt").symlink_to(tmp_path / "b" / "story.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [document.id for document in documents(tmp_path)] == ["story"]


def test_a_link_into_a_hidden_folder_is_read(tmp_path):
    write(tmp_path / ".store" / "x.txt")
    (tmp_path / "story.txt").symlink_to(tmp_path / ".store" / "x.txt")
    assert [document.id for document in documents(tmp_path)] == ["story"]


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders")
def test_pipes_and_sockets_are_skipped_without_hanging(tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        short = os.path.relpath(tmp_path / "b.txt")
        listener.bind(short if len(short) < 100 else str(tmp_path / "b.txt"))
        problems = [outcome.problem for outcome in read(tmp_path)]
    assert problems == ["skipped: it is not a regular file"] * 2


def test_a_deep_tree_is_walked(tmp_path):
    deep = tmp_path
    for _ in range(300):
        deep = deep / "d"
    write(deep / "a.txt")
    assert [document.id for document in documents(tmp_path)] == ["a"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_hostile_names_become_printable_ids(tmp_path):
    names = [b"bad\xff.txt", b"new\nline.txt", b"bell\x07.txt", b"<script>.txt", b"a b.txt"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(STORY)
    outcomes = read(tmp_path)
    assert sum(len(outcome.documents) for outcome in outcomes) == len(names)
    for outcome in outcomes:
        assert outcome.path.isprintable()
        outcome.path.encode()
        assert outcome.documents[0].id.isprintable()


def test_the_seeds_are_read_with_their_metadata(seeds):
    read_seeds = {document.id[:3]: document for document in documents(seeds)}
    assert sorted(read_seeds) == ["000", "001", "002", "003", "004"]
    second = read_seeds["001"]
    assert (second.author, second.publisher, second.date) == (
        "Cindy Li",
        "The Epoch Times",
        "2024-11-05",
    )
    assert read_seeds["002"].title is None
    assert all(document.headings for document in read_seeds.values() if document.kind == "brief")
