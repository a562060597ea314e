"""Questions that offer their answers."""

import pytest
from invented import small_chatbot

from rag.alternatives import alternatives_of, without_offer
from rag.types import Document


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Did the port order 40 or 60 cranes?",
            ("Did the port order 40 cranes?", "Did the port order 60 cranes?"),
        ),
        (
            "Was the lock opened in June or in November?",
            ("When was the lock opened?",),
        ),
        ("Was the lock opened in June or November?", ("When was the lock opened?",)),
        ("Did the lock open on 3 May or 5 May?", ("When did the lock open?",)),
        ("Did it sink in 2019 or 2020 off Brest?", ("When did it sink off Brest?",)),
        (
            "Did they order 1990 or 2050 cranes?",
            ("Did they order 1990 cranes?", "Did they order 2050 cranes?"),
        ),
        (
            "Was the pier closed for nine or eleven days?",
            ("Was the pier closed for nine days?", "Was the pier closed for eleven days?"),
        ),
        (
            "Does Quill or Bream expect a strike?",
            ("Does Quill expect a strike?", "Does Bream expect a strike?"),
        ),
        (
            "Was it the mayor or the harbour master who resigned?",
            ("Was it the mayor who resigned?", "Was it the harbour master who resigned?"),
        ),
        (
            "Is the council for or against the ban?",
            ("Is the council for the ban?", "Is the council against the ban?"),
        ),
        (
            "Did fares rise or fall after the strike?",
            ("Did fares rise after the strike?", "Did fares fall after the strike?"),
        ),
        (
            "Will the mill close this year or next year?",
            ("Will the mill close this year?", "Will the mill close next year?"),
        ),
        (
            "Was the weir built by the town or by a private firm?",
            ("Was the weir built by the town?", "Was the weir built by a private firm?"),
        ),
        (
            "Quill or Bream, which one paid for the pier?",
            ("Quill paid for the pier?", "Bream paid for the pier?"),
        ),
        (
            "Which of the two paid for the pier: Quill or Bream?",
            ("Quill paid for the pier?", "Bream paid for the pier?"),
        ),
        (
            "Did the vote pass or was it postponed?",
            ("Did the vote pass?", "Was it postponed? (vote pass)"),
        ),
    ],
)
def test_each_answer_on_offer_is_asked_for(question, asked):
    assert alternatives_of(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Has the strike ended or not?",
        "Is the pier more or less finished?",
        "Did it take a day or two?",
        "Is the old lock or the new one wider?",
        "Which is older, the pier or the mill?",
        "The pier or the mill, which one is older?",
        "Who paid for the pier or the mill?",
        "Did the court hear the case or dismiss it?",
        "Was there a strike?",
    ],
)
def test_where_nothing_is_offered_nothing_is_taken_apart(question):
    assert alternatives_of(question) == ()


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When was the lock opened: in June or in July?", "When was the lock opened?"),
        ("How many cranes were ordered, 40 or 60?", "How many cranes were ordered?"),
        ("Who paid for the pier, Quill or Bream?", "Who paid for the pier?"),
        ("40 or 60 - how many cranes were ordered?", "how many cranes were ordered?"),
        ("Quill or Bream: who paid for the pier?", "who paid for the pier?"),
        ("Quill or Bream, which one is older?", "Quill or Bream, which one is older?"),
        ("Who spoke first, Quill or Bream?", "Who spoke first, Quill or Bream?"),
        ("Who paid for the pier or the mill?", "Who paid for the pier or the mill?"),
    ],
)
def test_what_a_question_word_asks_for_needs_no_offer(question, asked):
    assert without_offer(question) == asked


def test_of_two_figures_the_one_that_is_told_answers():
    told = Document(
        "port",
        "The port of Brill ordered 40 cranes in spring. A strike held up the ships for nine days. "
        "The harbour master resigned over it.",
    )
    bot = small_chatbot(told)
    for question in ("Did the port order 40 or 60 cranes?", "Did the port order 60 or 40 cranes?"):
        answer = bot.ask(question)
        assert not answer.abstained
        assert "40 cranes" in answer.text
        assert not any("60" in note for note in answer.notes)
