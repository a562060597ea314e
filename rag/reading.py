"""Read passages for the sentences that answer a question, without a language model.

Each sentence is scored by a linear model over a few features a person can follow: how near it is
to the question in meaning, how many of the question's rare words it holds, whether it holds the
kind of thing asked for. Where a cross-encoder is given, it reads the best passages together with
the question and has its say in the score. `rag.answerable` judges whether any sentence answers.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from rag.dates import with_months_in_full
from rag.dating import without_years, year_untold, years_given, years_named
from rag.features import (
    ANSWER_SHARE,
    Candidate,
    asks,
    covered,
    follows,
    lexical_features,
    terms_near,
)
from rag.premises import Premises, premises_of
from rag.questions import Question, names
from rag.seats import with_states_named
from rag.terms import terms
from rag.types import Embedder, Vectors

# stem -> weight of a term, larger for rarer ones
Weigh = Callable[[Collection[str]], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its features and score; higher is better.

    ``relevance`` is what the cross-encoder said, ``None`` where it did not read the sentence.
    ``unsaid`` holds the weights of the question's terms that stand neither in it nor around it, 1
    for a term that stands nowhere; ``found`` is the share of their weight that does. ``foreign``
    tells that the question names somebody or something that no text names.
    """

    candidate: Candidate
    features: tuple[float, ...]
    score: float
    vector: Vectors
    relevance: float | None = None
    unsaid: tuple[float, ...] = ()
    found: float = 0.0
    foreign: bool = False


class PassageReader(Protocol):
    """Reads a question together with passages."""

    def read(self, question: str, passages: Sequence[Sequence[str]]) -> Sequence[Sequence[float]]:
        """Score each passage's sentences; above 0 one answers more likely than none does."""
        ...


# Feature order: similarity, coverage, reach, expected, voice, passage, brevity, asks.
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

_NOWHERE = "\0"  # a term that no text holds
_ASKED = 3.0  # log odds: a question answers none, however much of it is the same

# What to read is told by meaning more than what answers is: an answer in other words ranks low.
_PROMISE = (4 * WEIGHTS[0], *WEIGHTS[1:])
WINDOWS_READ = 8  # passages of running sentences, read for one question
PASSAGE_CHARACTERS = 750  # with who says each sentence; about 180 word pieces
RELEVANCE_SPAN = 8.0  # relevance is cut to this on both sides; unread sentences get the low end


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
        most: int = WINDOWS_READ,
        alone: int = 0,
    ) -> tuple[Scored, ...]:
        """Score candidates, best first; equal scores keep the order given.

        The cross-encoder reads at most ``most`` passages of them, and the best ``alone`` sentences
        of these once more without what stands around them.
        """
        if not candidates:
            return ()
        asked = self._embed([question.text])[0]
        vectors = self._embed([c.text for c in candidates])
        near, under = vectors @ asked, self._embed([c.asked or c.text for c in candidates]) @ asked
        near += ANSWER_SHARE * np.maximum(under - near, 0.0)
        weights = weigh({*question.terms, _NOWHERE})
        foreign, years = _names_unknown(question, weights), years_named(question.text)
        scored = [
            _scored(question, candidate, vector, float(similarity), weights, years, foreign=foreign)
            for candidate, vector, similarity in zip(candidates, vectors, near, strict=True)
        ]
        if self._passages:
            scored = _read(question, scored, self._passages, most, alone)
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
    question: Question, scored: Sequence[Scored], passages: PassageReader, most: int, alone: int
) -> list[Scored]:
    """Let the cross-encoder read the passages of the best sentences."""
    chosen = sorted(windows(scored), key=lambda window: -promise(window))[:most]
    relevance = _relevances(question, chosen, passages)
    if alone:
        relevance |= _apart(question, chosen, passages, relevance, alone)
    premises = premises_of(question.text, [set(terms(s.candidate.text)) for s in scored])
    years = years_named(question.text)
    weight = _RELEVANCE_WEIGHT_ALONE if alone else RELEVANCE_WEIGHT
    return [
        _reread(item, _held_against(premises, item, relevance, years), weight) for item in scored
    ]


def promise(window: Sequence[Scored]) -> float:
    """Rate a passage of at least one sentence by how likely it is worth reading."""
    return max(float(np.dot(item.features, _PROMISE)) for item in window)


def _apart(
    question: Question,
    chosen: Sequence[Sequence[Scored]],
    passages: PassageReader,
    relevance: Mapping[int, float],
    most: int,
) -> dict[int, float]:
    """Read the best sentences alone; return that, averaged with what was said in their place.

    What stands around a sentence explains it, and distracts from it.
    """
    items = [item for window in chosen if len(window) > 1 for item in window]
    best = sorted(items, key=lambda s: -s.score - RELEVANCE_WEIGHT * relevance[id(s)])[:most]
    alone = _relevances(question, [[item] for item in best], passages)
    return {k: (1 - _ALONE_SHARE) * relevance[k] + _ALONE_SHARE * v for k, v in alone.items()}


def _relevances(
    question: Question, groups: Sequence[Sequence[Scored]], passages: PassageReader
) -> dict[int, float]:
    """Read groups of sentences; map each sentence to what the cross-encoder says of it.

    A year that goes without saying in a sentence is taken off the question that it is read with;
    a passage with sentences of both kinds is read twice.
    """
    texts = [[spoken(s.candidate) for s in g] for g in groups]
    together = " ".join(itertools.chain.from_iterable(texts))
    plain = _plainly(question.text, together)
    years, found = years_named(question.text), dict[int, float]()
    read: dict[str, list[int]] = {plain: []}
    for number, group in enumerate(groups):
        given = [_given(item.candidate, years) for item in group]
        bare = without_years(plain, frozenset().union(*given))
        if bare == plain or not all(given):
            read[plain].append(number)
        if bare != plain:
            read.setdefault(bare, []).append(number)
    for asked, numbers in read.items():
        readings = passages.read(asked, [texts[number] for number in numbers])
        for number, reading in zip(numbers, readings, strict=True):
            for item, value in zip(groups[number], reading, strict=True):
                if asked == plain or _given(item.candidate, years):
                    found[id(item)] = float(np.clip(value, -RELEVANCE_SPAN, RELEVANCE_SPAN))
    return found


def _plainly(question: str, text: str) -> str:
    """Write a question in the words that the text beside it has for months and states."""
    return with_states_named(with_months_in_full(question), text)


def _held_against(
    premises: Premises, item: Scored, relevance: Mapping[int, float], years: Set[int]
) -> float | None:
    """Return a sentence's relevance, less what the question states otherwise."""
    said = relevance.get(id(item))
    if said is None:
        return None
    candidate, document = item.candidate, item.candidate.document
    if asks(candidate.text):
        said -= _ASKED
    if not premises:
        return said
    speaker = candidate.attribution.speaker if candidate.attribution else ""
    data = (speaker, document.author, document.publisher, document.date)
    own = (*data, candidate.around, *map(str, _given(candidate, years)))
    near = " ".join(filter(None, (*own, candidate.text)))
    untold = functools.partial(year_untold, document, candidate.text, candidate.around)
    return max(-RELEVANCE_SPAN, said - premises.against(candidate.text, near, year=untold))


def spoken(candidate: Candidate) -> str:
    """Write a sentence as a question would put it: with who says it, and months in full."""
    attribution, text = candidate.attribution, with_months_in_full(candidate.text)
    if attribution is None or attribution.speaker.split()[-1] in text:
        return text
    return f"{attribution.speaker}: {text}"


def _scored(
    question: Question,
    candidate: Candidate,
    vector: Vectors,
    similarity: float,
    weights: Mapping[str, float],
    years: Set[int],
    *,
    foreign: bool,
) -> Scored:
    near = terms_near(candidate) | set(map(str, _given(candidate, years)))
    features = (similarity, *lexical_features(question, candidate, near, weights))
    matter = question.matter
    unsaid = tuple(weights[t] / weights[_NOWHERE] for t in matter if t not in near)
    found = covered(matter, near, weights)
    score = float(np.dot(features, WEIGHTS))
    return Scored(candidate, features, score, vector, unsaid=unsaid, found=found, foreign=foreign)


def _given(candidate: Candidate, years: Set[int]) -> Set[int]:
    """Return the years, of those asked about, that go without saying in a sentence."""
    return years_given(candidate.document, candidate.text, candidate.around, years)


def _names_unknown(question: Question, weights: Mapping[str, float]) -> bool:
    """Tell whether a question names what stands nowhere, with none of the name's words."""
    known = {term for term, weight in weights.items() if weight < weights[_NOWHERE]}
    named = [set(terms(name.text)) & weights.keys() for name in names(question.text)]
    return bool(known) and any(found and not found & known for found in named)


def _reread(item: Scored, relevance: float | None, weight: float) -> Scored:
    """Score a sentence again with what the cross-encoder said of it."""
    says = -RELEVANCE_SPAN if relevance is None else relevance
    score = float(np.dot(item.features, WEIGHTS_READ)) + weight * says
    return replace(item, score=score, relevance=relevance)


def windows(scored: Sequence[Scored]) -> list[list[Scored]]:
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
            room = PASSAGE_CHARACTERS - sum(len(spoken(s.candidate)) for s in groups[-1])
    return groups


def _last_question(groups: Sequence[list[Scored]]) -> list[Scored]:
    """Take the question off the last passage that ends with one, unless it is nothing else."""
    last = groups[-1]
    return [last.pop()] if len(last) > 1 and asks(last[-1].candidate.text) else []
