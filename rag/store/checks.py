"""Check the store's file itself, and its parts against each other."""

from __future__ import annotations

from rag.errors import IndexDamagedError
from rag.store.store import Store

_COUNTS = {
    "chunks without a document": "SELECT count(*) FROM chunks c LEFT JOIN documents d"
    " ON d.id = c.document WHERE d.id IS NULL",
    "chunks without an embedding": "SELECT count(*) FROM chunks c LEFT JOIN embeddings e"
    " ON e.key = c.embedding_key WHERE e.key IS NULL",
    "chunks without words": "SELECT count(*) FROM chunks WHERE number NOT IN"
    " (SELECT rowid FROM chunk_words)",
    "words without a chunk": "SELECT count(*) FROM chunk_words WHERE rowid NOT IN"
    " (SELECT number FROM chunks)",
    "embeddings of another length": "SELECT count(*) FROM embeddings WHERE length(vector) !="
    " (SELECT length(vector) FROM embeddings LIMIT 1)",
}


def find_problems(store: Store) -> list[str]:
    """List what is wrong with a store, one line each; an empty list means sound."""
    return [*file_problems(store), *_document_problems(store)]


def file_problems(store: Store) -> list[str]:
    """List where the file, or its parts, disagree; documents are checked as they are read."""
    found = [row[0] for row in store.select("PRAGMA quick_check") if row[0] != "ok"]
    counts = {name: store.select(sql)[0][0] for name, sql in _COUNTS.items()}
    return found + [f"{count} {name}" for name, count in counts.items() if count]


def _document_problems(store: Store) -> list[str]:
    found = []
    for document_id in store.content_hashes():
        try:
            store.document(document_id)
        except IndexDamagedError as error:
            found.append(str(error))
    return found
