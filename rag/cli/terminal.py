"""What a terminal shows: JSON, progress, a conversation."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import typer

from rag.errors import RagError
from rag.types import Answer, Message

_REDRAW_SECONDS = 0.1


def to_json(value: object, *, indent: int | None = None) -> str:
    """Write a value as JSON that stdout can show: in plain ASCII unless it takes all of Unicode."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    return json.dumps(value, ensure_ascii=encoding != "utf8", indent=indent)


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    typer.echo(to_json(value, indent=2))


def converse(
    ask: Callable[[str, tuple[Message, ...]], Answer], show: Callable[[Answer], None]
) -> None:
    """Answer line by line until the input ends; earlier turns are remembered."""
    history: tuple[Message, ...] = ()
    typer.echo("Ask about the articles; an empty line or Ctrl-D ends.", err=True)
    while question := _next_question():
        try:
            answer = ask(question, history)
        except RagError as error:
            typer.echo(f"rag: {error}", err=True)
            continue
        show(answer)
        history += (Message("user", question), Message("assistant", answer.text))


def _next_question() -> str:
    """Read a line; the prompt goes to stderr, so that stdout holds answers only."""
    typer.echo("> ", nl=False, err=True)
    return sys.stdin.readline().strip()


class Counter:
    """Shows on a terminal how many are done, with the rate; elsewhere it stays silent."""

    def __init__(self, what: str) -> None:
        self._what, self._done = what, 0
        self._started = self._shown = time.monotonic()
        self._visible = sys.stderr.isatty()

    def step(self, _: str = "") -> None:
        """Count one more."""
        self._done += 1
        now = time.monotonic()
        if self._visible and now - self._shown > _REDRAW_SECONDS:
            self._shown = now
            rate = self._done / (now - self._started)
            typer.echo(f"\r{self._what} {self._done} ({rate:.1f}/s)", nl=False, err=True)

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._visible and self._done:
            typer.echo("\r\033[K", nl=False, err=True)
