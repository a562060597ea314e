from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from evals.corpora import find_corpora
from evals.matching import facts_in, holds, holds_normalised, normalise
from evals.samples import GOLD, KINDS, load_samples
from rag.documents import read_documents
from rag.errors import InputError

SEEDS = Path(__file__).parent.parent / "seeds"
SAMPLES = load_samples()
ANSWERABLE = [sample for sample in SAMPLES if sample.answerable]


def _corpora(scratch):
    folders = [SEEDS, *(Path(given) for given in [os.environ.get("RAG_SEEDS")] if given)]
    return find_corpora(folders, scratch)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    """Map each corpus at hand to its documents' normalised text, with and without metadata."""
    return {
        corpus.name: {
            document.id: document
            for outcome in read_documents([corpus.folder])
            for document in outcome.documents
        }
        for corpus in _corpora(tmp_path_factory.mktemp("corpora"))
    }


def _text(documents, sample, *, with_metadata):
    parts = []
    for document in (documents[name] for name in sample.documents):
        parts.append(document.text)
        if with_metadata:
            parts += filter(None, (document.author, document.publisher, document.date))
    return normalise("\n\n".join(parts))


def test_gold_has_the_promised_size_and_mix():
    kinds = Counter(sample.kind for sample in SAMPLES)
    assert len(SAMPLES) >= 150
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 10
    assert kinds["unanswerable"] >= 30


def test_gold_questions_stand_once():
    questions = [normalise(sample.question) for sample in SAMPLES if not sample.history]
    assert [q for q, count in Counter(questions).items() if count > 1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_gold_gives_two_in_five_of_every_kind_to_development(kind):
    splits = Counter(sample.split for sample in SAMPLES if sample.kind == kind)
    assert splits["dev"] / splits.total() == pytest.approx(0.4, abs=0.05)


def test_gold_targets_fit_the_kind():
    for sample in SAMPLES:
        assert sample.answerable == (sample.kind not in ("unanswerable", "false-premise"))
        assert bool(sample.documents) == (sample.kind != "unanswerable"), sample.id
        assert bool(sample.history) == (sample.kind == "follow-up"), sample.id
        assert bool(sample.must) == sample.answerable, sample.id
        assert 0 <= sample.needed <= len(sample.must), sample.id


def test_gold_forbids_nothing_that_it_demands():
    for sample in SAMPLES:
        wanted = {alternative for group in sample.must for alternative in group}
        assert not wanted & set(sample.must_not), sample.id


@pytest.mark.parametrize("sample", ANSWERABLE, ids=lambda sample: sample.id)
def test_repeating_the_question_is_no_answer(sample):
    assert sum(facts_in(sample.must, sample.question)) < sample.needed


def test_every_key_fact_stands_in_the_named_documents(corpora):
    missing = [
        f"{name} {sample.id} {group}"
        for name, documents in corpora.items()
        for sample in ANSWERABLE
        for text in [_text(documents, sample, with_metadata=not sample.evidence)]
        for group in sample.must
        if not holds_normalised(group, text)
    ]
    assert missing == []


def test_every_piece_of_evidence_and_correction_stands_in_the_named_documents(corpora):
    missing = [
        f"{name} {sample.id} {group}"
        for name, documents in corpora.items()
        for sample in SAMPLES
        for group in (*sample.evidence, *filter(None, [sample.correction]))
        if not holds_normalised(group, _text(documents, sample, with_metadata=False))
    ]
    assert missing == []


def test_every_named_document_carries_some_of_the_evidence(corpora):
    idle = [
        f"{name} {sample.id} {document}"
        for name, documents in corpora.items()
        for sample in SAMPLES
        for document in sample.documents
        if sample.evidence and not any(facts_in(sample.evidence, documents[document].text))
    ]
    assert idle == []


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("up to 10,000 of them", "10000"),
        ("up to 10 thousand of them", "10000"),
        ("ten thousand of them", "10000"),
        ("about two brigades", "2 brigades"),
        ("on 28 Oct. 2024", "october 28"),
        ("on the 28th of October", "october 28"),
        ("on 2024-10-28", "october 28 2024"),
        ("in Sept. 2023", "september 2023"),
        ("the F‑16 and the KN–23", "F 16"),
        ("more than 90% of it", "90 percent"),
        ("the U.N. panel", "UN panel"),
        ("a “no-limits” bond", "no limits"),
        ("June 27-29", "june 27"),
        ("artillery", "artiller"),
    ],
)
def test_a_fact_is_found_however_it_is_written(text, pattern):
    assert holds((pattern,), text)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("a network of brigades", "two"),
        ("18,000 men", "8000"),
        ("1490 launches", "149"),
        ("2.5 brigades", "2"),
        ("0.2 brigades", "2"),
        ("June 19", "june 1"),
        ("in May 2024", "may 20"),
    ],
)
def test_a_fact_is_not_found_inside_another(text, pattern):
    assert not holds((pattern,), text)


def _gold_with(tmp_path, **changes):
    row = {"id": "a", "kind": "fact", "question": "Who?", "must": [["x"]], "answerable": True}
    path = tmp_path / "gold.jsonl"
    line = json.dumps({**row, "split": "dev", **changes})
    path.write_text(f"{line}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"kind": "riddle"}, "kind 'riddle'"),
        ({"split": "train"}, "split 'train'"),
        ({"must": []}, "needs `must`"),
        ({"must": [["("]]}, "no regular expression"),
        ({"musst": []}, r"unknown fields \['musst'\]"),
        ({"history": [["bot", "hello"]]}, "history turns"),
        ({"kind": "false-premise", "answerable": False}, "needs `correction`"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(tmp_path, changes, complaint):
    with pytest.raises(InputError, match=rf"^gold\.jsonl:1: .*{complaint}"):
        load_samples(_gold_with(tmp_path, **changes))


def test_an_id_that_stands_twice_is_refused(tmp_path):
    path = _gold_with(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(InputError, match="'a' stands twice"):
        load_samples(path)


def test_gold_file_is_one_plain_object_a_line():
    lines = GOLD.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(SAMPLES)
    assert all(isinstance(json.loads(line), dict) for line in lines)
