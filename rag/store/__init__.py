"""The truth of an index: documents, chunks, the embedding cache and BM25, in one SQLite file.

One transaction covers them all, so a document is either wholly there or not at all. The vector
index is derived from this file and can be rebuilt from it without embedding anything.
"""

from rag.store.checks import find_problems
from rag.store.connections import digest_rows, vacuum_file
from rag.store.files import (
    delete_set_aside,
    digest_file,
    free_name,
    make_way,
    read_regular,
    replace_file,
    set_folder_aside,
    sync,
)
from rag.store.opening import create_store, open_store, read_damaged, seal
from rag.store.rebuilding import Remains, adopt, delete_copies, delete_store
from rag.store.rows import Entry, embedding_key, vector_id
from rag.store.schema import SCHEMA_VERSION, Identity
from rag.store.seals import is_as_sealed, read_seal, require_regular_logs, seal_path
from rag.store.store import Store

__all__ = [
    "SCHEMA_VERSION",
    "Entry",
    "Identity",
    "Remains",
    "Store",
    "adopt",
    "create_store",
    "delete_copies",
    "delete_set_aside",
    "delete_store",
    "digest_file",
    "digest_rows",
    "embedding_key",
    "find_problems",
    "free_name",
    "is_as_sealed",
    "make_way",
    "open_store",
    "read_damaged",
    "read_regular",
    "read_seal",
    "replace_file",
    "require_regular_logs",
    "seal",
    "seal_path",
    "set_folder_aside",
    "sync",
    "vacuum_file",
    "vector_id",
]
