"""The citation markers that a chat model writes, and the characters that nobody can see."""

from __future__ import annotations

import re
from collections.abc import Collection

OPENING = "[［【"
CLOSING = "]］】"
_OPEN, _CLOSE = re.escape(OPENING), re.escape(CLOSING)

# [1]  [1, 2]  [1-3]  [^1]  [[1]]  【1】  【1†source】. A run of brackets is read once, from its
# start, or a reply of nothing but brackets would cost quadratic time.
MARKER = re.compile(
    rf"(?<![{_OPEN}])[{_OPEN}]++\s*+\^?\s*+(?P<body>[0-9][0-9\s,;^–—-]{{0,200}}+)"
    rf"(?:†[^{_CLOSE}\n]{{0,200}}+)?[{_CLOSE}]++"
)
_HALF = re.compile(rf"(?<![{_OPEN}])[{_OPEN}]++[\s^0-9,;–—-]*+\Z")
_NUMBER = re.compile(r"([0-9]+)(?:\s*[-–—]\s*([0-9]+))?")
_INVISIBLE = re.compile(
    # Controls but tab and newline, soft hyphens, zero-width and bidi marks, lone surrogates, and
    # the tag letters that can carry a whole text unseen.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def visible(text: str) -> str:
    """Drop characters that a reader cannot see, and write every line end as a newline."""
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text))


def without_markers(text: str) -> str:
    """Drop everything that could pass for a citation marker."""
    return MARKER.sub("", text)


def lift_markers(
    text: str, allowed: Collection[int]
) -> tuple[str, list[tuple[int, tuple[int, ...]]]]:
    """Take the markers out of a text: what is left, and the allowed numbers at their positions.

    A position is where the marker stood, right after the last word or stop before it.
    """
    text = _HALF.sub("", text)
    kept, length, lifted, last = list[str](), 0, [], 0
    for marker in MARKER.finditer(text):
        piece = _joined(text[last : marker.start()], first=length == 0).rstrip()
        kept.append(piece)
        length += len(piece)
        lifted.append((length, _cited(marker["body"], allowed)))
        last = marker.end()
    kept.append(_joined(text[last:], first=length == 0) if last else text)
    return "".join(kept), lifted


def _joined(piece: str, *, first: bool) -> str:
    """Space a piece of text that follows a marker as if the marker had not been there."""
    words = piece.lstrip()
    if not words or first or words[0] in ".,;:!?…":
        return words
    return f" {words}" if piece[0].isspace() or words[0].isalnum() else words


def _cited(body: str, allowed: Collection[int]) -> tuple[int, ...]:
    """List the allowed numbers in a marker; a range means those that exist within it."""
    found: list[int] = []
    for first, last in _NUMBER.findall(body):
        # No evidence has a number this long, and int() refuses the longest.
        if max(len(first), len(last)) <= 6:
            low, high = int(first), int(last or first)
            found += [low] if low == high else sorted(n for n in allowed if low <= n <= high)
    return tuple(number for number in dict.fromkeys(found) if number in allowed)
