"""The documents tab of the page: what is indexed, adding to it and taking from it.

Like the other tabs, ``desk`` and ``endpoints`` it builds on gradio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from typing import Any

import gradio as gr

from rag.chatbot import Chatbot
from rag.documents.files import SUFFIXES
from rag.errors import RagError
from rag.rendering_documents import MOST_ROWS, documents_html, status_html, verdicts_html
from rag.types import Origin
from rag.uploads import take_uploads
from rag.web import MAX_FILE_MEGABYTES, MAX_UPLOAD_BYTES

# Seconds between looks at whether another session or process changed the documents.
_LOOK_SECONDS = 1.0
_WRITING: dict[str, Any] = {
    "api_visibility": "private",
    "concurrency_id": "writing",  # one at a time: the index has one writer
    "concurrency_limit": 1,
    "show_progress": "minimal",
}
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}

_REMOVE_JS = """element.addEventListener('click', event => {
  const button = event.target.closest('button[data-document]');
  if (!button) return;
  button.closest('details').open = false;
  trigger('delete', {document: decodeURIComponent(button.dataset.document)});
});"""


class Catalogue:
    """Answers the events of the tab; ``listed`` gives the outputs that all of them renew."""

    def __init__(self, chatbot: Chatbot, *, changeable: bool) -> None:
        self._chatbot = chatbot
        self.changeable = changeable

    def listed(self, chosen: Sequence[str] = ()) -> tuple[Any, ...]:
        """List what is indexed now: its revision, the table, and the filter with what is chosen."""
        revision = self._chatbot.revision
        origins = self._chatbot.origins()
        counts = self._chatbot.chunk_counts()
        table = documents_html(origins, counts, removable=self.changeable)
        return revision, table, filter_by_source(origins, chosen)

    def renewed(self, seen: int, chosen: Sequence[str]) -> tuple[Any, ...]:
        """List what is indexed, if that changed since it was last seen."""
        if self._chatbot.revision == seen:
            return gr.skip(), gr.skip(), gr.skip()
        return self.listed(chosen)

    def add(
        self,
        files: list[str] | None,
        chosen: Sequence[str],
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - gradio looks for this default
    ) -> tuple[Any, ...]:
        """Take uploaded files in; say what became of each, and empty the upload box."""

        def show(done: int, total: int, what: str) -> None:
            progress(done / (total + 1), desc=what)

        before = self._chatbot.revision
        try:
            verdicts = take_uploads(self._chatbot, [Path(f) for f in files or ()], progress=show)
            said = verdicts_html(astuple(verdict) for verdict in verdicts)
        except RagError as error:
            said = self._failed("Nothing was added", error, since=before)
        return said, None, *self.listed(chosen)

    def remove(self, chosen: Sequence[str], event: gr.EventData) -> tuple[Any, ...]:
        """Take one document out."""
        named, before = str(event.document), self._chatbot.revision
        try:
            self._chatbot.remove(named)
            said = status_html(f"Removed {named}.")
        except RagError as error:
            said = self._failed("Nothing was removed", error, since=before)
        return said, *self.listed(chosen)

    def _failed(self, what: str, error: RagError, *, since: int) -> str:
        """Say that nothing came of a change, unless some of it was committed before it failed."""
        told = what if self._chatbot.revision == since else "Not finished"
        return status_html(f"{told}: {error}", problem=True)


def filter_by_source(origins: Sequence[Origin], chosen: Sequence[str]) -> gr.Dropdown:
    """Offer as many documents as the table shows, and those that are chosen already."""
    labels = {origin.id: origin.label for origin in origins}
    kept = [name for name in chosen if name in labels]
    offered = dict.fromkeys((*islice(labels, MOST_ROWS), *kept))
    more = len(labels) - MOST_ROWS
    return gr.Dropdown(
        choices=[(labels[name], name) for name in offered],
        value=kept,
        info=f"The first {MOST_ROWS:,} of {len(labels):,} articles." if more > 0 else None,
    )


def documents_tab(
    app: gr.Blocks, tab: gr.Tab, other: gr.Tab, sources: gr.Dropdown, catalogue: Catalogue
) -> None:
    """Fill the tab, and keep its table and the filter by source up to date."""
    with tab:
        files, said = upload_box() if catalogue.changeable else (None, None)
        table = gr.HTML(elem_id="documents", apply_default_css=False, js_on_load=_REMOVE_JS)
        clock = gr.Timer(_LOOK_SECONDS, active=False)
    seen = gr.State(-1)
    listing = [seen, table, sources]
    app.load(catalogue.listed, [sources], listing, **_QUIET)
    clock.tick(catalogue.renewed, [seen, sources], listing, **_QUIET)
    tab.select(lambda: gr.Timer(active=True), None, clock, **_QUIET)
    other.select(lambda: gr.Timer(active=False), None, clock, **_QUIET)
    other.select(catalogue.renewed, [seen, sources], listing, **_QUIET)
    if files and said:
        files.upload(
            catalogue.add,
            [files, sources],
            [said, files, *listing],
            show_progress_on=said,
            **_WRITING,
        )
        table.delete(
            catalogue.remove, [sources], [said, *listing], show_progress_on=said, **_WRITING
        )


def upload_box() -> tuple[gr.File, gr.HTML]:
    """Lay out the box for files and the place for what is said about them."""
    formats = ", ".join(sorted(SUFFIXES))
    total = MAX_UPLOAD_BYTES // 1_000_000
    files = gr.File(
        file_count="multiple",
        label=f"Add articles ({formats}; {MAX_FILE_MEGABYTES} MB each, {total} MB at once)",
        elem_id="upload",
        height=150,
    )
    return files, gr.HTML(elem_id="verdicts", apply_default_css=False)
