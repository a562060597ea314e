"""Who is who, and who is quoted."""

import pytest
from invented import small_chatbot

from rag.people import people_asked
from rag.questions import analyse
from rag.types import Document

LOCK = Document(
    "lock",
    "Mayor Nora Vale opened the lock on Monday. Vale praised all. Nora Vale left early.\n\n"
    'Tom Reed, an economist at the college, said the lock "costs too much". Reed doubts it.\n\n'
    "The lock stands in Vox Harbour, a port. Ships wait in Harbour for days.",
    title="A lock for the river",
    publisher="The River Post",
)
MILL = Document("mill", "Ada Quill, a miller, watched the river rise. Quill wants a wall.")


@pytest.mark.parametrize(
    "question",
    [
        "Who are the main players?",
        "who are the key people here",
        "Who's who?",
        "Who is involved in this?",
        "Which experts are quoted in the River Post article?",
        "who is quoted?",
        "Who is quoted most often?",
        "Which experts are quoted the most in these articles?",
        "List everyone quoted.",
        "What experts do the articles quote?",
    ],
)
def test_questions_for_persons_at_large(question):
    assert people_asked(analyse(question))


@pytest.mark.parametrize(
    "question",
    [
        "Who quoted the mayor?",
        "Who is the mayor?",
        "Who leads the council?",
        "Which experts doubt the plan?",
        "Who is involved and who paid?",
        "Which people were killed?",
    ],
)
def test_questions_for_somebody_who_did_something(question):
    assert not people_asked(analyse(question))


def quotes(question, *documents):
    return [c.quote for c in small_chatbot(*documents).ask(question).citations]


def test_each_person_is_shown_as_presented_most_named_first_and_no_place():
    assert quotes("Who are the main players?", LOCK, MILL) == [
        "Mayor Nora Vale opened the lock on Monday.",
        'Tom Reed, an economist at the college, said the lock "costs too much".',
        "Ada Quill, a miller, watched the river rise.",
    ]


def test_a_family_name_may_come_first_and_a_view_is_no_place():
    pact = Document(
        "pact",
        "The leader Lee Min Ho signed. Critics of Lee fear a war. Lee waits.\n\n"
        "In Vale's view nothing changes; in Vale's office lights burn. Nora Vale, a judge, slept.",
    )
    assert quotes("Who are the main players?", pact) == [
        "The leader Lee Min Ho signed.",
        "Nora Vale, a judge, slept.",
    ]


def test_only_those_who_speak_are_quoted_and_experts_are_no_mayors():
    reed = 'Tom Reed, an economist at the college, said the lock "costs too much".'
    assert reed in quotes("Who is quoted?", LOCK, MILL)
    assert "Ada Quill, a miller, watched the river rise." not in quotes(
        "Who is quoted?", LOCK, MILL
    )
    assert quotes("Which experts are quoted in the River Post article?", LOCK, MILL) == [reed]


def test_where_nobody_is_named_nothing_is_made_up():
    fog = Document("fog", "Fog hid the river. Ships waited for the tide.")
    assert small_chatbot(fog).ask("Who are the main players?").abstained
