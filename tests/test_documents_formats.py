import datetime
import io
import logging
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from rag.documents import read_documents
from rag.types import Document

FRONT_MATTER = """---
title: "Lindmouth: a harbour's vote"
author: [Ada Quill, Tom Marsh]
publisher: Coast Gazette
published: 2023-02-07
url: https://coast.example/1
genre: news
kind: brief
---

The board met.
"""


def read(path: Path, content: str | bytes) -> Document:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (outcome,) = read_documents([path])
    assert outcome.problem is None
    (document,) = outcome.documents
    return document


def problem_of(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (outcome,) = read_documents([path])
    assert outcome.documents == ()
    return outcome.problem or ""


def headings(document: Document) -> list[tuple[int, str]]:
    return [(h.level, document.text[h.start : h.end]) for h in document.headings]


# Markdown


def test_front_matter_is_metadata(tmp_path):
    document = read(tmp_path / "a.md", FRONT_MATTER)
    assert document.title == "Lindmouth: a harbour's vote"
    assert (document.author, document.publisher) == ("Ada Quill and Tom Marsh", "Coast Gazette")
    assert (document.date, document.kind) == ("2023-02-07", "brief")
    assert (document.url, document.text) == ("https://coast.example/1", "The board met.")


def test_null_front_matter_is_none(tmp_path):
    document = read(tmp_path / "a.md", "---\ntitle: null\nauthor: ~\ndate:\n---\nThe board met.")
    assert (document.title, document.author, document.date, document.kind) == (
        None,
        None,
        None,
        "article",
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('---\ntitle: x\nauthor: "open\n---\nA.', "line"),
        ("---\ntitle: [a\n---\nA.", "the front matter is not YAML"),
        ("---\ntitle: x\nkind: poem\n---\nA.", "line 3: kind: expected article or brief"),
        ("---\ntitle: x\n\ndate: someday\n---\nA.", "line 4: expected a date such as"),
        ("---\ntitle: {a: b}\n---\nA.", "line 2: title: expected text, found a mapping"),
        ("---\ntitle: x\nA.", "line 1: the front matter has no closing line ---"),
        ("---\na: " + "[" * 5_000 + "\n---\nA.", "the front matter is not YAML"),
    ],
)
def test_bad_front_matter_is_a_problem_that_names_the_line(tmp_path, text, complaint):
    assert complaint in problem_of(tmp_path / "a.md", text)


def test_a_rule_on_the_first_line_is_no_front_matter(tmp_path):
    assert read(tmp_path / "a.md", "---\n\nThe board met.").text == "The board met."


@pytest.mark.parametrize(
    ("line", "text"),
    [
        pytest.param("STOLEN FILES", "STOLEN FILES", id="in capitals"),
        pytest.param("**What the harbour lost**", "What the harbour lost", id="in bold"),
    ],
)
def test_a_line_set_apart_by_its_letters_is_a_heading(tmp_path, line, text):
    document = read(tmp_path / "a.md", f"The board met.\n\n{line}\n\nTwo ledgers are gone.")
    assert headings(document) == [(2, text)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("THE BOARD MET AGAIN.", id="a sentence"),
        pytest.param("NATO", id="an abbreviation"),
        pytest.param("- GRAIN AND COAL", id="an item"),
        pytest.param("**They will be missed.**", id="a sentence in bold"),
        pytest.param("**Ada Quill**", id="a speaker"),
        pytest.param("**Ada** met **Bo**", id="two words in bold"),
        pytest.param("**Lindmouth Weekly:**", id="what opens a paragraph"),
    ],
)
def test_what_only_looks_like_a_heading_is_none(tmp_path, line):
    document = read(tmp_path / "a.md", f"The board met.\n\n{line}\n\nTwo ledgers are gone.")
    assert headings(document) == []


def test_a_by_line_in_bold_and_a_closing_shout_are_no_headings(tmp_path):
    text = "# A vote\n\n**By Ada Quill**\n\nThe board met.\n\nNOTHING FOLLOWS"
    document = read(tmp_path / "a.md", text)
    assert (document.author, headings(document)) == ("Ada Quill", [])


def test_markdown_is_read_without_its_markup(tmp_path):
    text = """# Port *votes*

The **board** [met](https://coast.example "x") in `hall 2`.
It <b>voted</b> ![photo](p.png)again\\* &amp; left snake_case alone.

<!-- a note
to the editor -->
## Costs & dates ##

- nine million
- two years

3. third
4. fourth

> Quoted words.

| Pier | State |
|------|-------|
| North | closed |

Later
-----

<div>Loose <i>words</i></div>
"""
    document = read(tmp_path / "a.md", text)
    assert document.title == "Port votes"
    assert document.text.split("\n\n") == [
        "The board met in hall 2. It voted again* & left snake_case alone.",
        "Costs & dates",
        "- nine million",
        "- two years",
        "3. third",
        "4. fourth",
        "Quoted words.",
        "Pier | State",
        "North | closed",
        "Later",
        "Loose words",
    ]
    assert headings(document) == [(2, "Costs & dates"), (2, "Later")]


@pytest.mark.parametrize(
    "under",
    [
        "By Ada Quill, Coast Gazette, 7 February 2023\n\n",
        "*By Ada Quill, Coast Gazette*\n\n*Published 7 February 2023*\n\n",
        "7 February 2023\n\nBy Ada Quill for the Coast Gazette\n\n",
        "**Coast Gazette** | By Ada Quill | 7 February 2023\n\n",
        "*By Ada Quill*\n\n*Coast Gazette, 7 February 2023*\n\n",
    ],
)
def test_the_byline_under_a_title_is_metadata(tmp_path, under):
    document = read(tmp_path / "a.md", f"# A vote\n{under}The board met.")
    assert (document.title, document.text) == ("A vote", "The board met.")
    assert (document.author, document.publisher) == ("Ada Quill", "Coast Gazette")
    assert document.date == "2023-02-07"


@pytest.mark.parametrize(
    "deck", ["A port, a board and the mud between them", "## Why nobody wants to pay"]
)
def test_a_byline_under_the_line_that_introduces_a_text_is_metadata(tmp_path, deck):
    byline = "By Ada Quill · Photographs: Bo Sand · 7 February 2023 · 4 min read"
    document = read(tmp_path / "a.md", f"# A vote\n\n{deck}\n\n{byline}\n\nThe board met.")
    assert (document.author, document.date) == ("Ada Quill", "2023-02-07")
    assert document.text == f"{deck.removeprefix('## ')}\n\nThe board met."


def test_a_day_without_a_year_under_a_byline_dates_nothing(tmp_path):
    text = "# A vote\n\nBy Ada Quill\n\nCoast Gazette, 7 February\n\nThe board met."
    document = read(tmp_path / "a.md", text)
    assert (document.author, document.publisher) == ("Ada Quill", "Coast Gazette")
    assert (document.date, document.text) == (None, "The board met.")


@pytest.mark.parametrize(
    "credit",
    [
        "(Reporting by Ada Quill; editing by B. Sand)",
        "*Ada Quill writes on Wednesdays. Letters: no more than 200 words.*",
        "Edited by Bo Sand.",
    ],
)
def test_who_worked_on_a_text_is_not_its_text(tmp_path, credit):
    text = f"# A vote\n\nBy Ada Quill\n\nThe board met.\n\n{credit}"
    assert read(tmp_path / "a.md", text).text == "The board met."


@pytest.mark.parametrize(
    "last",
    ["Ada Quill has a seat on it.", "Bo Sand writes on Wednesdays.", "Reporting by hand ended."],
)
def test_a_last_sentence_of_the_text_stays(tmp_path, last):
    text = f"# A vote\n\nBy Ada Quill\n\nThe board met.\n\n{last}"
    assert read(tmp_path / "a.md", text).text == f"The board met.\n\n{last}"


def test_front_matter_outranks_the_byline(tmp_path):
    document = read(tmp_path / "a.md", f"{FRONT_MATTER}".replace("The", "By Bo Sand\n\nThe"))
    assert (document.author, document.text) == ("Ada Quill and Tom Marsh", "The board met.")


@pytest.mark.parametrize(
    "text",
    [
        "By Ada Quill",
        "By noon the board met.",
        "By Ada Quill\n\n## 7 February 2023",
        "## What happened\n\n7 February 2023\n\nThe board met.",
        "The plan | By land and by sea | The board met again on the matter of the mud",
    ],
)
def test_what_is_no_byline_above_a_text_stays(tmp_path, text):
    assert read(tmp_path / "a.md", text).text == text.replace("## ", "")


def test_a_top_heading_beside_another_title_stays_a_heading(tmp_path):
    document = read(tmp_path / "a.md", "---\ntitle: One\n---\n# Two\n\nThe board met.")
    assert (document.title, headings(document)) == ("One", [(1, "Two")])


# Web pages

PAGE = """<!doctype html><html><head><title>Board votes to dig | Coast Gazette</title>
<meta name="author" content="Ada Quill"><meta property="og:site_name" content="Coast Gazette">
<meta property="article:published_time" content="2023-02-07T10:00:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/ports">Ports</a></nav><script>alert("no")</script>
<article><h1>Board votes to dig</h1>
<p>The harbour board of Lindmouth voted on Monday to deepen the northern channel, a step that
grain shippers had asked for since the last deepening.</p>
<h2>What comes next</h2>
<p>Dredging will start in spring and take two years, the board said, and the county will pay half
of the nine million crowns that it is expected to cost.</p>
<ul><li>Pilots are trained in March.</li><li>Buoys are moved in April.</li></ul>
<p>Fishing crews had asked for a later start because the herring come close to the coast in
spring, but the board refused by seven votes to two.</p></article>
<footer>Copyright Coast Gazette. Sign up for our letter.</footer></body></html>"""


@pytest.mark.parametrize(
    ("title", "publisher"),
    [
        ("Board votes to dig – Coast Gazette", "Coast Gazette"),
        ("Board votes to dig | The Coast Gazette", "The Coast Gazette"),
        ("Board votes to dig - and nobody is glad", None),
        ("Coast Gazette", None),
    ],
)
def test_a_page_s_title_tells_its_paper_where_nothing_else_does(tmp_path, title, publisher):
    page = PAGE.replace('<meta property="og:site_name" content="Coast Gazette">', "")
    page = page.replace("Board votes to dig | Coast Gazette", title)
    page = page.replace("Copyright Coast Gazette. Sign up for our letter.", "")
    document = read(tmp_path / "a.html", page)
    assert (document.title, document.publisher) == ("Board votes to dig", publisher)


def test_a_byline_in_a_web_page_is_not_its_text(tmp_path):
    byline = "<p>By Ada Quill · Photographs: Bo Sand · 7 February 2023</p>"
    page = PAGE.replace("</h1>", f"</h1>{byline}").replace('<meta name="author"', '<meta name="x"')
    document = read(tmp_path / "a.html", page)
    assert document.author == "Ada Quill"
    assert document.text.startswith("The harbour board")


def test_a_web_page_is_read_for_its_article(tmp_path):
    document = read(tmp_path / "a.html", PAGE)
    assert (document.title, document.author) == ("Board votes to dig", "Ada Quill")
    assert (document.publisher, document.date) == ("Coast Gazette", "2023-02-07")
    assert document.text.startswith("The harbour board of Lindmouth voted on Monday to deepen")
    assert "- Buoys are moved in April." in document.text.split("\n\n")
    assert headings(document) == [(2, "What comes next")]
    assert not any(noise in document.text for noise in ("Home", "alert", "Sign up"))


def test_reading_a_bad_page_says_nothing_on_the_log(tmp_path, caplog, capsys):
    with caplog.at_level(logging.INFO):
        assert (
            problem_of(tmp_path / "a.html", "<html><p>") == "no article text was found in the page"
        )
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


# PDF


def pdf(*pages: str, title: str | None = None, password: str | None = None) -> bytes:
    """Make a PDF with one line of Helvetica for each line of text."""
    writer = PdfWriter()
    for number, text in enumerate(pages):
        lines = text.splitlines()
        shown = " ".join(f"({line}) Tj T*" for line in lines)
        writer.append(io.BytesIO(_page(f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET")))
        assert len(writer.pages) == number + 1
    if title:
        writer.add_metadata({"/Title": title, "/Author": "Ada Quill"})
        writer.add_metadata({"/CreationDate": "D:20230207101500Z"})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _page(drawing: str) -> bytes:
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    data = "%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(data)
    data += f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\n"
    return f"{data}startxref\n{start}\n%%EOF\n".encode("latin-1")


FIRST = """Harbour Papers, issue 4
The board of Lindmouth voted on Monday to deepen the chan-
nel that leads past the old mole. The work is a long-term
matter, and long-term plans are rare in this town.
Page 1 of 3"""
SECOND = """Harbour Papers, issue 4
Dredging starts in spring and will take two years in all, the
board said.
Page 2 of 3"""
THIRD = """Harbour Papers, issue 4
Crews had asked for a later start.
Page 3 of 3"""


def test_a_pdf_is_read_without_running_heads_and_page_numbers(tmp_path):
    document = read(tmp_path / "a.pdf", pdf(FIRST, SECOND, THIRD, title="Deep Water"))
    assert "Harbour Papers" not in document.text
    assert "Page" not in document.text
    assert "deepen the channel that leads" in document.text
    assert "long-term plans" in document.text
    assert (document.title, document.author) == ("Deep Water", "Ada Quill")
    assert document.date == "2023-02-07"


def test_a_pdfs_date_that_is_in_no_calendar_is_none(tmp_path):
    data = pdf(FIRST, title="Deep Water").replace(b"20230207", b"20231399")
    assert read(tmp_path / "a.pdf", data).date is None


def test_an_empty_title_of_a_converter_is_no_title(tmp_path):
    assert read(tmp_path / "a.pdf", pdf(FIRST, title="Microsoft Word - Doc1.docx")).title is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf(FIRST, password="secret"), "it is encrypted"),
        (pdf(""), "a scan must go through OCR"),
        (pdf(FIRST)[:200], "it cannot be read as a PDF"),
    ],
    ids=["encrypted", "scanned", "cut off"],
)
def test_a_pdf_that_cannot_be_read_says_why(tmp_path, caplog, data, reason):
    assert reason in problem_of(tmp_path / "a.pdf", data)
    assert caplog.records == []


# Word


def word(*, title: str = "", created: datetime.datetime | None = None) -> bytes:
    document = docx.Document()
    if created:
        document.core_properties.created = created
    document.core_properties.title = title
    document.core_properties.author = "Ada Quill"
    document.add_heading("Deep water", level=0)
    document.add_paragraph("The board of Lindmouth met on Monday.")
    document.add_heading("Costs", level=2)
    document.add_paragraph("Nine million crowns.", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for row, cells in zip(table.rows, (("Pier", "State"), ("North", "closed")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("Work starts in spring.")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_a_word_file_is_read_in_order_with_headings_and_tables(tmp_path):
    document = read(tmp_path / "a.docx", word())
    assert document.text.split("\n\n") == [
        "The board of Lindmouth met on Monday.",
        "Costs",
        "- Nine million crowns.",
        "Pier | State",
        "North | closed",
        "Work starts in spring.",
    ]
    assert headings(document) == [(2, "Costs")]
    assert (document.title, document.author) == ("Deep water", "Ada Quill")


def test_a_word_files_own_title_outranks_its_heading(tmp_path):
    document = read(tmp_path / "a.docx", word(title="Harbour Plan"))
    assert document.title == "Harbour Plan"
    assert headings(document) == [(1, "Deep water"), (2, "Costs")]


def test_a_word_file_is_dated_by_its_creation_and_not_by_its_templates(tmp_path):
    created = datetime.datetime(2023, 2, 7, 9, 30)
    assert read(tmp_path / "a.docx", word(created=created)).date == "2023-02-07"
    assert read(tmp_path / "b.docx", word()).date is None


def test_a_word_file_that_unpacks_too_large_is_refused(tmp_path):
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("word/document.xml", "w") as file,
    ):
        for _ in range(520):
            file.write(bytes(1024 * 1024))
    assert "it unpacks to more than 512 MB" in problem_of(tmp_path / "a.docx", bomb.getvalue())
