"""The conversations tab of the page: what this browser asked before, to reopen or delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import gradio as gr

from rag.desk import Desk
from rag.errors import ArchiveError
from rag.rendering_conversations import conversations_html
from rag.rendering_documents import status_html
from rag.shelf import Shelf, bookmark_of

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
_QUEUED: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
ASK = "ask"  # the id of the tab that an opened conversation is shown in

_CHOOSE_JS = """element.addEventListener('click', event => {
  const {open, delete: gone} = event.target.closest('button')?.dataset ?? {};
  if (open) trigger('select', {conversation: open});
  if (gone) trigger('delete', {conversation: gone});
});"""


class Conversations:
    """Answers the events of the tab."""

    def __init__(self, desk: Desk, shelf: Shelf) -> None:
        self._desk = desk
        self._shelf = shelf

    def listed(self, kept: object, request: gr.Request) -> str:
        """List the browser's conversations."""
        try:
            listed = self._shelf.listed(bookmark_of(kept, request.session_hash))
        except ArchiveError as error:
            return status_html(str(error), problem=True)
        return conversations_html(astuple(conversation) for conversation in listed)

    def opened(self, kept: object, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Show a conversation in the chat."""
        mark = bookmark_of(kept, request.session_hash)
        return gr.Tabs(selected=ASK), *self._desk.reopen(mark, str(event.conversation))

    def deleted(self, kept: object, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Delete a conversation; where the chat shows it, begin a new one there."""
        mark, named = bookmark_of(kept, request.session_hash), str(event.conversation)
        if mark.conversation == named:
            page = self._desk.clear(kept, request)
            return self.listed(kept, request), *page
        if problem := self._shelf.deleted(mark, named):
            gr.Warning(problem)
        return self.listed(kept, request), *[gr.skip()] * 5


def conversations_tab(
    tab: gr.Tab,
    tabs: gr.Tabs,
    conversations: Conversations,
    bookmark: gr.BrowserState,
    page: Sequence[Any],
    cancels: Any,  # noqa: ANN401 - gradio's events have no type of their own
) -> None:
    """Fill the tab; ``page`` is what an opened conversation is shown in."""
    with tab:
        table = gr.HTML(elem_id="conversations", apply_default_css=False, js_on_load=_CHOOSE_JS)
    tab.select(conversations.listed, [bookmark], table, **_QUIET)
    table.select(conversations.opened, [bookmark], [tabs, *page], cancels=cancels, **_QUEUED)
    table.delete(conversations.deleted, [bookmark], [table, *page], cancels=cancels, **_QUEUED)
