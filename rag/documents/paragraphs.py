"""Find the paragraphs of plain text, whether it is hard-wrapped or has one to a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.documents.lines import ends_sentence, is_bullet

_SHORTEST_WIDTH, _LONGEST_WIDTH = 40, 120  # columns at which people and mailers wrap
_SLACK = 10  # columns by which a ragged margin may fall short
_WRAPPED_SHARE = 0.75
_MENDED_LENGTH = 60  # a shorter line may be a heading or list item of its own


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph on one line; ``tight`` when no blank line parts it from the one before."""

    text: str
    tight: bool = False


def split_paragraphs(text: str) -> list[Paragraph]:
    """Split normalised text at blank lines and line ends, undoing hard wraps and stray breaks."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return list(_merge(lines, _wrap_width(lines)))


def _wrap_width(lines: Sequence[str]) -> int:
    """Return the column at which the text is wrapped, or 0 where a line is a paragraph."""
    pairs = [(line, after) for line, after in pairwise(lines) if line and after]
    width = max((len(line) for line, _ in pairs), default=0)
    if len(pairs) < 3 or not _SHORTEST_WIDTH <= width <= _LONGEST_WIDTH:
        return 0
    full = sum(_is_full(line, after, width) for line, after in pairs)
    return width if full >= _WRAPPED_SHARE * len(pairs) else 0


def _is_full(line: str, after: str, width: int) -> bool:
    """Whether the next line's first word would not have fitted."""
    return len(line) + 1 + len(after.split(" ", 1)[0]) > width - _SLACK


def _merge(lines: Sequence[str], width: int) -> Iterator[Paragraph]:
    parts: list[str] = []
    tight = blank = False
    for line in lines:
        if not line:
            blank = True
            continue
        if parts and _continues(parts, line, blank=blank, width=width):
            parts.append(line)
        else:
            if parts:
                yield Paragraph(" ".join(parts), tight)
            parts, tight = [line], bool(parts) and not blank
        blank = False
    if parts:
        yield Paragraph(" ".join(parts), tight)


def _continues(parts: Sequence[str], line: str, *, blank: bool, width: int) -> bool:
    last = parts[-1]
    if is_bullet(line):
        return False
    if width and not blank:
        return _is_full(last, line, width) or line[0].islower()
    # Scrapers break paragraphs at links and images; a small letter gives the rest away.
    long_enough = len(parts) > 1 or len(last) >= _MENDED_LENGTH
    return line[0].islower() and long_enough and not (ends_sentence(last) or last.endswith(":"))
