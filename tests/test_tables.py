"""Rows of a table are quoted with what says what they hold."""

import numpy as np
import pytest
from invented import small_chatbot

from rag.candidates import view
from rag.reading import Scored
from rag.tables import in_tables, is_row
from rag.types import Document

COUNTS = Document(
    "counts",
    "Nobody agrees on the ships.\n\nSource | Ships lost\n\nHarbour office | 9\n\nUnion | 14\n\n"
    "The mayor gave no count.\n\nPort | Cranes\n\nBrill | 40",
)


@pytest.fixture
def sentences():
    seen = view(COUNTS)
    return [
        Scored(seen.candidate(index), (), 0.0, np.zeros(1)) for index in range(len(seen.sentences))
    ]


def brought(sentences, *leads):
    shown = [item for item in sentences if item.candidate.text in leads]
    return [item.candidate.text for item in in_tables(shown, set(map(id, shown)), sentences)]


def test_a_row_brings_the_first_one(sentences):
    assert brought(sentences, "Union | 14") == ["Source | Ships lost"]


def test_the_first_row_brings_all(sentences):
    assert brought(sentences, "Source | Ships lost") == ["Harbour office | 9", "Union | 14"]


def test_rows_of_another_table_stay_where_they_are(sentences):
    assert brought(sentences, "Brill | 40") == ["Port | Cranes"]


def test_what_is_no_row_brings_nothing(sentences):
    assert brought(sentences, "The mayor gave no count.") == []


def test_a_lone_row_is_no_table(sentences):
    lone = [item for item in sentences if item.candidate.text == "Union | 14"]
    assert brought(lone, "Union | 14") == []


def test_rows_are_listed_with_their_first():
    answer = small_chatbot(COUNTS, abstain_below=0.0).ask("How many ships lost, Union count?")
    assert is_row("Union | 14")
    assert "Source \\| Ships lost" in answer.text
    assert answer.text.startswith("- ")
