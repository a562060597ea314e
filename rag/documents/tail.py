"""Read the bottom of a page: signature, biography, disclaimers, links to other articles."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from rag.documents.boilerplate import is_disclaimer, is_finished
from rag.documents.bylines import byline_authors
from rag.documents.dates import is_date_line
from rag.documents.lines import is_bullet, is_name, strip_bullet, words
from rag.documents.page import Page
from rag.documents.people import (
    bio_subject,
    glued_author,
    note_on,
    presents,
    signature_author,
)

_SEARCHED = 15  # paragraphs at the end in which an author can be presented
_LONGEST_LEFTOVER = 25  # words; what is longer and unpunctuated is a paragraph cut off


class _Mentions:
    """Whom the article itself speaks of: a note on such a person is part of it.

    Notes that open with the same name do not count, as pages print a biography twice. What is
    dropped from the end upwards changes nothing for the paragraphs before.
    """

    def __init__(self, page: Page) -> None:
        self._page = page

    @functools.cached_property
    def _found(self) -> dict[str, dict[str | None, int]]:
        """Map each word to whom the first paragraphs with it present, and where they stand.

        Two are enough: one of them is about another than the person looked for.
        """
        found: dict[str, dict[str | None, int]] = {}
        for at in filter(self._page.is_body, range(len(self._page))):
            subject = bio_subject(self._page.texts[at])
            for word in words(self._page.texts[at]):
                subjects = found.setdefault(word, {})
                if len(subjects) < 2:
                    subjects.setdefault(subject, at)
        return found

    def any_of(self, name: str, *, before: int) -> bool:
        """Whether a person is mentioned before a position."""
        subjects = self._found.get(name.split()[-1], {})
        return any(at < before and subject != name for subject, at in subjects.items())


@dataclass(frozen=True, slots=True)
class Tail:
    """What the bottom of a page says of the author: the name, and notes on who that is."""

    author: str | None
    notes: tuple[str, ...] = ()


def read_tail(page: Page, author: str | None) -> Tail:
    """Drop what follows the article's last paragraph; return what it says of the author."""
    mentions = _Mentions(page)
    author, notes = author or _find_author(page, mentions), list[str]()
    for position in reversed(page.kept()):
        if not _is_tail(page, mentions, position, author):
            break
        page.drop(position)
        note = note_on(author, page.texts[position]) if author else ""
        if note and not any(note in other for other in notes):
            notes.insert(0, note)
    return Tail(author, tuple(notes))


def _find_author(page: Page, mentions: _Mentions) -> str | None:
    """Look for a by-line, a signature or a biography from the end upwards.

    Stops at the first paragraph that is the article's: a name further up belongs to its story.
    """
    found: list[str] = []
    for position in reversed(page.kept()[-_SEARCHED:]):
        text = page.texts[position]
        named = byline_authors(text) or glued_author(text)
        if not named and not _is_one_of_many(page, text):
            named = signature_author(text)
        subject = bio_subject(text)
        if named or (subject and not mentions.any_of(subject, before=position)):
            found.append(named or subject or "")
        elif not _is_tail(page, mentions, position, None):
            break
    return found[0] if found else None


def _is_one_of_many(page: Page, text: str) -> bool:
    """Whether a dashed name is one of several: in live reports each signs an entry."""
    return sum(is_bullet(t) and is_name(strip_bullet(t)) for t in page.texts) > 1


def _is_tail(page: Page, mentions: _Mentions, position: int, author: str | None) -> bool:
    text = page.texts[position]
    if is_date_line(text) and not is_bullet(text):
        return not is_finished(text)
    if is_disclaimer(text) or glued_author(text) or byline_authors(text):
        return True
    if signature_author(text) or (author and presents(text, author)):
        return True
    subject = bio_subject(text)
    if subject and not mentions.any_of(subject, before=position):
        return True
    return not page.prose[position] and len(text.split()) <= _LONGEST_LEFTOVER
