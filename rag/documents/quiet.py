"""Keep third-party parsers from talking over the program, and their bugs from stopping it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from rag.errors import InputError

logger = logging.getLogger(__name__)


@contextmanager
def parsing(what: str, *, loggers: Sequence[str]) -> Iterator[None]:
    """Silence a parser's warnings and logging, and turn whatever it raises into an InputError."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        for name in loggers:
            stack.enter_context(_muted(logging.getLogger(name)))
        try:
            yield
        except InputError:
            raise
        except Exception as error:
            logger.debug("%s could not be parsed", what, exc_info=True)
            raise InputError(f"it cannot be read as {what}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200].strip() or type(error).__name__


@contextmanager
def _muted(noisy: logging.Logger) -> Iterator[None]:
    level = noisy.level
    noisy.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        noisy.setLevel(level)
