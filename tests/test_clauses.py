"""A claim is taken apart at its commas and conjunctions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clauses import clauses


@pytest.mark.parametrize(
    ("claim", "parts"),
    [
        ("The storm flooded the harbour.", ("The storm flooded the harbour.",)),
        (
            "The storm flooded the harbour, and crews left their boats behind.",
            ("The storm flooded the harbour", "and crews left their boats behind."),
        ),
        (
            "In May, the storm flooded the harbour",
            ("In May, the storm flooded the harbour",),
        ),
        (
            "Forty crews fled the harbour while mayor Paul Reed stayed.",
            ("Forty crews fled the harbour", "while mayor Paul Reed stayed."),
        ),
    ],
)
def test_clauses_say_enough_to_be_read_alone(claim, parts):
    assert clauses(claim) == parts


@given(st.text(max_size=200))
def test_no_word_of_a_claim_is_lost(claim):
    said = " ".join(clauses(claim)).replace(",", " ").replace(";", " ").split()
    assert said == claim.replace(",", " ").replace(";", " ").split()
