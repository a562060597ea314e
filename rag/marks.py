"""Restore the quotation marks that a sentence leaves to its neighbours.

A quotation of several sentences has its opening mark in the first and its closing one in the last.
A sentence shown alone gets back what stands outside it, in the article's own shape; where marks do
not pair up for sure, nothing is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PARAGRAPH = re.compile(r"[^\n]+")
_DOUBLE = re.compile('["“”«»]')
_OPENING, _CLOSING = "“«", "”»"
_PARTNER = {'"': '"', "“": "”", "«": "»", "‘": "’", "'": "'"}
# What may stand right before an opening mark; an inch or a stray mark follows a letter or figure.
_BEFORE_OPENING = re.compile(r"(?:^|[\s(\[{/\"“‘'«—–-])\Z")
# An apostrophe that opens a word ('em, ’tis, '90s) opens no quotation.
_SINGLE_OPENING = re.compile(
    r"(?<![^\s(\[{\"“«—–-])[‘'](?=[^\W\d_])(?!(?:em|cause|til|tis|twas|n)\b)", re.IGNORECASE
)
_SINGLE_CLOSING = re.compile(r"(?<=\S)[’'](?!\w)")


@dataclass(frozen=True, slots=True)
class _Pair:
    """A quotation with its marks; ``end`` is that of its paragraph where the next one goes on."""

    start: int
    end: int
    opening: str
    closing: str

    def is_cut_before(self, position: int) -> bool:
        return self.start < position < self.end

    def is_cut_behind(self, position: int) -> bool:
        return self.start < position < self.end or (position == self.end and not self.closing)


def missing_marks(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the opening and the closing marks that ``text[start:end]`` lacks, outermost outside.

    ``("", "")`` for a sentence that opens and closes its quotations itself.
    """
    first = text.rfind("\n", 0, start) + 1
    until = text.find("\n", end)
    paragraph = text[first : until if until >= 0 else len(text)]
    if "\n" in paragraph:  # wrapped by hand: who reads line by line would pair the wrong marks
        return "", ""
    pairs = sorted(_pairs(text, first, first + len(paragraph)), key=lambda pair: pair.start)
    before = [pair.opening for pair in pairs if pair.is_cut_before(start)]
    behind = [_PARTNER[pair.opening] for pair in pairs if _lacks_closing(pair, start, end)]
    return "".join(before), "".join(reversed(behind))


def _lacks_closing(pair: _Pair, start: int, end: int) -> bool:
    return pair.start < end and start < pair.end and pair.is_cut_behind(end)


def _pairs(text: str, start: int, end: int) -> Iterator[_Pair]:
    """Yield the quotations of a paragraph, single marks apart from double ones."""
    yield from _double(text, start, end)
    yield from _single(text, start, end)


def _double(text: str, start: int, end: int) -> Iterator[_Pair]:
    opened: re.Match[str] | None = None
    for mark in _DOUBLE.finditer(text, start, end):
        sign, may_open = mark.group(), _may_open(text, mark)
        if opened is None or (sign == '"' and may_open and _closes_nothing(text, mark)):
            opened = mark if may_open and sign not in _CLOSING else None
        elif sign not in _OPENING:
            yield _Pair(opened.start(), mark.end(), opened.group(), sign)
            opened = None
    if opened is not None and _goes_on(text, end, opened.group()):
        yield _Pair(opened.start(), end, opened.group(), "")


def _may_open(text: str, mark: re.Match[str]) -> bool:
    sign, at = mark.group(), mark.start()
    return sign in _OPENING or bool(_BEFORE_OPENING.search(text[max(0, at - 1) : at]))


def _closes_nothing(text: str, mark: re.Match[str]) -> bool:
    """Tell a mark that a word follows at once, as none does behind a closing one."""
    before, after = text[max(0, mark.start() - 1) : mark.start()], text[mark.end() : mark.end() + 1]
    return before.isspace() and after.isalnum()


def _goes_on(text: str, end: int, sign: str) -> bool:
    """Tell whether the next paragraph goes on with a quotation: it opens with a mark of its own."""
    following = _PARAGRAPH.search(text, end)
    while following and not following.group().strip():
        following = _PARAGRAPH.search(text, following.end())
    return bool(following and following.group().lstrip().startswith(sign))


def _single(text: str, start: int, end: int) -> Iterator[_Pair]:
    """Yield quotations in single marks that close within their paragraph, or run on to the next."""
    at = start
    while opened := _SINGLE_OPENING.search(text, at, end):
        following = _SINGLE_OPENING.search(text, opened.end(), end)
        stop = following.start() if following else end
        if closed := _closing(text, opened, stop):
            yield _Pair(opened.start(), closed, opened.group(), _PARTNER[opened.group()])
        elif opened.start() == start and not following and _goes_on(text, end, opened.group()):
            yield _Pair(opened.start(), end, opened.group(), "")
        at = closed or opened.end()


def _closing(text: str, opened: re.Match[str], stop: int) -> int | None:
    """Find where a quotation in single marks ends; the mark behind an s may be a plural's."""
    partner = _PARTNER[opened.group()]
    marks = [m for m in _SINGLE_CLOSING.finditer(text, opened.end(), stop) if m.group() == partner]
    sure = [mark for mark in marks if text[mark.start() - 1] not in "sS"]
    chosen = next(iter(sure or marks), None)
    return chosen.end() if chosen else None
