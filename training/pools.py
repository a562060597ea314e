"""Ask questions of sentences from many texts at once, as lists of search results bring them."""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rag.reading import PASSAGE_CHARACTERS
from training.example import Example

_SENTENCES, _OWN = 20, 3  # of a pool; of the question's own text, beside those that answer
_COMMON = 0.02  # words in more of the sentences find none
_LACKING = 0.3  # of the pools: without what answers
_WORD = re.compile(r"[a-z0-9]{3,}")


def pooled(examples: Sequence[Example], most: int, rng: random.Random) -> list[Example]:
    """Ask up to ``most`` of the questions of the sentences that share their rarest words.

    What answers stands among them, but in every third or fourth pool; sentences of other texts
    that hold the short answer are left out, for they may answer too. Order is random.
    """
    if not most:
        return []
    known = [e for e in examples if e.words and not e.others]
    sentences = sorted({sentence for example in known for sentence in example.sentences})
    places = _places(sentences)
    return [
        _pool(example, sentences, places, rng)
        for example in rng.sample(known, min(most, len(known)))
    ]


def _pool(
    example: Example,
    sentences: Sequence[str],
    places: Mapping[str, Sequence[int]],
    rng: random.Random,
) -> Example:
    wording = [said.lower() for said in example.wording]
    own = [s for i, s in enumerate(example.sentences) if i not in example.answers]
    right = () if rng.random() < _LACKING else [example.sentences[i] for i in example.answers]
    pool = [*right, *rng.sample(own, min(_OWN, len(own)))]
    for number in _nearest(example.question, len(sentences), places):
        found = sentences[number]
        if len(pool) >= _SENTENCES:
            break
        if found not in example.sentences and not any(said in found.lower() for said in wording):
            pool.append(found)
    rng.shuffle(pool)
    first, *others = _passages(pool, frozenset(right))
    return Example(example.question, *first, others=tuple(others))


def _places(sentences: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """List, for each word that is not common, the numbers of the sentences it stands in."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, sentence in enumerate(sentences):
        for word in _words(sentence):
            places[word].append(number)
    most = max(1, _COMMON * len(sentences))
    return {word: found for word, found in places.items() if len(found) <= most}


def _nearest(question: str, count: int, places: Mapping[str, Sequence[int]]) -> list[int]:
    """List sentences from the highest inverse document frequency of the words they share."""
    scores: dict[int, float] = defaultdict(float)
    for word in sorted(_words(question)):
        for number in places.get(word, ()):
            scores[number] += math.log(count / len(places[word]))
    return sorted(scores, key=lambda number: (-scores[number], number))[: 2 * _SENTENCES]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _passages(
    pool: Iterable[str], right: frozenset[str]
) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    passages: list[list[str]] = [[]]
    for sentence in pool:
        if passages[-1] and sum(map(len, passages[-1])) + len(sentence) > PASSAGE_CHARACTERS:
            passages.append([])
        passages[-1].append(sentence)
    return [
        (tuple(found), tuple(i for i, sentence in enumerate(found) if sentence in right))
        for found in passages
    ]
