"""HTML for the documents tab: what is indexed, how to take it out, and what became of uploads.

All text is escaped by ``rag.rendering``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from urllib.parse import quote

from rag.rendering import escape
from rag.types import Origin

_NAMES = ("Title", "Author", "Publisher", "Date", "Kind", "Chunks")
# More rows make a page slow to draw; `rag sources` lists any number.
MOST_ROWS = 1_000


def documents_html(
    documents: Sequence[Origin], chunk_counts: Mapping[str, int], *, removable: bool = False
) -> str:
    """Render the indexed documents as a table, with a way to remove each where that is allowed."""
    names = (*_NAMES, *(("",) if removable else ()))
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(
        _row_html(document, chunk_counts.get(document.id, 0), removable=removable)
        for document in islice(documents, MOST_ROWS)
    )
    hidden = len(documents) - MOST_ROWS
    more = f'<p class="note">… and {hidden:,} more</p>' if hidden > 0 else ""
    return (
        '<div class="documents"><table><caption>What answers are drawn from</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}</div>"
    )


def _row_html(document: Origin, chunks: int, *, removable: bool) -> str:
    fields = (document.author, document.publisher, document.date, document.kind, str(chunks))
    cells = "".join(f"<td>{escape(field or '—')}</td>" for field in fields)
    title = escape(_title(document))
    action = f"<td>{_removal_html(document.id, title)}</td>" if removable else ""
    return f'<tr><th scope="row">{title}</th>{cells}{action}</tr>'


def _title(document: Origin) -> str:
    known = document.title or document.author or document.publisher
    return document.title or ("Untitled" if known else document.id)


def _removal_html(document_id: str, title: str) -> str:
    """Ask again before it is done; the id is quoted, since a page may not keep each character."""
    named = quote(document_id, safe="", errors="replace")
    return (
        f'<details class="removal"><summary title="Remove {title}">Remove</summary>'
        "<p>Its text, words and vectors are deleted.</p>"
        f'<button type="button" data-document="{named}">Yes, remove it</button></details>'
    )


def verdicts_html(verdicts: Iterable[tuple[str, str, bool]]) -> str:
    """List what became of each uploaded file: (name, verdict, whether it was taken in)."""
    items = "".join(
        f'<li class="{"taken" if taken else "refused"}"><b>{escape(name)}</b> {escape(text)}</li>'
        for name, text, taken in verdicts
    )
    return f'<ul class="verdicts" role="status">{items}</ul>' if items else ""


def status_html(text: str, *, problem: bool = False) -> str:
    """Say in one line what was done, or what kept it from being done."""
    kind = "problem" if problem else "note"
    return f'<div class="{kind}" role="status"><p>{escape(" ".join(text.split()))}</p></div>'
