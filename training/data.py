"""Read question answering sets into examples: a question, the sentences of a text, which answer.

Only sets whose licence allows shipping what is fitted on them are named here. Questions that their
text does not answer come from the sets and are made: the answer's sentence is taken out of the
text, or what the question names is changed.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.sentences import split_sentences
from training.edits import asking_when_or_why, mistyped, swapped
from training.synonyms import Synonyms


@dataclass(frozen=True, slots=True)
class Mix:
    """What one pass reads, and at which rate.

    How many questions of each set, how often the halves of the development splits, how many
    questions are made unanswerable or said in other words, and how much of the claims.
    """

    sets: Mapping[str, int]
    repeats: Mapping[str, int]
    made_unanswerable: int
    cut_share: float  # of those: the answer's sentence taken out; the rest get another question
    reworded_share: float
    claims: float  # share of the claims' sets
    claim_repeats: int  # of the halves
    rate: float  # at its highest
    batches: int | None = None  # at most
    words: float = 0.0  # weight of finding the very words that answer
    whole: bool = False  # both halves of the development splits
    asked_why_share: float = 0.0  # of those that get another question: when or why instead
    joined_claims: int = 0  # two claims over the evidence of both
    other_word_share: float = 0.0  # of those that get another question: a word of the text's rest
    alone: int = 0  # sentences without their text, half of which answer
    beside: bool = False  # begins where the pass before began; the mean of both is kept
    reworded_freely: bool = False  # not by synonyms alone


# Licences: CC BY-SA 4.0 (SQuAD), CC BY 4.0 (SQuADShifts), MIT and CC BY-SA 3.0 (NQ), CC BY-SA 3.0
# (QED), BSD-3 (TimeQA), Apache-2.0 (COVID, ClapNQ, SelQA).
FIRST = Mix(
    sets={
        "squad_train4k": 4300,
        "squad_sentence_reqa": 5000,
        "squadshifts_new_wiki": 7700,
        "squadshifts_reddit": 3500,
        "squadshifts_amazon_reviews": 2500,
        "nq_oracle": 2700,
        "qed_dev": 1400,
        "covidqa_deepset": 500,
        "synthetic_unanswerable": 6500,
        "timeqa_human": 1200,
    },
    repeats={"squad2": 3},
    made_unanswerable=11_000,
    cut_share=0.5,
    reworded_share=0.0,
    claims=1.0,
    claim_repeats=2,
    rate=1.2e-4,
)
# The second pass has more that only looks answerable: nine of ten made by cutting, which leaves
# a text about the very thing asked.
SECOND = Mix(
    sets={
        "squad_train4k": 4300,
        "squad_sentence_reqa": 4000,
        "squadshifts_new_wiki": 7700,
        "squadshifts_reddit": 3500,
        "squadshifts_amazon_reviews": 1500,
        "nq_oracle": 2700,
        "qed_dev": 1400,
        "covidqa_deepset": 500,
        "synthetic_unanswerable": 7000,
        "timeqa_human": 1200,
    },
    repeats={"squad2": 4, "clapnq": 3},
    made_unanswerable=15_000,
    cut_share=0.8,
    reworded_share=0.25,
    claims=0.45,
    claim_repeats=3,
    rate=8e-5,
    batches=3600,
)
# The third learns to find the very words, so it has more of the sets that say where those stand.
THIRD = Mix(
    sets={
        "squad_train4k": 4300,
        "squad_sentence_reqa": 1500,
        "squadshifts_new_wiki": 7700,
        "squadshifts_reddit": 4500,
        "squadshifts_amazon_reviews": 2000,
        "nq_oracle": 2700,
        "qed_dev": 1400,
        "covidqa_deepset": 500,
        "synthetic_unanswerable": 7000,
        "timeqa_human": 1200,
    },
    repeats={"squad2": 3, "clapnq": 2},
    made_unanswerable=13_000,
    cut_share=0.8,
    reworded_share=0.2,
    claims=0.2,
    claim_repeats=2,
    rate=8e-5,
    batches=1500,
    words=0.5,
)
# The fourth asks twice as often in other words, and not by synonyms alone; it has more of the
# halves and of the claims.
FOURTH = replace(
    THIRD,
    repeats={"squad2": 4, "clapnq": 3},
    reworded_share=0.4,
    reworded_freely=True,
    claims=0.35,
    claim_repeats=3,
    batches=2800,
    words=0.8,
)
# The fifth reads more texts, with gentler rewordings, asks when or why of what tells neither, and
# joins claims, as long ones are.
FIFTH = replace(
    FOURTH,
    sets={
        **THIRD.sets,
        "squad_sentence_reqa": 2500,
        "squad_sentence_nqg": 3000,
        "squadshifts_reddit": 7500,
        "squadshifts_amazon_reviews": 4500,
        "synthetic_unanswerable": 5000,
    },
    repeats={"squad2": 5, "clapnq": 3},
    made_unanswerable=17_000,
    cut_share=0.55,
    asked_why_share=0.4,
    reworded_share=0.2,
    joined_claims=4000,
    rate=1e-4,
    batches=4000,
)
# The sixth asks about another thing with a word from elsewhere in the text, chooses among the
# sentences of sections, and reads sentences alone.
SIXTH = replace(
    FIFTH,
    repeats={"squad2": 5, "clapnq": 3, "selqa": 4},
    made_unanswerable=19_000,
    cut_share=0.45,
    other_word_share=0.5,
    alone=18_000,
    batches=3600,
)
# The last goes on from the fifth, not from the sixth, and adds the halves that were held back, so
# that nothing is left to measure it on there. What ships is the mean of both.
LAST = replace(FIFTH, rate=5e-5, batches=600, whole=True, beside=True)
PASSES = (FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, LAST)
_TYPO_SHARE = 0.1
_MOST_SENTENCES = 40


@dataclass(frozen=True, slots=True)
class Example:
    """A question over a text; no answers means that the text does not answer it.

    ``words`` says where a set's short answers stand: (sentence, start, end in it).
    """

    question: str
    sentences: tuple[str, ...]
    answers: tuple[int, ...]
    words: tuple[tuple[int, int, int], ...] = ()

    @property
    def wording(self) -> tuple[str, ...]:
        """The short answers, where a set gives them."""
        return tuple(self.sentences[i][start:end] for i, start, end in self.words)


def read_examples(folder: Path, mix: Mix, rng: random.Random) -> list[Example]:
    """Read a mix below ``folder``, add the made unanswerable questions, rewordings and errors."""
    examples: list[Example] = []
    for name, most in mix.sets.items():
        rows = list(rows_of(folder / "train" / "read" / f"{name}.jsonl.gz"))
        rng.shuffle(rows)
        examples += [e for row in rows if (e := _example(row, rng))][:most]
    for name, times in mix.repeats.items():
        examples += list(_half(folder, name, held=None if mix.whole else False)) * times
    known = Synonyms() if mix.reworded_share else None
    made = _made_unanswerable(examples, mix, known, rng)
    examples += [*made, *_alone(examples, mix.alone, rng)]
    if known:
        examples = [
            _reworded(e, known, rng, mix) if rng.random() < mix.reworded_share else e
            for e in examples
        ]
    examples = [_with_typo(e, rng) if rng.random() < _TYPO_SHARE else e for e in examples]
    rng.shuffle(examples)
    return examples


def held_examples(folder: Path) -> dict[str, list[Example]]:
    """Read, by set, the half of the development splits that is not fitted on."""
    return {name: list(_half(folder, name, held=True)) for name in _HALVES}


def _half(folder: Path, name: str, *, held: bool | None) -> Iterator[Example]:
    """Split by article or question, so that no text stands on both sides; ``None`` reads both."""
    path, group, read = _HALVES[name]
    for row in rows_of(folder / path):
        if held in (None, is_held(row[group])) and (example := read(row)):
            yield example


def is_held(group: str) -> bool:
    """Tell whether a group of a development split is only measured on: half of them are."""
    return zlib.crc32(group.encode()) % 2 == 0


def rows_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """Read a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _example(row: Mapping[str, Any], rng: random.Random) -> Example | None:
    if "candidates" in row:
        return _of_candidates(row, rng)
    return _of_text(row)


def _of_text(row: Mapping[str, Any]) -> Example | None:
    """Mark the sentences that hold an answer; ``None`` for a row that cannot be used."""
    text = row["context"]
    spans = split_sentences(text)
    answers = () if row.get("is_impossible") else _listed(row["answers"])
    words = {
        (i, at - s.start, min(at + len(said), s.end) - s.start)
        for i, s in enumerate(spans)
        for at, said in answers
        if s.start <= at < s.end
    }
    marked = {i for i, _, _ in words}
    if not 1 <= len(spans) <= _MOST_SENTENCES or bool(answers) != bool(marked):
        return None
    sentences = tuple(text[s.start : s.end] for s in spans)
    return Example(row["question"], sentences, tuple(sorted(marked)), tuple(sorted(words)))


def _of_listed(row: Mapping[str, Any]) -> Example:
    """Mark the sentences that a long answer was made of."""
    chosen = {s for gold in row["gold"] for s in gold["selected_sentences"]}
    marked = tuple(i for i, s in enumerate(row["sentences"]) if s in chosen)
    return Example(row["question"], tuple(row["sentences"]), marked if row["answerable"] else ())


def _of_section(row: Mapping[str, Any]) -> Example:
    """Mark the sentences of a section that answer, in their order."""
    marked = tuple(i for i, c in enumerate(row["candidates"]) if c["label"])
    return Example(row["question"], tuple(c["text"] for c in row["candidates"]), marked)


# Development splits of which half is fitted on: file, what its halves are told apart by, reader.
_HALVES: Mapping[str, tuple[str, str, Callable[[Mapping[str, Any]], Example | None]]] = {
    "squad2": ("squad2_halfdev/dev.jsonl.gz", "title", _of_text),
    "clapnq": ("clapnq/dev.jsonl.gz", "group", _of_listed),
    "selqa": ("selqa/dev.jsonl.gz", "group", _of_section),
}


def _of_candidates(row: Mapping[str, Any], rng: random.Random) -> Example:
    """Put sentences of several texts in random order, so that position tells nothing."""
    shuffled = rng.sample(row["candidates"], len(row["candidates"]))
    return _of_section({**row, "candidates": shuffled})


def _listed(answers: Any) -> Sequence[tuple[int, str]]:  # noqa: ANN401 - SQuAD's two layouts
    """List where each answer starts and what it says."""
    if isinstance(answers, dict):
        return tuple(zip(answers["answer_start"], answers["text"], strict=True))
    return tuple((answer["answer_start"], answer["text"]) for answer in answers)


def _made_unanswerable(
    examples: Sequence[Example], mix: Mix, known: Synonyms | None, rng: random.Random
) -> list[Example]:
    answerable = [e for e in examples if e.answers]
    made = []
    for example in rng.sample(answerable, min(mix.made_unanswerable, len(answerable))):
        if rng.random() < mix.cut_share:
            made.append(_without_answer(example))
        else:
            other = None
            if rng.random() < mix.asked_why_share:
                other = _asking_when_or_why(example, rng)
            if not other and known and rng.random() < mix.other_word_share:
                other = _asking_other_word(example, known, rng)
            made.append(other or _asking_other(example, rng))
    return [e for e in made if e]


def _alone(examples: Sequence[Example], most: int, rng: random.Random) -> list[Example]:
    """Give a sentence without its text: by turns the answer, and another that shares most words."""
    several = [e for e in examples if 0 < len(e.answers) < len(e.sentences)]
    found = []
    for number, example in enumerate(rng.sample(several, min(most, len(several)))):
        chosen, answers = rng.choice(example.answers), (0,)
        if number % 2:
            chosen, answers = _likest_other(example), ()
        words = tuple((0, start, end) for i, start, end in example.words if answers and i == chosen)
        sentences = (example.sentences[chosen],)
        found.append(Example(example.question, sentences, answers, words))
    return found


def _likest_other(example: Example) -> int:
    asked = set(example.question.lower().split())
    others = [i for i in range(len(example.sentences)) if i not in example.answers]
    return max(others, key=lambda i: len(asked & set(example.sentences[i].lower().split())))


def _without_answer(example: Example) -> Example | None:
    """Take the answer's sentences out; ``None`` where the rest still says it or is too short."""
    kept = tuple(s for i, s in enumerate(example.sentences) if i not in example.answers)
    rest = " ".join(kept)
    if len(kept) < 2 or any(said in rest for said in example.wording):
        return None
    return replace(example, sentences=kept, answers=(), words=())


def _asking_other(example: Example, rng: random.Random) -> Example | None:
    """Ask about another name, number or opposite; names come from the rest of the same text."""
    rest = " ".join(s for i, s in enumerate(example.sentences) if i not in example.answers)
    question = swapped(example.question, rest, rng)
    return replace(example, question=question, answers=(), words=()) if question else None


def _asking_other_word(example: Example, known: Synonyms, rng: random.Random) -> Example | None:
    """Ask about another thing of the same text."""
    answer = " ".join(example.sentences[i] for i in example.answers)
    rest = " ".join(s for i, s in enumerate(example.sentences) if i not in example.answers)
    question = known.exchanged(example.question, answer, rest, rng)
    return replace(example, question=question, answers=(), words=()) if question else None


def _asking_when_or_why(example: Example, rng: random.Random) -> Example | None:
    """Ask when or why of what the text says, where nothing beside the answer tells it."""
    near = {j for i in example.answers for j in (i - 1, i, i + 1)}
    text = " ".join(s for i, s in enumerate(example.sentences) if i in near)
    question = asking_when_or_why(example.question, text, rng)
    return replace(example, question=question, answers=(), words=()) if question else None


def _reworded(example: Example, synonyms: Synonyms, rng: random.Random, mix: Mix) -> Example:
    text = " ".join(example.sentences)
    question = synonyms.reworded(example.question, text, rng, freely=mix.reworded_freely)
    return replace(example, question=question)


def _with_typo(example: Example, rng: random.Random) -> Example:
    return replace(example, question=mistyped(example.question, rng))
