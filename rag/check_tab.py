"""The check tab of the page: whether quotations are in the articles, and what bears claims out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import gradio as gr

from rag.chatbot import Chatbot
from rag.conversation import UNEXPECTED
from rag.documents_tab import filter_by_source
from rag.errors import InputError, RagError
from rag.rendering_check import NOTHING_CHECKED, checked_html
from rag.rendering_documents import status_html
from rag.types import Document

logger = logging.getLogger(__name__)

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
_HELP = "Words in quotation marks are looked up; what has none is looked up and then judged."


class Checks:
    """Answers the events of the tab."""

    def __init__(self, chatbot: Chatbot) -> None:
        self._chatbot = chatbot

    def vetted(self, text: str, sources: Sequence[str]) -> str:
        """Check a text; what goes wrong is one line."""
        try:
            checked = self._chatbot.check(text, sources=list(sources) or None)
            return checked_html(checked, self._find)
        except RagError as error:
            return status_html(str(error), problem=True)
        except Exception:
            logger.exception("checking failed")
            return status_html(UNEXPECTED, problem=True)

    def offered(self, chosen: Sequence[str]) -> gr.Dropdown:
        """Offer the articles that are there now."""
        return filter_by_source(self._chatbot.origins(), chosen)

    def _find(self, document_id: str) -> Document | None:
        try:
            return self._chatbot.document(document_id)
        except InputError:
            return None


def check_tab(tab: gr.Tab, checks: Checks) -> None:
    """Fill the tab."""
    with tab, gr.Column(elem_id="check"):
        # No limit of length: the browser would cut a pasted text without a word.
        box = gr.Textbox(
            label="Quotations or claims",
            info=_HELP,
            placeholder="“…” she said, or a sentence that the articles should bear out …",
            lines=4,
            max_lines=12,
            elem_id="pasted",
        )
        with gr.Row(elem_id="check-below"):
            sources = gr.Dropdown(
                multiselect=True, label="Look only in (empty: all)", elem_id="check-sources"
            )
            button = gr.Button("Check", variant="primary", elem_id="check-now", scale=0)
        panel = gr.HTML(NOTHING_CHECKED, elem_id="checked", apply_default_css=False)
    tab.select(checks.offered, [sources], sources, **_QUIET)
    gr.on(
        [button.click, box.submit],
        checks.vetted,
        [box, sources],
        panel,
        api_visibility="private",
        show_progress="minimal",
        show_progress_on=panel,
    )
