"""Quotations with words left out: ``We will go … by sea``, which is how most drafts quote.

The pieces must stand in one stretch of one document, in order and near each other; anything else is
not what somebody said.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from rag.alignment import Difference, Found, Token, find_altered, find_exact, read_tokens, trim

# What an ellipsis may leave out, in words and punctuation marks. Short pieces stand near each other
# by chance, so the fewer words are quoted, the less may be left out.
LONGEST_GAP = 100
_GAP_PER_WORD = 10

MAX_PIECES = 20

_ELISION = re.compile(r"[\[(]?\s?(?:…|\.(?:\s?\.)+)+\s?[\])]?")


def read_pieces(quote: str) -> list[list[Token]]:
    """Split a quotation where it leaves words out; an ellipsis at either end leaves out none."""
    pieces = (trim(read_tokens(piece)) for piece in _ELISION.split(quote))
    return [piece for piece in pieces if piece]


def longest_gap(pieces: Sequence[Sequence[Token]]) -> int:
    """Tell how much may be left out between two pieces, in words and punctuation marks."""
    words = sum(token.is_word for piece in pieces for token in piece)
    return min(LONGEST_GAP, _GAP_PER_WORD * words)


def find_elided(pieces: Sequence[list[Token]], tokens: list[Token]) -> Iterator[Found]:
    """Find the pieces one after another, each word for word or altered; shortest stretches first.

    What was left out at each gap is among the differences.
    """
    chains: list[tuple[Found, ...]] = [()]
    for piece in pieces:
        found = list(find_exact(piece, tokens)) or list(find_altered(piece, tokens))
        chains = _joined(chains, found, most=longest_gap(pieces))
    shortest: dict[int, tuple[Found, ...]] = {}
    for chain in chains:  # in the order of their ends
        shortest.setdefault(chain[0].first, chain)
    words = [sum(token.is_word for token in piece) for piece in pieces]
    for chain in shortest.values():
        kept = sum(found.share * size for found, size in zip(chain, words, strict=True))
        differences = tuple(_differences(chain, tokens))
        yield Found(chain[0].first, chain[-1].last, kept / sum(words), differences)


def _joined(
    chains: Sequence[tuple[Found, ...]], found: Sequence[Found], *, most: int
) -> list[tuple[Found, ...]]:
    """Put each match after the chain that ends last before it, unless that is too far off."""
    if list(chains) == [()]:
        return [(match,) for match in found]
    joined: list[tuple[Found, ...]] = []
    for match in found:
        before = bisect_right(chains, match.first, key=lambda chain: chain[-1].last) - 1
        if before >= 0 and match.first - chains[before][-1].last <= most:
            joined.append((*chains[before], match))
    return joined


def _differences(chain: Sequence[Found], tokens: Sequence[Token]) -> Iterator[Difference]:
    end: int | None = None
    for found in chain:
        if end is not None:
            yield from _left_out(tokens[end : found.first])
        yield from found.differences
        end = found.last


def _left_out(gap: Sequence[Token]) -> Iterator[Difference]:
    """Name what an ellipsis stands for, unless the document has an ellipsis there, too."""
    text = " ".join(token.text for token in gap)
    if text != "...":
        words = sum(token.is_word for token in gap)
        yield Difference("elide", "…", text, elided_words=words)
