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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.sentences import split_sentences
from training.edits import mistyped, swapped

# Set: how many of its questions are taken. Licences: CC BY-SA 4.0 (SQuAD), CC BY 4.0
# (SQuADShifts), MIT and CC BY-SA 3.0 (NQ), CC BY-SA 3.0 (QED), BSD-3 (TimeQA), Apache-2.0 (COVID).
SETS: Mapping[str, int] = {
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
}
_SQUAD2_REPEATS = 3  # the only questions that people wrote to look answerable
_MADE_UNANSWERABLE = 11_000
_CUT_SHARE = 0.5  # of those: the answer's sentence taken out; the rest get another question
_TYPO_SHARE = 0.1
_MOST_SENTENCES = 40


@dataclass(frozen=True, slots=True)
class Example:
    """A question over a text; no answers means that the text does not answer it."""

    question: str
    sentences: tuple[str, ...]
    answers: tuple[int, ...]


def read_examples(folder: Path, rng: random.Random) -> list[Example]:
    """Read all sets below ``folder`` and add the made unanswerable questions and typing errors."""
    examples: list[Example] = []
    for name, most in SETS.items():
        rows = list(rows_of(folder / "train" / "read" / f"{name}.jsonl.gz"))
        rng.shuffle(rows)
        examples += [e for row in rows if (e := _example(row, rng))][:most]
    own = [e for row in _squad2(folder, held=False) if (e := _example(row, rng))]
    examples += own * _SQUAD2_REPEATS
    examples += _made_unanswerable(examples, rng)
    examples = [_with_typo(e, rng) if rng.random() < _TYPO_SHARE else e for e in examples]
    rng.shuffle(examples)
    return examples


def held_examples(folder: Path) -> list[Example]:
    """Read the half of the SQuAD 2 development articles that is not fitted on."""
    rng = random.Random(0)
    return [e for row in _squad2(folder, held=True) if (e := _example(row, rng))]


def _squad2(folder: Path, *, held: bool) -> Iterator[Mapping[str, Any]]:
    """Split by article, so that no text stands on both sides."""
    for row in rows_of(folder / "squad2_halfdev" / "dev.jsonl.gz"):
        if is_held(row["title"]) == held:
            yield row


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
    starts = () if row.get("is_impossible") else _answer_starts(row["answers"])
    marked = {i for i, s in enumerate(spans) if any(s.start <= a < s.end for a in starts)}
    if not 1 <= len(spans) <= _MOST_SENTENCES or bool(starts) != bool(marked):
        return None
    sentences = tuple(text[s.start : s.end] for s in spans)
    return Example(row["question"], sentences, tuple(sorted(marked)))


def _of_candidates(row: Mapping[str, Any], rng: random.Random) -> Example:
    """Put sentences of several texts in random order, so that position tells nothing."""
    candidates = rng.sample(row["candidates"], len(row["candidates"]))
    marked = tuple(i for i, c in enumerate(candidates) if c["label"])
    return Example(row["question"], tuple(c["text"] for c in candidates), marked)


def _answer_starts(answers: Any) -> Sequence[int]:  # noqa: ANN401 - SQuAD's two layouts
    if isinstance(answers, dict):
        return tuple(answers["answer_start"])
    return tuple(answer["answer_start"] for answer in answers)


def _made_unanswerable(examples: Sequence[Example], rng: random.Random) -> list[Example]:
    answerable = [e for e in examples if e.answers]
    made = []
    for example in rng.sample(answerable, min(_MADE_UNANSWERABLE, len(answerable))):
        if rng.random() < _CUT_SHARE:
            made.append(_without_answer(example))
        else:
            made.append(_asking_other(example, rng))
    return [e for e in made if e]


def _without_answer(example: Example) -> Example | None:
    kept = tuple(s for i, s in enumerate(example.sentences) if i not in example.answers)
    return replace(example, sentences=kept, answers=()) if len(kept) > 1 else None


def _asking_other(example: Example, rng: random.Random) -> Example | None:
    """Ask about another name, number or opposite; names come from the rest of the same text."""
    rest = " ".join(s for i, s in enumerate(example.sentences) if i not in example.answers)
    question = swapped(example.question, rest, rng)
    return replace(example, question=question, answers=()) if question else None


def _with_typo(example: Example, rng: random.Random) -> Example:
    return replace(example, question=mistyped(example.question, rng))
