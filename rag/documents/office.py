"""Read PDF and Word files."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rag.documents.blocks import Block, Metadata, Reading, one_line, with_title
from rag.documents.boilerplate import is_sure_furniture
from rag.documents.bylines import under_title
from rag.documents.characters import normalise
from rag.documents.dates import find_date
from rag.documents.files import MEGABYTE
from rag.documents.paragraphs import split_paragraphs
from rag.documents.quiet import parsing
from rag.errors import InputError

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.opc.coreprops import CoreProperties
    from docx.table import Table
    from pypdf import PdfReader

_EDGE_LINES = 2  # lines at the top and bottom of a page that may be a running head
_RUNNING_SHARE = 0.5  # of the pages, that a running head stands on
_PAGE_NUMBER = re.compile(r"(?:page |p\. ?|[-–— ]+)?\d{1,4}(?: ?(?:of|/) ?\d{1,4})?[-–— ]*", re.I)
_HYPHENATED = re.compile(r"\b(\w+)[-\u2010]\n(?=([a-zà-öø-ÿ]\w*))")
_MOST_UNPACKED = 512 * MEGABYTE  # a Word file is a ZIP, and a small ZIP can unpack to terabytes
# What python-docx leaves in every file that it makes from its own template.
_TEMPLATE_CREATED = datetime.datetime(2013, 12, 23, 23, 15)
_OLE = b"\xd0\xcf\x11\xe0"
# What word processors and converters write where nobody wrote anything.
_EMPTY_VALUES = re.compile(
    r"(?:untitled|unknown|anonymous|author|user|admin|title|word document|python-docx"
    r"|microsoft word)"
    r"(?: ?\d*)|microsoft word - .*|.*\.(?:docx?|pdf|rtf|indd|qxd)",
    re.IGNORECASE,
)


def read_pdf(data: bytes) -> Reading:
    """Read a PDF's text, without running heads and page numbers, and its properties."""
    with parsing("a PDF", loggers=("pypdf",)):
        from pypdf import PdfReader

        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not _opens(reader):
            raise InputError("it is encrypted; remove the password first")
        pages = [normalise(page.extract_text() or "") for page in reader.pages]
        info = dict(reader.metadata or {})
    if not any(page.strip() for page in pages):
        raise InputError("its pages hold no text: a scan must go through OCR first")
    return Reading(tuple(_paragraphs(pages)), _pdf_metadata(info))


def _opens(reader: PdfReader) -> bool:
    """Whether the file opens without a password, as many protected ones do."""
    from pypdf.errors import DependencyError

    try:
        return bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError):
        return False


def _paragraphs(pages: Sequence[str]) -> Iterator[Block]:
    text = "\n".join("\n".join(lines) for lines in _without_running_heads(pages))
    for paragraph in split_paragraphs(join_hyphenated(text)):
        if not is_sure_furniture(paragraph.text):
            yield Block(paragraph.text)


def _without_running_heads(pages: Sequence[str]) -> Iterator[list[str]]:
    paged = [[one_line(line) for line in page.split("\n")] for page in pages]
    paged = [_trimmed(lines) for lines in paged]
    counts = Counter(key for lines in paged for key in {_shape(lines[at]) for at in _edges(lines)})
    running = {key for key, count in counts.items() if count > max(2, _RUNNING_SHARE * len(pages))}
    for lines in paged:
        edges = {
            at for at in _edges(lines) if _shape(lines[at]) in running or _is_number(lines, at)
        }
        yield [line for at, line in enumerate(lines) if at not in edges]


def _trimmed(lines: list[str]) -> list[str]:
    filled = [at for at, line in enumerate(lines) if line]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _edges(lines: Sequence[str]) -> list[int]:
    filled = [at for at, line in enumerate(lines) if line]
    return sorted({*filled[:_EDGE_LINES], *filled[-_EDGE_LINES:]})


def _shape(line: str) -> str:
    """Blank out numbers: ``Page 3 of 9`` and ``Page 4 of 9`` are the same running head."""
    return re.sub(r"\d+", "#", line)


def _is_number(lines: Sequence[str], at: int) -> bool:
    return at in {0, len(lines) - 1} and bool(_PAGE_NUMBER.fullmatch(lines[at]))


def join_hyphenated(text: str) -> str:
    """Join words broken over lines; a hyphen that the text also writes inside a line stays."""
    known = set(re.findall(r"\b\w+-\w+", text))

    def joined(match: re.Match[str]) -> str:
        return f"{match[1]}-" if f"{match[1]}-{match[2]}" in known else match[1]

    return _HYPHENATED.sub(joined, text)


def _pdf_metadata(info: dict[str, Any]) -> Metadata:
    created = re.match(r"(?:D:)?(\d{4})(\d\d)(\d\d)", str(info.get("/CreationDate") or ""))
    return Metadata(
        title=_stated(info.get("/Title")),
        author=_stated(info.get("/Author")),
        date=find_date("-".join(created.groups())) if created else None,
    )


def _stated(value: object) -> str | None:
    text = one_line(normalise(value)) if isinstance(value, str) else ""
    return text if text and not _EMPTY_VALUES.fullmatch(text) else None


def read_docx(data: bytes) -> Reading:
    """Read a Word file's paragraphs, headings and table rows, and its properties."""
    if data.startswith(_OLE):
        raise InputError("it is encrypted, or in Word's old format; save it as a plain .docx")
    with parsing("a Word file", loggers=("docx",)):
        import docx

        _refuse_bomb(data)
        word = docx.Document(io.BytesIO(data))
        blocks = tuple(_docx_blocks(word))
        metadata = _docx_metadata(word.core_properties)
    return under_title(with_title(metadata, blocks))


def _refuse_bomb(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(item.file_size for item in archive.infolist()) > _MOST_UNPACKED:
            raise InputError(f"it unpacks to more than {_MOST_UNPACKED // MEGABYTE} MB")


def _docx_blocks(word: WordDocument) -> Iterator[Block]:
    from docx.table import Table

    for item in word.iter_inner_content():
        if isinstance(item, Table):
            yield from (Block(row) for row in _rows(item))
            continue
        text = one_line(normalise(item.text))
        style = item.style.name if item.style is not None else ""
        if text and not is_sure_furniture(text):
            yield Block(f"- {text}" if style.startswith("List") else text, _style_level(style))


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells: list[str] = []
        for cell in row.cells:
            text = one_line(normalise(cell.text))
            # A merged cell comes once for each column that it spans.
            if text and (not cells or cells[-1] != text):
                cells.append(text)
        yield " | ".join(cells)


def _style_level(style: str) -> int:
    if style == "Title":
        return 1
    match = re.fullmatch(r"Heading (\d)", style)
    return int(match[1]) if match else 0


def _docx_metadata(properties: CoreProperties) -> Metadata:
    created = properties.created
    dated = created is not None and created.replace(tzinfo=None) != _TEMPLATE_CREATED
    return Metadata(
        title=_stated(properties.title),
        author=_stated(properties.author),
        date=created.date().isoformat() if created and dated else None,
    )
