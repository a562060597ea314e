"""Invented documents, each version with a word of its own, and the changes made with them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.types import Document

_SUBJECTS = "harbour bridge ferry market school library station garden tower mill".split()
_VERBS = "opens closes grows moves waits burns sinks shrinks".split()
_MANY = 300  # documents, more than one transaction takes


@dataclass(frozen=True, slots=True)
class Step:
    """One call: documents to ingest (or to rebuild with), or the ids of documents to remove."""

    documents: tuple[Document, ...] = ()
    removed: tuple[str, ...] = ()
    rebuild: bool = False

    def applied(self, held: Mapping[str, str], count: int | None = None) -> dict[str, str]:
        """Return what an index (content hashes by id) holds after ``count`` documents of it."""
        kept = {name: value for name, value in held.items() if name not in self.removed}
        return kept | {d.id: d.content_hash for d in self.documents[:count]}


@dataclass(frozen=True, slots=True)
class Change:
    """What a user would call one change, in one or two steps."""

    kind: str
    steps: tuple[Step, ...]


class Author:
    """Thinks up documents and changes to those that an index holds; ``seed`` decides all."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)
        self._numbers = itertools.count()
        self._documents: dict[str, Document] = {}

    @property
    def documents(self) -> Mapping[str, Document]:
        """What the index should hold once the changes so far are made."""
        return self._documents

    def remove(self, names: Sequence[str]) -> Step:
        """Take documents out of what the index should hold."""
        step = Step(removed=tuple(names))
        self._note(step)
        return step

    def make(self, kind: str) -> Change:
        """Think of a change of a kind; what is impossible with so few documents becomes "add"."""
        if kind != "add" and len(self._documents) < 4:
            kind = "add"
        steps: Sequence[Step] = getattr(self, f"_{kind}")()
        for step in steps:
            self._note(step)
        return Change(kind, tuple(steps))

    def _note(self, step: Step) -> None:
        for name in step.removed:
            del self._documents[name]
        self._documents |= {d.id: d for d in step.documents}

    def _add(self) -> list[Step]:
        return [Step(tuple(self._new() for _ in range(self._random.randint(1, 4))))]

    def _bulk(self) -> list[Step]:
        if many := tuple(name for name in self._documents if name.startswith("many")):
            return [Step(removed=many)]
        return [Step(tuple(self._new("many", sentences=1) for _ in range(_MANY)))]

    def _edit(self) -> list[Step]:
        edited = (
            replace(document, text=self._text(self._random.randint(1, 9)))
            for document in self._some(2)
        )
        return [Step(tuple(edited))]

    def _rename(self) -> list[Step]:
        (old,) = self._some(1)
        new = replace(old, id=f"renamed-{next(self._numbers):06}")
        return [Step((new,)), Step(removed=(old.id,))]

    def _delete(self) -> list[Step]:
        return [Step(removed=tuple(d.id for d in self._some(2)))]

    def _rebuild(self) -> list[Step]:
        return [Step((self._new(),), rebuild=True)]

    def _some(self, most: int) -> list[Document]:
        few = [d for d in self._documents.values() if not d.id.startswith("many")]
        return self._random.sample(few, min(most, max(len(few) - 1, 1)))

    def _new(self, name: str = "doc", *, sentences: int = 0) -> Document:
        count = sentences or self._random.randint(1, 30)
        return Document(f"{name}-{next(self._numbers):06}", self._text(count), title="Harbour news")

    def _text(self, sentences: int) -> str:
        pick = self._random.choice
        own = f"The zq{next(self._numbers):06}x {pick(_VERBS)} today."
        more = (
            f"A {pick(_SUBJECTS)} {pick(_VERBS)} near the {pick(_SUBJECTS)}."
            for _ in range(sentences)
        )
        return " ".join([own, *more])


KINDS = ("add", "edit", "rename", "delete", "rebuild", "bulk")


def own_word(document: Document) -> str:
    """Return the word that only this version of a document has."""
    return document.text.split(" ", 2)[1]
