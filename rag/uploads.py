"""Take uploaded files into the index: a verdict on each in plain words, and no copy left behind.

The documents live in the index's store, which is the truth; the files they came in are deleted as
soon as they are read.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import textwrap
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import InputError
from rag.ingestion import IngestReport
from rag.rendering import visible
from rag.types import Document, ReadOutcome
from rag.versions import is_another_article

if TYPE_CHECKING:
    from rag.chatbot import Chatbot

_KEPT_SECONDS = 3600.0  # an upload that nobody took in, because its page was closed
_SHOWN_PROBLEMS = 3  # of one file of records
_SHOWN_TITLE = 80  # characters

Progress = Callable[[int, int, str], None]
"""Called with how many files are done, how many there are, and what is under way."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one uploaded file."""

    name: str
    text: str
    taken: bool


@dataclass(slots=True)
class _Upload:
    """An uploaded file: the ids of the documents read from it, and what could not be read."""

    documents: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def take_uploads(
    chatbot: Chatbot,
    files: Sequence[Path],
    *,
    progress: Progress = lambda done, total, what: None,
) -> tuple[Verdict, ...]:
    """Add the documents in uploaded files to a chatbot's index and delete the files.

    A newer version of an article takes its place; another article under the same name is refused.
    Raises what ``Chatbot.add`` raises; the files are gone then, too.
    """
    with _gathering(files) as folder:
        staged = _Staged(Path(folder), progress)
        try:
            for file in files:
                staged.take(file)
        finally:
            _discard(files)
        try:
            report = chatbot.add(staged.paths, read=lambda o: staged.note(_kept(chatbot, o)))
        except InputError:  # nothing could be read; the verdicts say why
            report = IngestReport()
        return staged.verdicts(report)


def _kept(chatbot: Chatbot, outcome: ReadOutcome) -> ReadOutcome:
    """Leave out what would push another article out of the index, and say so."""
    taken: list[Document] = []
    problems = [outcome.problem] if outcome.problem else []
    for document in outcome.documents:
        old = _indexed(chatbot, document.id)
        if old and is_another_article(old, document):
            problems.append(_another(old))
        else:
            taken.append(document)
    return replace(outcome, documents=tuple(taken), problem="; ".join(problems) or None)


def _indexed(chatbot: Chatbot, document_id: str) -> Document | None:
    try:
        return chatbot.document(document_id)
    except InputError:
        return None


def _another(old: Document) -> str:
    title = textwrap.shorten(visible(old.title or ""), _SHOWN_TITLE, placeholder=" …")
    named = f"another article, “{title}”," if title else "another article"
    return f"{named} is indexed as {old.id}; rename this one, or remove that one first"


def _gathering(files: Sequence[Path]) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="attest-")
    except OSError as error:
        _discard(files)
        raise InputError(
            f"the system's temporary folder takes no files ({error.strerror or error}); "
            "free some space there and send them again"
        ) from error


class _Staged:
    """Files gathered in one folder, under the names they were uploaded with."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder = folder
        self._progress = progress
        self._uploads: dict[str, _Upload] = {}
        self._refused: list[Verdict] = []

    @property
    def paths(self) -> list[Path]:
        """Where the files are."""
        return [self._folder / name for name in self._uploads]

    def take(self, file: Path) -> None:
        """Move a file in, unless one of its name is there."""
        place = self._folder / file.name
        if place.exists():
            self._refuse(file, "another file of that name came with it; rename one of the two")
        elif not file.is_file():  # a page that sent the same file was quicker
            self._refuse(file, "it did not arrive; send it again")
        else:
            self._move(file, place)

    def _move(self, file: Path, place: Path) -> None:
        try:
            shutil.move(file, place)
        except OSError as error:
            with contextlib.suppress(OSError):
                place.unlink(missing_ok=True)  # what of it found room
            self._refuse(file, f"it could not be kept ({error.strerror or error}); send it again")
        else:
            self._uploads[file.name] = _Upload()

    def _refuse(self, file: Path, why: str) -> None:
        self._refused.append(Verdict(file.name, f"not added: {why}", taken=False))

    def note(self, outcome: ReadOutcome) -> ReadOutcome:
        """Remember what was read of a file."""
        upload = self._uploads[self._name_of(outcome.path)]
        upload.documents += [document.id for document in outcome.documents]
        if outcome.problem:
            upload.problems.append(outcome.problem.replace(f"{self._folder}/", ""))
        self._tell()
        return outcome

    def verdicts(self, report: IngestReport) -> tuple[Verdict, ...]:
        """Say what became of each file."""
        told = (_verdict(name, upload, report) for name, upload in self._uploads.items())
        return (*told, *self._refused)

    def _name_of(self, place: str) -> str:
        """Find the file of a place: its path, or for a record its path and line."""
        from rag.documents.files import shown

        inside = place.removeprefix(f"{self._folder}/")
        names = {shown(Path(name)): name for name in self._uploads}
        return names.get(inside) or names[inside.rpartition(":")[0]]

    def _tell(self) -> None:
        read = sum(bool(u.documents or u.problems) for u in self._uploads.values())
        total = len(self._uploads)
        what = f"{read} of {total} files read" + (", indexing" if read == total else "")
        self._progress(read, total, what)


def _verdict(name: str, upload: _Upload, report: IngestReport) -> Verdict:
    groups = {"added": report.added, "replaced": report.changed, "unchanged": report.unchanged}
    counts = {what: len(set(upload.documents) & set(ids)) for what, ids in groups.items()}
    parts = [*_taken(counts), *_problems(upload.problems)]
    taken = any(counts.values())
    if not parts:  # a brief beside the original that it retells
        parts = ["its original, which came with it, was read instead"]
    return Verdict(name, ("" if taken else "not added: ") + "; ".join(parts), taken)


_ONE = {
    "added": "added",
    "replaced": "added in place of an earlier version",
    "unchanged": "is indexed already and has not changed",
}


def _taken(counts: dict[str, int]) -> list[str]:
    some = {what: count for what, count in counts.items() if count}
    if sum(some.values()) == 1:
        return [_ONE[what] for what in some]
    said = ", ".join(f"{count:,} {what}" for what, count in some.items())
    return [f"{sum(some.values()):,} articles: {said}"] if some else []


def _problems(problems: Collection[str]) -> list[str]:
    told = [problem.removeprefix("skipped: ") for problem in problems][:_SHOWN_PROBLEMS]
    more = len(problems) - len(told)
    return [*told, f"and {more:,} more like that"] if more else told


def _discard(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Delete what uploads left in a folder of their own more than an hour ago."""
    oldest = time.time() - _KEPT_SECONDS
    for path in sorted(folder.rglob("*"), reverse=True):  # what is inside a folder comes first
        with contextlib.suppress(OSError):  # another process sweeps too
            if path.lstat().st_mtime < oldest:
                path.rmdir() if path.is_dir() else path.unlink()
