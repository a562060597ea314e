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


FIRED = "{} fired 400 people in Ostend on Tuesday."


def fired(*dates, closing="The works stand idle."):
    """Make an article for each date, of another company that fired as many people."""
    companies = ("Arkwright", "Belstead", "Corrigan")
    return tuple(
        Document(name.lower(), f"{FIRED.format(name)} {closing}", date=day)
        for name, day in zip(companies, dates, strict=False)
    )


@pytest.mark.parametrize("word", ["this week", "recently", "last week"])
def test_what_is_asked_of_late_is_answered_by_what_is_new(word):
    articles = fired("2021-03-02", "2024-02-28", "2019-05-04")
    answer = small_chatbot(*articles).ask(f"Which company fired 400 people in Ostend {word}?")
    assert answer.citations[0].document == "belstead"
    assert answer.passages[0].document == "belstead"
    what = "articles since 2024-01-29 come first, the newest is of 2024-02-28."
    assert f"Asked for what is new: {what}" in answer.notes


def test_late_is_counted_from_the_newest_of_the_chosen_articles():
    articles = fired("2021-03-02", "2024-02-28", "2019-05-04")
    bot = small_chatbot(*articles)
    asked = "Which company fired 400 people in Ostend this week?"
    answer = bot.ask(asked, sources=["arkwright", "corrigan"])
    assert answer.citations[0].document == "arkwright"


def test_an_older_article_answers_where_no_new_one_does():
    old = Document("old", "Arkwright fired 400 people in Ostend on Tuesday.", date="2021-03-02")
    answer = small_chatbot(old, LAST).ask("Which company fired 400 people in Ostend recently?")
    assert {c.document for c in answer.citations} == {"old"}


@pytest.mark.parametrize(
    "dates", [("2024-02-28", "2024-02-20"), (None, None), ("2024-02-28", None), ("2024", "2019")]
)
def test_nothing_is_said_of_what_is_new_where_dates_tell_nothing_apart(dates):
    bot = small_chatbot(*fired(*dates))
    answer = bot.ask("Which company fired 400 people in Ostend this week?")
    assert answer.citations
    assert not any("Asked for what is new" in note for note in answer.notes)


def test_a_question_that_does_not_ask_for_what_is_new_ignores_how_new_articles_are():
    bot = small_chatbot(*fired("2021-03-02", "2024-02-28"))
    assert not any("new" in note for note in bot.ask("Which company fired 400 people?").notes)


def test_what_somebody_said_of_late_is_what_they_say():
    said = Document(
        "said", "The pier is sound, said Paul Reed. Nobody else spoke.", date="2024-03-05"
    )
    answer = small_chatbot(said, OLD).ask("What did Paul Reed say this week?")
    assert [c.quote for c in answer.citations] == ["The pier is sound, said Paul Reed."]
