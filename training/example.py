"""One question over one text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A question over a text; no answers means that the text does not answer it.

    ``words`` says where a set's short answers stand: (sentence, start, end in it). ``others`` are
    further passages read for the question, each with the sentences that answer: the right one is
    to stand out among all of them. ``together`` tells that all of these are wanted, and not any.
    """

    question: str
    sentences: tuple[str, ...]
    answers: tuple[int, ...]
    words: tuple[tuple[int, int, int], ...] = ()
    others: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...] = ()
    together: bool = False

    @property
    def wording(self) -> tuple[str, ...]:
        """The short answers, where a set gives them."""
        return tuple(self.sentences[i][start:end] for i, start, end in self.words)
