"""The examples that the reader is fitted on; the fit itself needs torch, which tests do not."""

import gzip
import json
import random

import numpy as np
import pytest

from training import data, pools
from training.averaging import Average
from training.data import held_examples, read_examples
from training.edits import asking_when_or_why, mistyped, swapped
from training.example import Example
from training.passes import PASSES, Mix
from training.pools import pooled
from training.rows import is_held
from training.synonyms import Synonyms

TEXT = "The ferry Petrel sank off Brest in 1931. Nobody was hurt. Its owner sold two more."
QUESTION = "Where did the ferry Petrel sink?"


def row(number, *, impossible=False):
    title = f"Ferry {number}"
    answers = [] if impossible else [{"text": "off Brest", "answer_start": TEXT.index("off Brest")}]
    found = {"question": QUESTION, "context": TEXT, "answers": answers}
    return {**found, "is_impossible": impossible, "title": title, "group": title}


def section(number):
    texts = ("The pier burnt in 1890.", "It was rebuilt.")
    candidates = [{"text": text, "label": n == 0} for n, text in enumerate(texts)]
    return {"question": "When did it burn?", "candidates": candidates, "group": f"Pier {number}"}


def written(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(found) + "\n" for found in rows)


@pytest.fixture
def folder(tmp_path):
    written(tmp_path / "train" / "read" / "ferries.jsonl.gz", [row(n) for n in range(30)])
    written(tmp_path / "squad2_halfdev" / "dev.jsonl.gz", [row(n) for n in range(40)])
    written(tmp_path / "clapnq" / "dev.jsonl.gz", [])
    written(tmp_path / "selqa" / "dev.jsonl.gz", [section(n) for n in range(40)])
    return tmp_path


def mix(**given):
    plain = {"sets": {"ferries": 20}, "repeats": {}, "made_unanswerable": 0, "cut_share": 1.0}
    rest = {"reworded_share": 0.0, "claims": 0.0, "claim_repeats": 1, "rate": 1e-4}
    return Mix(**{**plain, **rest, **given})


def test_an_example_marks_the_sentence_and_the_words_that_answer(folder):
    examples = read_examples(folder, mix(), random.Random(1))
    assert len(examples) == 20
    for example in examples:
        assert example.answers == (0,)
        assert example.wording == ("off Brest",)


def test_what_is_made_unanswerable_lacks_the_sentence_that_answers(folder):
    made = [
        example
        for example in read_examples(folder, mix(made_unanswerable=10), random.Random(1))
        if not example.answers
    ]
    assert len(made) == 10
    assert all("Brest" not in " ".join(example.sentences) for example in made)


def test_sentences_alone_answer_by_turns(folder):
    examples = read_examples(folder, mix(sets={}, repeats={"selqa": 1}, alone=6), random.Random(1))
    alone = [example for example in examples if len(example.sentences) == 1]
    assert sorted(bool(example.answers) for example in alone) == [False] * 3 + [True] * 3


OTHERS = [f"Ferry {n} sank off Brest." for n in range(9)] + [
    f"A ferry did {n} trips." for n in range(40)
]


def test_a_pool_takes_sentences_of_other_texts_that_do_not_hold_the_answer(monkeypatch):
    monkeypatch.setattr(pools, "_COMMON", 1.0)  # of so few sentences
    text = ("The ferry Petrel sank off Brest in 1931.", "Nobody was hurt.")
    example = Example(QUESTION, text, (0,), ((0, 21, 30),))
    other = Example("How many trips?", OTHERS, (9,), ((9, 12, 13),))
    found = [pooled([example, other], 2, random.Random(seed)) for seed in range(30)]
    made_of = [e for made in found for e in made if e.question == QUESTION]
    lacking = 0
    for pool in made_of:
        passages = [(pool.sentences, pool.answers), *pool.others]
        sentences = [s for read, _ in passages for s in read]
        right = [read[i] for read, answers in passages for i in answers]
        assert right in ([], [text[0]])
        lacking += not right
        assert [s for s in sentences if "off Brest" in s] == right
        assert text[1] in sentences
        assert 10 < len(sentences) == len(set(sentences)) <= 20
        assert all(sum(map(len, read)) <= 750 for read, _ in passages)
    assert 0 < lacking < len(made_of) / 2


def test_what_is_measured_on_is_never_fitted_on(folder, monkeypatch):
    monkeypatch.setattr(data, "_TYPO_SHARE", 0.0)
    monkeypatch.setattr(data, "read_asked", lambda folder, held: [])  # of sets that are not here
    fitted = read_examples(folder, mix(sets={}, repeats={"squad2": 1}), random.Random(1))
    held = held_examples(folder)["squad2"]
    assert len(held) == sum(is_held(f"Ferry {n}") for n in range(40))
    assert 0 < len(held) < 40
    assert len(fitted) == 40 - len(held)


def test_weights_are_averaged_over_the_steps_taken_in():
    average, weights = Average(), np.array([1.0, 2.0])
    for step in range(5):
        average.add({"head": weights})
        weights += step  # in place, as an optimiser changes them
    assert average.state["head"] == pytest.approx(np.array([3.0, 4.0]))


def test_no_weights_have_no_mean():
    with pytest.raises(ValueError, match="no weights"):
        _ = Average().state


def test_every_pass_takes_what_licences_allow():
    closed = {"multirc_sentences", "wikiqa", "policyqa", "subjqa", "torque_dev", "nq_swap"}
    for made in PASSES:
        assert not closed & made.sets.keys()
        assert made.sets.keys() & {"squad_train4k"}


@pytest.mark.parametrize("seed", range(20))
def test_a_swapped_question_asks_another_thing_of_the_same_text(seed):
    question = "How many ships of the Petrel line were not sold in 1931?"
    changed = swapped(question, "The Osprey sank in 1935, the Petrel did not.", random.Random(seed))
    assert changed
    assert changed != question
    kept = set(question.rstrip("?").split()) & set(changed.rstrip("?").split())
    assert len(kept) >= 10


def test_where_becomes_why_only_if_the_text_gives_no_reason():
    rng = random.Random(1)
    assert asking_when_or_why(QUESTION, "It sank in 1931 off Brest.", rng) == (
        "Why did the ferry Petrel sink?"
    )
    assert asking_when_or_why(QUESTION, "It sank in 1931 because it was old.", rng) is None
    assert asking_when_or_why("Who sank it?", "A storm.", rng) is None


@pytest.mark.parametrize("seed", range(20))
def test_a_typing_error_leaves_most_of_a_question(seed):
    found = mistyped(QUESTION, random.Random(seed))
    same = [
        a for a, b in zip(QUESTION.lower().split(), found.lower().split(), strict=True) if a == b
    ]
    assert len(same) >= len(QUESTION.split()) - 3


@pytest.fixture
def wordnet(tmp_path):
    """Write a WordNet of a few words: a ferry is a ferryboat, and a kind of vessel."""
    data = {
        "noun": (
            "00000001 06 n 02 ferry 0 ferryboat 0 001 @ 00000002 n 0000 | a boat\n"
            "00000002 06 n 01 vessel 0 000 | a craft\n"
        ),
        "verb": "00000003 30 v 02 sink 0 founder 0 000 | go down\n",
    }
    index = {
        "noun": "ferry n 1 1 @ 1 3 00000001\nferryboat n 1 1 @ 1 0 00000001\n"
        "vessel n 1 0 1 2 00000002\n",
        "verb": "sink v 1 0 1 5 00000003\nfounder v 1 0 1 0 00000003\n",
    }
    for part in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"data.{part}").write_text(data.get(part, ""))
        (tmp_path / f"index.{part}").write_text(index.get(part, ""))
    (tmp_path / "verb.exc").write_text("sank sink\n")
    return Synonyms(tmp_path)


def test_synonyms_take_over_the_form_of_a_word(wordnet):
    assert wordnet.of("ferries") == ("ferryboats",)
    assert wordnet.of("sank") == ("foundered",)
    assert wordnet.of("ferry", "@") == ("vessel",)
    assert wordnet.of("pier") == ()


@pytest.mark.parametrize("seed", range(20))
def test_plain_rewording_takes_synonyms_and_keeps_the_opening(wordnet, seed):
    found = wordnet.reworded("Who let the ferry sink?", "", random.Random(seed), freely=False)
    assert found in (
        "Who let the ferryboat sink?",
        "Who let the ferry founder?",
        "Who let the ferryboat founder?",
    )


def test_free_rewording_takes_broader_words_and_other_openings_too(wordnet):
    found = {wordnet.reworded("Who saw the ferry?", "", random.Random(n)) for n in range(60)}
    assert any("vessel" in question for question in found)
    assert any(not question.startswith("Who") for question in found)
