import pytest

from rag.holdings import MOST_LISTED, answer_on, holdings_asked
from rag.questions import analyse
from rag.types import Origin

TIDE = Origin("tide", "The tide turns", "Ada Frost", "Harbour Post", "2023-04-02")
BRIDGE = Origin("bridge", "A bridge closes", None, "Harbour Post", "2023-03-09")
NOTE = Origin("note", None, "Ben Stone")


def texts(asked, *articles):
    return [claim.text for claim in answer_on(asked, articles)]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Which articles do you have?", "list"),
        ("What are your sources?", "list"),
        ("List all the articles.", "list"),
        ("What are the titles of the articles?", "list"),
        ("How many articles are there?", "count"),
        ("How many documents are indexed?", "count"),
        ("Who are the authors of the articles?", "author"),
        ("Who wrote these articles?", "author"),
        ("When were the articles published?", "date"),
        ("How old are the articles?", "date"),
        ("Where were the articles published?", "publisher"),
        ("Where do your sources come from?", "publisher"),
        ("Which article is the newest?", "newest"),
        ("What is the latest article?", "newest"),
        ("What is the most recent text in here?", "newest"),
        ("Which text in the index is the oldest?", "oldest"),
        ("When was the most recent article published?", "newest"),
        ("Which of the articles is the oldest one?", "oldest"),
        ("Which of the five is newest?", "newest"),
        ("Which of the five is newest and which is oldest? Do they all have dates?", "date"),
        ("How many articles do you have and from which outlets?", "list"),
        ("Which articles do you have, and who wrote them?", "list"),
    ],
)
def test_questions_about_all_the_articles_are_known(question, asked):
    assert holdings_asked(analyse(question)) == asked


@pytest.mark.parametrize(
    "question",
    [
        "What are the articles about?",
        "Which article of the treaty is the newest rule in?",
        "How many articles does the treaty have?",
        "Which articles mention the ferry?",
        "Who wrote the article about the tide?",
        "When was the bridge closed?",
        "What is the latest article about?",
        "Where do the articles disagree?",
        "What is the oldest bridge?",
        "How many articles do you have and what do they say?",
        "?",
    ],
)
def test_questions_about_what_articles_say_are_not(question):
    assert holdings_asked(analyse(question)) is None


def test_articles_are_listed_newest_first_with_what_is_known():
    assert texts("list", NOTE, BRIDGE, TIDE) == [
        "“The tide turns”, by Ada Frost, in Harbour Post, April 2, 2023.",
        "“A bridge closes”, in Harbour Post, March 9, 2023.",
        "The article by Ben Stone.",
    ]


def test_what_an_article_does_not_state_is_said():
    assert texts("author", TIDE, BRIDGE) == [
        "“The tide turns” was written by Ada Frost.",
        "“A bridge closes” does not state who wrote it.",
    ]


def test_the_newest_and_the_oldest_are_those_with_a_date():
    assert texts("newest", BRIDGE, NOTE, TIDE) == [
        "“The tide turns” is dated April 2, 2023.",
        "1 of 3 articles states no date.",
    ]
    assert texts("oldest", BRIDGE, TIDE) == ["“A bridge closes” is dated March 9, 2023."]
    assert texts("newest", NOTE) == ["No article states when it was published."]


def test_of_many_articles_some_are_listed_and_all_are_counted():
    many = [Origin(f"d{i}", f"Title {i}") for i in range(MOST_LISTED + 3)]
    assert texts("count", *many) == [f"{len(many)} articles are indexed."]
    assert len(texts("list", *many)) == MOST_LISTED + 1
    assert texts("list", *many)[-1] == "3 articles are indexed besides."
    assert texts("count", TIDE) == ["1 article is indexed."]


def test_a_claim_says_where_it_is_from_and_cites_nothing():
    (claim,) = answer_on("count", [TIDE])
    assert claim.verdict == "supported"
    assert not claim.citations
    assert "data" in claim.reasons[0]
