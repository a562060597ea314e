"""The changes an index goes through: documents come, change and go, or all is made anew."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rag.chunking import CHUNKER, split_document
from rag.errors import IndexDamagedError, IndexMissingError, IndexProblem, InputError
from rag.index import (
    CURRENT,
    ChromaServer,
    build_generation,
    is_current,
    live_revision,
    require_writable,
    write_lock,
)
from rag.ingestion.intake import (
    IngestReport,
    Intake,
    Portion,
    Progress,
    Split,
    Stage,
)
from rag.ingestion.recovering import finish, forgotten, settle, traces_told_last
from rag.store import (
    Identity,
    Remains,
    Store,
    adopt,
    create_store,
    delete_copies,
    delete_store,
    open_store,
    seal,
    seal_path,
)
from rag.types import Chunk, Document, Embedder, ReadOutcome

STORE_FILE = "store.sqlite"


def identity_of(embedder: Embedder, chunk_tokens: int) -> Identity:
    """Name what an index made with these parts depends on."""
    return Identity(embedder=embedder.fingerprint, chunker=f"{CHUNKER}/{chunk_tokens}")


def has_index(folder: Path) -> bool:
    """Tell whether there is an index in a folder, even one whose store is gone."""
    path = folder / STORE_FILE
    return any(map(os.path.lexists, (path, seal_path(path), folder / CURRENT)))


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
    split: Split | None = None,
    portion: Portion | None = None,
    rebuild: bool = False,
    progress: Progress = lambda name: None,
    stage: Stage = lambda what, done, total: None,
    server: ChromaServer | None = None,
) -> IngestReport:
    """Add or update documents; with ``rebuild`` make the whole index anew, keeping every document.

    ``split`` cuts documents, in place of ``split_document``; ``portion`` says how much is split and
    embedded at a time.

    ``progress`` is called with each document's id as it is taken up, ``stage`` with what else is
    under way, how much of it is done and how much there is. The vectors go to ``server``, if one is
    given. Where nothing can be read, no index is left behind. Raises ``IndexBusyError`` when
    another process is writing and ``IndexMismatchError`` when the index was made otherwise.
    """
    if not has_index(folder):
        rebuild = False
        problems, found = _until_document(outcomes)
        if found is None:
            return IngestReport(problems=problems)
        outcomes = found
    require_writable(folder, server=server, moves=rebuild)
    take_in = functools.partial(
        Intake,
        embedder=embedder,
        split=split or functools.partial(_split, chunk_tokens=chunk_tokens),
        portion=portion or Portion(),
    )
    work = _Work(folder, identity_of(embedder, chunk_tokens), take_in, progress, stage, server)
    with write_lock(folder):
        delete_store(work.staged)  # of a rebuild that was cut short
        return work.rebuild(outcomes) if rebuild else work.update(outcomes)


def _split(documents: Iterable[Document], *, chunk_tokens: int) -> list[tuple[Chunk, ...]]:
    return [split_document(document, chunk_tokens=chunk_tokens) for document in documents]


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


def remove(
    folder: Path, document_ids: Sequence[str], *, server: ChromaServer | None = None
) -> IngestReport:
    """Take documents out, with their text, words and vectors.

    Raises ``InputError`` naming the ids that are not there; nothing is removed then.
    """
    open_store(folder / STORE_FILE).close()  # where there is no index, no lock is left behind
    require_writable(folder, server=server)
    with write_lock(folder), open_store(folder / STORE_FILE) as store:
        present = store.content_hashes()
        if missing := [i for i in document_ids if i not in present]:
            with forgotten(folder, store, taken_out=False):
                finish(folder, store, server=server)  # a removal that was cut short is tried again
            raise InputError(
                f"no such document in the index: {', '.join(missing)}; `rag sources` lists them"
            )
        with (
            traces_told_last(functools.partial(store.remove, document_ids)),
            forgotten(folder, store, taken_out=True),
        ):
            delete_copies(store.path)
            seal(store)
            # In a folder, copied vectors are rid of the deleted ones; on a server they cannot be.
            build_generation(folder, store, fresh=server is not None, server=server)
    return IngestReport(removed=tuple(dict.fromkeys(document_ids)))


class _Work:
    """An ingest under way; the caller holds the write lock."""

    def __init__(
        self,
        folder: Path,
        identity: Identity,
        take_in: Callable[..., Intake],
        progress: Progress,
        stage: Stage,
        server: ChromaServer | None,
    ) -> None:
        self._folder = folder
        self._path = folder / STORE_FILE
        self._identity = identity
        self._take_in = take_in
        self._progress = progress
        self._stage = stage
        self._server = server

    @property
    def staged(self) -> Path:
        """Where a new store is built beside the old one."""
        return self._folder / f"{STORE_FILE}.new"

    def update(self, outcomes: Iterable[ReadOutcome]) -> IngestReport:
        """Bring documents into the index as it is."""
        existed = self._path.exists()
        with self._open_or_create() as store:
            behind = existed and not is_current(self._folder, store, server=self._server)
            try:
                report = self._taken(store, outcomes)
            finally:
                if not existed and store.is_empty():
                    delete_store(self._path)  # nothing came of it
            # What an ingest that was cut short replaced goes too.
            replaced = behind or bool(report.changed)
            done = functools.partial(self._stage, "vectors")
            with forgotten(self._folder, store, taken_out=replaced):
                settle(self._folder, store, replaced=replaced, server=self._server, report=done)
        return report

    def _taken(self, store: Store, outcomes: Iterable[ReadOutcome]) -> IngestReport:
        """Take documents in; what that holds of each is let go before the vectors are built."""
        intake = self._take_in(store, before=store.content_hashes())
        intake.take_all(outcomes, self._progress)
        intake.commit()
        return intake.report()

    def rebuild(self, outcomes: Iterable[ReadOutcome]) -> IngestReport:
        """Make the index anew from the outcomes and the documents it holds, then switch to it."""
        try:
            report, taken_out = self._staged(outcomes)
            if report.documents:
                adopt(self._path, self.staged)
        finally:
            delete_store(self.staged)
        if report.documents:
            with (
                open_store(self._path) as store,
                forgotten(self._folder, store, taken_out=taken_out),
            ):
                done = functools.partial(self._stage, "vectors")
                build_generation(self._folder, store, fresh=True, report=done, server=self._server)
        return report

    def _staged(self, outcomes: Iterable[ReadOutcome]) -> tuple[IngestReport, bool]:
        """Make the new store; tell also whether it lacks text that the old one had."""
        with Remains(self._path) as old, self._create(self.staged, old.revision) as store:
            intake = self._take_in(store, before=old.content_hashes, spare=old.embeddings)
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
            taken_out = bool(report.changed or old.problems)
            return replace(report, problems=(*report.problems, *old.problems)), taken_out

    def _open_or_create(self) -> Store:
        try:
            return open_store(self._path, expected=self._identity)
        except IndexMissingError:
            return self._create(self._path, -1)

    def _create(self, path: Path, revision: int) -> Store:
        """Create a store that no generation there is can be taken for a copy of."""
        last = max(revision, live_revision(self._folder, server=self._server))
        return create_store(path, self._identity, revision=last + 1)
