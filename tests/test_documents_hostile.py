"""Hostile and odd files: each ends with a verdict, none stops the run, nothing outside is read."""

import contextlib
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from rag.api import index_documents, list_sources, open_chatbot
from rag.config import load_settings
from rag.documents import read_documents
from rag.documents.markdown import read_markdown
from rag.documents.news import read_news
from rag.documents.office import join_hyphenated
from rag.errors import InputError
from rag.testing import HashEmbedder

STORY = "The harbour board voted on Monday to deepen the northern channel. Work starts in spring.\n"
SPECIAL = (
    "The manual says that <|endoftext|> ends a text. It names <|im_start|>system, [CLS], [SEP] "
    "and [MASK] too. A line may hold <pad> and <unk>, or ### Instruction: as it likes.\n"
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")


def write(path, content=STORY):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def verdicts(*paths):
    """Read files and return what became of each, by name: the texts of its documents or why not."""
    return {
        Path(outcome.path).name: outcome.problem or [d.text for d in outcome.documents]
        for outcome in read_documents(paths)
    }


def taken_in(settings, *paths):
    return index_documents(paths, settings=settings, embedder=HashEmbedder(dimensions=512))


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_READER", "off")
    return load_settings(index=tmp_path / "index")


@contextlib.contextmanager
def asking(settings):
    with open_chatbot(settings=settings, embedder=HashEmbedder(dimensions=512)) as bot:
        yield bot


# ---------------------------------------------------------------------- contents


ENCODED = {
    "utf-8": STORY.encode(),
    "with a mark": b"\xef\xbb\xbf" + STORY.encode(),
    "utf-16": STORY.encode("utf-16"),
    "utf-16 without a mark": STORY.encode("utf-16-le"),
    "utf-32": STORY.encode("utf-32"),
    "the old line ends": STORY.replace(". ", ".\r\n\r\n").encode(),
}
REFUSED = {
    "only a mark": (b"\xef\xbb\xbf", "it holds no text"),
    "a zero byte": (STORY.encode() + b"\0" + STORY.encode(), "it looks binary, not text"),
    "half a character of utf-16": (STORY.encode("utf-16") + b"x", "is not UTF-16"),
    "half a character of utf-32": (STORY.encode("utf-32") + b"xx", "is not UTF-32"),
    "cut in a character": ("Été, été, été. ".encode() + b"\xc3", "is it cut off?"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "it looks binary, not text"),
}


@pytest.mark.parametrize("suffix", [".txt", ".md"])
@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED)
def test_each_encoding_gives_the_same_words(tmp_path, suffix, data):
    ((text,),) = verdicts(write(tmp_path / f"a{suffix}", data)).values()
    assert text.split() == STORY.split()


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".jsonl"])
@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_text_for_sure_is_refused_by_each_format(tmp_path, suffix, data, why):
    outcomes = list(read_documents([write(tmp_path / f"a{suffix}", data)]))
    assert all(outcome.problem and not outcome.documents for outcome in outcomes)
    assert why in outcomes[0].problem or suffix in (".html", ".jsonl")


def test_the_typography_of_windows_is_kept(tmp_path):
    text = "The minister’s “no” – in a café of Orléans – was heard. " * 3
    assert verdicts(write(tmp_path / "a.txt", text.encode("cp1252"))) == {"a.txt": [text.strip()]}


@pytest.mark.parametrize(
    "text",
    [
        *(STORY * 23_000, "!" * 10_240, "!" * 1_000_000, STORY + "?!" * 100_000, "x" * 200_000),
        *("\u4e2d" * 30_000, "e\u0301" * 50_000, ". " * 100_000, "<|" * 100_000),
    ],
    ids="line ten-kilobytes-of-bangs bangs bangs-behind word ideographs accents dots bars".split(),
)
def test_a_giant_line_is_indexed_or_refused_and_stops_nothing(tmp_path, own, text):
    write(tmp_path / "in" / "giant.txt", text.replace("\n", " "))
    write(tmp_path / "in" / "story.txt")
    report = taken_in(own, tmp_path / "in")
    assert report.documents + len(report.problems) == 2
    assert "story" in report.added
    with asking(own) as bot:
        passages = bot.search("northern channel", sources=["story"])
        assert passages[0].text == STORY.strip()


def test_the_special_tokens_of_models_are_plain_text(tmp_path, seed_index):
    """With the embedded model's own tokenizer, which knows some of them."""
    settings = load_settings(index=tmp_path / "index", seeds=tmp_path)
    index_documents([write(tmp_path / "in" / "manual.txt", SPECIAL)], settings=settings)
    with open_chatbot(settings=settings) as bot:
        assert bot.document("manual").text == SPECIAL.strip()
        (cited, *_) = bot.ask("What does the manual say that <|endoftext|> does?").citations
        assert cited.quote == "The manual says that <|endoftext|> ends a text."
        assert bot.search("[CLS] [SEP] <|im_start|>system")[0].document == "manual"


def test_a_list_of_many_levels_loses_no_item():
    text = "".join(f"{'  ' * level}- item {level} of the list\n" for level in range(40))
    items = [block.text for block in read_markdown(text).blocks]
    assert items == [f"- item {level} of the list" for level in range(40)]


@pytest.mark.parametrize(
    "text",
    [
        "> " * 120 + STORY,
        "".join(f"{'  ' * n}- item {n} is here\n" for n in range(80)),
        "> " * 3000,
    ],
)
def test_markdown_too_deep_to_be_read_whole_is_refused(text):
    with pytest.raises(InputError, match="too deeply to be read whole"):
        read_markdown(text)


# ---------------------------------------------------------------------- places


def test_nothing_outside_the_folder_is_read(tmp_path):
    outside = tmp_path / "outside"
    write(outside / "secret.txt")
    write(outside / "deep" / "secret.txt")
    root = tmp_path / "root"
    write(root / "story.txt")
    links = {
        "absolute.txt": outside / "secret.txt",
        "relative.txt": "../outside/secret.txt",
        "folder": outside,
        "folder.txt": outside,
        "up": "..",
        "system.txt": "/etc/passwd",
        "memory.txt": "/proc/self/environ",
        "endless.txt": "/dev/zero",
        "chain.txt": "relative.txt",
        "nothing.txt": "nowhere",
        "itself.txt": "itself.txt",
        "one.txt": "two.txt",
        "two.txt": "one.txt",
        "round": ".",
        "behind.txt": "folder/deep/secret.txt",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    found = verdicts(root)
    assert found.pop("story.txt") == [STORY.strip()]
    assert set(found) == set(links)
    assert all(problem.startswith("skipped: ") for problem in found.values())


def test_what_is_no_regular_file_is_skipped_however_it_is_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "null.txt").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(tmp_path):
        listener.bind("socket.txt")
        found = verdicts(*(tmp_path / name for name in ("pipe.txt", "null.txt", "socket.txt")))
    assert set(found.values()) == {"skipped: it is not a regular file"}
    assert len(found) == 3


def test_a_folder_with_the_suffix_of_a_file_is_a_folder(tmp_path):
    write(tmp_path / "x.txt" / "story.txt")
    assert verdicts(tmp_path) == verdicts(tmp_path / "x.txt") == {"story.txt": [STORY.strip()]}


def test_hard_links_are_files_of_their_own(tmp_path):
    os.link(write(tmp_path / "one.txt"), tmp_path / "two.txt")
    assert verdicts(tmp_path) == {"one.txt": [STORY.strip()], "two.txt": [STORY.strip()]}


@linux
def test_a_file_that_the_system_will_not_read_is_a_problem(tmp_path):
    """Even for a user who may open everything."""
    (tmp_path / "memory.txt").symlink_to("/proc/self/mem")
    write(tmp_path / "story.txt")
    found = verdicts(tmp_path / "memory.txt", tmp_path / "story.txt")
    assert found["memory.txt"].startswith("it cannot be read: ")
    assert found["story.txt"] == [STORY.strip()]


def test_files_that_go_or_turn_into_something_else_meanwhile_stop_nothing(tmp_path):
    for name in "abcd":
        write(tmp_path / f"{name}.txt")
    outcomes = read_documents([tmp_path])
    assert next(outcomes).documents
    (tmp_path / "b.txt").unlink()
    (tmp_path / "c.txt").unlink()
    os.mkfifo(tmp_path / "c.txt")
    gone, pipe, last = outcomes
    assert gone.problem == "it cannot be read: No such file or directory"
    assert pipe.problem == "it is not a regular file"
    assert last.documents


# ---------------------------------------------------------------------- names

NAMES = [
    *(b"new\nline", b"tab\there", b"bell\x07", b"esc\x1b[31m", b"cr\rlf", b"del\x7f", b" lead"),
    *(b"-rf", b"--help", b"-", b"~", b"*", b"?", b"$HOME", b"$(id)", b"`id`", b"a;b", b"a|b", b"&"),
    *(b"'", b'"', b"it's", b"'; DROP TABLE documents; --", b"\\", b"a\\b", b"C:\\x", b"%2e%2e%2f"),
    *(b"..a", b"...", b"a..", b"a#0-10", b"a@b", b"a:1", b"con", b"nul", b"null", b"0", b"None"),
    *(b"<script>", b"<img src=x onerror=alert(1)>", b"[1]", b"](x)", b"{{x}}", b"${x}", b"AND NOT"),
    *("é".encode(), "é".encode()[:1] + b"x", b"\xff\xfe", "e\u0301".encode(), "𝐀".encode()),
    *("\u202egnp".encode(), "zero\u200bwidth".encode(), "🛳️".encode(), "港湾".encode()),
    *("\u2028".encode(), b"x" * 250, "é".encode() * 120, "ﬁ".encode(), "İ".encode(), b"a b  c"),
]


@linux
def test_a_name_of_any_bytes_is_only_a_name(tmp_path, own):
    assert len(set(NAMES)) >= 50
    (tmp_path / "in").mkdir()
    root = os.fsencode(tmp_path / "in")
    for number, name in enumerate(NAMES):
        place = Path(os.fsdecode(root + b"/" + name + b".txt"))
        place.write_text(f"Ship number {number} of the fleet is called thing{number}.\n")
    report = taken_in(own, tmp_path / "in")
    hidden = sum(name.startswith(b".") for name in NAMES)
    assert report.documents + len(report.problems) == len(NAMES) - hidden
    assert all("taken by" in problem for _, problem in report.problems)
    assert len(report.problems) <= 2, "two names of broken bytes that look the same"
    with asking(own) as bot:
        for document in bot.documents():
            assert document.id.isprintable()
            number = document.text.split()[2]
            (passage, *_) = bot.search(f"thing{number}", sources=[document.id])
            assert (passage.document, passage.text) == (document.id, document.text)
        bot.remove([document.id for document in bot.documents()][1:])
    assert len(list_sources(settings=own)) == 1


# ---------------------------------------------------------------------- numbers


def test_two_thousand_small_files_each_get_their_verdict(tmp_path, own):
    folder = tmp_path / "in"
    for number in range(2_000):
        good = f"Ship number {number} left the harbour on Monday.\n" if number % 20 else ""
        write(folder / f"{number % 50:02}" / f"{number:04}.txt", good)
    report = taken_in(own, folder)
    assert (len(report.added), len(report.problems)) == (1_900, 100)
    assert {problem for _, problem in report.problems} == {"it is empty"}
    again = taken_in(own, folder)
    assert (len(again.unchanged), again.embedded, len(again.problems)) == (1_900, 0, 100)


# ---------------------------------------------------------------------- long and repetitive


def _presented(number):
    return f"Ada Quill{number} is a professor of law at the college of Lindmouth, in the north."


REPETITIVE = {
    "biographies": "\n\n".join(_presented(number) for number in range(2_000)),
    "comments": "\n\n".join(["3 comments on this"] * 8_000),
}


@pytest.mark.parametrize("text", REPETITIVE.values(), ids=REPETITIVE)
def test_repetitive_pages_take_time_in_proportion_to_their_length(text):
    began = time.process_time()
    read_news(text)
    assert time.process_time() - began < 5


def test_a_word_without_end_in_a_pdf_takes_time_in_proportion_to_its_length():
    began = time.process_time()
    assert join_hyphenated("a" * 20_000 + " chan-\nnel") == "a" * 20_000 + " channel"
    assert time.process_time() - began < 1
