"""The conversations of one browser: kept, reopened, listed and deleted.

Whatever is wrong with the file, the chat goes on: a failure becomes one line, and nothing is kept.
"""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from rag.archive import WAIT_SECONDS, Archive, Listed, Place
from rag.conversation import Turns
from rag.errors import ArchiveError, ArchiveOutdatedError, InputError, RagError
from rag.transcripts import entry_of, settled, turn_of
from rag.types import Document

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

GONE = "This conversation was deleted elsewhere; begin a new one to keep what follows."
_TEXTS = frozenset({"page", "reader", "conversation", "told"})
_BRIEFLY_SECONDS = 0.5  # for a locked file, while somebody waits for the page
_TRIES = 3  # at keeping what the index changes under

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """What a browser remembers: its secret, its conversation, and how many turns the page shows.

    ``page`` is the session of that page, and ``told`` what it was last told about why nothing is
    kept.
    """

    page: str = ""
    reader: str = ""
    conversation: str = ""
    revision: int = 0
    shown: int = 0
    told: str = ""

    @property
    def place(self) -> Place | None:
        """Where the conversation is kept; none before it is."""
        return Place(self.conversation, self.revision) if self.conversation else None

    def closed(self) -> Bookmark:
        """Forget the conversation; the next question begins another."""
        return replace(self, conversation="", revision=0, shown=0, told="")


def bookmark_of(value: object, page: str | None) -> Bookmark:
    """Read what a browser sends, which may be anything; it may be of a page before this one."""
    given = value if isinstance(value, dict) else {}
    fields = {name: given.get(name) for name in asdict(Bookmark())}
    known: dict[str, Any] = {
        name: field
        for name, field in fields.items()
        if (isinstance(field, str) if name in _TEXTS else _is_count(field))
    }
    mark = Bookmark(**known)
    return mark if mark.page == page else replace(mark, page=page or "", shown=0, told="")


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31


class Shelf:
    """Keeps conversations in an archive; without one, keeps none."""

    def __init__(self, chatbot: Chatbot, archive: Archive | None = None) -> None:
        self._chatbot = chatbot
        self._archive = archive

    @property
    def keeps(self) -> bool:
        """Whether conversations are kept at all."""
        return self._archive is not None

    def known(self, mark: Bookmark) -> Bookmark:
        """Give a browser that has none its secret."""
        if mark.reader or not self.keeps:
            return mark
        return replace(mark, reader=secrets.token_urlsafe(32))

    def opened(self, mark: Bookmark) -> tuple[Bookmark, Turns]:
        """Return the turns of the conversation that a browser has open.

        Where they cannot be read, the bookmark still leads to them and is ``told`` why.
        """
        if self._archive is None or not (mark.reader and mark.conversation):
            return mark.closed(), ()
        try:
            found = self._archive.get(mark.reader, mark.conversation, wait_seconds=_BRIEFLY_SECONDS)
            if found is None:
                return mark.closed(), ()
            place, entries = found
            hash_of = self.hashes()
            turns = tuple(turn_of(entry, self._document, hash_of) for entry in entries)
        except RagError as error:
            return self._told(replace(mark, shown=0), error), ()
        return replace(mark, revision=place.revision, shown=len(turns), told=""), turns

    def kept(
        self,
        mark: Bookmark,
        turns: Turns,
        *,
        begins: bool = True,
        ends: bool = False,
        parts: bool = True,
    ) -> Bookmark:
        """Keep a conversation as it is now; ``begins`` tells a change from the rest of one.

        Only when it ``ends``, a locked file is waited for. With ``parts`` off, nothing is kept
        where another page has gone on with it.
        """
        mark = replace(mark, shown=len(turns))
        if self._archive is None:
            return mark
        if not turns:
            self.deleted(mark, mark.conversation)
            return mark.closed()
        mark = self.known(mark)
        try:
            wait = WAIT_SECONDS if ends else _BRIEFLY_SECONDS
            place = self._put(
                self._archive, mark, turns, begins=begins, parts=parts, wait_seconds=wait
            )
        except KeyError:
            return replace(mark, told=GONE)
        except RagError as error:
            return self._told(mark, error)
        return replace(mark, conversation=place.id, revision=place.revision, told="")

    def _put(self, archive: Archive, mark: Bookmark, turns: Turns, **how: Any) -> Place:  # noqa: ANN401
        for attempt in range(_TRIES):
            revision = self._chatbot.revision
            hash_of = self.hashes()
            entries = [entry_of(turn, hash_of) for turn in self._settled(turns)]
            try:
                return archive.put(
                    mark.reader, entries, at=mark.place, store_revision=revision, **how
                )
            except ArchiveOutdatedError:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def settled(self, turns: Turns) -> Turns:
        """Note what each answer rests on; where that cannot be found out now, keeping it will."""
        try:
            return self._settled(turns)
        except RagError as error:
            logger.debug("%s", error)
            return turns

    def _settled(self, turns: Turns) -> Turns:
        done: Turns = ()
        for turn in turns:
            done = (*done, turn if turn.rests_on else settled(turn, done, self._document))
        return done

    def listed(self, mark: Bookmark) -> tuple[Listed, ...]:
        """List the browser's conversations, the newest first; raises ``ArchiveError``."""
        return self._archive.list(mark.reader) if self._archive and mark.reader else ()

    def deleted(self, mark: Bookmark, conversation: str) -> str:
        """Delete a conversation; return what went wrong, if anything."""
        try:
            if self._archive and mark.reader and conversation:
                self._archive.delete(mark.reader, conversation)
        except ArchiveError as error:
            logger.warning("%s", error)
            return str(error)
        return ""

    def find(self, document_id: str) -> Document | None:
        """Look a document up to show it; ``None`` when it is not there, or not to be read."""
        try:
            return self._chatbot.document(document_id)
        except RagError:
            return None

    def _document(self, document_id: str) -> Document | None:
        """Look a document up; ``None`` only when it is gone, so that no error passes for that."""
        try:
            return self._chatbot.document(document_id)
        except InputError:
            return None

    def hashes(self) -> Callable[[str], str | None]:
        """Return what gives the content hash of a document, found out once each.

        It raises an ``IndexProblem`` where the store cannot be read.
        """

        @functools.cache
        def hash_of(document_id: str) -> str | None:
            document = self._document(document_id)
            return document.content_hash if document else None

        return hash_of

    def _told(self, mark: Bookmark, error: RagError) -> Bookmark:
        kept = isinstance(error, ArchiveError)
        told = str(error) if kept else f"the conversation is neither kept nor shown now: {error}"
        if mark.told != told:
            logger.warning("%s", told)
        return replace(mark, told=told)
