import pytest

from rag.parts import parts_of
from rag.questions import analyse


def parts(text):
    return parts_of(analyse(text))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "When was the canal dug, and who paid for its locks?",
            ("When was the canal dug?", "who paid for its locks?"),
        ),
        (
            "What did the port cost? When did it open to ships?",
            ("What did the port cost?", "When did it open to ships?"),
        ),
    ],
)
def test_several_questions_in_one_are_taken_apart(question, expected):
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "When and where was the treaty signed?",
        "Who are the mayor and the harbour master?",
        "What happened, and why?",
        "Did the mayor say when and why the bridge was closed?",
    ],
)
def test_a_question_that_would_leave_a_part_saying_nothing_stays_whole(question):
    assert parts(question) == ()


def test_a_comparison_asks_the_same_of_each_side():
    assert parts("How do Norway and Sweden differ on the fishing quota?") == (
        "How do Norway differ on the fishing quota?",
        "How do Sweden differ on the fishing quota?",
    )


def test_three_sides_are_three_parts():
    found = parts("Compare the answers of Norway, Sweden and Denmark to the fishing quota.")
    assert [side for side in ("Norway", "Sweden", "Denmark") if any(side in p for p in found)] == [
        "Norway",
        "Sweden",
        "Denmark",
    ]


def test_sides_without_a_topic_and_names_that_are_not_compared_stay_whole():
    assert parts("Compare Norway with Sweden.") == ()
    assert parts("What did Norway and Sweden sign?") == ()
