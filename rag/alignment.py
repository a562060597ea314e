"""Align the words of a quotation with a text: word for word, or as the same statement altered."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from typing import Literal

_LEAST_ALTERED_WORDS = 5  # fewer words are found altered everywhere by chance
LEAST_ALIGNED = 0.6  # share of the quotation's words that an altered match keeps, in order
_LEAST_RUN = 2  # consecutive words kept: single words align by chance
LONGEST_STRETCH = 1.6  # words of the document spanned, per word of the quotation
_STRAY_GAP = 3  # words skipped before a lone aligned word at either end

# A word may begin with a letter in brackets, as in “[T]he harbour”, where a quotation changed it.
_TOKEN = re.compile(r"(?:\[[^\W\d_]\])?[^\W_]+(?:['’‘‑–-][^\W_]+|[.,]\d+)*|\.{2,}|[^\w\s]|_")
# Emphasis of Markdown counts as typography too, and so do brackets around what an editor put in.
_MARKS = frozenset("\"'“”‘’„«»`´*_[]")
_SENTENCE_ENDS = frozenset(".!?")
_DASHES = frozenset("-–—‑‒―−")
_FOLDED = str.maketrans({"’": "'", "‘": "'", "‑": "-", "–": "-", "[": None, "]": None})


@dataclass(frozen=True, slots=True)
class Difference:
    """Words that differ: ``asked`` stands in the quotation asked for, ``found`` in the document.

    Where the quotation leaves words out (``elide``), ``elided_words`` counts those.
    """

    op: Literal["replace", "delete", "insert", "elide"]
    asked: str
    found: str
    elided_words: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """A word or punctuation mark, its typography made alike, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Tell words and numbers from punctuation."""
        return self.text[0].isalnum()  # the pattern lets nothing else start a word


@dataclass(frozen=True, slots=True)
class Found:
    """Tokens [first, last) of a document that match, and how well: the share of words kept."""

    first: int
    last: int
    share: float
    differences: tuple[Difference, ...] = ()


def read_tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Split into words and punctuation, with quotation marks dropped and dashes made alike."""
    found = _TOKEN.finditer(text, start, len(text) if end is None else end)
    tokens = (Token(_fold(m.group()), m.start(), m.end()) for m in found if m.group() not in _MARKS)
    return list(tokens)


def _fold(token: str) -> str:
    if token in _DASHES:
        return "-"
    return "..." if token == "…" or token.startswith("..") else token.translate(_FOLDED)


def trim(tokens: list[Token]) -> list[Token]:
    """Drop punctuation from both ends."""
    words = [i for i, token in enumerate(tokens) if token.is_word]
    return tokens[words[0] : words[-1] + 1] if words else []


def find_exact(wanted: list[Token], tokens: list[Token]) -> Iterator[Found]:
    """Find the quotation's tokens one after another, by substring search over joined tokens."""
    needle = "\n" + "\n".join(_keys(wanted)) + "\n"
    keys = _keys(tokens)
    haystack = "\n" + "\n".join(keys) + "\n"
    starts: list[int] = []
    at = 0
    for key in keys:
        starts.append(at)
        at += len(key) + 1
    place = haystack.find(needle)
    while place >= 0:
        first = bisect_left(starts, place)
        if _same_case(wanted, tokens[first : first + len(wanted)]):
            yield Found(first, first + len(wanted), 1.0)
        place = haystack.find(needle, place + len(needle) - 1)


def _keys(tokens: Sequence[Token]) -> list[str]:
    return [token.text.lower() for token in tokens]


def _same_case(wanted: list[Token], found: list[Token]) -> bool:
    """Compare case, the first letter's apart: a quotation may start a sentence of its own."""
    pairs = list(zip(wanted, found, strict=True))
    first, rest = pairs[0], pairs[1:]
    return first[0].text[1:] == first[1].text[1:] and all(a.text == b.text for a, b in rest)


def find_altered(wanted: list[Token], tokens: list[Token]) -> Iterator[Found]:
    """Find the stretch of the document that is clearly the same statement, if there is one."""
    words = [token for token in wanted if token.is_word]
    if len(words) < _LEAST_ALTERED_WORDS:
        return
    low, high = _densest(wanted, tokens)
    places = [place for place in range(low, high) if tokens[place].is_word]
    blocks = _aligned(words, [tokens[place] for place in places])
    kept = sum(block.size for block in blocks)
    if kept < LEAST_ALIGNED * len(words) or max(block.size for block in blocks) < _LEAST_RUN:
        return
    head, tail = blocks[0], blocks[-1]
    first = _extend_back(tokens, places[head.b], head.a)
    unmatched = len(words) - tail.a - tail.size
    last = _extend_on(tokens, places[tail.b + tail.size - 1] + 1, unmatched)
    if sum(token.is_word for token in tokens[first:last]) <= LONGEST_STRETCH * len(words) + 1:
        differences = tuple(_differences(wanted, tokens[first:last]))
        yield Found(first, last, kept / len(words), differences)


def _densest(wanted: list[Token], tokens: list[Token]) -> tuple[int, int]:
    """Find the window that holds most of the wanted words, each as often as it is wanted."""
    size = int(LONGEST_STRETCH * len(wanted)) + 1
    missing = Counter(token.text.lower() for token in wanted if token.is_word)
    keys = _keys(tokens)
    held = best = best_end = 0
    for end, key in enumerate(keys, 1):
        if key in missing:
            missing[key] -= 1
            held += missing[key] >= 0
        if end > size and (gone := keys[end - size - 1]) in missing:
            held -= missing[gone] >= 0
            missing[gone] += 1
        if held > best:
            best, best_end = held, end
    return max(0, best_end - size), min(len(tokens), best_end + size // 4)


def _aligned(wanted: list[Token], tokens: list[Token]) -> list[Match]:
    """Align word by word, without lone words at either end that stand too far off."""
    matcher = SequenceMatcher(None, _keys(wanted), _keys(tokens), autojunk=False)
    blocks = matcher.get_matching_blocks()[:-1]
    while len(blocks) > 1 and _is_stray(blocks[0], blocks[0], blocks[1]):
        blocks.pop(0)
    while len(blocks) > 1 and _is_stray(blocks[-1], blocks[-2], blocks[-1]):
        blocks.pop()
    return blocks


def _is_stray(block: Match, left: Match, right: Match) -> bool:
    skipped = (right.b - left.b - left.size) - (right.a - left.a - left.size)
    return block.size == 1 and skipped > _STRAY_GAP


def _extend_back(tokens: list[Token], first: int, words: int) -> int:
    """Move the start over words that were changed, though not into another sentence."""
    at = first
    while words > 0 and at > 0 and tokens[at - 1].text not in _SENTENCE_ENDS:
        at -= 1
        if tokens[at].is_word:
            first, words = at, words - 1
    while not tokens[first].is_word:
        first += 1
    return first


def _extend_on(tokens: list[Token], last: int, words: int) -> int:
    """Move the end over words that were changed, though not into another sentence."""
    at = last
    while words > 0 and at < len(tokens) and tokens[at].text not in _SENTENCE_ENDS:
        at += 1
        if tokens[at - 1].is_word:
            last, words = at, words - 1
    while not tokens[last - 1].is_word:
        last -= 1
    return last


def _differences(wanted: list[Token], found: list[Token]) -> Iterator[Difference]:
    """List what differs, word by word; a change of case inside is a replacement."""
    matcher = SequenceMatcher(None, _keys(wanted), _keys(found), autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        if op != "equal":
            yield Difference(op, _text(wanted[a:b]), _text(found[c:d]))
            continue
        for ours, theirs in zip(wanted[a:b], found[c:d], strict=True):
            skipped = 1 if ours is wanted[0] else 0
            if ours.text[skipped:] != theirs.text[skipped:]:
                yield Difference("replace", ours.text, theirs.text)


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)
