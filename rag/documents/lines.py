"""Tell apart the kinds of lines by their shape: sentences, headings, names, list items."""

from __future__ import annotations

import re

_BULLET = re.compile(r"(?:[•◦▪●‣·►]|[-−*–—](?= )|\d{1,3}[.)](?= ))\s*")
_SENTENCE_ENDS = ".!?…。！？؟।"
_INNER_END = re.compile(r"[.!?…。！？][\"”’)\]]*\s+(?:[—–] |[\"“‘(\[]*[^\W_a-z])")
_ABBREVIATED = re.compile(
    r"\b(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|Gen|Col|Lt|Sen|Rep|Gov|St|vs|No|Inc|Jan|Feb|Aug|Sept?|Oct|Nov|Dec)\."
)
_QUOTATION = re.compile(r"[\"“«„](?:[^\s\"“”«»„]+\s+){2,}")
_WORD = re.compile(r"[^\W_]+(?:[.’'-][^\W_]+)*")

_LONGEST_CLOSING = 12  # characters behind a sentence's end
_LONGEST_LINE = 250
_HEADING_WORDS = 14
_SMALL_WORDS = frozenset(
    "a an the and or but nor of in on at to for from by with as vs via over into out up off"
    " is are be it its after amid than that about against de la le".split()
)
_PARTICLES = frozenset(
    "al bin bint ibn van von der den de del della di da dos du la le el ter ten y e".split()
)
_HONORIFICS = frozenset(
    "dr prof professor mr mrs ms sir dame lord lady rev gen col capt lt maj amb".split()
)
_NOT_IN_NAMES = frozenset(
    "the and or of in on at to for by with from how why what when where who will can could"
    " should is are was not no new news world war after before".split()
)


def is_bullet(text: str) -> bool:
    """Whether a line is a list item."""
    return bool(_BULLET.match(text))


def strip_bullet(text: str) -> str:
    """Take the list marker off a line."""
    return _BULLET.sub("", text, count=1) if is_bullet(text) else text


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does; quotes, brackets and end marks may follow."""
    for character in reversed(text[-_LONGEST_CLOSING:]):
        if character in _SENTENCE_ENDS:
            return True
        if character.isalnum():
            return False
    return False


def word_count(text: str) -> int:
    """How many words a line has."""
    return len(text.split())


def words(text: str) -> list[str]:
    """Return the words of a line, without punctuation."""
    return _WORD.findall(text)


def holds_sentences(text: str) -> bool:
    """Whether a line holds the end of one sentence and the start of another."""
    return bool(_INNER_END.search(_ABBREVIATED.sub("x", text)))


def is_prose(text: str) -> bool:
    """Whether a line is an article's own: sentences, a quotation, or an item of a list.

    In doubt it is: dropping a paragraph is worse than keeping a caption.
    """
    if len(text) > _LONGEST_LINE * 2 or is_bullet(text):
        return True
    if is_title_case(text) and not text.endswith((".", "!")) and word_count(text) > 2:
        return False
    return ends_sentence(text) or holds_sentences(text) or bool(_QUOTATION.search(text))


def is_title_case(text: str) -> bool:
    """Whether every word that titles capitalise is capitalised."""
    if len(text) > _LONGEST_LINE:
        return False
    weighty = [word for word in words(text) if word.lower() not in _SMALL_WORDS]
    capital = sum(word[0].isupper() or word[0].isdigit() for word in weighty)
    return bool(weighty) and capital >= 0.9 * len(weighty)


def is_headline(text: str) -> bool:
    """Whether a line could be an article's title."""
    if not text or len(text) > _LONGEST_LINE or word_count(text) > 30 or is_bullet(text):
        return False
    if text.endswith((".", "…", ":", ",", ";", "—", "–", "-")) or not _begins_well(text):
        return False
    return is_title_case(text) or not (ends_sentence(text) or holds_sentences(text))


def is_heading_like(text: str) -> bool:
    """Whether a line could be a section heading.

    A question or an announcement (``…:``) must be in title case, or it is a sentence.
    """
    if not text or len(text) > _LONGEST_LINE or is_bullet(text) or not _begins_well(text):
        return False
    if (
        word_count(text) > _HEADING_WORDS
        or text.endswith((",", ";", "—", "–", "-"))
        or _QUOTATION.search(text)
    ):
        return False
    if text.endswith(("?", ":")):
        return is_title_case(text) and not (text.endswith("?") and word_count(text) < 3)
    return not ends_sentence(text) and not holds_sentences(text)


def _begins_well(text: str) -> bool:
    first = text.lstrip("\"'“‘«[(¿¡")[:1]
    return bool(first) and (first.isdigit() or (first.isalpha() and not first.islower()))


def is_name(text: str) -> bool:
    """Whether a text is the name of a person: two to five capitalised words, particles aside."""
    parts = [part.rstrip(",") for part in text.split()]
    if parts and parts[0].rstrip(".").lower() in _HONORIFICS:
        parts = parts[1:]
    if (
        not 2 <= len(parts) <= 5
        or len(text) > 60
        or not (_is_name_part(parts[0]) or "-" in parts[0])
    ):
        return False
    inner = all(_is_name_part(part) or part.lower() in _PARTICLES for part in parts)
    return inner and _is_name_part(parts[-1])


def _is_name_part(part: str) -> bool:
    bare = part.replace(".", "").replace("-", "").replace("’", "").replace("'", "")
    if not bare.isalpha() or not part[0].isupper() or part.endswith(("’s", "'s")):
        return False
    return part.lower() not in _NOT_IN_NAMES
