"""Reduce the Markdown of an untrusted reply to blocks of plain text, in linear time.

Links, images, HTML and addresses go, their words stay; headings and tables' heads go too, since
they state nothing. Citation markers pass through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.markers import CLOSING, MARKER, OPENING


@dataclass(slots=True)
class Block:
    """A paragraph, or an item of a list or row of a table, as one line of text."""

    text: str
    item: bool = False


def blocks(text: str, *, final: bool) -> list[Block]:
    """Split a reply into blocks; with ``final`` false its last table row is held back.

    What follows a line that announces the sources is left out: citations are not the model's.
    """
    found: list[Block] = []
    open_ = False
    lines = [_unquoted(line.strip()) for line in _without_links(text).split("\n")]
    for index, line in enumerate(lines):
        if found and _SOURCES.fullmatch(line):
            break
        item = _item(lines, index, final=final)
        if item is not None:
            found += [Block(item, item=True)] if item else []
        elif not _is_mark(line):
            if open_:
                found[-1].text += f" {line}"
            else:
                found.append(Block(_HEADING.sub("", line, count=1)))
        open_ = bool(found) and not _is_mark(line) and not line.startswith("|")
    return found


def settled(text: str) -> str:
    """Cut off the end that the next pieces may turn into a marker, link, tag or heading."""
    # A word is settled once something follows it; scripts without spaces settle at once.
    text = text.rstrip(_ASCII)
    for held_from in (_open_target, _open_bracket, _open_tag, _open_line):
        start = held_from(text)
        if start >= 0 and len(text) - start <= _HELD_CHARACTERS:
            text = text[:start]
    return text


def safe_sentence(text: str) -> str:
    """Make sure that a sentence by itself starts no tag, link, definition or block."""
    text = _ANGLE.sub("", _ADDRESS.sub("", text))
    text = _BLOCK_START.sub("", _BRACKETS.sub("] ", text))
    return " ".join(text.split())


def without_emphasis(text: str) -> str:
    """Drop the marks of bold, italics, strike-through and code."""
    return _EMPHASIS.sub("", text)


def without_thoughts(text: str) -> str:
    """Drop the thinking aloud with which some local models begin."""
    if _THOUGHT.match(text):
        end = _THOUGHT_END.search(text)
        text = text[end.end() :] if end else ""
    # Some chat templates end with the opening tag, so that a reply holds the closing one only.
    ends = list(_THOUGHT_END.finditer(text))
    return text[ends[-1].end() :] if ends and not _THOUGHT_START.search(text) else text


_TARGET = r"\((?:[^()\n]{1,2000}+|\([^()\n]{0,2000}+\)){0,50}+\)"
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,300}+\]" + _TARGET)
_LINK = re.compile(r"\[([^\[\]\n]{0,300}+)\]" + _TARGET)
_LOOSE_TARGET = re.compile(r"\](?:" + _TARGET + r"|\(\S*)")
_DEFINITION = re.compile(
    r"^[ \t>]*+\[[^\]\n]{1,200}+\]:[ \t]*+<?(?:[a-z][a-z0-9+.-]*+:|[/#]|www\.|\S+$)[^\n]*+$",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*+>")
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}://\S*|(?<![a-z])www\.\S+|(?:javascript|vbscript|mailto):\S+"
    r"|(?<![a-z])data:\w+/\S+",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
# An asterisk between spaces is a multiplication, an underscore between letters part of a name.
_EMPHASIS = re.compile(r"`+|~~+|\*\*+|(?<!\s)\*|\*(?!\s)|__+|(?<![^\W_])_|_(?![^\W_])")
_THOUGHT_START = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_THOUGHT = re.compile(r"\s*" + _THOUGHT_START.pattern, re.IGNORECASE)
_THOUGHT_END = re.compile(r"</think(?:ing)?>", re.IGNORECASE)

_ANGLE = re.compile(r"<(?![\s\d=])")
_BRACKETS = re.compile(r"\](?=[(:\[])")
_BLOCK_START = re.compile(r"\A(?:[#>+=|~-]+(?:\s+|\Z))+")


def _without_links(text: str) -> str:
    text = _DEFINITION.sub("", _ESCAPE.sub(r"\1", text))
    # Twice, since dropping a tag can complete the one around it.
    text = _TAG.sub("", _TAG.sub("", text))
    text = _LINK.sub(_link_text, _IMAGE.sub("", text))
    return _ADDRESS.sub("", _LOOSE_TARGET.sub("]", text))


def _link_text(link: re.Match[str]) -> str:
    bracketed = f"[{link[1]}]"
    return bracketed if MARKER.fullmatch(bracketed) else link[1]


_QUOTE = re.compile(r"(?:>\s*)*")
_RULE = re.compile(r"(?:[-*_=]\s*){3,}")
_HEADING = re.compile(r"#{1,6}(?:\s+|\Z)")
_BOLD_HEADING = re.compile(r"(\*\*|__)(?:(?!\1).){1,80}(?<![.!?])\1:?")
_ITEM = re.compile(r"(?:[-*+•‣◦–]|[0-9]{1,3}[.)])(?:\s+|\Z)(?:\[[ xX]\]\s)?")
_SEPARATOR = re.compile(r"\|[|:\s-]*-[|:\s-]*")
_SOURCES = re.compile(r"\W*(?:sources?|references?|citations?)\W*(?::.*)?", re.IGNORECASE)


def _unquoted(line: str) -> str:
    quote = _QUOTE.match(line)
    return line[quote.end() :] if quote else line


def _is_mark(line: str) -> bool:
    """Whether a line is blank, a fence, a rule, or a heading that cites nothing."""
    if line.startswith(("```", "~~~")):
        return "```" not in line[3:]
    if not line or _RULE.fullmatch(line):
        return True
    heading = _HEADING.match(line) or _BOLD_HEADING.fullmatch(line)
    return bool(heading) and not MARKER.search(line)


def _item(lines: list[str], index: int, *, final: bool) -> str | None:
    """Return the text of a list item or table row, ``""`` for a row to leave out, else None."""
    line = lines[index]
    if not line.startswith("|"):
        mark = _ITEM.match(line)
        return line[mark.end() :] if mark and not _RULE.fullmatch(line) else None
    below = lines[index + 1] if index + 1 < len(lines) else ""
    head = _SEPARATOR.fullmatch(below) and not MARKER.search(line)
    unsettled = not final and index >= len(lines) - 2
    if head or unsettled or _SEPARATOR.fullmatch(line):
        return ""
    return "; ".join(cell.strip() for cell in line.strip("|").split("|") if cell.strip())


_ASCII = "".join(map(chr, range(0x21, 0x7F))) + "［］【】†–—"
_HELD_CHARACTERS = 500  # what stays open for longer was no marker, link or tag
_OPEN_LINE = re.compile(r"[ \t>]*+(?:\||\*\*(?!.*\*\*)|\[[^\]\n]*+\]:\s)")


def _open_target(text: str) -> int:
    start = text.rfind("](")
    if start < 0 or text.find(")", start) >= 0 or text.find("\n", start) >= 0:
        return -1
    return text.rfind("[", 0, start)


def _open_bracket(text: str) -> int:
    closed = max(text.rfind(mark) for mark in (*CLOSING, "\n"))
    starts = [text.find(mark, closed + 1) for mark in OPENING]
    start = min((start for start in starts if start >= 0), default=-1)
    return start - 1 if start > 0 and text[start - 1] == "!" else start


def _open_tag(text: str) -> int:
    start = text.rfind("<")
    return start if start >= 0 and text.find(">", start) < 0 else -1


def _open_line(text: str) -> int:
    start = text.rfind("\n") + 1
    return start if _OPEN_LINE.match(text, start) else -1
