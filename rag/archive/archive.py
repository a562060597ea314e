"""Conversations: put, found, listed and forgotten."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.archive.file import WAIT_SECONDS, changing, connected, delete_file, reading
from rag.errors import ArchiveDamagedError, ArchiveOutdatedError

ARCHIVE_FILE = "conversations.sqlite"

_KEPT = 200  # conversations of a reader, the newest
_KEPT_SECONDS = 180 * 24 * 3600.0  # since a conversation last changed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A question and what came of it, as text; ``body`` is empty once the answer is forgotten.

    ``rests_on`` maps the documents the answer rests on to their content hashes.
    """

    question: str
    body: str
    rests_on: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation and its state: whoever writes names the revision it began with."""

    id: str
    revision: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list; ``changed`` is in seconds since the epoch."""

    id: str
    question: str
    turns: int
    changed: float


class Archive:
    """The file; safe to share between threads and processes.

    ``reader`` is the secret of a browser: only its holder sees its conversations, and the file
    keeps a hash of it. All methods raise ``ArchiveError``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(
        self,
        reader: str,
        entries: Sequence[Entry],
        *,
        at: Place | None,
        store_revision: int,
        begins: bool = True,
        parts: bool = True,
        wait_seconds: float = WAIT_SECONDS,
    ) -> Place:
        """Keep a conversation as it is now; return where it is kept.

        Where another page has gone on with it since ``at``, this becomes a conversation of its own,
        or with ``parts`` off is not kept. ``begins`` tells a change from the rest of one, which no
        other page need mind. The entries are as the store was at ``store_revision``; raises
        ``ArchiveOutdatedError`` when what was taken out since is forgotten already. Raises
        ``KeyError`` when the conversation was deleted meanwhile.

        A new one takes the place of the reader's oldest, where those are too many, and of all that
        nobody has gone on with for half a year.
        """
        with changing(self.path, wait_seconds) as connection:
            if _seen(connection) > store_revision:
                raise ArchiveOutdatedError(f"the index changed before {self.path} was written")
            revision = at and _revision(connection, _hash(reader), at.id)
            if at and revision is None:
                raise KeyError(at.id)
            if at and revision != at.revision and not parts:
                return at
            began = at and at.id
            if at is None or revision != at.revision:
                at = Place(secrets.token_urlsafe(16), 0)
            place = Place(at.id, at.revision + begins)
            _write(connection, _hash(reader), place, entries)
            if place.id != began:
                _drop_old(connection, _hash(reader))
        return place

    def get(
        self, reader: str, conversation: str, *, wait_seconds: float = WAIT_SECONDS
    ) -> tuple[Place, tuple[Entry, ...]] | None:
        """Return a conversation; ``None`` when this reader has none of that id."""
        with reading(self.path, wait_seconds) as connection:
            revision = _revision(connection, _hash(reader), conversation)
            if revision is None:
                return None
            rests: dict[int, dict[str, str]] = {}
            sql = "SELECT number, document, content_hash FROM rests WHERE conversation = ?"
            for number, document, content_hash in connection.execute(sql, (conversation,)):
                rests.setdefault(number, {})[json.loads(document)] = content_hash
            sql = "SELECT number, question, body FROM turns WHERE conversation = ? ORDER BY number"
            entries = tuple(
                Entry(json.loads(question), body, rests.get(number, {}))
                for number, question, body in connection.execute(sql, (conversation,))
            )
        return Place(conversation, revision), entries

    def list(self, reader: str) -> tuple[Listed, ...]:
        """List a reader's conversations, the one that changed last first."""
        sql = (
            "SELECT c.id, t.question, (SELECT count(*) FROM turns WHERE conversation = c.id),"
            " c.changed FROM conversations c JOIN turns t ON t.conversation = c.id AND t.number = 0"
            f" WHERE c.reader = ? ORDER BY c.changed DESC, c.rowid DESC LIMIT {_KEPT}"
        )
        with reading(self.path) as connection:
            rows = connection.execute(sql, (_hash(reader),)).fetchall()
        return tuple(Listed(id_, json.loads(q), turns, at) for id_, q, turns, at in rows)

    def delete(self, reader: str, conversation: str) -> bool:
        """Delete a conversation without a trace; tell whether this reader had it."""
        sql = "DELETE FROM conversations WHERE reader = ? AND id = ?"
        with changing(self.path) as connection:
            deleted = connection.execute(sql, (_hash(reader), conversation)).rowcount > 0
            if deleted:
                _note(connection, "rewrite", 1)
        if deleted:
            self._rewrite()
        return deleted

    def forget(
        self,
        revision: Callable[[], int],
        present: Callable[[], Mapping[str, str]],
        *,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        """Drop the answers that rest on what is no longer in the store, without a trace.

        ``present`` maps the store's documents to their content hashes. Where this was done at the
        store's ``revision`` already, nothing happens. An interrupted one is done by the next call.
        """
        with reading(self.path, wait_seconds) as connection:
            if _seen(connection) == revision() and not _meta(connection, "rewrite"):
                return
        with changing(self.path, wait_seconds) as connection:
            # The store is asked under the lock, or of two that forget at once the one that asked
            # first might be the last to note what it saw.
            _note(connection, "seen", revision())
            if _forget_all_but(connection, present()):
                _note(connection, "rewrite", 1)
            due = _meta(connection, "rewrite")
        if due:
            self._rewrite(wait_seconds)

    def _rewrite(self, wait_seconds: float = WAIT_SECONDS) -> None:
        """Write the file anew: SQLite leaves copies of rows that moved."""
        with connected(self.path, wait_seconds) as connection:
            connection.execute("VACUUM")
        with changing(self.path, wait_seconds) as connection:
            _note(connection, "rewrite", 0)


def forget_conversations(
    folder: Path,
    revision: Callable[[], int],
    present: Callable[[], Mapping[str, str]],
    *,
    deletes_damaged: bool,
    wait_seconds: float = WAIT_SECONDS,
) -> None:
    """Drop what the conversations kept beside a store quote of what is no longer in it.

    A file that is damaged quotes who knows what: with ``deletes_damaged`` it is deleted. Raises
    ``ArchiveError``.
    """
    path = folder / ARCHIVE_FILE
    if not os.path.lexists(path):
        return
    try:
        Archive(path).forget(revision, present, wait_seconds=wait_seconds)
    except ArchiveDamagedError as error:
        if not deletes_damaged:
            raise
        delete_file(path)
        log.warning(
            "the conversations of the chat are deleted: they may quote what was taken out of the "
            "index, and their file is damaged: %s",
            error,
        )


def _hash(reader: str) -> bytes:
    return hashlib.sha256(reader.encode("utf-8", "replace")).digest()


def _meta(connection: sqlite3.Connection, key: str) -> int:
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return int(found[0]) if found else 0


def _seen(connection: sqlite3.Connection) -> int:
    """Return the store's revision up to which everything gone is forgotten; 0 before the first."""
    return _meta(connection, "seen")


def _note(connection: sqlite3.Connection, key: str, value: int) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _revision(connection: sqlite3.Connection, reader: bytes, conversation: str) -> int | None:
    sql = "SELECT revision FROM conversations WHERE reader = ? AND id = ?"
    found = connection.execute(sql, (reader, conversation)).fetchone()
    return int(found[0]) if found else None


def _write(
    connection: sqlite3.Connection, reader: bytes, place: Place, entries: Sequence[Entry]
) -> None:
    connection.execute(
        "INSERT INTO conversations VALUES (?, ?, ?, ?) ON CONFLICT (id)"
        " DO UPDATE SET revision = excluded.revision, changed = excluded.changed",
        (place.id, reader, place.revision, time.time()),
    )
    connection.execute("DELETE FROM turns WHERE conversation = ?", (place.id,))
    for number, entry in enumerate(entries):
        # As JSON even a half character (a lone surrogate) can be kept.
        row = (place.id, number, json.dumps(entry.question), entry.body)
        connection.execute("INSERT INTO turns VALUES (?, ?, ?, ?)", row)
        rests = [(place.id, number, json.dumps(d), h) for d, h in entry.rests_on.items()]
        connection.executemany("INSERT INTO rests VALUES (?, ?, ?, ?)", rests)
        quoted = [(document, content_hash) for *_, document, content_hash in rests]
        connection.executemany("INSERT OR IGNORE INTO quoted VALUES (?, ?)", quoted)


def _drop_old(connection: sqlite3.Connection, reader: bytes) -> None:
    connection.execute(
        "DELETE FROM conversations WHERE changed < ?", (time.time() - _KEPT_SECONDS,)
    )
    connection.execute(
        "DELETE FROM conversations WHERE rowid IN (SELECT rowid FROM conversations"
        f" WHERE reader = ? ORDER BY changed DESC, rowid DESC LIMIT -1 OFFSET {_KEPT})",
        (reader,),
    )


def _forget_all_but(connection: sqlite3.Connection, kept: Mapping[str, str]) -> bool:
    """Forget what rests on other documents; tell whether the file ever quoted one of them.

    What was replaced or deleted since may have left copies too, so that counts.
    """
    present = {(json.dumps(name), content_hash) for name, content_hash in kept.items()}
    quoted = set(connection.execute("SELECT document, content_hash FROM quoted"))
    for gone in quoted - present:
        where = "WHERE document = ? AND content_hash = ?"
        connection.execute(
            f"UPDATE turns SET body = '' WHERE (conversation, number) IN"
            f" (SELECT conversation, number FROM rests {where})",
            gone,
        )
        for table in ("rests", "quoted"):
            connection.execute(f"DELETE FROM {table} {where}", gone)
    return not quoted <= present
