"""The year of an article goes without saying in it, and so in a question to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.api import index_documents, open_chatbot
from rag.dates import dates
from rag.dating import without_years, year_of, year_untold, years_given
from rag.types import Document


def article(text, date=None):
    return Document(id="a", text=text, date=date)


@pytest.mark.parametrize(
    ("date", "text", "year"),
    [
        ("2019-03-12", "The pier was built in 1902.", 2019),
        ("2019", "", 2019),
        (None, "The pier of 1902 burnt in March 2021.", 2021),
        (None, "Burnt in 2021, the pier will stand again by 2050, not in the 2030s.", 2021),
        (None, "The pier burnt on Monday.", None),
    ],
)
def test_the_year_is_that_of_the_date_or_the_latest_named(date, text, year):
    assert year_of(article(text, date)) == year


@pytest.mark.parametrize(
    ("text", "around", "given"),
    [
        ("It burnt on Monday.", "", {2019}),
        ("It burnt in February.", "", {2019}),
        ("It burnt on December 3.", "", {2018}),
        ("It burnt in 2017.", "", set()),
        ("Three people died then.", "The pier opened in 1902.", set()),
    ],
)
def test_a_sentence_is_of_the_year_of_its_article_unless_one_is_named(text, around, given):
    document = article(f"{around} {text}", "2019-03-12")
    assert years_given(document, text, around, {2017, 2018, 2019}) == given


def test_nothing_goes_without_saying_where_no_year_is_known():
    assert years_given(article("It burnt on Monday."), "It burnt on Monday.", "", {2018}) == set()


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("What sank in June 2019?", "What sank in June?"),
        ("What sank on June 3, 2019, with whom?", "What sank on June 3, with whom?"),
        ("What sank in 2019?", "What sank?"),
        ("In 2019, what sank?", "what sank?"),
    ],
)
def test_a_year_is_taken_off_dates(question, bare):
    assert without_years(question, {2019}) == bare


@pytest.mark.parametrize(
    "question",
    [
        "Who won the 2019 regatta?",
        "What sank in the 2010s?",
        "What sank in 2018 and in 2019?",
        "What sank in 2019 or 2020?",
        "What did it cost in 2019-20?",
        "Which book is “Lost in 2019”?",
        "Which ships are of the class of 2019?",
    ],
)
def test_names_and_joined_years_stay(question):
    assert without_years(question, {2019}) == question


@given(st.lists(st.sampled_from(["sank", "in", "2019", "2018", "June", "and", ",", "“", "the"])))
def test_no_other_year_is_lost(words):
    question = " ".join(words)
    left = without_years(question, {2019})
    assert [w for w in left.split() if w == "2018"] == [w for w in words if w == "2018"]


TEXT = """The ferry Marigold sank off Ostend on June 3 after a collision.

The ferry Petrel sank off Ostend in September 2017 in a storm."""


def test_a_question_may_name_the_year_that_its_article_leaves_out(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    file = tmp_path / "ferry.md"
    file.write_text(f"---\npublished: 2019-06-05\n---\n\n{TEXT}\n", encoding="utf-8")
    index_documents([file])
    with open_chatbot() as bot:
        assert "Marigold" in bot.ask("Which ferry sank off Ostend in June 2019?").text
        assert bot.ask("Which ferry sank off Ostend in June 2012?").abstained


@pytest.mark.parametrize(
    ("text", "around", "year"),
    [
        ("It burnt on February 9.", "", 2019),
        ("It burnt on December 3.", "", 2018),
        ("It burnt on December 3, 2017.", "", None),
        ("It burnt on February 9.", "The pier opened in 1902.", None),
        ("It burnt on Monday.", "", None),
    ],
)
def test_a_date_is_of_a_year_that_goes_without_saying_where_none_is_named(text, around, year):
    (date,) = dates(text)
    assert year_untold(article(f"{around} {text}", "2019-03-12"), text, around, date) == year
