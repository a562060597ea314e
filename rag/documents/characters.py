"""Bring text to one form: one kind of line end, of space and of accent; nothing invisible."""

from __future__ import annotations

import html
import re
import unicodedata

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028]")
_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Controls, soft hyphens, zero-width and bidi marks, tags and noncharacters: they hide text from
# the reader's eye or let it pose as another.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e"
    "\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
# Joiners are spelling in Arabic and Indic scripts and hiding places everywhere else.
_STRAY_JOINER = re.compile("(?<![\u0600-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0dff])")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_MARKS = 30
_MARK_RUN = re.compile(r"[^\w\s\x00-\x7f]{31,}")

_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|cite|code|del|div|em|figcaption|figure|font|h[1-6]|hr|i|img"
    r"|ins|li|mark|ol|p|q|s|small|span|strike|strong|sub|sup|time|u|ul)\b[^<>]{0,400}>",
    re.IGNORECASE,
)
_BREAKING_TAG = re.compile(r"</?(?:blockquote|br|div|figure|h[1-6]|hr|li|ol|p|ul)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp;)*(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_AMPERSANDS = re.compile(r"&(?:amp;)+(?=[#\w])")


def normalise(text: str) -> str:
    """Unify line ends and spaces, compose accents, and drop what is invisible."""
    text = _LINE_END.sub("\n", text).replace("\u2029", "\n\n")
    if text.isascii():
        return _INVISIBLE.sub("", text)
    if _SURROGATE.search(text):
        # Halves of one character become that character; a lone half becomes U+FFFD, for all to see.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _INVISIBLE.sub("", _SPACE.sub(" ", text))
    text = _MARK_RUN.sub(_stream_safe, _STRAY_JOINER.sub("", text))
    return unicodedata.normalize("NFC", text)


def _stream_safe(match: re.Match[str]) -> str:
    """Part long runs of accents by joiners (UAX #15, section 13): ordering them is quadratic."""
    parts: list[str] = []
    marks = 0
    for character in match.group():
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MOST_MARKS:
            parts.append("\u034f")
            marks = 1
        parts.append(character)
    return "".join(parts)


def unwrap_markup(text: str) -> str:
    """Take inline HTML tags and character references out of a text that was scraped with them."""
    if "<" in text:
        text = _TAG.sub(_tag_as_text, text)
    if "&" in text:
        text = _ENTITY.sub(_entity_as_text, text)
    return text


def _tag_as_text(match: re.Match[str]) -> str:
    return "\n" if _BREAKING_TAG.match(match.group()) else ""


def _entity_as_text(match: re.Match[str]) -> str:
    # "&amp;amp;lt;" was escaped more than once on its way through the scraper.
    return html.unescape(_AMPERSANDS.sub("&", match.group()))
