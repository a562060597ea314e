"""The store: reading, and changes that happen as a whole or not at all."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.failpoints import failpoint
from rag.store import listing, revisions, rows, seals, traces
from rag.store.connections import Connections, explained, transaction
from rag.store.rows import DOCUMENT_COLUMNS, Entry
from rag.store.schema import Identity
from rag.store.words import Words
from rag.types import Chunk, Document, Origin, Vectors

_PAGE = 64  # documents held in memory while all are gone through
_CACHED_DOCUMENTS = 256


class Store:
    """Documents and everything derived from them; safe to share between threads.

    ``open_store`` and ``create_store`` make one. What the disk or the file refuses is raised as an
    ``IndexProblem``: damage, a lock held too long, no space, no permission.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = Connections(path)
        self._cache: tuple[int, dict[str, Document]] = (-1, {})
        self._words = Words(self.select, lambda: self.revision)

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ reading

    @property
    def revision(self) -> int:
        """A number that grows with every change."""
        return int(self._meta("revision") or 0)

    @property
    def erased(self) -> int:
        """The revision that last took text out; what was derived before it still holds traces."""
        return int(self._meta("erased") or 0)

    @property
    def kept(self) -> int:
        """The last revision within which the file changed and no reader sees it; -1 for none."""
        return int(self._meta("kept") or -1)

    def identity(self) -> Identity:
        """Tell what made the index."""
        return Identity(
            embedder=self._meta("embedder") or "",
            chunker=self._meta("chunker") or "",
            schema=self._meta("schema") or "",
        )

    def documents(self) -> Iterator[Document]:
        """Yield every document, ordered by id; a document that came or went meanwhile may lack."""
        page = [("",)]
        sql = f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id > ? ORDER BY id LIMIT {_PAGE}"
        while page := self.select(sql, (page[-1][0],)):
            yield from map(rows.document_of, page)

    def document(self, document_id: str) -> Document:
        """Return one document; raise ``InputError`` when there is none of that id."""
        with self.snapshot():
            known = self._known_documents()
            if (document := known.get(document_id)) is None:
                sql = f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?"
                if not (found := self.select(sql, (document_id,))):
                    raise InputError(
                        f"no document {document_id!r} in the index; `rag sources` lists them"
                    )
                document = known[document_id] = rows.document_of(found[0])
            return document

    def origins(self) -> Iterator[Origin]:
        """Yield what is known of each document, by id; not checked, since no text is read."""
        return listing.origins(self.select)

    def newest_date(self, document_ids: Collection[str] = ()) -> str | None:
        """Return the latest date of these documents, or of all where none are given."""
        return listing.newest_date(self.select, document_ids)

    def content_hashes(self) -> dict[str, str]:
        """Map each document's id to its content hash."""
        return dict(self.select("SELECT id, content_hash FROM documents"))

    def stamps(self) -> dict[str, bytes]:
        """Map the ids of documents that came from a file of their own to that file's stamp."""
        return dict(self.select("SELECT id, stamp FROM documents WHERE stamp IS NOT NULL"))

    def document_of_file(self, stamp: bytes) -> str | None:
        """Return the id of the document that came from the file of this stamp, if there is one."""
        found = self.select("SELECT id FROM documents WHERE stamp = ?", (stamp,))
        return found[0][0] if found else None

    def chunk_counts(self) -> dict[str, int]:
        """Map each document's id to its number of chunks."""
        return listing.chunk_counts(self.select)

    def is_empty(self) -> bool:
        """Tell whether there are neither documents nor embeddings kept for some to come."""
        return not self.select("SELECT 1 FROM documents UNION ALL SELECT 1 FROM embeddings LIMIT 1")

    def chunk_total(self) -> int:
        """How many chunks there are."""
        return int(self.select("SELECT count(*) FROM chunks")[0][0])

    def vector_ids(self) -> set[str]:
        """Return the ids of all vectors that the vector index should hold.

        Of the chunks of a document that are embedded alike, the first stands for all: a graph of
        equal vectors is slow to build, and a search would find nothing but them.
        """
        return listing.vector_ids(self.select)

    def chunks(self, vector_ids: Sequence[str]) -> dict[str, Chunk]:
        """Map vector ids to their chunks; ids that are no longer there are left out."""
        found: dict[str, Chunk] = {}
        sql = 'SELECT vector_id, document, start, "end", context FROM chunks'
        with self.snapshot():  # offsets and text of one revision
            found_rows = self._rows_for(f"{sql} WHERE vector_id IN (%s)", vector_ids)
            for name, document, start, end, context in found_rows:
                text = self.document(document).text[start:end]
                found[name] = Chunk(document, start, end, text, context)
        return found

    def chunk_vectors(self, vector_ids: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
        """Yield (vector id, document id, float32 bytes) for the ids, in batches from the cache."""
        return listing.chunk_vectors(self.select, vector_ids)

    def embeddings(self, keys: Collection[bytes]) -> dict[bytes, bytes]:
        """Map those of the keys that are in the embedding cache to their float32 bytes."""
        sql = "SELECT key, vector FROM embeddings WHERE key IN (%s)"
        return dict(self._rows_for(sql, list(keys)))

    def known_embeddings(self, keys: Collection[bytes]) -> set[bytes]:
        """Return those of the keys that are in the embedding cache."""
        sql = "SELECT key FROM embeddings WHERE key IN (%s)"
        return {row[0] for row in self._rows_for(sql, list(keys))}

    def search_words(
        self, terms: Sequence[str], *, limit: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Rank chunks by BM25 over any of the terms: (vector id, score), best first.

        A term of several words is looked for as a phrase. The score is FTS5's ``bm25`` with its
        sign turned, so higher is better. Where too many chunks hold some of the terms, the most
        common terms are left out.
        """
        return self._words.search(terms, limit=limit, documents=documents)

    def word_frequencies(self, stems: Collection[str]) -> dict[str, int]:
        """Map stems, as the BM25 index writes them, to the number of chunks that hold them."""
        return self._words.frequencies(stems)

    def words_between(self, low: str, high: str) -> list[tuple[str, int]]:
        """Return the index's words in ``[low, high)`` with their chunk counts."""
        return self._words.between(low, high)

    def select(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a query; for what is not asked often enough to have a method."""
        with explained(self.path):
            bound = [rows.bindable(value) for value in values]
            return self.connection().execute(sql, bound).fetchall()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let everything this thread reads inside be of one revision."""
        with explained(self.path):
            connection = self.connection()
            outermost = not connection.in_transaction
            if outermost:
                connection.execute("BEGIN")
            try:
                yield
            finally:
                if outermost and connection.in_transaction:
                    connection.execute("COMMIT")

    # ------------------------------------------------------------------ writing

    def apply(
        self, entries: Iterable[Entry] = (), *, vectors: Mapping[bytes, Vectors] | None = None
    ) -> None:
        """Put documents in, replacing those of the same id; all of them or none."""
        with self._transaction() as connection:
            failpoint("store.begun")
            revisions.begin(connection)
            rows.put_vectors(connection, vectors or {})
            failpoint("store.embeddings")
            for entry in entries:
                rows.remove_document(connection, entry.document.id)
                failpoint("store.replaced")
                rows.add_document(connection, entry)

    def keep_vectors(self, vectors: Mapping[bytes, Vectors]) -> None:
        """Put embeddings into the cache ahead of their documents, so that a stop costs few."""
        with self._transaction() as connection:
            rows.put_vectors(connection, vectors)
            revisions.note_kept(connection)

    def put_stamps(self, stamps: Mapping[str, bytes]) -> None:
        """Note that documents, by id, came from files of these stamps."""
        with self._transaction() as connection:
            rows.put_stamps(connection, stamps)
            revisions.note_kept(connection)

    def remove(self, document_ids: Iterable[str]) -> None:
        """Take documents out with their text, words and embeddings; all of them or none.

        No trace stays in the file or its log, unless another process goes on reading an older
        state, or the disk refuses (``IndexTracesError``): then the file awaits its rewriting.
        """
        with self._transaction() as connection:
            revisions.begin(connection)
            revisions.note_erased(connection)
            failpoint("erase.begun")
            for document_id in document_ids:
                rows.remove_document(connection, document_id)
                failpoint("erase.document")
            rows.drop_unused_embeddings(connection)
            failpoint("erase.embeddings")
            rows.merge_words(connection)
            failpoint("erase.words")
            traces.mark(connection)
        self._leave_no_trace()

    def compact(self) -> None:
        """Drop what replaced documents left behind: embeddings, words, and old text in the log.

        Raises ``IndexTracesError`` like ``remove``.
        """
        with self._transaction() as connection:
            dropped = rows.drop_unused_embeddings(connection)
            failpoint("compact.embeddings")
            rows.merge_words(connection)
            failpoint("compact.words")
            if dropped and traces.is_quick(connection):
                traces.mark(connection)
        self._leave_no_trace()

    @property
    def awaits_rewriting(self) -> bool:
        """Tell whether the file is about to be written anew, because text was taken out of it."""
        with explained(self.path):
            return traces.is_marked(self.connection())

    # ------------------------------------------------------------------ plumbing

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection; for the parts of this package."""
        return self._connections.get()

    def _leave_no_trace(self) -> None:
        with explained(self.path):
            traces.wipe(self.path.parent, self.connection(), self._transaction)

    def _meta(self, key: str) -> str | None:
        found = self.select("SELECT value FROM meta WHERE key = ?", (key,))
        return found[0][0] if found else None

    def _known_documents(self) -> dict[str, Document]:
        """Return the documents read at this revision, by id."""
        revision = self.revision
        cached, known = self._cache
        if cached != revision or len(known) >= _CACHED_DOCUMENTS:
            known = {}
            self._cache = (revision, known)
        return known

    def _rows_for(self, sql: str, values: Sequence[object]) -> Iterator[Any]:
        return listing.rows_for(self.select, sql, values)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            failpoint("store.begin")
            with transaction(self.connection()) as connection:
                seals.break_seal(self.path)
                failpoint("seal.broken")
                yield connection
            seals.note_commit(self.path, self.revision)
            failpoint("seal.noted")
