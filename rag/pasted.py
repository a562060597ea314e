"""Take a pasted text apart into what can be checked: quotations, and statements without marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.quotation import Quotation, quotations
from rag.sentences import split_sentences
from rag.speech import find_speech

# A quotation of fewer words ("a headache") is part of a statement, which is judged besides.
LEAST_QUOTED_WORDS = 5
_TAG_WORDS = 8

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_BLANK = re.compile(r"\n\s*\n")
_LOWER = re.compile(r"\s*[^\W\d_A-Z]")
_STARTS_QUOTED = re.compile(r"\s*[\"“”«]")
# ‘We are ready,’ alone on its line: single marks elsewhere may be apostrophes.
_SINGLE = re.compile(r"\s*[‘'](?P<quote>[^\n]*\w[^\n]*?)[’'][\s.,;]*\Z")


@dataclass(frozen=True, slots=True)
class Piece:
    """A quotation without its marks, or a statement; ``around`` is the sentence it stands in."""

    text: str
    around: str
    quoted: bool


def pieces(text: str) -> tuple[Piece, ...]:
    """List what a text asserts, in its order.

    What stands in quotation marks is a quotation. A sentence around it is a statement of its own
    only where the marks hold a few words of it. A line without marks is a statement as a whole;
    a line break inside a sentence does not end it.
    """
    return tuple(piece for line in _lines(text) for piece in _of_line(line))


def sentences_of(text: str) -> tuple[str, ...]:
    """List the sentences of a statement that hold a word."""
    found = (text[s.start : s.end].strip() for s in split_sentences(text))
    return tuple(sentence for sentence in found if _WORD.search(sentence))


def _lines(text: str) -> Iterator[str]:
    """Yield the lines, joined where a sentence or a quotation goes on in the next one."""
    for block in _BLANK.split(text.replace("\r\n", "\n")):
        whole = ""
        for line in filter(str.strip, block.split("\n")):
            if whole and not _goes_on(whole, line):
                yield whole
                whole = ""
            whole = f"{whole} {line.strip()}".strip()
        if whole:
            yield whole


def _goes_on(before: str, line: str) -> bool:
    if _LOWER.match(line):
        return True
    is_open = any(not span.closed for span in quotations(before))
    return is_open and not _STARTS_QUOTED.match(line)  # a mark of its own: the next paragraph


def _of_line(line: str) -> Iterator[Piece]:
    spans = [span for span in quotations(line) if _WORD.search(line, span.start, span.end)]
    if not spans:
        if single := _SINGLE.match(line):
            yield Piece(single["quote"].strip(), line, quoted=True)
        elif _WORD.search(line):
            yield Piece(line, line, quoted=False)
        return
    for start, end in _groups(line, spans):
        inside = [span for span in spans if start <= span.start < end]
        around = line[start:end].strip()
        if not inside and _WORD.search(around):
            yield Piece(around, around, quoted=False)
        for span in inside:
            yield Piece(line[span.start : span.end].strip(), around, quoted=True)
        if inside and _mentions(line[start:end], [line[s.start : s.end] for s in inside]):
            yield Piece(around, around, quoted=False)


def _groups(line: str, spans: Sequence[Quotation]) -> list[tuple[int, int]]:
    """Split a line into sentences, keeping together those that one quotation runs through."""
    groups: list[tuple[int, int]] = []
    for sentence in split_sentences(line):
        start, end = sentence.start, sentence.end
        before = groups[-1][1] if groups else 0
        runs_on = any(span.start < before and start < span.end for span in spans)
        if runs_on or (_ends_quoted(line[:before]) and _is_tag(line[start:end])):
            start = groups.pop()[0]
        groups.append((start, end))
    return groups


def _ends_quoted(text: str) -> bool:
    return text.rstrip().endswith(tuple('"”»'))


def _is_tag(sentence: str) -> bool:
    """Tell the "Rutte said." behind a quotation that ends with a full stop of its own."""
    return len(_WORD.findall(sentence)) <= _TAG_WORDS and find_speech(sentence) is not None


def _mentions(sentence: str, quotes: Sequence[str]) -> bool:
    """Tell a statement that quotes a few words from a quotation with its speaker."""
    counts = [len(_WORD.findall(quote)) for quote in quotes]
    outside = len(_WORD.findall(sentence)) - sum(counts)
    return max(counts) < LEAST_QUOTED_WORDS <= outside
