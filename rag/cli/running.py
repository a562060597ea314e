"""Run a command and turn its end, good or bad, into an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from rag.cli.commands import app
from rag.errors import RagError

_WRONG, _INTERRUPTED = 2, 130

# Typer brings a click of its own, or uses the one installed; either way this is its usage error.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; a ``RagError`` becomes one line."""
    _accept_any_text()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(args=arguments or ["--help"], prog_name="rag", standalone_mode=False)
        sys.stdout.flush()
    except RagError as error:
        return _fail(str(error))
    except _UsageError as error:
        said = error.format_message()  # type: ignore[attr-defined]
        return _fail(f"{said.rstrip('.')}; see `rag --help`")
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except BrokenPipeError:  # whoever read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status if isinstance(status, int) else 0


def _fail(message: str) -> int:
    typer.echo(f"rag: {' '.join(message.split())}", err=True)
    return _WRONG


def _accept_any_text() -> None:
    """Show what a stream's encoding cannot as a question mark instead of failing."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
