"""Read question answering sets into examples: a question, the sentences of a text, which answer.

Only sets whose licence allows shipping what is fitted on them are named here. Questions that their
text does not answer come from the sets and are made: the answer's sentence is taken out of the
text, or what the question names is changed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.sentences import split_sentences
from training.asked import read_asked
from training.edits import asking_when_or_why, mistyped, swapped
from training.example import Example
from training.passes import Mix
from training.pools import pooled
from training.rows import is_held, rows_of
from training.stories import read_stories
from training.synonyms import Synonyms

_TYPO_SHARE = 0.1
_MOST_SENTENCES = 40


def read_examples(folder: Path, mix: Mix, rng: random.Random) -> list[Example]:
    """Read a mix below ``folder``, add the made unanswerable questions, rewordings and errors."""
    examples: list[Example] = []
    for name, most in mix.sets.items():
        rows = list(rows_of(folder / "train" / "read" / f"{name}.jsonl.gz"))
        rng.shuffle(rows)
        examples += [e for row in rows if (e := _example(row, rng))][:most]
    for name, times in mix.repeats.items():
        examples += list(_half(folder, name, held=False)) * times
    known = Synonyms() if mix.reworded_share else None
    made = _made_unanswerable(examples, mix, known, rng)
    examples += [*made, *_alone(examples, mix.alone, rng), *pooled(examples, mix.pooled, rng)]
    for _ in range(mix.stories):
        examples += read_stories(rng, held=False, shares=mix.story_shares)
    for _ in range(mix.asked):
        examples += read_asked(folder, held=False)
    if known:
        examples = [
            _reworded(e, known, rng, mix) if rng.random() < mix.reworded_share else e
            for e in examples
        ]
    examples = [_with_typo(e, rng) if rng.random() < _TYPO_SHARE else e for e in examples]
    rng.shuffle(examples)
    return examples


def held_examples(folder: Path) -> dict[str, list[Example]]:
    """Read, by set, what no pass fits on: halves of development splits, some stories and others."""
    halves = {name: list(_half(folder, name, held=True)) for name in _HALVES}
    stories = list(read_stories(random.Random(0), held=True))
    return {**halves, "stories": stories, "asked": list(read_asked(folder, held=True))}


def _half(folder: Path, name: str, *, held: bool) -> Iterator[Example]:
    """Split by article or question, so that no text stands on both sides."""
    path, group, read = _HALVES[name]
    for row in rows_of(folder / path):
        if held == is_held(row[group]) and (example := read(row)):
            yield example


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
