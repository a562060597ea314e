"""The invented news stories that the reader is fitted on, and how passages are made of them."""

import json
import random
from pathlib import Path

import pytest

from training import stories
from training.stories import read_stories

FOLDER = Path(stories.__file__).with_name("stories")
KINDS = {"paraphrase", "natural", "direct", "voice", "reason_or_list", "near_miss"}
TEXT = ("The Petrel sank off Brest in 1931.", "Nobody was hurt.", "Its owner sold two more ships.")


def asked(question, *, evidence=(), nearest=None):
    kind = "near_miss" if nearest else "natural"
    found = {"kind": kind, "question": question, "evidence": list(evidence)}
    return {**found, "nearest": nearest} if nearest else found


def written(folder, name, questions, paragraphs=None):
    head = {"title": "A ferry sinks", "publisher": "The Quay", "date": "1931-05-02"}
    article = {**head, "form": "wire report", "paragraphs": paragraphs or [" ".join(TEXT)]}
    story = {"story": "a ferry", "articles": [article], "questions": questions}
    (folder / f"{name}.json").write_text(json.dumps(story), encoding="utf-8")


def read(folder, *, held=False, seed=1):
    return list(read_stories(random.Random(seed), held=held, folder=folder))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_story_quotes_its_articles_word_for_word(path):
    story = json.loads(path.read_text(encoding="utf-8"))
    paragraphs = [p for article in story["articles"] for p in article["paragraphs"]]
    assert len(story["articles"]) == 4
    assert len({found["question"] for found in story["questions"]}) == 80
    for found in story["questions"]:
        near_miss = found["kind"] == "near_miss"
        assert found["kind"] in KINDS
        assert bool(found["evidence"]) != near_miss
        assert bool(found.get("nearest")) == near_miss
        for told in [*found["evidence"], *filter(None, [found.get("nearest")])]:
            assert any(told in paragraph for paragraph in paragraphs), told


def passages(example):
    return ((example.sentences, example.answers), *example.others)


def telling(example):
    return [sentences[i] for sentences, answers in passages(example) for i in answers]


def test_the_sentence_that_answers_is_marked_wherever_its_passage_begins(tmp_path):
    written(tmp_path, "01", [asked("What became of the other ships?", evidence=[TEXT[2]])])
    for seed in range(20):
        (example,) = read(tmp_path, seed=seed)
        assert telling(example) == [TEXT[2]]


def test_a_near_miss_is_asked_over_the_passage_that_nearly_answers(tmp_path):
    near_miss = asked("Who was the master of the Petrel?", nearest=TEXT[0])
    written(tmp_path, "01", [near_miss], paragraphs=[" ".join(TEXT * 2)])
    for seed in range(20):
        (example,) = read(tmp_path, seed=seed)
        assert not telling(example)


LONG = [f"The Petrel line's ship number {n} sailed from Brest to load timber." for n in range(60)]


def test_what_answers_is_read_however_little_it_looks_like_it(tmp_path):
    told = "Nobody was hurt."
    text = " ".join([*LONG[:30], told, *LONG[30:]])
    question = asked("Which ship of the Petrel line sailed to load timber?", evidence=[told])
    written(tmp_path, "01", [question], paragraphs=[text])
    (example,) = read(tmp_path)
    assert len(passages(example)) == 4
    assert telling(example) == [told]


def test_a_passage_is_no_longer_than_what_is_read_in_one_go(tmp_path):
    question = asked("What sailed?", evidence=[LONG[0], LONG[20]])
    written(tmp_path, "01", [question], paragraphs=[" ".join(LONG)])
    (example,) = read(tmp_path)
    assert all(sum(map(len, sentences)) <= 750 for sentences, _ in passages(example))


def test_every_fifth_story_is_only_measured_on(tmp_path):
    for name in ("01", "02", "05", "10"):
        written(tmp_path, name, [asked(f"What of {name}?", evidence=[TEXT[1]])])
    fitted = {example.question for example in read(tmp_path)}
    held = {example.question for example in read(tmp_path, held=True)}
    assert fitted == {"What of 01?", "What of 02?"}
    assert held == {"What of 05?", "What of 10?"}


def test_who_speaks_stands_before_what_is_said(tmp_path):
    said = "“We lost two ships,” the line's director said. “The third was sold to pay for them.”"
    told = "“The third was sold to pay for them.”"
    written(tmp_path, "01", [asked("Why was one sold?", evidence=[told])], paragraphs=[said])
    (example,) = read(tmp_path)
    (answer,) = telling(example)
    assert answer.endswith(f"director: {told}")
