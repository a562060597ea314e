"""Read the bottom of a page: signature, biography, disclaimers, links to other articles."""

from __future__ import annotations

from rag.documents.boilerplate import is_disclaimer, is_finished
from rag.documents.dates import is_date_line
from rag.documents.lines import is_bullet, is_name, strip_bullet, words
from rag.documents.page import Page
from rag.documents.people import (
    bio_subject,
    byline_authors,
    glued_author,
    presents,
    signature_author,
)

_SEARCHED = 15  # paragraphs at the end in which an author can be presented
_LONGEST_LEFTOVER = 25  # words; what is longer and unpunctuated is a paragraph cut off


def read_tail(page: Page, author: str | None) -> str | None:
    """Drop what follows the article's last paragraph; return the author, now that it is known."""
    author = author or _find_author(page)
    for position in reversed(page.kept()):
        if not _is_tail(page, position, author):
            break
        page.drop(position)
    return author


def _find_author(page: Page) -> str | None:
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
        if named or (subject and not _is_mentioned(page, subject, before=position)):
            found.append(named or subject or "")
        elif not _is_tail(page, position, None):
            break
    return found[0] if found else None


def _is_one_of_many(page: Page, text: str) -> bool:
    """Whether a dashed name is one of several: in live reports each signs an entry."""
    return sum(is_bullet(t) and is_name(strip_bullet(t)) for t in page.texts) > 1


def _is_mentioned(page: Page, name: str, *, before: int) -> bool:
    """Whether the article itself speaks of a person: then a note on them is part of it.

    Notes that open with the same name do not count, as pages print a biography twice.
    """
    surname = name.split()[-1]
    return any(
        surname in words(page.texts[at]) and bio_subject(page.texts[at]) != name
        for at in range(before)
        if page.is_body(at)
    )


def _is_tail(page: Page, position: int, author: str | None) -> bool:
    text = page.texts[position]
    if is_date_line(text) and not is_bullet(text):
        return not is_finished(text)
    if is_disclaimer(text) or glued_author(text) or byline_authors(text):
        return True
    if signature_author(text) or (author and presents(text, author)):
        return True
    subject = bio_subject(text)
    if subject and not _is_mentioned(page, subject, before=position):
        return True
    return not page.prose[position] and len(text.split()) <= _LONGEST_LEFTOVER
