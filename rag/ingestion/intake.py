"""Take documents into a store, batch by batch, embedding only what no cache knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.store import Entry, Store, embedding_key
from rag.types import Chunk, Document, Embedder, ReadOutcome, Vectors

_BATCH_CHUNKS = 256  # texts embedded and committed at a time; a long document takes several

Progress = Callable[[str], None]
Stage = Callable[[str, int, int], None]
Spare = Callable[[Collection[bytes]], Mapping[bytes, bytes]]
Split = Callable[[Sequence[Document]], Sequence[tuple[Chunk, ...]]]


@dataclass(frozen=True, slots=True)
class Portion:
    """How much is handed over at a time: characters to split, texts to embed."""

    characters: int = 0  # at least one document
    texts: int = _BATCH_CHUNKS


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest changed, by document id, and the files that could not be read."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    embedded: int = 0

    @property
    def documents(self) -> int:
        """How many documents were read."""
        return len(self.added) + len(self.changed) + len(self.unchanged)

    @property
    def changes(self) -> int:
        """How many documents came, changed or went."""
        return len(self.added) + len(self.changed) + len(self.removed)


class Intake:
    """Collects documents into batches and commits them to a store.

    ``split`` cuts documents into chunks, ``portion`` says how many at a time. ``before`` maps the
    ids that were in the index to their content hashes: what a document is compared with for the
    report. ``spare`` looks embeddings up in a second cache.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        *,
        split: Split,
        portion: Portion,
        before: Mapping[str, str],
        spare: Spare = lambda keys: {},
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._split = split
        self._portion = portion
        self._before = before
        self._spare = spare
        self._stored = store.content_hashes()
        self._stamps = store.stamps()
        self._restamped: dict[str, bytes] = {}
        self._unsplit: dict[str, tuple[Document, bytes | None]] = {}
        self._characters = 0
        self._pending: dict[str, Entry] = {}
        self._embedded = 0
        self.groups: dict[str, dict[str, None]] = {"added": {}, "changed": {}, "unchanged": {}}
        self.problems: list[tuple[str, str]] = []

    @property
    def seen(self) -> set[str]:
        """The ids of the documents taken so far."""
        return set().union(*self.groups.values())

    def take_all(self, outcomes: Iterable[ReadOutcome], progress: Progress) -> None:
        """Take the documents of all outcomes, and note the problems."""
        for outcome in outcomes:
            if outcome.problem:
                self.problems.append((outcome.path, outcome.problem))
            if outcome.unchanged:
                progress(outcome.unchanged)
                self._note(outcome.unchanged, self._stored[outcome.unchanged])
            for document in outcome.documents:
                progress(document.id)
                self.take(document, stamp=outcome.stamp)

    def take(self, document: Document, *, stamp: bytes | None = None) -> None:
        """Queue a document unless it is in the store as it is."""
        content_hash = document.content_hash
        self._note(document.id, content_hash)
        if self._stored.get(document.id) == content_hash:
            if stamp and self._stamps.get(document.id) != stamp:  # the file was touched, or moved
                self._restamped[document.id] = stamp
            return
        self._stored[document.id] = content_hash
        self._restamped.pop(document.id, None)
        self._unsplit[document.id] = document, stamp
        self._characters += len(document.text)
        if self._characters >= self._portion.characters:
            self._split_queued()
        if sum(len(entry.chunks) for entry in self._pending.values()) >= _BATCH_CHUNKS:
            self.commit()

    def commit(self) -> None:
        """Commit what is queued."""
        self._split_queued()
        if self._pending:
            entries = list(self._pending.values())
            self._store.apply(entries, vectors=self._new_vectors(entries))
            self._pending = {}
        if self._restamped:
            self._store.put_stamps(self._restamped)
            self._restamped = {}

    def _split_queued(self) -> None:
        if not self._unsplit:
            return
        queued = list(self._unsplit.values())
        cut = self._split([document for document, _ in queued])
        for (document, stamp), chunks in zip(queued, cut, strict=True):
            keys = tuple(embedding_key(c.embedded_text, self._embedder.fingerprint) for c in chunks)
            self._pending[document.id] = Entry(document, tuple(chunks), keys, stamp)
        self._unsplit, self._characters = {}, 0

    def report(self) -> IngestReport:
        """Tell what happened so far."""
        return IngestReport(
            added=tuple(self.groups["added"]),
            changed=tuple(self.groups["changed"]),
            unchanged=tuple(self.groups["unchanged"]),
            problems=tuple(self.problems),
            embedded=self._embedded,
        )

    def _note(self, document_id: str, content_hash: str) -> None:
        for ids in self.groups.values():  # the last of two with the same id counts
            ids.pop(document_id, None)
        before = self._before.get(document_id)
        name = "unchanged" if before == content_hash else "changed" if before else "added"
        self.groups[name][document_id] = None

    def _new_vectors(self, entries: Iterable[Entry]) -> dict[bytes, Vectors]:
        texts: dict[bytes, Chunk] = {}
        for entry in entries:
            texts.update(zip(entry.keys, entry.chunks, strict=True))
        new = texts.keys() - self._store.known_embeddings(texts)
        found = {
            key: np.frombuffer(vector, dtype="<f4") for key, vector in self._spare(new).items()
        }
        missing = [key for key in texts if key in new and key not in found]
        return found | self._embed({key: texts[key].embedded_text for key in missing})

    def _embed(self, texts: Mapping[bytes, str]) -> dict[bytes, Vectors]:
        """Embed what the documents at hand need, and keep all but the last batch at once."""
        made: dict[bytes, Vectors] = {}
        keys = list(texts)
        for first in range(0, len(keys), self._portion.texts):
            batch = keys[first : first + self._portion.texts]
            vectors = self._embedder.embed([texts[key] for key in batch])
            self._embedded += len(batch)
            made = dict(zip(batch, vectors, strict=True))
            if first + len(batch) < len(keys):
                self._store.keep_vectors(made)
        return made
