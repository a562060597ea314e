"""What is new, and what the newest article says."""

import pytest
from invented import small_chatbot

from rag.recency import as_asked_of_newest, matter_asked, newest_asked
from rag.testing import ScriptedChatModel
from rag.types import Document

OLD = Document("old", "The ferry sails twice a day. The pier is sound.", date="2023-05-01")
NEW = Document(
    "new",
    "The ferry sails no more since the court met in Ostend. "
    "The company that owns it says that repairs would cost more than a new one.",
    date="2024-03-02",
)
ASIDE = Document(
    "aside", "The crane lifts ten tons. " * 20 + "The ferry passes under it.", date="2024-03-05"
)
LAST = Document("last", "The harbour has a new crane.", date="2024-04-01")
UNDATED = Document("undated", "The lighthouse and the ferry are for sale.")


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("What is the latest on the ferry?", "the ferry"),
        ("what's the latest about the ferry", "the ferry"),
        ("Any news about the old pier?", "the old pier"),
        ("Are there any updates on the ferry so far?", "the ferry"),
        ("What's new in Ostend?", "Ostend"),
        ("Give me the latest on Paul Reed.", "Paul Reed"),
        ("Latest developments regarding the ferry", "the ferry"),
    ],
)
def test_a_wish_for_news_asks_the_newest_article_on_the_matter(text, matter):
    asked = as_asked_of_newest(text)
    assert newest_asked(asked)
    assert matter_asked(asked) == matter


def test_a_wish_for_any_news_asks_the_newest_article_of_all():
    assert as_asked_of_newest("What's new?") == "What does the newest article say?"
    assert not matter_asked("What does the newest article say about the ferry?")


@pytest.mark.parametrize(
    "text",
    [
        "What is the latest estimate of the cost?",
        "When did the latest ferry sail?",
        "Is there any news agency in Ostend?",
        "What is new in the treaty?",
        "What is new about the crane that the harbour bought, and who paid?",
    ],
)
def test_other_questions_stay(text):
    assert as_asked_of_newest(text) == text
    assert not newest_asked(text)


def asked(question, *documents):
    answer = small_chatbot(*documents, abstain_below=0.9).ask(question)
    return {c.document for c in answer.citations} if not answer.abstained else set(), answer


def test_the_newest_dated_article_that_speaks_of_it_answers_and_says_how_new_it_is():
    cited, answer = asked("What is the latest on the ferry?", OLD, NEW, LAST, UNDATED)
    assert cited == {"new"}
    assert len(answer.claims) == 2, "all of it: it is about the ferry"
    note = "The newest dated article on this is of 2024-03-02; 1 of 4 articles state no date."
    assert note in answer.notes


def test_of_an_article_about_another_thing_only_what_names_the_matter_is_quoted():
    cited, answer = asked("What is the latest on the ferry?", OLD, NEW, ASIDE)
    assert cited == {"aside"}
    assert [c.quote for c in answer.citations] == ["The ferry passes under it."]


def test_the_latest_of_something_else_is_no_article_of_ours():
    assert not newest_asked("What does the latest UN report say about the ferry?")


def test_where_no_article_on_it_is_dated_all_answer_and_that_is_said():
    cited, answer = asked("What is the latest on the lighthouse?", OLD, NEW, UNDATED)
    assert cited == {"undated"}
    assert any("which is newest is not known" in note for note in answer.notes)


def test_the_newest_article_of_all_answers_for_itself_alone():
    assert asked("What does the newest article say about the crane?", OLD, NEW, LAST)[0] == {"last"}
    assert not asked("What does the newest article say about the ferry?", OLD, NEW, LAST)[0]


def test_news_of_what_no_article_names_is_declined():
    assert not asked("What is the latest on the railway?", OLD, NEW, LAST, UNDATED)[0]


def test_a_chat_model_s_answer_says_how_new_the_article_is_as_well():
    model = ScriptedChatModel("The ferry sails no more since the court met in Ostend. [1]")
    bot = small_chatbot(OLD, NEW, LAST, UNDATED, chat_model=model)
    answer = bot.ask("What is the latest on the ferry?")
    assert answer.model != "extractive"
    assert any("is of 2024-03-02" in note for note in answer.notes)
