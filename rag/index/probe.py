"""Open a generation and search it once; ``probing`` runs this file in a process of its own.

It imports the engine's compiled part only, which is where damage crashes: a tenth of a second where
all of chromadb takes one and a half.
"""

from __future__ import annotations

import sys
from typing import Any

COLLECTION = "chunks"
_OWNER = ("default_tenant", "default_database")


def opened(path: str) -> int:
    """Return how many vectors a generation holds, once it has been searched."""
    try:
        return through_bindings(path)
    except (ImportError, AttributeError, TypeError):  # another release arranges them otherwise
        return through_client(path)


def through_bindings(path: str) -> int:
    """Open and search with the compiled part alone."""
    import chromadb_rust_bindings as rust

    database = rust.SqliteDBConfig(
        hash_type=rust.MigrationHash.MD5,
        migration_mode=rust.MigrationMode.Apply,
        url=f"{path}/chroma.sqlite3",
    )
    engine = rust.Bindings(
        allow_reset=False, sqlite_db_config=database, persist_path=path, hnsw_cache_size=16
    )
    found = engine.get_collection(COLLECTION, *_OWNER)
    name, count = str(found.id), int(engine.count(str(found.id), *_OWNER))
    if count:
        vector = [[1.0] * found.dimension]
        engine.query(name, None, vector, min(count, 8), None, None, ["distances"], *_OWNER)
    return count


def through_client(path: str) -> int:
    """Open and search as every program may."""
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False, is_persistent=True)
    client: Any = chromadb.PersistentClient(path=path, settings=settings)
    collection = client.get_collection(COLLECTION, embedding_function=None)
    count = int(collection.count())
    if count:
        (one,) = collection.get(limit=1, include=["embeddings"])["embeddings"]
        collection.query(query_embeddings=[one], n_results=min(count, 8), include=["distances"])
    return count


if __name__ == "__main__":
    sys.stdout.write(str(opened(sys.argv[1])))
