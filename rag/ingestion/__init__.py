"""Bring documents into an index, take them out, and check what is there.

Only what changed is chunked and embedded, and a file that is as it was is not even read. Each batch
of documents is committed as a whole; the vectors follow in one new generation at the end, from the
embedding cache.
"""

from rag.ingestion.checking import check
from rag.ingestion.ingesting import STORE_FILE, has_index, identity_of, ingest, known_files, remove
from rag.ingestion.intake import IngestReport, Portion, Progress, Stage
from rag.ingestion.recovering import recover

__all__ = [
    "STORE_FILE",
    "IngestReport",
    "Portion",
    "Progress",
    "Stage",
    "check",
    "has_index",
    "identity_of",
    "ingest",
    "known_files",
    "recover",
    "remove",
]
