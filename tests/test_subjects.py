"""Whom an opening pronoun means, and where that is not told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import split_sentences
from rag.subjects import subject_of
from rag.types import Document


def meant(text, index=-1):
    sentences = split_sentences(text)
    return subject_of(Document("a", text), sentences, index % len(sentences))


@pytest.mark.parametrize(
    ("text", "index", "subject"),
    [
        ("Ada Quill said it is closed.\n\nHe listed several reasons.", 1, "Ada Quill"),
        ("However, Ada Quill left. She was late.", 1, "Ada Quill"),
        ("Japan closed the pier. It will be sold.", 1, None),
        ("Japan closed the pier. It wants a new one.", 1, "Japan"),
        ("On Monday, the Pier Board met. Its chair left.", 1, "Pier Board"),
        ("Japan and Korea met. They agreed.", 1, None),
        ("About 900 gulls are on Long Pier. They wear rings.", 1, None),
        ("The two crews met Ada Quill. They left at noon.", 1, None),
        ("Ada Quill met Ben Ross in May. He was late.", 1, None),
        ("Ada Quill left. In May the pier saw Ada Quill again. She was late.", 2, "Ada Quill"),
        ("Ada Quill left.", 0, None),
    ],
)
def test_a_dangling_pronoun_finds_its_name_where_it_is_clear(text, index, subject):
    assert meant(text, index) == subject


@pytest.mark.parametrize(
    "text",
    [
        "Ada Quill said Ben Ross had closed the pier. He wants a new one.",
        "Ada Quill said President Ross had closed the pier. He wants a new one.",
        "Ada Quill left. Officials said Ben Ross had closed the pier. He wants a new one.",
        "Ada Quill spoke. She met Ben Ross at noon. He wants a new one.",
        "Ada Quill’s sister issued a note. She wants a new one.",
        "Ada Quill left. Ada Quill's sister stayed. She wants a new one.",
        "Ada Quill said so. She left. He wants a new one.",
        "The gunman came in, Ada Quill said. He left.",
        "“She was glad,” Ada Quill said. She had left.",
        "Ada Quill said: “Then a man came, and he was tall.” He left.",
        "Ada Quill left. The 32-year-old had come home. She was glad.",
        "Ada Quill left. The aide explained the plan. He had no pay.",
        "Ada Quill drove him home. He was glad.",
        "Ada Quill summoned Mardle. He was glad.",
        "By then Mardle knew Ada Quill. Mardle went. He was glad.",
        "A plan made by Ada Quill failed. He was glad.",
        "After the vote Ada Quill left it. He was glad.",
        "Ada Quill left. It rained. It snowed. Ships came. She was glad.",
        "Mardle Lights/Getty came. He was glad.",
        "The Mardle Lights went out. Mardle Lights broke. He was glad.",
        "Ada Quill: I met a docker. He was glad.",
    ],
)
def test_a_pronoun_that_may_be_another_stands_for_nobody(text):
    assert meant(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Ada Quill said it is closed in the Black Sea. She wants a new one.",
        "Ada Quill said it would sail to East Asia. She wants a new one.",
        "Ada Quill said the World War closed it. She wants a new one.",
        "Ada Quill said it is closed near Ross Town. She wants a new one.",
        "Ada Quill sailed to Mardle with the Lions. She wants a new one.",
        "Ada Quill, the chief pilot, left. She wants a new one.",
        "On Monday, Ada Quill left. It rained. She wants a new one.",
        "“It is old,” Ada Quill said. She wants a new one.",
    ],
)
def test_places_and_wars_are_no_second_person(text):
    assert meant(text) == "Ada Quill"


@pytest.mark.parametrize(
    "follows",
    ["It was old.", "It’s old.", "It cost a lot.", "It remains unclear why.", "It took a year."],
)
def test_it_that_may_stand_for_nothing_is_no_body(follows):
    assert meant(f"Japan closed the pier. {follows}") is None


@pytest.mark.parametrize(
    "before",
    ["Has Japan closed it?", "The pier closed by Japan is old.", "Harbour fees rose in Japan."],
)
def test_a_body_that_the_sentence_before_is_not_about_is_not_meant(before):
    assert meant(f"{before} It wants a new one.") is None


def test_who_speaks_on_is_meant_though_their_words_hold_another():
    assert meant("“She was glad,” Ada Quill said. She said it was old.") == "Ada Quill"


PIECES = st.sampled_from(
    ["“", "”", "Ada Quill", "Japan", "said", "He", "She", "It", "Her", " ", " ", ", ", ". ", "\n\n",
     "a man", "was", "left", ":", "The Times", "it is closed"]
)  # fmt: skip


@given(st.lists(PIECES).map("".join) | st.text())
def test_whoever_is_meant_stands_in_the_text(text):
    for index in range(len(split_sentences(text))):
        name = meant(text, index)
        assert name is None or name in text
