"""The further questions over paragraphs of public sets that the reader is fitted on."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from training import asked
from training.asked import read_asked

FOLDER = Path(asked.__file__).with_name("asked")
TEXT = "The ferry Petrel sank off Brest in 1931. Nobody was hurt. Its owner sold two more."


def question(paragraph="quay-1", *, sentences=3, answers=(), words=()):
    found = {"id": paragraph, "sentences": sentences, "question": "Where did the Petrel go down?"}
    return {**found, "answers": list(answers), **({"words": list(words)} if words else {})}


def read(tmp_path, *rows, held=None):
    """Read questions over paragraphs that all have the same text, fitted on and held back."""
    paragraphs = [{"id": found["id"], "context": TEXT} for found in rows]
    data = tmp_path / "train" / "read"
    data.mkdir(parents=True, exist_ok=True)
    with gzip.open(data / "quay.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(found) + "\n" for found in paragraphs)
    lines = "".join(json.dumps(found) + "\n" for found in rows)
    (tmp_path / "quay.jsonl").write_text(lines, encoding="utf-8")
    sides = (True, False) if held is None else (held,)
    return [e for side in sides for e in read_asked(tmp_path, held=side, folder=tmp_path)]


def test_a_question_is_read_with_its_paragraph_and_where_its_answer_stands(tmp_path):
    (example,) = read(tmp_path, question(answers=[0], words=[[0, 22, 31]]))
    assert example.sentences == (
        "The ferry Petrel sank off Brest in 1931.",
        "Nobody was hurt.",
        "Its owner sold two more.",
    )
    assert example.answers == (0,)
    assert example.wording == ("off Brest",)


def test_a_question_may_have_no_answer(tmp_path):
    (example,) = read(tmp_path, question())
    assert example.answers == ()


def test_all_questions_of_a_paragraph_are_fitted_on_or_none(tmp_path):
    rows = [question(f"quay-{n}") for n in range(60) for _ in range(2)]
    fitted, held = read(tmp_path, *rows, held=False), read(tmp_path, *rows, held=True)
    assert len(fitted) + len(held) == len(rows)
    assert 0 < len(held) < len(fitted)
    assert len(held) % 2 == 0


def test_a_paragraph_that_falls_into_other_sentences_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"quay.jsonl: quay-1 has 3 sentences instead of 4"):
        read(tmp_path, question(sentences=4))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_each_paragraph_is_asked_what_it_tells_and_what_it_does_not(path):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    told, untold = (
        Counter(row["id"] for row in rows if bool(row["answers"]) == answered)
        for answered in (True, False)
    )
    assert set(told.values()) == set(untold.values()) == {3}
    assert told.keys() == untold.keys()
    assert len({(row["id"], row["question"]) for row in rows}) == len(rows)
    for row in rows:
        assert all(0 <= number < row["sentences"] for number in row["answers"])
        places = row.get("words", ())
        assert all(number in row["answers"] and a < b for number, a, b in places)
