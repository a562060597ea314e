"""The events of the chat: questions come, answers grow, and conversations are kept.

Like ``app.py`` and the tabs it imports gradio. What a page shows is in its ``Turns``, which the
server forgets after an hour without a question, and when it is started anew. The bookmark in the
browser leads to the conversation that is kept of them.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

import gradio as gr

from rag.chatbot import Chatbot
from rag.conversation import Turns, chat_messages, growing, shown_answer, stopped
from rag.rendering import answer_markdown
from rag.rendering_chat import NO_EVIDENCE, evidence_html
from rag.shelf import Bookmark, Shelf, bookmark_of

EXPIRED = "This conversation has expired; please ask again in a new one."
UNREAD = "This conversation cannot be read; ask again, or begin a new one. The reason: {}"


class Desk:
    """Answers the events of the page.

    Most return the same five: turns, bookmark, chat, evidence and question box.
    """

    def __init__(self, chatbot: Chatbot, shelf: Shelf) -> None:
        self._chatbot = chatbot
        self._shelf = shelf

    def answer(
        self,
        question: str,
        turns: Turns,
        kept: object,
        sources: Sequence[str],
        request: gr.Request,
    ) -> Iterator[Any]:
        """Answer a question, and show it as the answer grows."""
        if question.strip():
            mark = bookmark_of(kept, request.session_hash)
            turns, mark = self._current(turns, mark)
            yield from self._growing(question, turns, mark, sources)

    def example(
        self,
        turns: Turns,
        kept: object,
        sources: Sequence[str],
        event: gr.SelectData,
        request: gr.Request,
    ) -> Iterator[Any]:
        """Ask an example question."""
        yield from self.answer(event.value["text"], turns, kept, sources, request)

    def retry(
        self,
        turns: Turns,
        kept: object,
        sources: Sequence[str],
        event: gr.RetryData,
        request: gr.Request,
    ) -> Iterator[Any]:
        """Ask a question again, forgetting what came after it."""
        mark = bookmark_of(kept, request.session_hash)
        turns, mark = self._current(turns, mark)
        turn = known_turn(event.index, turns)
        yield from self._growing(turns[turn].question, turns[:turn], mark, sources)

    def edit(
        self,
        turns: Turns,
        kept: object,
        sources: Sequence[str],
        event: gr.EditData,
        request: gr.Request,
    ) -> Iterator[Any]:
        """Ask a changed question, forgetting what came after it."""
        mark = bookmark_of(kept, request.session_hash)
        turns, mark = self._current(turns, mark)
        before = turns[: known_turn(event.index, turns)]
        if question := html.unescape(event.value).strip():
            yield from self._growing(question, before, mark, sources)

    def undo(
        self, turns: Turns, kept: object, event: gr.UndoData, request: gr.Request
    ) -> tuple[Any, ...]:
        """Take a question back into the box."""
        mark = bookmark_of(kept, request.session_hash)
        turns, mark = self._current(turns, mark)
        turn = known_turn(event.index, turns)
        mark = warned(self._shelf.kept(mark, turns[:turn]), mark)
        return self._page(turns[:turn], mark, turns[turn].question)

    def stop(self, turns: Turns, kept: object, request: gr.Request) -> tuple[Any, ...]:
        """Say that the answer was stopped, and keep what there is."""
        turns = self._shelf.settled(stopped(turns))
        if turns:  # also the answer keeps itself, but only when its next step is done
            self._end(bookmark_of(kept, request.session_hash), turns)
        return turns, chat_messages(turns), idle_box()

    def begin(self, kept: object, request: gr.Request) -> tuple[Any, ...]:
        """Begin a new conversation; the one before is kept."""
        return self._page((), bookmark_of(kept, request.session_hash).closed())

    def clear(self, kept: object, request: gr.Request) -> tuple[Any, ...]:
        """Delete the conversation, and begin a new one."""
        mark = bookmark_of(kept, request.session_hash)
        if problem := self._shelf.deleted(mark, mark.conversation):
            gr.Warning(problem)
        return self._page((), mark.closed())

    def restore(self, kept: object, request: gr.Request) -> tuple[Any, ...]:
        """Show the conversation that the browser has open, in a page that was just loaded."""
        # Made here and not with the first question, the secret is there for the browser's next tab.
        mark = self._shelf.known(bookmark_of(kept, request.session_hash))
        found, turns = self._shelf.opened(mark)
        warned(found, Bookmark())
        if turns:
            return self._page(turns, found)
        return gr.skip(), asdict(found), *[gr.skip()] * 3  # who is quick has asked already

    def reopen(self, mark: Bookmark, conversation: str) -> tuple[Any, ...]:
        """Show another conversation of the browser."""
        found, turns = self._shelf.opened(replace(mark, conversation=conversation))
        if not turns:
            raise gr.Error(found.told or "This conversation is gone.", print_exception=False)
        return self._page(turns, found)

    def copied(self, turns: Turns, event: gr.CopyData) -> str:
        """Give an answer that was copied as Markdown with its sources."""
        for number, turn in enumerate(turns, start=1):
            if turn.answer and event.value == shown_answer(turn, number):
                return answer_markdown(turn.answer)
        return html.unescape(str(event.value))

    def _current(self, turns: Turns, mark: Bookmark) -> tuple[Turns, Bookmark]:
        """Return the turns that the page shows, also where the server has let go of them.

        What cannot be read is not gone on with: that would be kept in place of it.
        """
        if turns or not (mark.shown or mark.conversation):
            return turns, mark
        found, turns = self._shelf.opened(mark)
        if found.told:
            raise gr.Error(UNREAD.format(found.told), print_exception=False)
        if mark.shown and not turns:
            raise gr.Error(EXPIRED, print_exception=False)
        return turns, found

    def _growing(
        self, question: str, before: Turns, mark: Bookmark, sources: Sequence[str]
    ) -> Iterator[Any]:
        """Answer a question after these turns; whatever ends it, what there is by then is kept."""
        now, panel, begun = before, "", mark
        try:
            for turn in growing(self._chatbot, question, before, sources):
                now = (*before, turn)
                if turn.answer is None and not turn.done:
                    begun = warned(self._shelf.kept(mark, now), mark)
                last, panel = panel, self._evidence(now)
                update = gr.skip() if panel == last else panel
                box = gr.Textbox("", submit_btn=False, stop_btn=True)
                yield now, asdict(begun), chat_messages(now), update, box
            now = self._shelf.settled(now)
        except GeneratorExit:  # the reader stopped it, or left
            self._end(begun, stopped(now))
            raise
        # Where the beginning could not be kept, this is it.
        mark = self._shelf.kept(begun, now, begins=bool(begun.told), ends=True)
        mark = warned(mark, begun)
        yield now, asdict(mark), gr.skip(), gr.skip(), idle_box()

    def _end(self, mark: Bookmark, turns: Turns) -> None:
        """Keep what there is of an answer that was given up, unless the reader has gone on."""
        self._shelf.kept(mark, turns, begins=bool(mark.told), ends=True, parts=False)

    def _page(self, turns: Turns, mark: Bookmark, text: str | None = None) -> tuple[Any, ...]:
        return turns, asdict(mark), chat_messages(turns), self._evidence(turns), idle_box(text)

    def _evidence(self, turns: Turns) -> str:
        answers = [(n, turn.answer) for n, turn in enumerate(turns, start=1) if turn.answer]
        return evidence_html(answers, self._shelf.find) if answers else NO_EVIDENCE


def warned(mark: Bookmark, before: Bookmark) -> Bookmark:
    """Tell the reader why nothing is kept, where the page was not told so before."""
    if mark.told and mark.told != before.told:
        gr.Warning(mark.told)
    return mark


def known_turn(index: int | Sequence[int], turns: Turns) -> int:
    """Find the turn of a message: each has a question and an answer."""
    turn = (index if isinstance(index, int) else index[0]) // 2
    if turn >= len(turns):
        raise gr.Error(EXPIRED, print_exception=False)
    return turn


def idle_box(text: str | None = None) -> gr.Textbox:
    """Put the question box back to rest, with this text if any."""
    rest = {} if text is None else {"value": text}
    return gr.Textbox(submit_btn=True, stop_btn=False, **rest)
