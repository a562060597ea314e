"""Conversations of the chat, kept in a SQLite file of their own beside the store.

They are no part of the index: nothing derives from them, and losing them loses no article. But they
quote it, so each answer is kept with the documents it rests on, and where one of those is no longer
so in the store, the answer goes. Each process writes in short transactions under SQLite's own lock,
never under the index's.
"""

from rag.archive.archive import (
    ARCHIVE_FILE,
    Archive,
    Entry,
    Listed,
    Place,
    forget_conversations,
)
from rag.archive.file import WAIT_SECONDS

__all__ = [
    "ARCHIVE_FILE",
    "WAIT_SECONDS",
    "Archive",
    "Entry",
    "Listed",
    "Place",
    "forget_conversations",
]
