"""What a questioner tells before asking."""

import pytest

from rag.background import split_background, without_background


@pytest.mark.parametrize(
    ("text", "told", "asked"),
    [
        (
            "The ferry Petrel sank off the cape on Monday. Who owned it?",
            "The ferry Petrel sank off the cape on Monday.",
            "Who owned it?",
        ),
        ("Hello. Who owned the ferry?", "", "Hello. Who owned the ferry?"),
        ("Who owned the ferry?", "", "Who owned the ferry?"),
        ("The crews made three demands. Which?", "", "The crews made three demands. Which?"),
        (
            "Did the ferry sink off the cape? And who owned it?",
            "",
            "Did the ferry sink off the cape? And who owned it?",
        ),
        (
            "Who owned the ferry? It sank off the cape on Monday.",
            "",
            "Who owned the ferry? It sank off the cape on Monday.",
        ),
    ],
)
def test_what_is_told_first_is_no_part_of_the_question(text, told, asked):
    assert split_background(text) == (told, asked)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("The ferry sank on Monday. Who owned it?", "Who owned it? (ferry sank Monday)"),
        (
            "Quill and Bo Sand want a new pier. What would each of them pay for?",
            "What would Quill and Bo Sand each pay for? (want new pier)",
        ),
        (
            "I read that Oslo and Malmo closed their ports. When did both reopen?",
            "When did Oslo and Malmo each reopen? (read closed ports)",
        ),
    ],
)
def test_the_question_takes_along_what_it_needs(text, asked):
    assert without_background(text) == asked


@pytest.mark.parametrize(
    ("told", "question"),
    [
        ("Quill wants a new pier in Oslo.", "What does each harbour pay?"),
        ("Quill and Sand want a new pier.", "What does Rask pay to each of them?"),
        ("Quill and Sand want a new pier.", "How much is paid each month?"),
        ("Quill and Sand want a new pier.", "What would both towns pay for a ferry?"),
        ("Quill and Sand want a new pier.", "What would each side pay for a ferry?"),
    ],
)
def test_each_is_nobody_where_no_two_are_named_or_somebody_else_is(told, question):
    asked = without_background(f"{told} {question}")
    assert asked.startswith(question)
    assert " and " not in asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("I read that nine ferries sank. Does everyone agree on this?", "nine ferries sank"),
        ("Nine ferries sank. Is that disputed?", "Nine ferries sank"),
        ("my teacher says 9 ferries sank. is that right", "9 ferries sank"),
        ("They say the pier cost $4 million, is that true?", "the pier cost $4 million"),
    ],
)
def test_whether_all_agree_to_what_is_told_is_asked_of_the_articles(text, asked):
    assert without_background(text) == f"{asked}. Do the articles agree?"


@pytest.mark.parametrize(
    "text", ["Quill says the ferry is safe. Is that right?", "Is that right?", "Do all agree?"]
)
def test_whether_something_without_a_figure_is_right_is_read_for(text):
    assert "Do the articles agree" not in without_background(text)
