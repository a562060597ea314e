"""Decide what the short lines between an article's paragraphs are.

A line without an end to its sentence is a section's heading, a picture's caption, the title once
more, or the headline of another story.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import zip_longest

from rag.documents.head import repeats
from rag.documents.lines import (
    is_bullet,
    is_heading_like,
    is_name,
    is_title_case,
    word_count,
    words,
)
from rag.documents.page import Page

_HEADING_WORDS = 9  # longer lines in title case are headlines of other stories
_PLAIN_HEADING_WORDS = 8  # longer lines in sentence case are captions
_CAPTION_WORDS = 40
_RELATED_SHARE = 1 / 3  # of a heading's words that its article uses too
_UNRELATED_WORDS = 5  # fewer words say too little to tell
_PROSE_SHARE = 0.7  # of the longer lines, that an article ends as sentences
_QUOTED = re.compile(r"[\"“][^\"“”]*(?:[\"”]|$)")
_SMALL = frozenset("a an the and or of in on at to for from by with as is".split())
_STEM = 5  # letters
_LEAD = 600  # characters in which a section takes up its heading
_LIST_LINES = 3  # lines in a row that make a list
_DATED = re.compile(r"[A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?:|\d{4}:")  # an item of a timeline


def settle_lines(page: Page, title: str | None) -> None:
    """Mark headings, and drop captions, repeats and headlines, wherever a line is not prose."""
    vocabulary = _vocabulary(page.texts[at] for at in page.kept() if page.prose[at])
    punctuated, in_lists = is_punctuated(page), listed(page)
    section = title
    kept = page.kept()
    for position, after in zip_longest(kept, kept[1:]):
        text = page.texts[position]
        if page.prose[position] or position in in_lists:
            continue
        if (title and repeats(text, title)) or (section and _key(text) == _key(section)):
            page.drop(position)
        elif is_heading_like(text) and _is_heading(page, position, after, vocabulary):
            page.roles[position] = "heading"
            section = text
        elif punctuated and _is_droppable(text):
            page.drop(position)


def listed(page: Page) -> set[int]:
    """Find the lines that stand together as a list or table: they are content, whatever they say.

    Headlines of other stories stand together too, but run longer than items do.
    """
    found: set[int] = set()
    run: list[int] = []
    for position in [*page.kept(), None]:
        if position is not None and not page.prose[position]:
            run.append(position)
            continue
        if len(run) >= _LIST_LINES:
            found.update(at for at in run if not _is_foreign_headline(page.texts[at]))
        run = []
    return found


def _is_foreign_headline(text: str) -> bool:
    return is_title_case(text) and word_count(text) > _HEADING_WORDS and not text.endswith(":")


def _is_heading(page: Page, position: int, after: int | None, vocabulary: frozenset[str]) -> bool:
    text = page.texts[position]
    if after is not None and _names_speaker(text, page.texts[after]):
        return False
    if not is_title_case(text):
        opens = after is not None and _shares_words(text, page.texts[after])
        return opens or word_count(text) <= _PLAIN_HEADING_WORDS
    if _is_foreign_headline(text):
        return False
    return word_count(text) < _UNRELATED_WORDS or _is_related(text, vocabulary)


def _is_droppable(text: str) -> bool:
    introduces = text.endswith((":", ",", ";")) or bool(_DATED.match(text))
    return word_count(text) <= _CAPTION_WORDS and not is_bullet(text) and not introduces


def _names_speaker(line: str, paragraph: str) -> bool:
    """Whether a line is a portrait's caption: a name alone above that person's quotation."""
    if not is_name(line) or not paragraph.startswith(('"', "“")):
        return False
    around = words(_QUOTED.sub(" ", paragraph))
    names = [word for word in words(line) if len(word) > 3]
    return sum(name in around for name in names) * 2 >= max(1, len(names))


def _is_related(text: str, vocabulary: frozenset[str]) -> bool:
    stems = _vocabulary([text])
    return not stems or len(stems & vocabulary) >= _RELATED_SHARE * len(stems)


def _shares_words(text: str, paragraph: str) -> bool:
    """Whether a paragraph takes up at least half of a line's words."""
    stems = _vocabulary([text])
    return len(stems & _vocabulary([paragraph[:_LEAD]])) * 2 >= max(2, len(stems))


def _vocabulary(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(w.casefold()[:_STEM] for text in texts for w in words(text) if len(w) > 3)


def is_punctuated(page: Page) -> bool:
    """Whether the page is written in sentences, so that a line without an end stands out."""
    longer = [at for at in page.kept() if word_count(page.texts[at]) > _PLAIN_HEADING_WORDS]
    return sum(page.prose[at] for at in longer) >= _PROSE_SHARE * len(longer)


def _key(text: str) -> str:
    return " ".join(word.casefold() for word in words(text) if word.casefold() not in _SMALL)
