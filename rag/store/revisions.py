"""The numbers in a store's file that tell which change did what."""

from __future__ import annotations

import sqlite3

_BUMP = "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'"
_NOTE = "INSERT OR REPLACE INTO meta SELECT ?, value FROM meta WHERE key = 'revision'"


def begin(connection: sqlite3.Connection) -> None:
    """Count a change."""
    connection.execute(_BUMP)


def note_erased(connection: sqlite3.Connection) -> None:
    """Remember that this revision takes text out."""
    connection.execute(_NOTE, ("erased",))


def note_kept(connection: sqlite3.Connection) -> None:
    """Remember that the file changes within this revision, in what no reader sees."""
    connection.execute(_NOTE, ("kept",))
