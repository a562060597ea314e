"""What a model reads to judge a claim: the claim, and the nearest sentences of its evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

from rag.terms import terms

VERDICTS = ("supported", "contradicted", "not_enough")

_MOST_CHARACTERS = 700  # about 170 word pieces


def nearest(
    claim: str, sentences: Sequence[str], *, most: int = _MOST_CHARACTERS
) -> tuple[str, ...]:
    """Choose the sentences that share most with a claim, up to ``most`` characters.

    Sharing is the IDF weight of the claim's words that a sentence holds; a sentence shorter than
    others that hold as much comes first. The order of the text is kept.
    """
    if sum(map(len, sentences)) <= most:
        return tuple(sentences)
    held = [set(terms(sentence)) for sentence in sentences]
    wanted = set(terms(claim))
    frequency = Counter(term for own in held for term in own & wanted)
    weight = {term: log(1 + len(sentences) / count) for term, count in frequency.items()}
    order = sorted(
        range(len(sentences)),
        key=lambda i: (-sum(weight[t] for t in held[i] & wanted), len(sentences[i])),
    )
    chosen: list[int] = []
    room = most
    for number in order:
        if len(sentences[number]) <= room or not chosen:
            chosen.append(number)
            room -= len(sentences[number])
    return tuple(sentences[number] for number in sorted(chosen))
