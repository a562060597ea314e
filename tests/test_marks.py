import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.marks import missing_marks
from rag.sentences import split_sentences


def restored(text):
    """Write each sentence with the marks that it lacks."""
    sentences = [(s.start, s.end) for s in split_sentences(text)]
    marks = [missing_marks(text, start, end) for start, end in sentences]
    return [
        f"{before}{text[start:end]}{behind}"
        for (start, end), (before, behind) in zip(sentences, marks, strict=True)
    ]


@pytest.mark.parametrize(
    ("opening", "closing"), [("“", "”"), ('"', '"'), ("«", "»"), ("‘", "’"), ("'", "'")]
)
def test_a_quotation_of_several_sentences_gets_its_marks_in_each(opening, closing):
    text = f"The office wrote: {opening}Soup is off. Tea isn’t. Bread is,{closing} and left. Fine."
    assert restored(text) == [
        f"The office wrote: {opening}Soup is off.{closing}",
        f"{opening}Tea isn’t.{closing}",
        f"{opening}Bread is,{closing} and left.",
        "Fine.",
    ]


def test_nested_quotations_are_restored_from_the_outside_in():
    text = "“Soup is off. The cook said ‘wait. It boils.’ Bread is in,” she said."
    assert restored(text) == [
        "“Soup is off.”",
        "“The cook said ‘wait.’”",
        "“‘It boils.’”",
        "“Bread is in,” she said.",
    ]
    british = "‘Soup is off. The cook said “wait. It boils.” Bread is in,’ she said."
    assert restored(british)[1:3] == ["‘The cook said “wait.”’", "‘“It boils.”’"]


@pytest.mark.parametrize("mark", ['"', "“", "‘"])
def test_a_quotation_that_goes_on_in_the_next_paragraph_is_closed_where_it_is_shown(mark):
    closing = {'"': '"', "“": "”", "‘": "’"}[mark]
    text = f"{mark}Soup is off. Tea is not.\n\n{mark}Bread is in.{closing}"
    assert restored(text) == [
        f"{mark}Soup is off.{closing}",
        f"{mark}Tea is not.{closing}",
        f"{mark}Bread is in.{closing}",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "“Soup is off. Tea is not.\n\nBread is in.",  # its closing mark is lost: where, none knows
        "Soup is off.” Tea is not.",
        'A 6" pipe broke. The office saw it. A 9" pipe held.',
        "The crews’ plan is late. The cooks’ is not.",
        "The '90s were dry. Rock 'n' roll was new. It wasn't.",
        '"Soup is off," she said. Tea is not. "Bread is."',
        "The report (“on soup”) is out. It is short.",
    ],
)
def test_nothing_is_added_where_no_mark_is_surely_missing(text):
    assert restored(text) == [text[s.start : s.end] for s in split_sentences(text)]


def test_a_stray_mark_before_a_quotation_does_not_turn_it_inside_out():
    text = 'A 6" pipe broke. "Soup is off. Tea is not," she said. Bread is in.'
    assert restored(text) == [
        'A 6" pipe broke.',
        '"Soup is off."',
        '"Tea is not," she said.',
        "Bread is in.",
    ]


def test_a_plural_in_the_genitive_closes_no_quotation():
    text = "‘Soup is off. The cooks’ tea is not. Bread is in,’ she said. The crews’ is out."
    assert restored(text) == [
        "‘Soup is off.’",
        "‘The cooks’ tea is not.’",
        "‘Bread is in,’ she said.",
        "The crews’ is out.",
    ]


def test_a_quotation_across_lines_wrapped_by_hand_is_left_as_it_stands():
    text = 'The office wrote that "soup\nis off" and left. Tea is not.'
    assert restored(text) == ['The office wrote that "soup\nis off" and left.', "Tea is not."]


plain = st.sampled_from(["Soup is off.", "Tea isn’t.", "The cooks’ bread is in."])
told = st.lists(plain, min_size=1, max_size=4).map(" ".join)
quoted = st.tuples(told, st.sampled_from(["“”", '""', "«»"])).map(
    lambda pair: f"The office said: {pair[1][0]}{pair[0]}{pair[1][1]}"
)


@given(st.lists(told | quoted, min_size=1, max_size=5))
def test_whatever_is_quoted_each_sentence_has_as_many_marks_open_as_closed(pieces):
    text = " ".join(pieces)
    shown = restored(text)
    for sentence in shown:
        assert sentence.count("“") == sentence.count("”")
        assert sentence.count("«") == sentence.count("»")
        assert sentence.count('"') % 2 == 0
    inside = [s.removeprefix("The office said: ") for s in shown]
    assert sum(s[0] in '“"«' for s in inside) == sum(p.count(".") for p in pieces if ":" in p)


@given(st.text(alphabet="ab. \n\"'“”‘’«»", max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_any_span_of_any_text_gets_marks_or_none(text, one, other):
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    before, behind = missing_marks(text, start, end)
    assert set(before) <= set("\"'“‘«")
    assert set(behind) <= set("\"'”’»")
