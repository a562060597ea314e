"""The changes an index goes through: documents come, change and go, or all is made anew."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rag.chunking import CHUNKER
from rag.errors import IndexDamagedError, IndexMissingError, IndexProblem, InputError
from rag.failpoints import failpoint
from rag.index import build_generation, is_current, live_revision, write_lock
from rag.ingestion.intake import IngestReport, Intake, Progress, Spare, Stage
from rag.store import Identity, Remains, Store, adopt, create_store, delete_store, open_store
from rag.types import Embedder, ReadOutcome

STORE_FILE = "store.sqlite"


def identity_of(embedder: Embedder, chunk_tokens: int) -> Identity:
    """Name what an index made with these parts depends on."""
    return Identity(embedder=embedder.fingerprint, chunker=f"{CHUNKER}/{chunk_tokens}")


@contextlib.contextmanager
def known_files(folder: Path) -> Iterator[Callable[[bytes], str | None]]:
    """Give what maps the stamp of a file to the document that an index holds of it, if it does."""
    try:
        store = open_store(folder / STORE_FILE)
    except IndexProblem:  # what is wrong with it, the ingest will tell
        yield lambda stamp: None
        return
    with store:
        yield store.document_of_file


def ingest(
    folder: Path,
    outcomes: Iterable[ReadOutcome],
    *,
    embedder: Embedder,
    chunk_tokens: int,
    rebuild: bool = False,
    progress: Progress = lambda name: None,
    stage: Stage = lambda what, done, total: None,
) -> IngestReport:
    """Add or update documents; with ``rebuild`` make the whole index anew, keeping every document.

    ``progress`` is called with each document's id as it is taken up, ``stage`` with what else is
    under way, how much of it is done and how much there is. Where nothing can be read, no index is
    left behind. Raises ``IndexBusyError`` when another process is writing and
    ``IndexMismatchError`` when the index was made otherwise.
    """
    if not (folder / STORE_FILE).exists():
        rebuild = False
        problems, found = _until_document(outcomes)
        if found is None:
            return IngestReport(problems=problems)
        outcomes = found
    work = _Work(folder, embedder, chunk_tokens, progress, stage)
    with write_lock(folder):
        delete_store(work.staged)  # of a rebuild that was cut short
        return work.rebuild(outcomes) if rebuild else work.update(outcomes)


def _until_document(
    outcomes: Iterable[ReadOutcome],
) -> tuple[tuple[tuple[str, str], ...], Iterator[ReadOutcome] | None]:
    """Read up to the first document: (problems, all outcomes), or (problems, None) without one."""
    outcomes, read = iter(outcomes), []
    for outcome in outcomes:
        read.append(outcome)
        if outcome.documents:
            return (), itertools.chain(read, outcomes)
    return tuple((o.path, o.problem) for o in read if o.problem), None


def remove(folder: Path, document_ids: Sequence[str]) -> IngestReport:
    """Take documents out, with their text, words and vectors.

    Raises ``InputError`` naming the ids that are not there; nothing is removed then.
    """
    open_store(folder / STORE_FILE).close()  # where there is no index, no lock is left behind
    with write_lock(folder), open_store(folder / STORE_FILE) as store:
        present = store.content_hashes()
        if missing := [i for i in document_ids if i not in present]:
            raise InputError(
                f"no such document in the index: {', '.join(missing)}; `rag sources` lists them"
            )
        store.remove(document_ids)
        build_generation(folder, store, fresh=True)
    return IngestReport(removed=tuple(dict.fromkeys(document_ids)))


class _Work:
    """An ingest under way; the caller holds the write lock."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        chunk_tokens: int,
        progress: Progress,
        stage: Stage,
    ) -> None:
        self._folder = folder
        self._path = folder / STORE_FILE
        self._embedder = embedder
        self._chunk_tokens = chunk_tokens
        self._identity = identity_of(embedder, chunk_tokens)
        self._progress = progress
        self._stage = stage

    @property
    def staged(self) -> Path:
        """Where a new store is built beside the old one."""
        return self._folder / f"{STORE_FILE}.new"

    def update(self, outcomes: Iterable[ReadOutcome]) -> IngestReport:
        """Bring documents into the index as it is."""
        existed = self._path.exists()
        with self._open_or_create() as store:
            try:
                intake = self._intake(store, store.content_hashes())
                intake.take_all(outcomes, self._progress)
                intake.commit()
            finally:
                if not existed and store.is_empty():
                    delete_store(self._path)  # nothing came of it
            report = intake.report()
            if report.changed:
                store.compact()
            if not is_current(self._folder, store):
                self._build(store)
        return report

    def rebuild(self, outcomes: Iterable[ReadOutcome]) -> IngestReport:
        """Make the index anew from the outcomes and the documents it holds, then switch to it."""
        try:
            report = self._staged(outcomes)
            failpoint("rebuild.staged")
            if report.documents:
                adopt(self._path, self.staged)
        finally:
            delete_store(self.staged)
        if report.documents:
            with open_store(self._path) as store:
                self._build(store, fresh=True)
        return report

    def _build(self, store: Store, *, fresh: bool = False) -> None:
        report = functools.partial(self._stage, "vectors")
        build_generation(self._folder, store, fresh=fresh, report=report)

    def _staged(self, outcomes: Iterable[ReadOutcome]) -> IngestReport:
        with Remains(self._path) as old, self._create(self.staged, old.revision) as store:
            intake = self._intake(store, old.content_hashes, spare=old.embeddings)
            self._stage("documents", 0, len(old.content_hashes))
            intake.take_all(outcomes, self._progress)
            stamps = old.stamps()
            for document in old.documents(but=intake.seen):
                self._progress(document.id)
                intake.take(document, stamp=stamps.get(document.id))
            intake.commit()
            report = intake.report()
            if old.problems and not report.documents:
                raise IndexDamagedError(
                    f"nothing can be read from {self._path}; name the files to index: "
                    "`rag index --rebuild PATH ...`"
                )
            return replace(report, problems=(*report.problems, *old.problems))

    def _intake(
        self, store: Store, before: Mapping[str, str], *, spare: Spare = lambda keys: {}
    ) -> Intake:
        return Intake(
            store, self._embedder, chunk_tokens=self._chunk_tokens, before=before, spare=spare
        )

    def _open_or_create(self) -> Store:
        try:
            return open_store(self._path, expected=self._identity)
        except IndexMissingError:
            return self._create(self._path, -1)

    def _create(self, path: Path, revision: int) -> Store:
        """Create a store that no generation there is can be taken for a copy of."""
        last = max(revision, live_revision(self._folder))
        return create_store(path, self._identity, revision=last + 1)
