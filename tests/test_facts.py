import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import dates
from rag.facts import quantities
from rag.names import Name, is_institution, names, strip_titles
from rag.nations import fold


@pytest.mark.parametrize(
    ("text", "low", "high", "measure"),
    [
        ("1,200 soldiers", 1200, 1200, ""),
        ("1.2 thousand soldiers", 1200, 1200, ""),
        ("two brigades", 2, 2, ""),
        ("one brigade", 1, 1, ""),
        ("twenty-five shells", 25, 25, ""),
        ("two hundred and fifty thousand shells", 250_000, 250_000, ""),
        ("a dozen ships", 12, 12, ""),
        ("20 to 60 warheads", 20, 60, ""),
        ("between 20 and 60 warheads", 20, 60, ""),
        ("a 170~200 km radius", 170, 200, "km"),
        ("up to 8,000 soldiers", 0, 8000, ""),
        ("more than 90 percent", 90, math.inf, "percent"),
        ("90% or more", 90, math.inf, "percent"),
        ("152mm shells", 152, 152, "mm"),
        ("$1.2 million", 1_200_000, 1_200_000, "$"),
        ("in the range of $90 million and $100 million", 90_000_000, 100_000_000, "$"),
        ("the 10th ship", 10, 10, "ordinal"),
    ],
)
def test_a_number_is_read_with_its_unit_and_its_bounds(text, low, high, measure):
    (found,) = quantities(text)
    assert (found.low, found.high, found.measure) == (low, high, measure)


def test_about_leaves_a_tenth_on_either_side():
    (found,) = quantities("approximately two brigades")
    assert (found.low, found.high) == pytest.approx((1.8, 2.2))
    assert found.text == "approximately two brigades"


def test_a_rise_from_one_number_to_another_is_two_numbers():
    assert [q.low for q in quantities("rose from 20 to 60 ships")] == [20, 60]


@pytest.mark.parametrize("text", ["one of them", "no one came", "this one", "the F-16", "a KN-23"])
def test_pronouns_and_designations_are_no_quantities(text):
    assert quantities(text) == ()


def test_dates_are_not_counted_as_quantities():
    assert quantities("On June 19, 2024 and in the 1930s") == ()


def test_names_do_not_count_as_what_is_counted():
    (found,) = quantities("8,000 North Korean soldiers have arrived")
    assert found.nouns == ("soldiers",)
    assert found.text == "8,000 North Korean soldiers"


@pytest.mark.parametrize(
    ("text", "year", "month", "day"),
    [
        ("June 19, 2024", 2024, 6, 19),
        ("19 June 2024", 2024, 6, 19),
        ("Oct. 28", None, 10, 28),
        ("2024-11-05", 2024, 11, 5),
        ("11/5/2024", 2024, 11, 5),
        ("January 2019", 2019, 1, None),
        ("in May", None, 5, None),
        ("in 1961", 1961, None, None),
    ],
)
def test_a_date_has_the_parts_that_the_text_states(text, year, month, day):
    (found,) = dates(text)
    assert (found.year, found.month, found.day) == (year, month, day)


def test_may_and_march_are_months_only_where_months_stand():
    assert dates("It may rain. They March on. May he come?") == ()


def test_four_digits_before_what_they_count_are_no_year():
    assert dates("They counted 1800 soldiers and 1200 old rifles.") == ()
    assert [date.year for date in dates("The 1961 treaties; since 1800 wars came.")] == [1961, 1800]


def test_spans_decades_and_weekdays_are_kept():
    span, decade, weekday = dates("June 27-29, the 80s, Thursday")
    assert (span.day, span.until) == (27, 29)
    assert (decade.year, decade.decade) == (1980, True)
    assert weekday.weekday == 3


def test_demonyms_and_acronyms_fold_to_their_country():
    assert fold("American and South Korean") == fold("U.S. and ROK")
    assert fold("they told us") == "they told us"


def test_a_title_before_a_person_is_dropped():
    text = "NATO Secretary General Mark Rutte and US Secretary of State Antony Blinken met."
    assert [strip_titles(name).text for name in names(text)] == ["Mark Rutte", "Antony Blinken"]


def test_sentence_openers_are_no_names():
    assert [name.text for name in names("However, Rutte left. The minister stayed.")] == ["Rutte"]


@pytest.mark.parametrize("text", ["The New York Times", "NATO", "Pyongyang", "Russia"])
def test_bodies_are_told_from_persons(text):
    assert is_institution(Name(text, 0, len(text)))


@given(st.text())
def test_any_text_can_be_read_and_spans_lie_inside_it(text):
    for found in (*quantities(text), *dates(text), *names(text)):
        assert 0 <= found.start < found.end <= len(text)


@given(st.integers(0, 10**9), st.sampled_from(["soldiers", "%", "km"]))
def test_a_number_reads_the_same_with_and_without_separators(number, unit):
    plain, separated = quantities(f"some text {number} {unit}"), quantities(f"x {number:,} {unit}")
    if not dates(f"some text {number} {unit}"):
        assert plain[0].low == separated[0].low == number
