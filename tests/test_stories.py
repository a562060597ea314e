"""The invented news stories that the reader is fitted on, and how passages are made of them."""

import json
import random
import re
from itertools import chain
from pathlib import Path

import pytest

from training import stories
from training.names import named
from training.stories import LAST_FITTED, read_stories

FOLDER = Path(stories.__file__).with_name("stories")
TOGETHER = {"comparison", "conflict", "reason_or_list"}
KINDS = {"paraphrase", "natural", "direct", "voice", "named", "near_miss"} | TOGETHER
SLOT = re.compile(r"\{[MF]\d( full)?\}")
TEXT = ("The Petrel sank off Brest in 1931.", "Nobody was hurt.", "Its owner sold two more ships.")


def asked(question, *, evidence=(), nearest=None, kind="natural"):
    kind = "near_miss" if nearest else kind
    found = {"kind": kind, "question": question, "evidence": list(evidence)}
    return {**found, "nearest": nearest} if nearest else found


def written(folder, name, questions, paragraphs=None, further=()):
    head = {"title": "A ferry sinks", "publisher": "The Quay", "date": "1931-05-02"}
    article = {**head, "form": "wire report", "paragraphs": paragraphs or [" ".join(TEXT)]}
    story = {"story": "a ferry", "articles": [article], "questions": questions}
    story |= {"further": list(further)} if further else {}
    (folder / f"{name}.json").write_text(json.dumps(story), encoding="utf-8")


def read(folder, *, held=False, seed=1):
    return list(read_stories(random.Random(seed), held=held, folder=folder))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_story_quotes_its_articles_word_for_word(path):
    story = json.loads(path.read_text(encoding="utf-8"))
    paragraphs = [p for article in story["articles"] for p in article["paragraphs"]]
    assert len(story["articles"]) == 4
    fitted_on = int(path.stem) % 5 and int(path.stem) <= LAST_FITTED
    lists = [story["questions"], *([story["further"]] if fitted_on else [])]
    asked_of_it = list(chain.from_iterable(lists))
    assert {len(rows) for rows in lists} == {80}
    assert len({found["question"] for found in asked_of_it}) == len(asked_of_it)
    for found in asked_of_it:
        near_miss = found["kind"] == "near_miss"
        assert found["kind"] in KINDS
        assert bool(found["evidence"]) != near_miss
        assert bool(found.get("nearest")) == near_miss
        for told in [*found["evidence"], *filter(None, [found.get("nearest")])]:
            assert any(told in paragraph for paragraph in paragraphs), told
    assert not re.search(r"[{}]", SLOT.sub("", " ".join(paragraphs)))


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


def test_every_fifth_story_and_what_came_after_the_fit_are_only_measured_on(tmp_path):
    for name in ("01", "02", "05", "10", "171"):
        written(tmp_path, name, [asked(f"What of {name}?", evidence=[TEXT[1]])])
    fitted = {example.question for example in read(tmp_path)}
    held = {example.question for example in read(tmp_path, held=True)}
    assert fitted == {"What of 01?", "What of 02?"}
    assert held == {"What of 05?", "What of 10?", "What of 171?"}


def test_further_questions_are_read_where_a_share_of_them_is_asked_for(tmp_path):
    first = [asked(f"What of ship {n}?", evidence=[TEXT[1]]) for n in range(4)]
    written(tmp_path, "01", first, further=[asked("And the master?", evidence=[TEXT[0]])])
    rng, shares = random.Random(1), {"questions": 0.5, "further": 1.0}
    found = list(read_stories(rng, held=False, shares=shares, folder=tmp_path))
    assert len(read(tmp_path)) == 4
    assert len({example.question for example in found}) == 3
    assert "And the master?" in {example.question for example in found}


def test_who_speaks_stands_before_what_is_said(tmp_path):
    said = "“We lost two ships,” the line's director said. “The third was sold to pay for them.”"
    told = "“The third was sold to pay for them.”"
    written(tmp_path, "01", [asked("Why was one sold?", evidence=[told])], paragraphs=[said])
    (example,) = read(tmp_path)
    (answer,) = telling(example)
    assert answer.endswith(f"director: {told}")


def test_a_person_has_one_name_in_a_story_and_another_in_the_next_reading(tmp_path):
    told = "{F1 full}, who led the inquiry, blamed the pilot."
    later = "The harbour lost the files, {F1} said, but {M1 full} kept copies."
    question = asked("Whom did {F1} blame?", evidence=[told, later])
    written(tmp_path, "01", [question], paragraphs=[f"{told} {later}"])
    seen = set()
    for seed in range(10):
        (example,) = read(tmp_path, seed=seed)
        surname = example.question.split()[-2]
        given, found = example.sentences[0].split(",")[0].split(" ")
        assert found == surname != given
        assert f"{surname} said" in example.sentences[1]
        assert telling(example) == list(example.sentences)
        seen.add(surname)
    assert len(seen) > 5


def test_no_two_people_share_a_name_and_none_has_one_that_is_told_already():
    slots = " ".join(f"{{{sex}{n}}}" for sex in "MF" for n in range(1, 6))
    for seed in range(50):
        names = named(f"Baker Street {slots}", random.Random(seed)).split()[2:]
        assert len(set(names)) == 10
        assert "Baker" not in names


@pytest.mark.parametrize("kind", sorted(KINDS - {"near_miss"}))
def test_all_that_a_comparison_or_a_list_rests_on_is_wanted(tmp_path, kind):
    written(tmp_path, "01", [asked("What was lost?", evidence=TEXT[:2], kind=kind)])
    (example,) = read(tmp_path)
    assert example.together == (kind in TOGETHER)


def test_a_story_is_asked_about_another_one_that_it_does_not_tell(tmp_path):
    for name in ("01", "02"):
        written(tmp_path, name, [asked(f"What of {name}?", evidence=[TEXT[1]])])
    found = [(example.question, telling(example)) for example in read(tmp_path)]
    assert found == [("What of 01?", [TEXT[1]]), ("What of 02?", [TEXT[1]]), ("What of 01?", [])]
