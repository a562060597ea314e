"""Read the invented news stories of ``training/stories/`` into examples.

Each story tells of the same events in four articles of different kinds, and asks about them in
other words than theirs, or about what none of them tells: what the public sets, written over
encyclopaedias, have least of. Each question comes with the passages that the reader would have
been given of these articles, or of those of another story, which do not answer it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from rag.candidates import view
from rag.embedding import open_minilm
from rag.features import Candidate
from rag.questions import analyse
from rag.reading import Reader, Scored, Weigh, promise, windows
from rag.relevance import spoken
from rag.texts import weighing
from rag.types import Document
from training.example import Example
from training.names import named
from training.passes import FIRST_ASKED

_FOLDER = Path(__file__).with_name("stories")
_PASSAGES = 4  # beside which a question is asked
_MOST_LEFT_OUT = 4  # sentences at the start of each article, so that passages begin elsewhere
_CACHED = 40_000  # sentences
_ELSEWHERE = 6  # questions of a story that are asked of the next one as well
LAST_FITTED = 170  # the stories after it were written after the last pass
_TOGETHER = {"comparison", "conflict", "reason_or_list"}  # kinds that want all of what answers


def read_stories(
    rng: random.Random,
    *,
    held: bool,
    shares: Mapping[str, float] = FIRST_ASKED,
    folder: Path = _FOLDER,
) -> Iterator[Example]:
    """Give each question with the passages that a first look at its four articles brings.

    ``held`` picks the stories that are only measured on instead of those fitted on; ``shares``
    says how much of each list of questions is read. People get names and passages begin at random
    sentences, drawn anew with each reading. Where none of the first holds what answers, one that
    does takes the place of the last.
    """
    reader = Reader(open_minilm(), cached_sentences=_CACHED)
    before: list[Mapping[str, Any]] = []
    for _, story, articles in stories(rng, held=held, folder=folder):
        weigh = weighing(list(chain.from_iterable(articles)))
        elsewhere = rng.sample(before, min(_ELSEWHERE, len(before)))
        own = _drawn(story, shares, rng)
        for asked in [*own, *({**other, "evidence": ()} for other in elsewhere)]:
            yield _example(asked, articles, reader, weigh, rng)
        before = own


def stories(
    rng: random.Random, *, held: bool, folder: Path = _FOLDER
) -> Iterator[tuple[int, Mapping[str, Any], list[list[Candidate]]]]:
    """Give each story's number, the story, its people named anew, and its articles' sentences."""
    for path in sorted(folder.glob("*.json")):
        if held == _is_held(path.stem):
            story = json.loads(named(path.read_text(encoding="utf-8"), rng))
            articles = enumerate(story["articles"])
            yield int(path.stem), story, [_candidates(row, number) for number, row in articles]


def _drawn(
    story: Mapping[str, Any], shares: Mapping[str, float], rng: random.Random
) -> list[Mapping[str, Any]]:
    """Draw from each list of a story's questions the share that is to be read."""
    lists = [(story.get(name, ()), share) for name, share in shares.items()]
    return [asked for rows, share in lists for asked in rng.sample(rows, round(share * len(rows)))]


def _is_held(name: str) -> bool:
    """Tell whether a story, named by its number, is only measured on: every fifth, and the last."""
    return int(name) % 5 == 0 or int(name) > LAST_FITTED


def _candidates(row: Mapping[str, Any], number: int) -> list[Candidate]:
    text = "\n\n".join(row["paragraphs"])
    document = Document(str(number), text, row["title"], None, row["publisher"], row["date"])
    seen = view(document)
    return [seen.candidate(index) for index in range(len(seen.sentences))]


def _example(
    asked: Mapping[str, Any],
    articles: Sequence[Sequence[Candidate]],
    reader: Reader,
    weigh: Weigh,
    rng: random.Random,
) -> Example:
    question = analyse(asked["question"])
    left_out = rng.randrange(_MOST_LEFT_OUT)
    candidates = [
        candidate
        for article in articles
        for index, candidate in enumerate(article)
        if index >= min(left_out, len(article) - 1) or tells(candidate, asked["evidence"])
    ]
    found = windows(reader.score(question, candidates, weigh=weigh))
    found.sort(key=lambda window: -promise(window))
    passages = [_passage(window, asked["evidence"]) for window in found]
    chosen, rest = passages[:_PASSAGES], passages[_PASSAGES:]
    if asked["evidence"] and not any(answers for _, answers in chosen):
        chosen[-1:] = [passage for passage in rest if passage[1]][:1]
    (sentences, answers), *others = chosen
    together = asked["kind"] in _TOGETHER
    return Example(question.text, sentences, answers, others=tuple(others), together=together)


def _passage(
    window: Sequence[Scored], evidence: Sequence[str]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """List the sentences of a passage as they are read, and which of them answer."""
    candidates = [item.candidate for item in window]
    answers = tuple(i for i, c in enumerate(candidates) if tells(c, evidence))
    return tuple(spoken(candidate) for candidate in candidates), answers


def tells(candidate: Candidate, evidence: Sequence[str]) -> bool:
    """Tell whether a sentence is part of what answers, or the other way round."""
    return any(told in candidate.text or candidate.text in told for told in evidence)
