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
from rag.documents.markdown import read_markdown
from rag.documents.news import read_news
from rag.documents.office import read_docx, read_pdf
from rag.documents.owners import Owners
from rag.documents.records import read_records
from rag.documents.web import read_html
from rag.errors import InputError
from rag.types import ReadOutcome

_READERS: Mapping[str, Callable[[bytes], Reading]] = {
    ".txt": lambda data: read_news(decode(data)),
    ".md": lambda data: read_markdown(decode(data)),
    ".html": lambda data: read_html(decode_html(data)),
    ".htm": lambda data: read_html(decode_html(data)),
    ".pdf": read_pdf,
    ".docx": read_docx,
}


def read_documents(paths: Iterable[Path]) -> Iterator[ReadOutcome]:
    """Read files and folders, yielding what became of each file as it is read.

    A folder is read with all below it, in the order of names. A ``.jsonl`` file may yield several
    outcomes. A file that cannot be read yields its problem and stops nothing. Ids are unique: the
    first document to claim one keeps it, and a later one is a problem that names both files.

    Raises InputError, before anything is read, when a path does not exist.
    """
    return _outcomes(require_all(paths))


def _outcomes(paths: tuple[Path, ...]) -> Iterator[ReadOutcome]:
    owners = Owners()
    for found in walk(paths):
        name = shown(found.path)
        if found.problem:
            yield ReadOutcome(name, problem=found.problem)
        elif found.path.suffix.lower() == ".jsonl":
            yield from read_records(found.path, owners)
        else:
            yield _read_file(found.path, name, owners)


def _read_file(path: Path, name: str, owners: Owners) -> ReadOutcome:
    suffix = path.suffix.lower()
    limit = MOST_DOCUMENT_BYTES if suffix in DOCUMENT_SUFFIXES else MOST_TEXT_BYTES
    try:
        reading = _READERS[suffix](read_bytes(path, limit=limit))
        document = assemble(_id_of(path), reading)
        owners.claim(document.id, name)
    except InputError as error:
        return ReadOutcome(name, problem=str(error))
    return ReadOutcome(name, (document,))


def _id_of(path: Path) -> str:
    document_id = shown(Path(path.stem)).strip()
    if not document_id:
        raise InputError("its name leaves no id for the document")
    return document_id
