"""How a figure changed: each article's count, by date."""

import pytest
from invented import small_chatbot

from rag.trends import over_time
from rag.types import Document


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How did the number of cases grow from May to June?", "What was the number of cases"),
        ("How has the price of the ferry changed over time?", "What was the price of the ferry"),
        ("And how did fares rise", "What were fares"),
        ("How have estimates of the damage been revised?", "What were estimates of the damage"),
        ("How did the number of cases vary in Brest?", "What was the number of cases in Brest"),
        (
            "How did the toll change? (ferry Marigold)",
            None,
        ),
    ],
)
def test_a_change_is_asked_for_as_the_figure_of_each_account(question, asked):
    assert over_time(question) == (asked and f"{asked}, by the different accounts?")


@pytest.mark.parametrize(
    "question",
    [
        "How did the captain grow tulips?",
        "How has the mayor's view changed?",
        "How many ships were there?",
        "How did the number surprise the mayor?",
        "How did Bill Quill rise to power?",
        "How did the Count fall in the duel?",
        "How did the opposition figure rise to power?",
        "How did the debt crisis develop in Brest?",
        "How did the toll rise in May, and who counted the dead?",
        "How do fares rise and fall with demand?",
    ],
)
def test_what_changes_no_figure_or_asks_more_is_left_alone(question):
    assert over_time(question) is None


def test_the_figures_of_several_articles_stand_by_date():
    texts = {
        "2019-06-09": "The number of passengers ill with fever has reached 212.",
        "2019-06-02": "The number of passengers ill with fever was 12 at first.",
        "2019-06-05": "The number of passengers ill with fever is now 87.",
    }
    documents = [Document(id=f"a{d[-1]}", text=text, date=d) for d, text in texts.items()]
    answer = small_chatbot(*documents).ask("How did the number of passengers ill with fever grow?")
    places = [answer.text.index(count) for count in ("12 at first", "now 87", "reached 212")]
    assert places == sorted(places)
