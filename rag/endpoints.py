"""What programs can call of the served app, with gradio_client or curl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from inspect import signature
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.chatbot import Chatbot
from rag.errors import InputError, RagError
from rag.quotes import find_quote
from rag.rendering import answer_json, document_json, passage_json
from rag.types import Message

if TYPE_CHECKING:
    from gradio.blocks import BlockFunction

_EXPECTED = 'expected a list of {"role": "user" or "assistant", "content": "…"}'
_SHOWN = 60  # characters of a wrong value


class Page(gr.Blocks):  # type: ignore[misc]  # gradio is untyped here
    """A page whose functions can be called without their last arguments, where those have defaults.

    Gradio fills them in for its own client only: a new argument would break calls made with curl.
    """

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        """Fill in what a program left out before gradio counts the arguments."""
        parameters = list(signature(block_fn.fn).parameters.values()) if block_fn.fn else []
        for parameter in parameters[len(inputs) : len(block_fn.inputs)]:
            if parameter.default is parameter.empty:
                break
            inputs.append(parameter.default)
        super().validate_inputs(block_fn, inputs)


def publish(chatbot: Chatbot) -> None:
    """Offer the chatbot to programs, inside the ``gr.Blocks`` being built."""

    def ask(
        question: str, sources: list[str] | None = None, history: list[Any] | None = None
    ) -> dict[str, Any]:
        """Answer a question with checked citations.

        `sources` limits it to those document ids. `history` holds the earlier turns, oldest first,
        as {"role": "user" or "assistant", "content": "…"}.
        """
        with errors_for_programs():
            earlier = messages_of(history)
            return answer_json(chatbot.ask(question, history=earlier, sources=sources or None))

    def search(
        query: str, top_k: int = 8, sources: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """Find the passages that bear on a query, best first."""
        with errors_for_programs():
            found = chatbot.search(query, top_k=top_k, sources=sources or None)
            return [passage_json(passage) for passage in found]

    def list_sources() -> list[dict[str, Any]]:
        """List the indexed documents."""
        counts = chatbot.chunk_counts()
        return [document_json(d, counts.get(d.id, 0)) for d in chatbot.origins()]

    def find_quotes(quote: str) -> list[dict[str, Any]]:
        """Find where a quotation stands, word for word or altered, and who says it there."""
        with errors_for_programs():
            return [asdict(match) for match in find_quote(stated(quote), chatbot.documents())]

    def check(text: str, sources: list[str] | None = None) -> list[dict[str, Any]]:
        """Check the quotations and claims of a text, each with the spans its verdict rests on.

        Words in quotation marks are looked up; what has no marks is looked up, and where it does
        not stand word for word, judged as a claim. `sources` limits it to those document ids.
        """
        with errors_for_programs():
            if not isinstance(text, str):
                raise InputError(f"text: expected a string, found {repr(text)[:_SHOWN]}")
            return [asdict(item) for item in chatbot.check(text, sources=sources or None)]

    for function in (ask, search, list_sources, find_quotes, check):
        gr.api(function)


def stated(quote: object) -> str:
    """Return a quotation; raise ``InputError`` when it is none or empty."""
    if not isinstance(quote, str) or not quote.strip():
        raise InputError("the quote is empty; give the words to look for")
    return quote


def messages_of(history: object) -> tuple[Message, ...]:
    """Read earlier turns; raise ``InputError`` naming the first that is wrong."""
    turns = [] if history is None else history
    if not isinstance(turns, list):
        raise InputError(f"history: {_EXPECTED}, found {repr(turns)[:_SHOWN]}")
    return tuple(_message(turn, number) for number, turn in enumerate(turns, start=1))


def _message(turn: object, number: int) -> Message:
    match turn:
        case {"role": "user" | "assistant" as role, "content": str(content)} if content.strip():
            return Message(role, content)
    found = dict(turn) if isinstance(turn, Mapping) else turn
    raise InputError(f"history, item {number}: {_EXPECTED}, found {repr(found)[:_SHOWN]}")


@contextmanager
def errors_for_programs() -> Iterator[None]:
    """Pass on what went wrong in one line, without a traceback in the log."""
    try:
        yield
    except RagError as error:
        raise gr.Error(str(error), print_exception=False) from error
