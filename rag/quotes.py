"""Find who said something: where a quotation stands in the documents, word for word or altered.

``exact`` forgives typography only: the shape of quotation marks, apostrophes and dashes, white
space, the case of the first letter, brackets, and punctuation at either end. Whatever else differs
makes the match ``altered``, and the differing words are listed, as are those that an ellipsis in
the quotation leaves out.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.alignment import (
    LEAST_ALIGNED,
    LONGEST_STRETCH,
    Difference,
    Found,
    Token,
    find_altered,
    find_exact,
    read_tokens,
    trim,
)
from rag.attribution import attribute
from rag.elisions import MAX_PIECES, find_elided, longest_gap, read_pieces
from rag.errors import InputError
from rag.quotation import mask, quotations
from rag.sentences import split_sentences
from rag.speech import several_speak
from rag.types import Document, Sentence

__all__ = [
    "MAX_MATCHES",
    "MAX_QUOTE_WORDS",
    "Difference",
    "QuoteMatch",
    "difference_line",
    "find_quote",
]

MAX_QUOTE_WORDS = 2_000  # comparing words in order is quadratic at worst
MAX_MATCHES = 50  # a quotation that stands in more places than this identifies nobody

_ANCHORS = 12  # rarest-looking words of the quotation that a document is searched for
_ANCHOR_LETTERS = 4  # shorter words stand everywhere
_LONG_WORD = 15  # characters of a word, its space and its punctuation, for a reach in words
_MARGIN = 100  # characters around an anchor, beyond the quotation's own length

_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class QuoteMatch:
    """Where a quotation stands: ``document.text[start:end] == quote``.

    ``context`` is the sentence or sentences around it, verbatim; ``speaker`` who says them there.
    """

    document: str
    start: int
    end: int
    quote: str
    status: Literal["exact", "altered"]
    differences: tuple[Difference, ...]
    speaker: str | None
    context: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A quotation prepared for search."""

    tokens: list[Token]
    pieces: list[list[Token]]  # between ellipses; most quotations have one
    anchors: tuple[str, ...]
    reach: int  # characters between an anchor and the farthest end of a match

    @property
    def spare(self) -> int:
        """How many anchors a match may lack."""
        return math.ceil(len(self.anchors) * (1 - LEAST_ALIGNED))


def find_quote(quote: str, documents: Iterable[Document]) -> tuple[QuoteMatch, ...]:
    """Find a quotation in documents, exact matches first; empty where none holds it.

    Raises ``InputError`` for a quotation of more than ``MAX_QUOTE_WORDS`` words, or of more than
    ``MAX_PIECES`` pieces.
    """
    wanted = _prepared(quote)
    if not wanted.tokens:
        return ()
    ranked = [pair for document in documents for pair in _matches(wanted, document)]
    ranked.sort(key=lambda pair: (pair[1].status != "exact", -pair[0]))
    return tuple(match for _, match in ranked[:MAX_MATCHES])


def difference_line(change: Difference) -> str:
    """Say in one line how a quotation differs from the document."""
    if change.op != "elide":
        return f"you have “{change.asked}”, the document has “{change.found}”"
    if not change.elided_words:
        return "your ellipsis leaves out no word"
    words = f"{change.elided_words} word{'s' if change.elided_words > 1 else ''}"
    return f"your ellipsis leaves out {words}: “{change.found}”"


def _prepared(quote: str) -> _Wanted:
    tokens, pieces = trim(read_tokens(quote)), read_pieces(quote)
    if len(tokens) > MAX_QUOTE_WORDS:
        raise InputError(
            f"the quotation has {len(tokens)} words; at most {MAX_QUOTE_WORDS} can be looked up"
        )
    if len(pieces) > MAX_PIECES:
        raise InputError(
            f"the quotation has {len(pieces)} pieces between ellipses; "
            f"at most {MAX_PIECES} can be looked up"
        )
    reach = int(LONGEST_STRETCH * len(quote)) + _MARGIN
    if len(pieces) > 1:  # any match holds the longest piece
        reach += (len(pieces) - 1) * longest_gap(pieces) * _LONG_WORD
        return _Wanted(tokens, pieces, _anchors(max(pieces, key=len)), reach)
    return _Wanted(tokens, pieces, _anchors(tokens), reach)


def _anchors(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Choose the longest words, which are mostly the rarest."""
    words = {part for token in tokens for part in _PART.findall(token.text.lower())}
    long = {word for word in words if len(word) >= _ANCHOR_LETTERS} or words
    return tuple(sorted(long, key=lambda word: (-len(word), word))[:_ANCHORS])


def _regions(text: str, wanted: _Wanted) -> list[tuple[int, int]]:
    """Find where enough anchors stand close together, by substring search alone.

    Only ``spare`` anchors may be missing, so one of the first ``spare + 1`` stands in any match.
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow when lowered, and offsets with them
        return [(0, len(text))]
    regions: list[tuple[int, int]] = []
    for anchor in wanted.anchors[: wanted.spare + 1]:
        at = lowered.find(anchor)
        while at >= 0:
            region = max(0, at - wanted.reach), min(len(text), at + 2 * wanted.reach)
            if _holds(lowered, region, wanted):
                regions.append(region)
            at = lowered.find(anchor, at + wanted.reach)
    return _merged(sorted(regions))


def _holds(lowered: str, region: tuple[int, int], wanted: _Wanted) -> bool:
    missing = 0
    for anchor in wanted.anchors:
        missing += lowered.find(anchor, *region) < 0
        if missing > wanted.spare:
            return False
    return True


def _merged(regions: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in regions:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _matches(wanted: _Wanted, document: Document) -> Iterator[tuple[float, QuoteMatch]]:
    """Yield the exact matches in a document, or else the altered ones, with the words kept."""
    regions = [read_tokens(document.text, *span) for span in _regions(document.text, wanted)]
    found = [(match, tokens) for tokens in regions for match in find_exact(wanted.tokens, tokens)]
    if not found and len(wanted.pieces) > 1:
        found = [(m, tokens) for tokens in regions for m in find_elided(wanted.pieces, tokens)]
    elif not found:
        altered = [(m, tokens) for tokens in regions for m in find_altered(wanted.tokens, tokens)]
        found = [max(altered, key=lambda pair: pair[0].share)] if altered else []
    if not found:
        return
    sentences = split_sentences(document.text, document.headings)
    speakers = [said.speaker if said else None for said in attribute(document, sentences)]
    for match, tokens in found[:MAX_MATCHES]:
        yield match.share, _quote_match(document, tokens, match, sentences, speakers)


def _quote_match(
    document: Document,
    tokens: list[Token],
    found: Found,
    sentences: Sequence[Sentence],
    speakers: Sequence[str | None],
) -> QuoteMatch:
    start, end = tokens[found.first].start, tokens[found.last - 1].end
    around = range(
        max(0, bisect_right(sentences, start, key=lambda sentence: sentence.start) - 1),
        bisect_left(sentences, end, key=lambda sentence: sentence.start),
    )
    spoken = dict.fromkeys(speaker for i in around if (speaker := speakers[i]))
    several = len(spoken) > 1 or any(several_speak(s) for s in _masked(document, sentences, around))
    return QuoteMatch(
        document=document.id,
        start=start,
        end=end,
        quote=document.text[start:end],
        status="altered" if found.differences else "exact",
        differences=found.differences,
        speaker=None if several else next(iter(spoken), None),
        context=_context(document, [sentences[i] for i in around], start, end),
    )


def _masked(
    document: Document, sentences: Sequence[Sentence], around: Sequence[int]
) -> Iterator[str]:
    """Yield the sentences at ``around`` with what is quoted in them blanked out."""
    text = mask(document.text, tuple(quotations(document.text)))
    return (text[sentences[i].start : sentences[i].end] for i in around)


def _context(document: Document, around: Sequence[Sentence], start: int, end: int) -> str:
    """Return the whole sentences that hold the match."""
    first = min([start, *(sentence.start for sentence in around if sentence.end > start)])
    return document.text[first : max([end, *(sentence.end for sentence in around)])]
