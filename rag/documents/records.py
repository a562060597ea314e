"""Read ``.jsonl`` files: one record to a line, streamed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from rag.documents.blocks import Block, Metadata, Reading, assemble, one_line
from rag.documents.boilerplate import is_sure_furniture
from rag.documents.characters import normalise
from rag.documents.dates import Order, date_order, parse_date
from rag.documents.files import MEGABYTE, MOST_TEXT_BYTES, attempt, open_regular, shown
from rag.documents.headings import without_links
from rag.documents.owners import Owners
from rag.documents.paragraphs import split_paragraphs
from rag.errors import InputError
from rag.types import Document, Kind, ReadOutcome

_BATCH = 1_000  # documents in one outcome
_OPTIONAL = ("title", "author", "publisher", "date", "url", "kind")
_KINDS: tuple[Kind, ...] = ("article", "brief", "record")
_SHOWN = 60  # characters of a wrong value


def read_records(path: Path, owners: Owners) -> Iterator[ReadOutcome]:
    """Yield a file's documents in batches, and a problem for each line that is no good record."""
    name = shown(path)
    try:
        with open_regular(path) as file:
            yield from _batches(file, name, owners)
    except InputError as error:
        yield ReadOutcome(name, problem=str(error))


def count_lines(path: Path) -> int:
    """Count a file's lines, without looking at them; one that cannot be read has none."""
    try:
        with open_regular(path) as file:
            return _line_ends(file)
    except (InputError, OSError):
        return 0


def _line_ends(file: BinaryIO) -> int:
    """Count line ends, and the last line that has none."""
    count, last = 0, b"\n"
    for block in iter(lambda: file.read(MEGABYTE), b""):
        count, last = count + block.count(b"\n"), block[-1:]
    return count + (last != b"\n")


def _batches(file: BinaryIO, name: str, owners: Owners) -> Iterator[ReadOutcome]:
    batch: list[Document] = []
    stop: InputError | None = InputError("it is empty")
    try:
        for number, line in _lines(file):
            stop, place = None, f"{name}:{number}"
            try:
                document, remark = _read_record(line)
                owners.claim(document.id, place)
            except InputError as error:
                yield ReadOutcome(place, problem=f"line {number}: {error}")
                continue
            batch.append(document)
            if remark:
                yield ReadOutcome(place, problem=f"line {number}: {remark}")
            if len(batch) == _BATCH:
                yield ReadOutcome(name, tuple(batch))
                batch = []
    except InputError as error:
        stop = InputError(f"{error}; nothing from there on was read")
    if batch:
        yield ReadOutcome(name, tuple(batch))
    if stop:
        raise stop


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that hold something, with their numbers from 1."""
    number = 0
    while line := attempt(lambda: file.readline(MOST_TEXT_BYTES + 1)):
        number += 1
        if len(line) > MOST_TEXT_BYTES:
            raise InputError(f"line {number} is too long: at most {MOST_TEXT_BYTES // MEGABYTE} MB")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in line:
            raise InputError(f"line {number}: it looks binary, or UTF-16; expected UTF-8")
        if line.strip():
            yield number, line


def _read_record(line: bytes) -> tuple[Document, str | None]:
    """Return a line's document and a remark on what had to be left out of it."""
    record = _parse(line)
    document_id = _required(record, "id")
    if not document_id.isprintable():
        raise InputError(f"field id: expected printable text, found {_found(document_id)}")
    text = normalise(_required(record, "text"))
    optional = {field: _optional(record, field) for field in _OPTIONAL}
    date, remark = _date(optional["date"], date_order(text))
    metadata = Metadata(
        title=optional["title"],
        author=optional["author"],
        publisher=optional["publisher"],
        date=date,
        url=optional["url"],
        kind=_kind(optional["kind"]),
    )
    return _assembled(document_id, text, metadata), remark


def _assembled(document_id: str, text: str, metadata: Metadata) -> Document:
    paragraphs = [Block(p.text) for p in split_paragraphs(text) if not is_sure_furniture(p.text)]
    try:
        return assemble(document_id, without_links(Reading(tuple(paragraphs), metadata)))
    except InputError as error:
        raise InputError("field text: expected an article's text, found nothing to read") from error


def _parse(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"expected UTF-8, found byte {error.start} that is not") from error
    except json.JSONDecodeError as error:
        raise InputError(f"expected JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"expected a plain JSON record: {error}") from error
    if not isinstance(record, dict):
        raise InputError(f"expected a JSON object, found {_found(record)}")
    return record


def _required(record: dict[str, Any], field: str) -> str:
    if field not in record:
        raise InputError(f"field {field}: expected a non-empty string, found no such field")
    value = record[field]
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"field {field}: expected a non-empty string, found {_found(value)}")
    return value.strip()


def _optional(record: dict[str, Any], field: str) -> str | None:
    value = record.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"field {field}: expected a string or null, found {_found(value)}")
    return one_line(normalise(value)) or None


def _kind(value: str | None) -> Kind:
    for kind in _KINDS:
        if value == kind:
            return kind
    if value is None:
        return "record"
    raise InputError(f"field kind: expected one of {', '.join(_KINDS)}, found {_found(value)}")


def _date(value: str | None, order: Order | None) -> tuple[str | None, str | None]:
    """Read a date; a date that cannot be read costs the record its date, not its place."""
    date = parse_date(value, order=order) if value else None
    if date is None and value:
        expected = f"field date: expected a date such as 2024-11-05, found {_found(value)}"
        return None, f"{expected}; the record was read without it"
    return date, None


def _found(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
