"""Read passages for the sentences that answer a question, without a language model.

Each sentence is scored by a linear model over a few features a person can follow: how near it is
to the question in meaning, how many of the question's rare words it holds, whether it holds the
kind of thing asked for. Where a cross-encoder is given, it reads the best passages together with
the question and has its say in the score. `rag.answerable` judges whether any sentence answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.features import (
    ANSWER_SHARE,
    Candidate,
    asks,
    covered,
    follows,
    lexical_features,
    terms_near,
    writer_asked,
)
from rag.premises import premises_of
from rag.questions import Question, names
from rag.recency import is_new
from rag.relevance import (
    RELEVANCE_SPAN,
    PassageReader,
    held_against,
    readings,
    spoken,
    times_unsaid,
)
from rag.terms import terms
from rag.types import Embedder, SentenceReading, Vectors

# stem -> weight of a term, larger for rarer ones
Weigh = Callable[[Collection[str]], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its features and score; higher is better.

    ``reading`` is what the cross-encoder said, ``None`` where it did not read the sentence.
    ``unsaid`` holds the weights of the question's terms that stand neither in it nor around it, 1
    for a term that stands nowhere; ``found`` is the share of their weight that does. ``foreign``
    tells that the question names somebody or something that no text names, ``new`` that it asks
    for what is new and the article is.
    """

    candidate: Candidate
    features: tuple[float, ...]
    score: float
    vector: Vectors
    reading: SentenceReading | None = None
    unsaid: tuple[float, ...] = ()
    found: float = 0.0
    foreign: bool = False
    new: bool = False

    @property
    def relevance(self) -> float | None:
        """How relevant the cross-encoder takes it to be; ``None`` where it did not read it."""
        return self.reading.relevance if self.reading else None


# Feature order: similarity, coverage, reach, expected, voice, passage, brevity, states nothing.
# All but voice and passage are fitted as a listwise softmax on 2,300 questions of SQuADShifts
# (new wiki), SQuAD 1.1 train, NQ and QED; those two, which need an index, on the dev questions of
# evals/gold.jsonl. Beside a cross-encoder they are halfway between such a fit and one, with its
# relevance, on 1,355 questions over invented stories that it never saw. See docs/experiments.md.
WEIGHTS = (3.4, 5.2, 1.1, 1.8, 0.6, 1.8, -4.0, -1.7)
WEIGHTS_READ = (3.5, 2.75, 2.35, 1.2, 0.35, 1.95, -2.25, -1.25)
RELEVANCE_WEIGHT = 0.6
# Where sentences are read alone too, more is known of them; see docs/experiments.md.
_RELEVANCE_WEIGHT_ALONE = 0.65
_ALONE_SHARE = 2 / 3

# What a sentence of a new article gains where what is new is asked for; see docs/experiments.md.
_NEW = 2.0

_NOWHERE = "\0"  # a term that no text holds

# What to read is told by meaning more than what answers is: an answer in other words ranks low.
_PROMISE = (4 * WEIGHTS[0], *WEIGHTS[1:])
WINDOWS_READ = 8  # passages of running sentences, read for one question
PASSAGE_CHARACTERS = 750  # with who says each sentence; about 180 word pieces


@dataclass(frozen=True, slots=True)
class Extent:
    """How much the cross-encoder reads for one question.

    At most so many ``passages`` of so many ``characters``, and the best ``alone`` sentences of
    these once more without what stands around them.
    """

    passages: int = WINDOWS_READ
    characters: int = PASSAGE_CHARACTERS
    alone: int = 0


class Reader:
    """Scores sentences against a question; keeps the vectors of sentences it has seen."""

    def __init__(
        self,
        embedder: Embedder,
        *,
        passages: PassageReader | None = None,
        cached_sentences: int = 20_000,
    ) -> None:
        self._embedder = embedder
        self._passages = passages
        self._limit = cached_sentences
        self._vectors: dict[str, Vectors] = {}

    def score(
        self,
        question: Question,
        candidates: Sequence[Candidate],
        *,
        weigh: Weigh,
        extent: Extent = Extent(),
    ) -> tuple[Scored, ...]:
        """Score candidates, best first; equal scores keep the order given."""
        if not candidates:
            return ()
        asked = self._embed([question.text])[0]
        vectors = self._embed([c.text for c in candidates])
        near, under = vectors @ asked, self._embed([c.asked or c.text for c in candidates]) @ asked
        near += ANSWER_SHARE * np.maximum(under - near, 0.0)
        weights = weigh({*question.terms, _NOWHERE})
        foreign = _names_unknown(question, weights)
        scored = [
            _scored(question, candidate, vector, float(similarity), weights, foreign=foreign)
            for candidate, vector, similarity in zip(candidates, vectors, near, strict=True)
        ]
        if self._passages:
            scored = _read(question, scored, self._passages, extent)
        return tuple(sorted(scored, key=lambda s: -s.score))

    def _embed(self, texts: Sequence[str]) -> Vectors:
        if len(self._vectors) > self._limit:
            self._vectors = {}
        known = self._vectors  # another thread may put a new one in its place meanwhile
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([known[text] for text in texts])


def _read(
    question: Question, scored: Sequence[Scored], passages: PassageReader, extent: Extent
) -> list[Scored]:
    """Let the cross-encoder read the passages of the best sentences."""
    promising = sorted(windows(scored, extent.characters), key=lambda window: -promise(window))
    chosen = promising[: extent.passages]
    said = readings(question, [[s.candidate for s in window] for window in chosen], passages)
    if extent.alone:
        said |= _apart(question, chosen, passages, said, extent.alone)
    premises = premises_of(question.text, [set(terms(s.candidate.text)) for s in scored])
    weight = _RELEVANCE_WEIGHT_ALONE if extent.alone else RELEVANCE_WEIGHT

    def reread(item: Scored) -> Scored:
        reading = said.get(id(item.candidate))
        if reading:
            reading = held_against(premises, item.candidate, reading, question.text)
        return _reread(item, reading, weight)

    return [reread(item) for item in scored]


def promise(window: Sequence[Scored]) -> float:
    """Rate a passage of at least one sentence by how likely it is worth reading."""
    return max(float(np.dot(item.features, _PROMISE)) + _NEW * item.new for item in window)


def _apart(
    question: Question,
    chosen: Sequence[Sequence[Scored]],
    passages: PassageReader,
    said: Mapping[int, SentenceReading],
    most: int,
) -> dict[int, SentenceReading]:
    """Read the best sentences alone; return that, averaged with what was said in their place.

    What stands around a sentence explains it, and distracts from it.
    """
    items = [item for window in chosen if len(window) > 1 for item in window]
    best = sorted(
        items, key=lambda s: -s.score - RELEVANCE_WEIGHT * said[id(s.candidate)].relevance
    )
    alone = readings(question, [[item.candidate] for item in best[:most]], passages)
    return {key: _averaged(said[key], reading) for key, reading in alone.items()}


def _averaged(within: SentenceReading, alone: SentenceReading) -> SentenceReading:
    """Average two relevances; whether words of the passage answer is told by the passage."""
    relevance = (1 - _ALONE_SHARE) * within.relevance + _ALONE_SHARE * alone.relevance
    return replace(within, relevance=relevance)


def _scored(
    question: Question,
    candidate: Candidate,
    vector: Vectors,
    similarity: float,
    weights: Mapping[str, float],
    *,
    foreign: bool,
) -> Scored:
    near = terms_near(candidate)
    near |= set(terms(" ".join(times_unsaid(candidate, question.text))))
    near |= set(terms(writer_asked(question, candidate)))
    features = (similarity, *lexical_features(question, candidate, near, weights))
    matter = question.matter
    unsaid = tuple(weights[t] / weights[_NOWHERE] for t in matter if t not in near)
    found = covered(matter, near, weights)
    new = is_new(candidate.document.date, question.since)
    score = float(np.dot(features, WEIGHTS)) + _NEW * new
    return Scored(candidate, features, score, vector, None, unsaid, found, foreign, new)


def _names_unknown(question: Question, weights: Mapping[str, float]) -> bool:
    """Tell whether a question names what stands nowhere, with none of the name's words."""
    known = {term for term, weight in weights.items() if weight < weights[_NOWHERE]}
    named = [set(terms(name.text)) & weights.keys() for name in names(question.text)]
    return bool(known) and any(found and not found & known for found in named)


def _reread(item: Scored, reading: SentenceReading | None, weight: float) -> Scored:
    """Score a sentence again with what the cross-encoder said of it; unread is the low end."""
    says = reading.relevance if reading else -RELEVANCE_SPAN
    score = float(np.dot(item.features, WEIGHTS_READ)) + weight * says + _NEW * item.new
    return replace(item, score=score, reading=reading)


def windows(scored: Sequence[Scored], characters: int = PASSAGE_CHARACTERS) -> list[list[Scored]]:
    """Group sentences that follow each other into passages the cross-encoder reads whole.

    A question that would end a passage is read with what follows it: that may answer it.
    """
    groups: list[list[Scored]] = []
    room = 0
    for item in sorted(scored, key=lambda s: (s.candidate.document.id, s.candidate.start)):
        length = len(spoken(item.candidate))
        runs_on = bool(groups) and follows(groups[-1][-1].candidate, item.candidate)
        if runs_on and length <= room:
            groups[-1].append(item)
            room -= length
        else:
            asked = _last_question(groups) if runs_on else []
            groups.append([*asked, item])
            room = characters - sum(len(spoken(s.candidate)) for s in groups[-1])
    return groups


def _last_question(groups: Sequence[list[Scored]]) -> list[Scored]:
    """Take the question off the last passage that ends with one, unless it is nothing else."""
    last = groups[-1]
    return [last.pop()] if len(last) > 1 and asks(last[-1].candidate.text) else []
