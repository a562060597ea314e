"""A conversation in the browser: its turns, how they grow, and how they look in the chat."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.errors import RagError
from rag.rendering_chat import chat_html, note_html, problem_html, question_markdown
from rag.types import Answer, Message

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

logger = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong here; the server's log says what."
STOPPED = "Stopped before the answer was complete."


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it so far.

    ``rests_on`` holds the documents an answer rests on, as (id, content hash), once that is known.
    """

    question: str
    answer: Answer | None = None
    problem: str = ""
    stopped: bool = False
    rests_on: tuple[tuple[str, str], ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.stopped or bool(self.problem) or bool(self.answer and self.answer.final)


Turns = tuple[Turn, ...]


def growing(
    chatbot: Chatbot, question: str, before: Turns, sources: Collection[str]
) -> Iterator[Turn]:
    """Yield a turn as its answer grows; what goes wrong becomes part of the turn."""
    turn = Turn(question.strip())
    yield turn
    try:
        for answer in chatbot.stream(
            turn.question, history=history(before), sources=set(sources) or None
        ):
            turn = replace(turn, answer=answer)
            yield turn
    except RagError as error:
        yield replace(turn, problem=str(error))
    except Exception:
        logger.exception("answering failed")
        yield replace(turn, problem=UNEXPECTED)


def stopped(turns: Turns) -> Turns:
    """Mark the last turn as stopped, unless it was done."""
    if not turns or turns[-1].done:
        return turns
    return (*turns[:-1], replace(turns[-1], stopped=True))


def history(turns: Turns) -> tuple[Message, ...]:
    """Give the turns that were answered as messages, oldest first."""
    answered = [(turn.question, turn.answer) for turn in turns if turn.answer]
    pairs = ((Message("user", q), Message("assistant", a.text)) for q, a in answered)
    return tuple(message for pair in pairs for message in pair)


def chat_messages(turns: Turns) -> list[dict[str, str]]:
    """Write the turns as the messages of a chat: a question, then what came of it."""
    shown: list[dict[str, str]] = []
    for number, turn in enumerate(turns, start=1):
        shown.append({"role": "user", "content": question_markdown(turn.question)})
        answer = shown_answer(turn, number)
        shown += [{"role": "assistant", "content": answer}] if answer else []
    return shown


def shown_answer(turn: Turn, number: int) -> str:
    """Write a turn's answer, and what kept it from being whole; empty before there is one."""
    answer = turn.answer and replace(turn.answer, final=turn.done)
    parts = (
        chat_html(answer, number) if answer else "",
        problem_html(turn.problem) if turn.problem else "",
        note_html(STOPPED) if turn.stopped else "",
    )
    return "".join(parts)
