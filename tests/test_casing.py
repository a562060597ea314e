import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.casing import lacks_capitals, with_capitals

TEXTS = (
    "The mayor, Ada Quill, met the crew of the NORDA on Monday. Quill said the ferry is old.",
    "In North Penrose the ferry is late. The north wind is why. Bill came. The bill was paid.",
)


@pytest.mark.parametrize(
    ("query", "lacks"),
    [
        ("what did ada quill say", True),
        ("What did ada quill say", True),
        ("may I ask what it costs", True),
        ("what did Ada quill say", False),
        ("is NORDA late", False),
        ("when did iPenrose open", False),
        ("", True),
    ],
)
def test_a_question_with_a_name_that_is_written_as_one_has_capitals(query, lacks):
    assert lacks_capitals(query) is lacks


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("what did ada quill say on monday", "what did Ada Quill say on Monday"),
        ("is the norda late?", "is the NORDA late?"),
        ("ada-norda ferry", "Ada-NORDA ferry"),
        ("who paid the bill in the north", "who paid the bill in the north"),
        ("who is cy dunn", "who is cy dunn"),
    ],
)
def test_names_are_written_as_the_articles_write_them(query, written):
    assert with_capitals(query, TEXTS) == written


def test_a_word_that_only_opens_a_sentence_is_no_name():
    assert with_capitals("why sailing", ["Sailing is slow."]) == "why sailing"


@given(st.text(max_size=60))
def test_only_capitals_change(query):
    assert with_capitals(query, TEXTS).casefold() == query.casefold()
