"""How a figure changed: each article's count, by date."""

import pytest
from invented import small_chatbot

from rag.trends import asks_over_time, over_time
from rag.types import Document


@pytest.mark.parametrize(
    ("question", "what"),
    [
        (
            "How did the number of confirmed cases grow from May to June?",
            "the number of confirmed cases",
        ),
        ("How has the price of the ferry changed since 2019?", "the price of the ferry"),
        ("And by how much did the toll rise", "the toll"),
        ("How have estimates of the damage been revised?", "estimates of the damage"),
    ],
)
def test_a_change_is_asked_for_as_the_figure_at_each_time(question, what):
    asked = over_time(question)
    assert asked.startswith(f"What was {what} ")
    assert asks_over_time(asked)


@pytest.mark.parametrize(
    "question",
    [
        "How did the captain grow tulips?",
        "How has the mayor's view changed?",
        "How many ships were there?",
        "How did the number surprise the mayor?",
    ],
)
def test_what_changes_no_figure_is_left_alone(question):
    assert over_time(question) == question


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
