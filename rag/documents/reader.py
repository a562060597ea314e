"""Read files and folders into documents: one entry point for every format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from rag.documents.blocks import Reading, assemble
from rag.documents.encodings import decode, decode_html
from rag.documents.files import (
    DOCUMENT_SUFFIXES,
    MOST_DOCUMENT_BYTES,
    MOST_TEXT_BYTES,
    read_bytes,
    require_all,
    shown,
    walk,
)
from rag.documents.headings import without_links
from rag.documents.markdown import read_markdown
from rag.documents.news import read_news
from rag.documents.office import read_docx, read_pdf
from rag.documents.owners import Owners
from rag.documents.records import count_lines, read_records
from rag.documents.stamps import stamp_of
from rag.documents.web import read_html
from rag.errors import InputError
from rag.types import Document, ReadOutcome

_READERS: Mapping[str, Callable[[bytes], Reading]] = {
    ".txt": lambda data: read_news(decode(data)),
    ".md": lambda data: read_markdown(decode(data)),
    ".html": lambda data: read_html(decode_html(data)),
    ".htm": lambda data: read_html(decode_html(data)),
    ".pdf": read_pdf,
    ".docx": read_docx,
}


Known = Callable[[bytes], str | None]


def read_documents(
    paths: Iterable[Path], *, known: Known = lambda stamp: None
) -> Iterator[ReadOutcome]:
    """Read files and folders, yielding what became of each file as it is read.

    A folder is read with all below it, in the order of names. A ``.jsonl`` file may yield several
    outcomes. A file that cannot be read yields its problem and stops nothing. Ids are unique: the
    first document to claim one keeps it, and a later one is a problem that names both files.
    ``known`` maps the stamp of a file to the id of the document that an index has of it, if it has;
    such a file is not read again.

    Raises InputError, before anything is read, when a path does not exist.
    """
    return _outcomes(require_all(paths), known)


def count_documents(paths: Iterable[Path]) -> int:
    """Count the files there are to read, a ``.jsonl`` file as many times as it has lines."""
    return sum(
        count_lines(found.path) if _holds_records(found.path) else 1
        for found in walk(require_all(paths))
        if not found.problem
    )


def _outcomes(paths: tuple[Path, ...], known: Known) -> Iterator[ReadOutcome]:
    owners = Owners()
    for found in walk(paths):
        name = shown(found.path)
        if found.problem:
            yield ReadOutcome(name, problem=found.problem)
        elif _holds_records(found.path):
            yield from read_records(found.path, owners)
        else:
            yield _outcome(found.path, name, owners, known)


def _holds_records(path: Path) -> bool:
    return path.suffix.lower() == ".jsonl"


def _outcome(path: Path, name: str, owners: Owners, known: Known) -> ReadOutcome:
    stamp = stamp_of(path)  # before it is read: a change meanwhile must not go unnoticed
    try:
        if unchanged := known(stamp) if stamp else None:
            owners.claim(unchanged, name)
            return ReadOutcome(name, unchanged=unchanged)
        document = _read_file(path)
        owners.claim(document.id, name)
    except InputError as error:
        return ReadOutcome(name, problem=str(error))
    return ReadOutcome(name, (document,), stamp=stamp)


def _read_file(path: Path) -> Document:
    suffix = path.suffix.lower()
    limit = MOST_DOCUMENT_BYTES if suffix in DOCUMENT_SUFFIXES else MOST_TEXT_BYTES
    reading = _READERS[suffix](read_bytes(path, limit=limit))
    return assemble(_id_of(path), without_links(reading))


def _id_of(path: Path) -> str:
    document_id = shown(Path(path.stem)).strip()
    if not document_id:
        raise InputError("its name leaves no id for the document")
    return document_id
