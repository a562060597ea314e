import pytest
from invented import small_chatbot

from rag.parts import parts_of
from rag.questions import analyse
from rag.types import Document


def parts(text):
    return parts_of(analyse(text))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "When was the canal dug, and who paid for its locks?",
            ("When was the canal dug?", "who paid for its locks? (canal dug)"),
        ),
        (
            "What did the port cost? When did it open to ships?",
            ("What did the port cost?", "When did it open to ships? (port cost)"),
        ),
        (
            "Who said that Norway needs ships and what harbours does it need?",
            ("Who said that Norway needs ships?", "what harbours does it need? (Norway ships)"),
        ),
        (
            "Where is the long pier and which Norwegian ships sank near the pier?",
            ("Where is the long pier?", "which Norwegian ships sank near the pier?"),
        ),
        (
            "Who drew the plans of the canal and where are the plans kept?",
            ("Who drew the plans of the canal?", "where are the plans kept?"),
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
        "What is the long pier, which Norway built in spring?",
        "What is the long pier, which was closed in spring?",
        "Why did the man who robbed the harbour master, who survived the attack, flee?",
        "Who met the man who robbed the harbour master and who fled the town?",
        "Who knows the old canal and what Norway wants with ships there?",
        "Which ships serve the old canal and where the plans are kept?",
    ],
)
def test_a_clause_or_a_part_that_would_say_nothing_is_not_taken_off(question):
    assert parts(question) == ()


def test_a_comparison_asks_the_same_of_each_side():
    assert parts("How do Norway and Sweden differ in their fishing quota?") == (
        "How do Norway differ in their fishing quota?",
        "How do Sweden differ in their fishing quota?",
    )


@pytest.mark.parametrize(
    "question",
    [
        "How do Norway and Sweden differ on the fishing quota?",
        "Do Norway and Sweden judge differently about the fishing quota?",
        "Compare the views of Norway and Sweden on the fishing quota.",
        "What do both Norway and Sweden say about the fishing quota?",
        "Compare Norway's and Sweden's views on the fishing quota.",
        "What is the view of Norway and Sweden on the fishing quota, and do they differ?",
    ],
)
def test_those_who_have_a_say_are_asked_what_they_say(question):
    assert parts(question) == (
        "What does Norway say about the fishing quota?",
        "What does Sweden say about the fishing quota?",
    )


def test_each_side_is_quoted_in_its_own_voice():
    one = Document(
        "one", "Norway wants a higher fishing quota. Sweden fears for the fishing quota."
    )
    two = Document("two", "The fishing quota is low. Gulls were seen.")
    answer = small_chatbot(one, two, abstain_below=0.0).ask(
        "How do Norway and Sweden differ on the fishing quota?"
    )
    assert {c.quote for c in answer.citations} == {
        "Norway wants a higher fishing quota.",
        "Sweden fears for the fishing quota.",
    }


def test_three_sides_are_three_parts():
    found = parts("Compare the answers of Norway, Sweden and Denmark to the fishing quota.")
    assert [side for side in ("Norway", "Sweden", "Denmark") if any(side in p for p in found)] == [
        "Norway",
        "Sweden",
        "Denmark",
    ]


def test_a_fourth_question_stays_in_the_third():
    assert parts(
        "When was the canal dug, what did the bridge cost, why was the port closed and who paid "
        "the harbour master?"
    ) == (
        "When was the canal dug?",
        "what did the bridge cost?",
        "why was the port closed and who paid the harbour master?",
    )


def test_a_fourth_side_stays_beside_the_third():
    found = parts("Compare the views of Norway, Sweden, Denmark and Finland on the fishing quota.")
    assert found[2:] == ("What does Denmark and Finland say about the fishing quota?",)


def test_a_name_that_opens_like_another_is_cut_where_it_stands():
    assert parts("How do Iranian and Iran officials differ on the fishing quota?") == (
        "How do Iranian officials differ on the fishing quota?",
        "How do Iran officials differ on the fishing quota?",
    )


def test_names_with_more_than_a_joining_word_between_them_are_no_sides():
    assert parts("Which war does Ada Quill compare with Norway as a proving ground?") == ()


def test_sides_without_a_topic_and_names_that_are_not_compared_stay_whole():
    assert parts("Compare Norway with Sweden.") == ()
    assert parts("What did Norway and Sweden sign?") == ()
