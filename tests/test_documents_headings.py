"""Lines that read as headings, and links to other stories, in an invented text."""

import json

import pytest

from rag.documents import read_documents
from rag.documents.headings import heading_lines
from rag.types import Document, Heading

OPENING = (
    "The lighthouse at Morrow Point went dark on Sunday after ninety years without a night off.",
    "Its keeper had warned the coast board twice that the generator would not last the winter.",
)
BELOW = "Fishing crews now steer by the church tower, which the parish floodlights until midnight."


def found(*lines, marked=()):
    text = "\n\n".join(lines)
    spans = [(text.index(line), text.index(line) + len(line)) for line in marked]
    document = Document("a", text, headings=tuple(Heading(*span, 2) for span in spans))
    return [text[start:].partition("\n\n")[0] for start in sorted(heading_lines(document))]


@pytest.mark.parametrize(
    "line",
    ["How the crews cope", "Without a Light", "Ines Marrow", "See the last night it shone"],
)
def test_a_short_line_without_an_end_reads_as_a_heading(line):
    assert found(*OPENING, line, BELOW) == [line]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("The keeper resigned.", id="a sentence"),
        pytest.param("“Nobody listened to me”", id="a quotation"),
        pytest.param("Ines Marrow:", id="a name with a colon"),
        pytest.param("- one spare lamp", id="an item"),
        pytest.param("Lamp | 40 crowns", id="a row"),
        pytest.param("From Ines Marrow, Morrow Courier, 3 May 2021", id="an origin"),
        pytest.param("to whom the board, as late as in May, sent a letter", id="broken off"),
    ],
)
def test_what_may_be_content_does_not(line):
    assert found(*OPENING, line, BELOW) == []


def test_lines_in_a_row_are_a_list():
    assert found(*OPENING, "Spare lamps", "Two lenses", "A ladder", BELOW) == []


def test_a_line_with_nothing_below_it_heads_nothing():
    assert found(*OPENING, BELOW, "From our reporters") == []


def test_a_text_that_is_not_written_in_sentences_has_none():
    notes = "Generator failed on Sunday night, keeper on leave, board informed by telephone at six"
    assert found(notes, "Spare lamp", BELOW, notes, notes) == []


def test_a_marked_heading_is_not_found_again():
    lines = (*OPENING, "The crews", BELOW, "What comes next", BELOW)
    assert found(*lines, marked=("The crews",)) == ["What comes next"]


def read(folder, *lines, name="a.md"):
    path, text = folder / name, "\n\n".join(lines)
    record = json.dumps({"id": "a", "text": text})
    path.write_text(record if name.endswith(".jsonl") else text, encoding="utf-8")
    (outcome,) = read_documents([path])
    (document,) = outcome.documents
    return document.text


LINKS = ("RELATED: Ferry line loses its captain", "Harbour fire:Ferry line loses its captain")


@pytest.mark.parametrize("name", ["a.md", "a.jsonl"])
@pytest.mark.parametrize("link", LINKS)
def test_a_link_to_another_story_behind_a_label_is_left_out(tmp_path, link, name):
    assert read(tmp_path, *OPENING, link, BELOW, name=name) == "\n\n".join([*OPENING, BELOW])


@pytest.mark.parametrize(
    "line",
    [
        "Harbour fire:Ferry line loses its captain.",
        "Related: the ferry line lost its captain.",
        "Place:Lindmouth Town Hall",
        "Ferry line: it loses its captain",
        "- RELATED: Ferry line loses its captain",
        "## More: what the ferry line wants",
    ],
)
def test_what_may_be_the_articles_own_behind_a_label_stays(tmp_path, line):
    assert line.lstrip("# ") in read(tmp_path, *OPENING, line, BELOW)


@pytest.mark.parametrize("line", LINKS)
def test_a_transcript_without_full_stops_keeps_what_follows_its_labels(tmp_path, line):
    spoken = "Speaker one:So the generator failed on Sunday night and nobody rang the coast board"
    assert line in read(tmp_path, spoken, line, spoken, *OPENING, spoken, spoken, name="a.jsonl")
