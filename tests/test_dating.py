"""The year of an article goes without saying in it, and so in a question to it."""

import pytest

from rag.api import index_documents, open_chatbot
from rag.dating import without_years, year_of, years_given
from rag.types import Document


def article(text, date=None):
    return Document(id="a", text=text, date=date)


@pytest.mark.parametrize(
    ("date", "text", "year"),
    [
        ("2019-03-12", "The pier was built in 1902.", 2019),
        ("2019", "", 2019),
        (None, "The pier of 1902 burnt in March 2021.", 2021),
        (None, "The pier burnt on Monday.", None),
    ],
)
def test_the_year_is_that_of_the_date_or_the_latest_named(date, text, year):
    assert year_of(article(text, date)) == year


def test_only_the_articles_own_year_goes_without_saying():
    assert years_given(article("", "2019-03-12"), {2018, 2019}) == {2019}
    assert years_given(article("", "2019-03-12"), {2018}) == set()
    assert years_given(article("It burnt on Monday."), {2018}) == set()


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("What sank in June 2019?", "What sank in June?"),
        ("What sank on June 3, 2019, and why?", "What sank on June 3, and why?"),
        ("What sank in 2019?", "What sank?"),
        ("In 2019, what sank?", "what sank?"),
        ("What sank in 2018 and in 2019?", "What sank in 2018 and?"),
        ("Who won the 2019 regatta?", "Who won the 2019 regatta?"),
        ("What sank in the 2010s?", "What sank in the 2010s?"),
    ],
)
def test_a_year_is_taken_off_dates_but_not_off_names(question, bare):
    assert without_years(question, {2019}) == bare


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
