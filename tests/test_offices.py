"""Whose office a sentence speaks of."""

import pytest

from rag.offices import is_anothers, offices_in
from rag.premises import premises_of
from rag.terms import terms


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("Who is the mayor of Norville?", "Ada Quill, Eastmoor's mayor, signed it."),
        ("name of Norville's harbour chief", "The chief of Eastmoor wept."),
        ("Who is the Russian president?", "China's president met the envoy."),
    ],
)
def test_another_s_office_is_no_answer(asked, sentence):
    assert is_anothers(offices_in(asked), sentence)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("Who is the mayor of Norville?", "Norville's mayor, Ada Quill, signed it."),
        ("Who is the mayor of Norville?", "In Norville Bo Sand met Eastmoor's mayor."),
        ("Who is the mayor of Norville?", "The mayor, Ada Quill, signed it."),
        ("Who is the Russian president?", "Russia's president met China's president."),
        ("Who is the mayor?", "Eastmoor's mayor signed it."),
        ("Who signed it in Norville?", "Eastmoor's mayor signed it."),
    ],
)
def test_one_s_own_or_nobody_s_may_be(asked, sentence):
    assert not is_anothers(offices_in(asked), sentence)


def test_who_holds_an_office_is_told_by_no_other_s_whatever_else_is_named():
    told = "In Norville Bo Sand met Eastmoor's mayor."
    assert is_anothers(offices_in("Who is the mayor of Norville?"), told, holder=True)
    met_both = "The mayor of Norville met Eastmoor's mayor."
    for fits in (met_both, "In Norville Eastmoor's mayor met the mayor."):
        assert not is_anothers(offices_in("Norville's mayor"), fits, holder=True)
    asked, met = (premises_of(f"{q} the mayor of Norville?", []) for q in ("Who is", "Whom met"))
    assert asked.against(told, told) > met.against(told, told)


def test_it_counts_where_both_names_are_what_all_the_text_is_about():
    texts = ["Norville's mayor wept.", "Eastmoor's mayor won.", "Norville and Eastmoor met."]
    premises = premises_of("Who is the mayor of Norville?", [set(terms(t)) for t in texts])
    assert not premises.names
    assert premises.against(texts[1], texts[1]) > premises.against(texts[0], texts[0]) == 0
