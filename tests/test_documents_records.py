import json
import re
from pathlib import Path

import pytest

from rag.documents import read_documents
from rag.documents.owners import Owners
from rag.documents.records import read_records
from rag.types import Document, ReadOutcome

TEXT = "The harbour board met on Monday. It voted by seven to two.\n\nWork starts in spring."


def read(folder: Path, *lines: object) -> list[ReadOutcome]:
    path = folder / "records.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return list(read_documents([path]))


def documents(outcomes: list[ReadOutcome]) -> list[Document]:
    return [document for outcome in outcomes for document in outcome.documents]


def test_records_become_documents_with_their_fields(tmp_path):
    full = {
        "id": "r1",
        "title": "Board votes",
        "text": TEXT,
        "author": "Ada Quill",
        "publisher": "Coast Gazette",
        "date": "2023/02/07",
        "url": "https://coast.example/1",
    }
    first, second = documents(read(tmp_path, full, "", {"id": "r2", "title": None, "text": "A."}))
    assert (first.id, first.title, first.author) == ("r1", "Board votes", "Ada Quill")
    assert (first.publisher, first.date) == ("Coast Gazette", "2023-02-07")
    assert (first.url, first.kind, first.text) == ("https://coast.example/1", "record", TEXT)
    assert (second.id, second.title, second.text) == ("r2", None, "A.")


def test_a_records_text_keeps_captions_headings_and_lists(tmp_path):
    text = "Port News\n\nShips at dawn. AP\n\nWhat next\n\nGrain\n\nThe board met."
    (document,) = documents(read(tmp_path, {"id": "r", "text": text}))
    assert document.text == text


def test_only_forms_and_buttons_are_taken_out_of_a_records_text(tmp_path):
    text = "The board met.\n\nA A Print\n\nLeave a Reply\n\nIt voted."
    (document,) = documents(read(tmp_path, {"id": "r", "text": text}))
    assert document.text == "The board met.\n\nIt voted."


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{oops", "expected JSON"),
        ("[" * 100_000, "expected a plain JSON record"),
        ("[1]", "expected a JSON object, found [1]"),
        ({"text": "A."}, "field id: expected a non-empty string, found no such field"),
        ({"id": 7, "text": "A."}, "field id: expected a non-empty string, found 7"),
        ({"id": "x\ny", "text": "A."}, 'field id: expected printable text, found "x\\ny"'),
        ({"id": "\ud800", "text": "A."}, "field id: expected printable text"),
        ({"id": "r"}, "field text: expected a non-empty string, found no such field"),
        ({"id": "r", "text": "  "}, 'field text: expected a non-empty string, found "'),
        ({"id": "r", "text": "\u200b"}, "field text: expected an article's text"),
        ({"id": "r", "text": "A.", "title": 3}, "field title: expected a string or null, found 3"),
        ({"id": "r", "text": "A.", "kind": "blog"}, "field kind: expected one of"),
        ({"id": "good", "text": "Again."}, "the id 'good' is taken by"),
    ],
)
def test_a_bad_record_is_a_problem_by_line_and_the_others_load(tmp_path, line, complaint):
    outcomes = read(tmp_path, {"id": "good", "text": "A."}, line, {"id": "last", "text": "B."})
    (problem,) = [outcome for outcome in outcomes if outcome.problem]
    assert problem.path.endswith("records.jsonl:2")
    assert (problem.problem or "").startswith("line 2: ")
    assert complaint in (problem.problem or "")
    assert [document.id for document in documents(outcomes)] == ["good", "last"]


def test_a_date_that_cannot_be_read_costs_only_the_date(tmp_path):
    outcomes = read(tmp_path, {"id": "r", "text": "A.", "date": "autumn 2023"})
    assert [(document.id, document.date) for document in documents(outcomes)] == [("r", None)]
    (problem,) = [outcome.problem for outcome in outcomes if outcome.problem]
    assert 'found "autumn 2023"; the record was read without it' in problem


def test_bad_bytes_spoil_their_own_line_only(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a", "text": "A."}\n{"id": "b", "text": "\xff"}\n')
    good, bad = sorted(read_documents([path]), key=lambda outcome: bool(outcome.problem))
    assert [document.id for document in good.documents] == ["a"]
    assert "expected UTF-8" in (bad.problem or "")


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "it is empty"), (b"\n \n", "it is empty"), ('{"id": 1}'.encode("utf-16"), "UTF-16")],
)
def test_a_file_that_holds_no_records_is_one_problem(tmp_path, data, reason):
    path = tmp_path / "records.jsonl"
    path.write_bytes(data)
    (outcome,) = read_documents([path])
    assert reason in (outcome.problem or "")


def test_many_records_come_in_batches(tmp_path):
    outcomes = read(tmp_path, *({"id": f"r{n}", "text": "A."} for n in range(2_500)))
    assert [len(outcome.documents) for outcome in outcomes] == [1_000, 1_000, 500]
    assert len({outcome.path for outcome in outcomes}) == 1


@pytest.mark.parametrize("line", [b'{"id": "\0"}', b"x" * (64 * 1024 * 1024 + 2)])
def test_the_records_before_a_line_that_ends_the_reading_are_kept(tmp_path, line):
    path = tmp_path / "records.jsonl"
    path.write_bytes(b'{"id": "r1", "text": "A."}\n' + line + b'\n{"id": "r3", "text": "C."}\n')
    first, second = read_documents([path])
    assert [document.id for document in first.documents] == ["r1"]
    assert re.match("line 2.*; nothing from there on was read", second.problem)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that errs when read")
def test_a_disk_that_fails_under_records_is_a_problem():
    (outcome,) = read_records(Path("/proc/self/mem"), Owners())
    assert outcome.problem.startswith("it cannot be read: ")


@pytest.mark.parametrize(
    "line",
    ["More:Ferry line loses its captain", "Related:“Ferry line loses its captain”"],
)
def test_links_to_other_stories_that_a_scraper_glued_to_their_label_are_left_out(tmp_path, line):
    text = f"The board met on Monday.\n\n{line}\n\nWork starts in spring."
    (found,) = documents(read(tmp_path, {"id": "r1", "text": text}))
    assert "captain" not in found.text
    assert "Work starts" in found.text


@pytest.mark.parametrize(
    "line",
    [
        "More: the board meets again.",
        "More:The board meets again.",
        "Place:Lindmouth Town Hall",
        "Ferry:A captain is lost to the line",
    ],
)
def test_a_sentence_or_a_field_behind_a_label_stays(tmp_path, line):
    (found,) = documents(read(tmp_path, {"id": "r1", "text": f"It met on Monday.\n\n{line}"}))
    assert line in found.text
