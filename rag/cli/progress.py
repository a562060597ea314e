"""How far an ingest has come: a bar on a terminal, a line now and then elsewhere; on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm

_LINE_SECONDS = 10.0  # between the lines of a log
_LINE = "{desc}: {n_fmt} of {total_fmt}, {rate_fmt}, {remaining} left"


class IngestProgress:
    """Counts documents, then vectors, with the rate and the time left."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None

    def step(self, _: str = "") -> None:
        """Count one more."""
        if self._bar is not None:
            self._bar.update()

    def stage(self, what: str, done: int, total: int) -> None:
        """Show how much is done of what is under way; a total of 0 is unknown."""
        if self._bar is None or self._bar.desc != what:
            self.close()
            self._bar = _opened(what, total)
        self._bar.total = total or None
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def __enter__(self) -> IngestProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Lines:
    """A stream for tqdm that writes its updates below each other instead of over each other."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        if line := text.strip("\r\n "):
            self._stream.write(f"{line}\n")

    def flush(self) -> None:
        self._stream.flush()


def _opened(what: str, total: int) -> tqdm[None]:
    from tqdm import tqdm

    if sys.stderr.isatty():
        return tqdm(
            desc=what, total=total or None, leave=False, dynamic_ncols=True, file=sys.stderr
        )
    return tqdm(
        desc=what,
        total=total or None,
        leave=False,
        file=_Lines(sys.stderr),
        bar_format=_LINE,
        mininterval=_LINE_SECONDS,
        delay=_LINE_SECONDS,
    )
