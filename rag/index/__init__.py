"""The vector index: immutable Chroma generations derived from the store.

``index/`` holds ``vectors-N`` folders and ``CURRENT``, which names the live one. A generation is
built beside the live one (a copy of it, brought up to date), closed, synced and switched to by an
atomic replace of ``CURRENT``; a reader looks at ``CURRENT`` before each query and finishes what it
began on the generation it began with.
"""

from rag.index.building import build_generation, is_current, live_revision
from rag.index.generations import current_generation
from rag.index.vectors import VectorIndex
from rag.index.writing import disk_errors, write_lock

__all__ = [
    "VectorIndex",
    "build_generation",
    "current_generation",
    "disk_errors",
    "is_current",
    "live_revision",
    "write_lock",
]
