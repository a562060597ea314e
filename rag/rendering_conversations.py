"""HTML for the list of conversations. All text is escaped by ``rag.rendering``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rag.rendering import escape

_LONGEST_QUESTION = 160  # characters shown of it
NO_CONVERSATIONS = '<div class="documents"><p class="note">No conversation is kept yet.</p></div>'


def conversations_html(listed: Iterable[tuple[str, str, int, float]]) -> str:
    """List conversations: (id, first question, number of questions, seconds since the epoch)."""
    rows = "".join(_row_html(*conversation) for conversation in listed)
    if not rows:
        return NO_CONVERSATIONS
    names = ("First question", "Questions", "Last change", "")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    return (
        '<div class="documents"><table><caption>Conversations of this browser</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row_html(conversation: str, question: str, turns: int, changed: float) -> str:
    words = " ".join(question.split())
    longer = len(words) > _LONGEST_QUESTION
    title = escape(f"{words[:_LONGEST_QUESTION]}…" if longer else words)
    when = datetime.fromtimestamp(changed).astimezone().strftime("%Y-%m-%d %H:%M")
    named = escape(conversation)
    opening = f'<button type="button" class="open" data-open="{named}">{title}</button>'
    deletion = (
        f'<details class="removal"><summary title="Delete {title}">Delete</summary>'
        "<p>Its questions and answers are deleted.</p>"
        f'<button type="button" data-delete="{named}">Yes, delete it</button></details>'
    )
    return (
        f'<tr><th scope="row">{opening}</th><td>{turns}</td><td>{escape(when)}</td>'
        f"<td>{deletion}</td></tr>"
    )
