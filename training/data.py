"""Read question answering sets into examples: a question, the sentences of a text, which answer.

Only sets whose licence allows shipping what is fitted on them are named here. Questions that their
text does not answer come from the sets and are made: the answer's sentence is taken out of the
text, or a name in the question is replaced by one from another text.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.sentences import split_sentences

# Set: how many of its questions are taken. Licences: CC BY-SA 4.0 (SQuAD), CC BY 4.0
# (SQuADShifts), MIT and CC BY-SA 3.0 (NQ), CC BY-SA 3.0 (QED), BSD-3 (TimeQA).
SETS: Mapping[str, int] = {
    "squad_train4k": 4288,
    "squadshifts_new_wiki": 4000,
    "squadshifts_reddit": 800,
    "squadshifts_amazon_reviews": 600,
    "nq_oracle": 2629,
    "qed_dev": 1344,
    "synthetic_unanswerable": 3000,
    "timeqa_human": 500,
}
_MADE_UNANSWERABLE = 4500
_CUT_SHARE = 0.75  # of those: the answer's sentence taken out; the rest get another name
_TYPO_SHARE = 0.1
_MOST_SENTENCES = 40

_NAME = re.compile(r"\b[A-Z][a-z]{3,}(?: [A-Z][a-z]+)*")


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
        rows = list(_rows(folder / "train" / "read" / f"{name}.jsonl.gz"))
        rng.shuffle(rows)
        examples += [e for row in rows if (e := _example(row))][:most]
    examples += [e for row in _squad2(folder, held=False) if (e := _example(row))]
    examples += _made_unanswerable(examples, rng)
    examples = [_with_typo(e, rng) if rng.random() < _TYPO_SHARE else e for e in examples]
    rng.shuffle(examples)
    return examples


def held_examples(folder: Path) -> list[Example]:
    """Read the half of the SQuAD 2 development articles that is not fitted on."""
    return [e for row in _squad2(folder, held=True) if (e := _example(row))]


def _squad2(folder: Path, *, held: bool) -> Iterator[Mapping[str, Any]]:
    """Split by article, so that no text stands on both sides."""
    for row in _rows(folder / "squad2_halfdev" / "dev.jsonl.gz"):
        if (zlib.crc32(row["title"].encode()) % 2 == 0) == held:
            yield row


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _example(row: Mapping[str, Any]) -> Example | None:
    """Mark the sentences that hold an answer; ``None`` for a row that cannot be used."""
    text = row["context"]
    spans = split_sentences(text)
    starts = () if row.get("is_impossible") else _answer_starts(row["answers"])
    marked = {i for i, s in enumerate(spans) if any(s.start <= a < s.end for a in starts)}
    if not 1 <= len(spans) <= _MOST_SENTENCES or bool(starts) != bool(marked):
        return None
    sentences = tuple(text[s.start : s.end] for s in spans)
    return Example(row["question"], sentences, tuple(sorted(marked)))


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
            made.append(_with_other_name(example, rng.choice(answerable), rng))
    return [e for e in made if e]


def _without_answer(example: Example) -> Example | None:
    kept = tuple(s for i, s in enumerate(example.sentences) if i not in example.answers)
    return replace(example, sentences=kept, answers=()) if len(kept) > 1 else None


def _with_other_name(example: Example, other: Example, rng: random.Random) -> Example | None:
    own = _NAME.findall(example.question[1:])
    foreign = _NAME.findall(" ".join(other.sentences))
    if not own or not foreign:
        return None
    question = example.question.replace(rng.choice(own), rng.choice(foreign))
    return replace(example, question=question, answers=())


def _with_typo(example: Example, rng: random.Random) -> Example:
    """Drop, double or swap a letter in one or two words of the question."""
    words = example.question.split()
    for _ in range(rng.randint(1, 2)):
        place = rng.randrange(len(words))
        words[place] = _misspelt(words[place], rng)
    return replace(example, question=" ".join(words))


def _misspelt(word: str, rng: random.Random) -> str:
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    swapped = before + after[:1] + letter + after[1:]
    return rng.choice([before + after, before + letter + letter + after, swapped])
