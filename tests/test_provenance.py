import pytest
from invented import small_chatbot

from rag.provenance import field_asked
from rag.questions import analyse
from rag.types import Document

LOCK = Document(
    "lock",
    "The northern lock was closed in March. A poet wrote the anthem of the lock keepers long ago.",
    title="Northern lock closed for repair",
    author="Correspondent A",
    publisher="The Invented Courier",
    date="2024-03-09",
)
FERRY = Document(
    "ferry",
    "A ferry serves the island twice a day. The letter of the islanders asks for a tunnel.",
    title="Islanders ask for a tunnel",
    author="Correspondent B",
)


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("Who wrote the article about the northern lock?", "author"),
        ("Who wrote the Invented Courier opinion piece?", "author"),
        ("Who wrote “Northern lock closed for repair”?", "author"),
        ("Who wrote the Courier’s report?", "author"),
        ("Who wrote it? (Summarise article northern lock)", "author"),
        ("Who is the author of that commentary?", "author"),
        ("By whom was this piece written?", "author"),
        ("Who published the story of the lock?", "publisher"),
        ("Who wrote the anthem of the lock keepers?", None),
        ("Who wrote the letter of the islanders?", None),
        ("Who is the author of the plan?", None),
        ("Who published the photos?", None),
        ("Who wrote that the lock is closed?", None),
    ],
)
def test_only_a_question_about_an_article_asks_for_its_data(question, field):
    assert field_asked(analyse(question)) == field


def test_who_wrote_an_article_is_told_from_its_data():
    answer = small_chatbot(LOCK, FERRY).ask("Who wrote the article on the northern lock?")
    assert answer.text == "“Northern lock closed for repair” was written by Correspondent A."


def test_an_article_that_the_question_does_not_name_is_not_the_one_asked_about():
    answer = small_chatbot(LOCK, FERRY, abstain_below=1.1).ask("Who wrote the report on whales?")
    assert answer.abstained


def test_a_question_with_other_parts_is_not_answered_by_the_author_alone():
    question = "Who wrote the article on the northern lock, and when was the lock closed?"
    answer = small_chatbot(LOCK, FERRY, abstain_below=0.0).ask(question)
    assert "closed in March" in answer.text
    assert answer.citations
