import pytest

from rag.attribution import attribute
from rag.sentences import split_sentences
from rag.types import Document


def speakers(text):
    found = attribute(Document("a", text), split_sentences(text))
    return [said.speaker if said else None for said in found]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“It is closed,” said PIER administrator Ada Quill at noon.", "Ada Quill"),
        ("“It is closed,” wrote former port surveyor and columnist Ada Quill.", "Ada Quill"),
        ("“It is closed,” said Penrose-Vane’s editor at large Ada Quill.", "Ada Quill"),
        ("“It is closed,” says Harbour.com correspondent Ada Quill.", "Ada Quill"),
        ("It is closed, said Ada Quill, who runs it.", "Ada Quill"),
    ],
)
def test_a_speaker_behind_the_verb_is_who_the_office_before_the_name_is_told_of(text, speaker):
    assert speakers(text) == [speaker]


def test_who_is_spoken_of_behind_an_apposition_did_not_speak():
    text = "Ada Quill, a long-serving pilot, said Ben Ross is closing the pier."
    assert speakers(text) == ["Ada Quill"]


@pytest.mark.parametrize(
    "text",
    [
        "Ada Quill added 29 points for the Pilots.",
        "The storm added to the damage on the pier.",
        "Ada Quill was confirmed in piers such as the long one.",
    ],
)
def test_a_verb_of_saying_that_says_nothing_has_no_speaker(text):
    assert speakers(text) == [None]


def test_what_is_added_in_a_clause_is_said():
    assert speakers("Ada Quill came. Ada Quill added that the pier is old.")[1] == "Ada Quill"


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (
            "Ada Quill became the third leader of the port on Monday and said it is shut.",
            "Ada Quill",
        ),
        ("Ada Quill came late and also said that it is shut.", "Ada Quill"),
        ("The ferry came late and said that it is shut.", None),
    ],
)
def test_the_second_verb_of_a_sentence_has_the_subject_of_the_first(text, speaker):
    assert speakers(text) == [speaker]
