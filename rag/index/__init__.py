"""The vector index: immutable Chroma generations derived from the store.

``index/`` holds ``vectors-N`` folders and ``CURRENT``, which names the live one. A generation is
built beside the live one (a copy of it, brought up to date), closed, synced and switched to by an
atomic replace of ``CURRENT``; a reader looks at ``CURRENT`` before each query and finishes what it
began on the generation it began with. On a Chroma server the generations are collections.
"""

from rag.index.building import has_leftovers, is_whole, sweep_leftovers
from rag.index.generations import CURRENT, current_generation
from rag.index.placing import (
    VectorSearch,
    build_generation,
    is_current,
    live_revision,
    open_vectors,
    require_writable,
)
from rag.index.server import ChromaServer, open_server
from rag.index.vectors import VectorIndex
from rag.index.writing import disk_errors, was_cut_short, write_lock

__all__ = [
    "CURRENT",
    "ChromaServer",
    "VectorIndex",
    "VectorSearch",
    "build_generation",
    "current_generation",
    "disk_errors",
    "has_leftovers",
    "is_current",
    "is_whole",
    "live_revision",
    "open_server",
    "open_vectors",
    "require_writable",
    "sweep_leftovers",
    "was_cut_short",
    "write_lock",
]
