from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from evals.__main__ import main
from evals.corpora import find_corpora
from evals.testing import ScriptedBot
from rag.api import open_chatbot
from rag.errors import InputError
from rag.testing import HashEmbedder
from rag.types import Answer, Citation, Document

SEEDS = Path(__file__).parent.parent / "seeds"
TEXT = "The harbour office counted 8,000 crates."
HARBOUR = Document("harbour", TEXT, title="Harbour news")
CRATES, WHALES = "How many crates?", "How many whales?"
QUOTE = Citation(1, "harbour", None, None, None, None, "article", TEXT, 0, len(TEXT), 1.0)
RIGHT = Answer(CRATES, f"{TEXT} [1]", False, "extractive", "extractive", citations=(QUOTE,))
DECLINED = Answer(WHALES, "Not in these articles.", True, "extractive", "extractive")


@pytest.fixture
def folders(tmp_path):
    """A folder of briefs, one of originals, and one that holds both."""
    for name, suffixes in {"b": [".md"], "o": [".txt"], "both": [".md", ".txt"]}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text("about", encoding="utf-8")
        for suffix in suffixes:
            (tmp_path / name / f"harbour{suffix}").write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_corpora_are_named_by_what_their_folders_hold(folders):
    found = find_corpora([folders / "b", folders / "o", folders / "b"], folders / "scratch")
    assert [(c.name, c.folder.name) for c in found] == [("briefs", "b"), ("originals", "o")]


def test_a_folder_of_briefs_and_originals_is_two_corpora(folders):
    found = find_corpora([folders / "both"], folders / "scratch")
    held = {c.name: [path.name for path in c.folder.iterdir()] for c in found}
    assert held == {"briefs": ["harbour.md"], "originals": ["harbour.txt"]}


def test_two_corpora_of_a_name_are_told_apart(folders):
    found = find_corpora([folders / "b", folders / "both"], folders / "scratch")
    assert [c.name for c in found] == ["briefs", "briefs-2", "originals"]


def test_a_folder_without_articles_is_refused(tmp_path):
    with pytest.raises(InputError, match="no articles"):
        find_corpora([tmp_path], tmp_path / "scratch")


def _run(folders, answers, *arguments):
    """Run the command over gold questions about crates and whales; return status and out folder."""
    rows = [
        {"id": "figure-01", "kind": "figure", "question": CRATES, "must": [["8000"]],
         "documents": ["harbour"], "answerable": True, "split": "dev"},
        {"id": "unanswerable-01", "kind": "unanswerable", "question": WHALES,
         "answerable": False, "split": "test"},
    ]  # fmt: skip
    gold, floors, out = folders / "gold.jsonl", folders / "floors.toml", folders / "results"
    gold.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    floors.write_text('[floors]\naccuracy = 0.7\n"quote validity" = 1.0\n', encoding="utf-8")
    opened: list[tuple[Path, Path]] = []

    def open_bot(index, seeds):
        opened.append((index, seeds))
        return nullcontext(ScriptedBot(HARBOUR, answers))

    options = ["--gold", gold, "--thresholds", floors, "--out", out, *arguments]
    return main([str(option) for option in options], open_bot=open_bot), out, opened


GOOD = {CRATES: RIGHT, WHALES: DECLINED}
BAD = {CRATES: RIGHT, WHALES: replace(RIGHT, question=WHALES)}


def test_the_command_measures_every_corpus_and_writes_its_reports(folders, capsys):
    status, out, opened = _run(folders, GOOD, "--seeds", folders / "b", "--seeds", folders / "o")
    assert status == 0
    assert [seeds.name for _, seeds in opened] == ["b", "o"]
    assert len({index for index, _ in opened}) == 2
    for corpus in ("briefs", "originals"):
        written = sorted(path.name for path in (out / corpus).iterdir())
        assert written == ["junit.xml", "report.md", "results.json"]
    results = json.loads((out / "briefs" / "results.json").read_text(encoding="utf-8"))
    assert results["figures"]["accuracy"]["value"] == 1.0
    assert [sample["id"] for sample in results["samples"]] == ["figure-01", "unanswerable-01"]
    assert "accuracy" in capsys.readouterr().out


def test_the_command_fails_below_a_floor_and_names_metric_and_cases(folders, capsys):
    status, out, _ = _run(folders, BAD, "--seeds", folders / "b", "--show-failures")
    shown = capsys.readouterr()
    assert status == 1
    expected = "FAILED briefs: accuracy is 0.500, needed 0.700; failing cases: unanswerable-01"
    assert shown.err.strip() == expected
    assert "answered what no document answers" in shown.out
    suites = ET.parse(out / "briefs" / "junit.xml").getroot()
    failed = [
        case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None
    ]
    skipped = [
        case.get("name") for case in suites.iter("testcase") if case.find("skipped") is not None
    ]
    assert (failed, skipped) == (["accuracy"], ["unanswerable-01"])
    assert "| accuracy | 0.500 |" in (out / "briefs" / "report.md").read_text(encoding="utf-8")


def test_the_command_runs_one_split(folders):
    status, out, _ = _run(folders, BAD, "--seeds", folders / "b", "--split", "dev")
    results = json.loads((out / "briefs" / "results.json").read_text(encoding="utf-8"))
    assert status == 0
    assert [sample["split"] for sample in results["samples"]] == ["dev"]


def test_one_kind_alone_is_shown_and_not_judged(folders):
    status, _, _ = _run(folders, BAD, "--seeds", folders / "b", "--kind", "unanswerable")
    assert status == 0


def test_the_command_keeps_the_index_where_it_is_told_to(folders):
    index = folders / "index"
    _, _, opened = _run(folders, GOOD, "--seeds", folders / "b", "--index", index)
    assert [path for path, _ in opened] == [index]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--seeds", "b", "--seeds", "o", "--index", "i"], "--index"),
        (["--seeds", "nowhere"], "nowhere"),
        (["--seeds", "b", "--kind", "list"], "no samples"),
    ],
)
def test_the_command_says_in_one_line_what_it_cannot_do(folders, capsys, arguments, complaint):
    paths = [a if a.startswith("--") or a == "list" else folders / a for a in arguments]
    status, _, _ = _run(folders, GOOD, *paths)
    shown = capsys.readouterr().err
    assert status == 2
    assert complaint in shown
    assert shown.count("\n") == 1


def test_the_command_measures_the_chatbot_itself(tmp_path, monkeypatch):
    for name in ("RAG_MODEL", "OPENAI_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "RAG_SEEDS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def open_bot(index, seeds):
        return open_chatbot(index=index, seeds=seeds, embedder=HashEmbedder())

    arguments = ["--kind", "follow-up", "--split", "dev", "--out", str(tmp_path / "out")]
    assert main([*arguments, "--seeds", str(SEEDS)], open_bot=open_bot) == 0
    for report in (tmp_path / "out").glob("*/results.json"):
        results = json.loads(report.read_text(encoding="utf-8"))
        assert results["mode"] == "extractive"
        assert [sample["error"] for sample in results["samples"]] == [None] * results["questions"]
        assert results["figures"]["quote validity"]["value"] == 1.0
