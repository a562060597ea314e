import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rag.cli import run
from rag.ingestion import ingest
from rag.store.files import digest_file, stamp_of
from rag.store.seals import read_seal, write_seal
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome

ROOT = Path(__file__).resolve().parent.parent
IDS = [
    "000_4f5d392231c4f3f5", "001_e8175f1f4254924b", "002_a8b8e53ddfe7d5e4",
    "003_966a58af8c5fddd0", "004_e813dd211190d88d",
]  # fmt: skip

NOTE = """---
title: Notes on the harbour
author: A. Writer
publisher: The Quay
published: 2024-11-05
---

The harbour master closed the northern quay on Monday. Forty ships wait outside.

"Nobody was hurt," the harbour master said.
"""


@pytest.fixture
def rag(capsys, monkeypatch, seed_index):
    """Run a command on the index of the seeds; return (status, stdout, stderr)."""
    monkeypatch.setenv("RAG_INDEX", str(seed_index))

    def command(*arguments, index=None):
        capsys.readouterr()
        place = ["--index", str(index)] if index else []
        status = run([*map(str, arguments), *place])
        out, err = capsys.readouterr()
        return status, out, err

    return command


@pytest.fixture
def copy(seed_index, tmp_path):
    """A copy of the seeds' index that a test may change."""
    return shutil.copytree(seed_index, tmp_path / "copy")


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "texts" / "note.md"
    path.parent.mkdir()
    path.write_text(NOTE)
    return path


def parsed(result):
    """Return what a successful command printed, which must be JSON and nothing else."""
    status, out, err = result
    assert (status, err) == (0, "")
    return json.loads(out)


def refused(result, *words):
    """Check that a command was refused in one line, and with nothing on stdout."""
    status, out, err = result
    assert (status, out) == (2, ""), err
    assert err.startswith("rag: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    for word in words:
        assert word in err
    return err


def jsonl(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def records(text):
    return [json.loads(line) for line in text.splitlines()]


# ---------------------------------------------------------------------- index, remove, sources


def test_index_tells_what_came_changed_and_stayed(rag, note, tmp_path):
    index = tmp_path / "index"
    (note.parent / "b.txt").write_text("The ferry sails at noon. It carries cars.")
    assert rag("index", note.parent, index=index) == (
        0,
        "added b\nadded note\n2 added, 0 changed, 0 unchanged\n",
        "",
    )
    (note.parent / "b.txt").write_text("The ferry sails at one. It carries cars.")
    status, out, _ = rag("index", note.parent, index=index)
    assert (status, out) == (0, "changed b\n0 added, 1 changed, 1 unchanged\n")
    assert parsed(rag("index", note, "--json", index=index)) == {
        "added": [],
        "changed": [],
        "unchanged": ["note"],
        "problems": [],
    }
    assert parsed(rag("check", "--json", index=index)) == {"ok": True, "problems": []}


def test_index_lists_what_it_could_not_read_and_takes_the_rest(rag, note, tmp_path):
    (note.parent / "image.txt").write_bytes(bytes(range(256)) * 20)
    index = tmp_path / "index"
    status, out, err = rag("index", note.parent, index=index)
    assert (status, out) == (0, "added note\n1 added, 0 changed, 0 unchanged\n")
    assert err.startswith("skipped ")
    assert "image.txt" in err
    assert err.count("\n") == 1
    problems = parsed(rag("index", note.parent, "--json", index=index))["problems"]
    assert [Path(p["path"]).name for p in problems] == ["image.txt"]


def test_a_path_that_does_not_exist_is_refused_before_anything_is_read(rag, note, tmp_path):
    index = tmp_path / "index"
    refused(rag("index", note.parent, tmp_path / "nowhere.txt", index=index), "nowhere.txt")
    assert not index.exists()


def test_index_takes_records(rag, tmp_path):
    path = jsonl(
        tmp_path / "records.jsonl",
        {"id": "one", "title": "One", "text": "The quay is closed.", "date": "2024-11-05"},
        {"id": "two", "title": "Two", "text": "The bridge is open.", "author": "A. Writer"},
    )
    index = tmp_path / "index"
    assert parsed(rag("index", path, "--json", index=index))["added"] == ["one", "two"]
    sources = parsed(rag("sources", "--json", index=index))
    assert [(s["id"], s["date"], s["author"], s["kind"]) for s in sources] == [
        ("one", "2024-11-05", None, "record"),
        ("two", None, "A. Writer", "record"),
    ]


def test_rebuilding_keeps_the_documents_and_finds_nothing_new(rag, copy):
    report = parsed(rag("index", "--rebuild", "--json", index=copy))
    assert (report["unchanged"], report["added"]) == (IDS, [])
    assert parsed(rag("check", "--json", index=copy))["ok"]


def test_sources_lists_the_documents(rag):
    sources = parsed(rag("sources", "--json"))
    assert [s["id"] for s in sources] == IDS
    assert set(sources[0]) == {"id", "title", "author", "publisher", "date", "kind", "chunks"}
    assert sources[1]["author"] == "Cindy Li"
    assert all(s["chunks"] > 3 for s in sources)
    status, out, _ = rag("sources")
    assert status == 0
    assert len(out.splitlines()) == len(IDS)
    assert "Cindy Li" in out


def test_remove_takes_documents_out(rag, copy):
    assert parsed(rag("remove", IDS[0], IDS[1], "--json", index=copy)) == {"removed": IDS[:2]}
    assert [s["id"] for s in parsed(rag("sources", "--json", index=copy))] == IDS[2:]
    status, out, _ = rag("remove", IDS[2], index=copy)
    assert (status, out) == (0, f"removed {IDS[2]}\n")
    assert parsed(rag("check", "--json", index=copy))["ok"]


def test_check_tells_whether_the_index_is_sound(rag, copy):
    status, out, err = rag("check", index=copy)
    assert (status, err) == (0, "")
    assert "sound" in out
    (copy / "CURRENT").unlink()
    status, out, err = rag("check", index=copy)
    assert (status, out) == (1, "")
    assert "has no vectors" in err
    status, out, err = rag("check", "--json", index=copy)
    assert (status, err) == (1, "")
    assert json.loads(out)["ok"] is False


# ---------------------------------------------------------------------- ask, search, quote

ANSWER_KEYS = {
    "id", "question", "answer", "abstained", "mode", "model", "claims", "citations", "passages",
    "timings_ms",
}  # fmt: skip
CITATION_KEYS = {
    "marker", "document", "title", "author", "publisher", "date", "quote", "start", "end", "score",
}  # fmt: skip


def test_ask_prints_the_answer_object(rag):
    answer = parsed(rag("ask", "How many brigades did Schuster think Kim sent?", "--json"))
    assert set(answer) >= ANSWER_KEYS
    assert answer["question"] == "How many brigades did Schuster think Kim sent?"
    assert (answer["mode"], answer["abstained"]) == ("extractive", False)
    assert "two brigades" in answer["answer"]
    for claim in answer["claims"]:
        assert set(claim) >= {"text", "verdict", "citations", "reasons"}
    for citation in answer["citations"]:
        assert set(citation) >= CITATION_KEYS
        assert f"[{citation['marker']}]" in answer["answer"]
    for passage in answer["passages"]:
        assert set(passage) == {"document", "start", "end", "text", "score"}
    assert answer["timings_ms"]["total"] > 0


def test_ask_prints_text_for_people(rag):
    status, out, err = rag("ask", "How many brigades did Schuster think Kim sent?")
    assert (status, err) == (0, "")
    assert "two brigades" in out
    assert "[1]" in out


def test_ask_keeps_to_the_sources_named(rag):
    answer = parsed(rag("ask", "Who is Kim?", "--json", "--source", IDS[0], "--source", IDS[3]))
    assert {p["document"] for p in answer["passages"]} <= {IDS[0], IDS[3]}


def test_a_batch_of_questions_is_answered_in_order(rag, tmp_path):
    batch = jsonl(
        tmp_path / "in.jsonl",
        {"id": "q1", "question": "Who is Mark Rutte?"},
        {"id": 2, "question": " "},
        {
            "id": "q3",
            "question": "What did he confirm?",
            "history": [["user", "Who is Mark Rutte?"], ["assistant", "NATO's chief."]],
            "extra": True,
        },
    )
    out = tmp_path / "new" / "out.jsonl"
    status, printed, err = rag("ask", "--batch", batch, "--out", out)
    assert (status, printed) == (0, "")
    assert err == "rag: 1 of 3 records failed; see their `error`\n"
    first, second, third = records(out.read_text())
    assert [r["id"] for r in (first, second, third)] == ["q1", 2, "q3"]
    assert set(first) >= ANSWER_KEYS
    assert "empty" in second["error"]
    assert "Rutte" in third["query"]
    status, printed, _ = rag("ask", "--batch", batch)
    again = records(printed)
    assert [r.get("answer") for r in again] == [r.get("answer") for r in (first, second, third)]


def test_a_batch_survives_half_characters(rag, tmp_path):
    batch = tmp_path / "in.jsonl"
    batch.write_text('{"id": "\\ud800", "question": "Who is Mark \\udfff Rutte?"}\n')
    out = tmp_path / "out.jsonl"
    assert rag("ask", "--batch", batch, "--out", out) == (0, "", "")
    assert "Rutte" in records(out.read_text())[0]["answer"]
    status, printed, err = rag("ask", "--batch", batch)
    assert (status, err) == (0, "")
    assert len(records(printed)) == 1


def test_search_prints_passages_best_first(rag, tmp_path):
    result = parsed(rag("search", "Mark Rutte", "--json", "--top-k", 3))
    passages = result["passages"]
    assert result["query"] == "Mark Rutte"
    assert 1 <= len(passages) <= 3
    assert set(passages[0]) == {"document", "start", "end", "text", "score"}
    assert [p["score"] for p in passages] == sorted((p["score"] for p in passages), reverse=True)
    assert "Rutte" in passages[0]["text"]
    batch = jsonl(
        tmp_path / "in.jsonl",
        {"id": 1, "query": "Mark Rutte"},
        {"id": 2, "question": "Who is Mark Rutte?"},
    )
    status, printed, _ = rag("search", "--batch", batch, "--top-k", 3)
    assert status == 0
    first, second = records(printed)
    assert first == {"id": 1, "passages": passages}
    assert second["passages"]
    status, printed, _ = rag("search", "Mark Rutte", "--top-k", 1, "--source", IDS[1])
    assert status == 0
    assert IDS[1] in printed


def test_quote_tells_who_said_it_or_that_nobody_did(rag):
    found = parsed(rag("quote", "desperate need for cash and resources", "--json"))
    (match,) = found["matches"]
    assert (match["status"], match["document"]) == ("exact", IDS[1])
    assert "Schuster" in match["speaker"]
    assert match["quote"] == "desperate need for cash and resources"
    status, out, _ = rag("quote", "desperate need for money and resources")
    assert status == 0
    assert "altered" in out
    assert "“money”" in out
    assert parsed(rag("quote", "the walrus and the carpenter", "--json"))["matches"] == []
    assert rag("quote", "the walrus and the carpenter")[1] == "not in the indexed documents\n"


def test_a_session_remembers_what_was_asked(rag, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Who is Mark Rutte?\nWhat did he confirm?\n\n"))
    status, out, _ = rag("ask", "--json")
    assert status == 0
    first, second = records(out)
    assert "Rutte" in first["answer"]
    assert "Rutte" in second["query"]


def test_a_session_goes_on_after_a_question_it_cannot_take(rag, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("x" * 5000 + "\nWho is Mark Rutte?\n"))
    status, out, err = rag("ask")
    assert status == 0
    assert "5,000 characters" in err
    assert "Rutte" in out


# ---------------------------------------------------------------------- read, verify

TEXT = (
    "The ferry to the island sails at noon. It carries forty cars. "
    "The captain is Ada Quay. Tickets cost nine euros."
)


def test_read_answers_from_the_text_alone(rag, tmp_path):
    batch = jsonl(
        tmp_path / "in.jsonl",
        {"id": "a", "question": "How many cars does the ferry carry?", "text": TEXT},
        {"id": "b", "question": "Who won the election in Peru?", "text": TEXT},
    )
    status, printed, err = rag("read", "--batch", batch, "--json", index=tmp_path / "nowhere")
    assert (status, err) == (0, "")
    first, second = records(printed)
    assert set(first) == {"id", "sentences", "answer", "abstained", "answerable_score"}
    for sentence in first["sentences"]:
        assert TEXT[sentence["start"] : sentence["end"]] == sentence["text"]
    scores = [s["score"] for s in first["sentences"]]
    assert scores == sorted(scores, reverse=True)
    assert "forty cars" in first["sentences"][0]["text"]
    assert first["answerable_score"] > second["answerable_score"]
    assert not (tmp_path / "nowhere").exists()


def test_verify_judges_each_claim(rag, tmp_path):
    batch = jsonl(
        tmp_path / "in.jsonl",
        {"id": 1, "claim": "The ferry carries forty cars.", "evidence": TEXT},
        {"id": 2, "claim": "The ferry carries ninety cars.", "evidence": TEXT},
    )
    out = tmp_path / "out.jsonl"
    assert rag("verify", "--batch", batch, "--out", out) == (0, "", "")
    first, second = records(out.read_text())
    assert set(first) == {"id", "verdict", "score", "reasons"}
    assert first["verdict"] == "supported"
    assert second["verdict"] != "supported"
    assert first["score"] > second["score"]


# ---------------------------------------------------------------------- what is refused


def test_nothing_to_index_is_refused_and_leaves_nothing(rag, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary" / "x.txt").write_bytes(bytes(range(256)) * 20)
    index = tmp_path / "index"
    for name in ("nowhere.txt", "empty", "binary", "binary/x.txt"):
        refused(rag("index", tmp_path / name, index=index), name)
        refused(rag("index", tmp_path / name, "--json", index=index))
    assert not index.exists()


def test_an_index_that_is_missing_is_named(rag, tmp_path):
    index = tmp_path / "nowhere"
    for command in (["sources"], ["check"], ["quote", "some words"], ["remove", "x"]):
        refused(rag(*command, index=index), str(index), "rag index")
        refused(rag(*command, "--json", index=index))
    assert not index.exists()


def test_a_document_that_is_not_there_is_named(rag, copy):
    refused(rag("remove", "nobody", IDS[0], index=copy), "nobody", "rag sources")
    for command in ("ask", "search"):
        refused(rag(command, "Who is Rutte?", "--source", "nobody", index=copy), "nobody")
    assert len(parsed(rag("sources", "--json", index=copy))) == len(IDS)


@pytest.mark.parametrize("question", ["", "  \n ", "x" * 100_000, "?" * 100_000])
def test_a_question_that_is_none_is_refused(rag, question):
    refused(rag("ask", question, "--json"), "question")
    refused(rag("search", question), "question")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{not json", ["in.jsonl:2", "JSON"]),
        ("[1, 2]", ["in.jsonl:2", "JSON object", "list"]),
        ("[" * 100_000, ["in.jsonl:2", "JSON"]),
        ('{"id": "b"}', ["in.jsonl:2", "'question'", "nothing"]),
        ('{"question": "b"}', ["in.jsonl:2", "'id'"]),
        ('{"id": "b", "question": ["who"]}', ["in.jsonl:2", "'question'", "['who']"]),
        ('{"id": "b", "question": "who", "history": "none"}', ["in.jsonl:2", "history"]),
        ('{"id": "b", "question": "who", "history": [["who"]]}', ["in.jsonl:2", "history"]),
        ('{"id": "b", "question": "w", "history": [["root", "x"]]}', ["in.jsonl:2", "history"]),
    ],
)
def test_a_bad_line_of_a_batch_is_named_before_any_work(rag, tmp_path, line, words):
    batch, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    batch.write_text(f'{{"id": "a", "question": "Who is Rutte?"}}\n{line}\n')
    out.write_text("earlier results")
    refused(rag("ask", "--batch", batch, "--out", out), *words)
    assert out.read_text() == "earlier results"


@pytest.mark.parametrize("command", ["ask", "search", "read", "verify"])
def test_a_batch_that_cannot_be_read_or_written_is_refused(rag, tmp_path, command):
    refused(rag(command, "--batch", tmp_path / "nowhere.jsonl"), "nowhere.jsonl")
    refused(rag(command, "--batch", tmp_path), str(tmp_path))
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "\xe9"}')
    refused(rag(command, "--batch", tmp_path / "latin.jsonl"), "UTF-8")
    text = dict.fromkeys(("id", "question", "query", "text", "claim", "evidence"), "words")
    batch = jsonl(tmp_path / "in.jsonl", text)
    refused(rag(command, "--batch", batch, "--out", tmp_path), "cannot write")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "--bogus"], ["--bogus"]),
        (["bogus"], ["bogus"]),
        (["search", "x", "--top-k", "0"], ["--top-k"]),
        (["search", "x", "--top-k", "many"], ["--top-k"]),
        (["search"], ["query", "--batch"]),
        (["ask", "who", "--batch", "in.jsonl"], ["not both"]),
        (["ask", "who", "--out", "out.jsonl"], ["--batch"]),
        (["remove"], ["documents"]),
        (["read"], ["--batch"]),
    ],
)
def test_wrong_usage_is_refused(rag, arguments, words):
    refused(rag(*arguments), *words)


@pytest.mark.parametrize(
    ("name", "value"), [("RAG_TOP_K", "abc"), ("RAG_TOP_K", "0"), ("RAG_CHUNK_TOKENS", "1000000")]
)
def test_a_wrong_setting_is_named(rag, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    for command in (["ask", "who"], ["index"], ["sources"], ["check"]):
        refused(rag(*command), name, value)


def test_an_index_by_another_model_is_refused(rag, tmp_path):
    outcome = ReadOutcome("a", (Document("a", "The ferry sails at noon."),))
    ingest(tmp_path / "other", [outcome], embedder=HashEmbedder(), chunk_tokens=180)
    for command in (["ask", "when"], ["search", "ferry"], ["index"]):
        refused(rag(*command, index=tmp_path / "other"), "hash-64", "--rebuild")
    status, _, err = rag("check", index=tmp_path / "other")
    assert status == 1
    assert "hash-64" in err
    assert [s["id"] for s in parsed(rag("sources", "--json", index=tmp_path / "other"))] == ["a"]


def test_an_index_by_another_version_is_refused(rag, copy):
    path = copy / "store.sqlite"
    content = path.read_bytes()
    assert b"schema2" in content
    path.write_bytes(content.replace(b"schema2", b"schema0"))
    sealed = replace(read_seal(path), digest=digest_file(path), stamp=stamp_of(path))
    write_seal(path, sealed)
    for command in (["ask", "who"], ["search", "x"], ["sources"], ["quote", "x y"], ["index"]):
        refused(rag(*command, index=copy), "schema '0'", "--rebuild")
    assert parsed(rag("index", "--rebuild", "--json", index=copy))["unchanged"] == IDS
    assert parsed(rag("check", "--json", index=copy))["ok"]


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000, None])
def test_a_store_that_cannot_be_read_is_named(rag, copy, damage):
    path = copy / "store.sqlite"
    path.write_bytes(path.read_bytes()[:20_000] if damage is None else damage)
    for command in (["sources"], ["quote", "some words"], ["remove", IDS[0]]):
        refused(rag(*command, index=copy), str(copy), "rag index")


def test_vectors_that_were_deleted_are_built_again_before_a_search(rag, copy):
    shutil.rmtree(next(copy.glob("vectors-*")))
    status, out, _ = rag("check", "--json", index=copy)
    assert (status, json.loads(out)["ok"]) == (1, False)
    assert parsed(rag("search", "Rutte", "--json", index=copy))["passages"]
    assert parsed(rag("check", "--json", index=copy))["ok"]


# ---------------------------------------------------------------------- as a process


def rag_process(*arguments, **options):
    command = [sys.executable, "-m", "rag", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, cwd=ROOT, **options)


def test_without_arguments_the_command_says_what_it_can_do(rag):
    status, out, err = rag()
    assert (status, err) == (0, "")
    assert "sources" in out


def test_a_reader_that_has_had_enough_is_no_error(seed_index):
    command = f"{sys.executable} -m rag sources --index {seed_index} | head -c 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, cwd=ROOT)
    assert done.stderr == b""


def test_output_that_takes_no_unicode_still_gets_the_answer(seed_index):
    environment = {"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"}
    arguments = ("quote", "desperate need for cash and resources", "--index", seed_index)
    plain = rag_process(*arguments, env=environment)
    assert (plain.returncode, plain.stderr) == (0, b"")
    as_json = rag_process(*arguments, "--json", env=environment)
    assert json.loads(as_json.stdout)["matches"][0]["status"] == "exact"
