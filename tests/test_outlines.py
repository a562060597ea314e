"""Sections that a sentence counts: listed by their headings and first sentences."""

import pytest
from test_composing import scored

from rag.candidates import Views, view
from rag.choosing import Statement
from rag.composing import cite
from rag.outlines import with_sections
from rag.phrasing import present
from rag.types import Document, Heading


def outlined(opening, *sections, level=2):
    """Write an article of an opening and sections, each a heading and a text."""
    text, headings = opening, []
    for heading, body in sections:
        text += "\n\n"
        headings.append(Heading(len(text), len(text) + len(heading), level))
        text += f"{heading}\n\n{body}"
    return Document("one", text, headings=tuple(headings))


SECTIONS = (
    ("Money:", "The crews earn little. They want more."),
    ("Rest", "Sunday is a working day."),
    ("What came of it", "The town refused."),
)


def shown(document, *, also=()):
    """Choose the opening, and what else is asked for; return the claims and their quotes."""
    read = scored((document, [0.0] * len(view(document).sentences)))
    leads = [s for s in read if s.candidate.start == 0 or s.candidate.text in also]
    views = Views(lambda _: document)
    chosen = with_sections([Statement(lead) for lead in leads], views)
    claims, citations = cite(chosen, lambda c: present(c, views))
    assert all(document.text[c.start : c.end] == c.quote for c in citations)
    return [claim.text for claim in claims]


@pytest.mark.parametrize("count", ["two", "Two", "2"])
def test_sections_follow_the_sentence_that_counts_them(count):
    opening = f"There are {count} reasons."
    assert shown(outlined(opening, *SECTIONS)) == [
        opening,
        "Money: The crews earn little.",
        "Rest: Sunday is a working day.",
    ]


def test_a_first_sentence_chosen_already_is_shown_once_with_its_heading():
    opening = "There are two reasons."
    got = shown(outlined(opening, *SECTIONS), also=["Sunday is a working day."])
    assert got == [opening, "Money: The crews earn little.", "Rest: Sunday is a working day."]


@pytest.mark.parametrize(
    "opening",
    [
        "There are five reasons.",  # more than there are sections
        "There are several reasons.",
        "There are two reasons. Neither is good.",  # they may follow in the text
        "Nobody gives a reason.",
    ],
)
def test_without_as_many_sections_right_behind_none_are_listed(opening):
    assert len(shown(outlined(opening, *SECTIONS))) == 1


def test_sections_of_another_level_end_the_row():
    document = outlined("There are three reasons.", *SECTIONS)
    above, second, third = document.headings
    outer = (above, second, Heading(third.start, third.end, 1))
    assert len(shown(Document("one", document.text, headings=outer))) == 1
