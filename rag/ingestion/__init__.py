"""Bring documents into an index, take them out, and check what is there.

Only what changed is chunked and embedded. Each batch of documents is committed as a whole; the
vectors follow in one new generation at the end, from the embedding cache.
"""

from rag.ingestion.checking import check
from rag.ingestion.ingesting import STORE_FILE, identity_of, ingest, remove
from rag.ingestion.intake import IngestReport, Progress

__all__ = [
    "STORE_FILE",
    "IngestReport",
    "Progress",
    "check",
    "identity_of",
    "ingest",
    "remove",
]
