"""The chat in the browser: `python app.py`. Only its desk, tabs and endpoints import gradio too."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import platformdirs

# Read by gradio when it is imported and launched: no usage statistics, a folder of its own for
# temporary files, and no detour through a proxy to reach itself.
os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "ANONYMIZED_TELEMETRY": "False"}
os.environ.setdefault(
    "GRADIO_TEMP_DIR", str(Path(platformdirs.user_cache_dir("attest")) / "gradio")
)
os.environ["NO_PROXY"] = ",".join(
    filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1,localhost,::1,::"))
)

import gradio as gr
from starlette.middleware import Middleware

from rag.api import open_chatbot
from rag.archive import ARCHIVE_FILE, Archive
from rag.chatbot import Chatbot
from rag.check_tab import Checks, check_tab
from rag.config import Settings, load_settings
from rag.conversations_tab import ASK, Conversations, conversations_tab
from rag.desk import Desk
from rag.documents_tab import Catalogue, documents_tab
from rag.endpoints import Page, publish
from rag.errors import RagError
from rag.rendering_chat import NO_EVIDENCE, header_html
from rag.shelf import Shelf
from rag.uploads import sweep
from rag.web import (
    LOOPBACK,
    MAX_FILE_MEGABYTES,
    Guard,
    check_port,
    credentials,
    may_upload,
    url_host,
)

PACKAGE = Path(__file__).with_name("rag")
TEMPORARY = Path(platformdirs.user_cache_dir("attest")) / "gradio"

# Shown where the article that answers is indexed.
EXAMPLES = {
    "002_a8b8e53ddfe7d5e4": "How many North Korean soldiers are in the Kursk region?",
    "003_966a58af8c5fddd0": "Why is the Kim-Putin pact a headache for Beijing?",
    "001_e8175f1f4254924b": "Will NATO move into East Asia?",
    "004_e813dd211190d88d": "What does the defense deal give North Korea?",
}
HIDDEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
# A new answer's evidence comes into view, even after a reader scrolled to an older one.
NEWEST_FIRST_JS = """let seen; watch('value', () => {
  const newest = element.querySelector('.number')?.textContent;
  if (newest !== seen) element.closest('#evidence').scrollTo({top: 0, behavior: 'instant'});
  seen = newest; });"""
COPY_JS = "(text) => { if (text) navigator.clipboard.writeText(text); return text }"


def build_app(
    chatbot: Chatbot, *, uploads: bool = False, archive: Archive | None = None
) -> gr.Blocks:
    """Build the page for a chatbot.

    With ``uploads`` its documents can be added to and removed; ``archive`` keeps conversations.
    """
    shelf = Shelf(chatbot, archive)
    desk = Desk(chatbot, shelf)
    with Page(title="Attest", fill_width=True, delete_cache=(3600, 3600)) as app:
        turns = gr.State((), time_to_live=3600)
        # Fixed, so that a browser finds its conversations again after the app was started anew; the
        # secret in it is made for each browser.
        bookmark = gr.BrowserState({}, storage_key="attest", secret="attest")
        gr.HTML(header_html(chatbot.model))
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Ask", id=ASK) as ask, gr.Row(elem_id="desk"):
                with gr.Column(scale=3, min_width=320):
                    chat, box, sources, new = chat_column(chatbot)
                with gr.Column(scale=2, min_width=320):
                    panel = gr.HTML(
                        NO_EVIDENCE,
                        elem_id="evidence",
                        apply_default_css=False,
                        js_on_load=NEWEST_FIRST_JS,
                    )
            check = gr.Tab("Check")
            past = gr.Tab("Conversations", visible=shelf.keeps)
            tab = gr.Tab("Documents")
        copied = gr.Textbox(visible=False)

        page = [turns, bookmark, chat, panel, box]
        chosen = [turns, bookmark, sources]
        running = [
            box.submit(desk.answer, [box, *chosen], page, **HIDDEN),
            chat.example_select(desk.example, chosen, page, **HIDDEN),
            chat.retry(desk.retry, chosen, page, **HIDDEN),
            chat.edit(desk.edit, chosen, page, **HIDDEN),
        ]
        app.load(desk.restore, [bookmark], page, **HIDDEN)
        box.stop(desk.stop, [turns, bookmark], [turns, chat, box], cancels=running, **HIDDEN)
        chat.undo(desk.undo, [turns, bookmark], page, **HIDDEN)
        chat.clear(desk.clear, [bookmark], page, cancels=running, **HIDDEN)
        new.click(desk.begin, [bookmark], page, cancels=running, **HIDDEN)
        chat.copy(desk.copied, [turns], copied, **HIDDEN).then(
            None, copied, copied, js=COPY_JS, **HIDDEN
        )
        conversations_tab(past, tabs, Conversations(desk, shelf), bookmark, page, running)
        check_tab(check, Checks(chatbot))
        documents_tab(app, tab, ask, sources, Catalogue(chatbot, changeable=uploads))
        publish(chatbot)
    return app


def chat_column(chatbot: Chatbot) -> tuple[gr.Chatbot, gr.Textbox, gr.Dropdown, gr.Button]:
    """Lay out the conversation, the question box, the filter by source and a way to begin anew."""
    indexed = {origin.id for origin in chatbot.origins()}
    examples = [{"text": text} for document, text in EXAMPLES.items() if document in indexed]
    chat = gr.Chatbot(
        elem_id="chat",
        show_label=False,
        height="auto",
        layout="panel",
        buttons=["copy"],
        editable="user",
        feedback_options=None,
        latex_delimiters=[],
        placeholder="## Ask the articles\nEvery answer comes with the words it rests on.",
        examples=examples,
    )
    box = gr.Textbox(
        elem_id="question",
        show_label=False,
        label="Question",
        placeholder="Ask about the articles …",
        max_length=4_000,
        submit_btn=True,
        autofocus=True,
    )
    with gr.Row(elem_id="below"):
        sources = gr.Dropdown(
            multiselect=True,
            label="Look only in (empty: all)",
            elem_id="sources",
            scale=1,
        )
        new = gr.Button("New conversation", elem_id="new", size="sm", scale=0, min_width=150)
    return chat, box, sources, new


def serve(chatbot: Chatbot, settings: Settings, *, block: bool = True) -> gr.Blocks:
    """Serve the page; without ``block``, return once it is up (``local_url`` says where)."""
    secret = settings.auth.get_secret_value() if settings.auth else None
    auth = credentials(secret, settings.host)
    check_port(settings.host, settings.port)
    sweep(TEMPORARY)
    uploads = may_upload(settings)
    archive = Archive(settings.index / ARCHIVE_FILE) if settings.conversations == "on" else None
    app = build_app(chatbot, uploads=uploads, archive=archive).queue(
        max_size=64, default_concurrency_limit=16
    )
    hosts = LOOPBACK if settings.host in LOOPBACK else None
    guard = Middleware(Guard, hosts=hosts, uploads=uploads)
    app.launch(
        server_name=url_host(settings.host),
        server_port=settings.port or None,
        auth=auth,
        app_kwargs={"middleware": [guard], "docs_url": None, "redoc_url": None},
        blocked_paths=[str(settings.index.resolve()), str(Path(".env").resolve())],
        css_paths=PACKAGE / "app.css",
        theme=theme(),
        head_paths=PACKAGE / "app.html",
        footer_links=["api"],
        max_file_size=f"{MAX_FILE_MEGABYTES}mb",
        max_threads=64,
        state_session_capacity=500,
        share=False,
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        quiet=True,
        prevent_thread_lock=True,
    )
    print(f"Attest is at {app.local_url}", flush=True)  # noqa: T201
    if block:
        app.block_thread()
    return app


def theme() -> gr.themes.Base:
    """Use the system's fonts; the colours are set in app.css."""
    fonts = {"font": ["system-ui", "sans-serif"], "font_mono": ["ui-monospace", "monospace"]}
    return gr.themes.Base(primary_hue="emerald", neutral_hue="stone", **fonts)


def main() -> None:
    """Serve the chat over the index the settings name."""
    try:
        settings = load_settings()
        with open_chatbot(settings=settings) as chatbot:
            serve(chatbot, settings)
    except RagError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


if __name__ == "__main__":
    main()
