"""What people type around a question."""

import pytest
from invented import small_chatbot

from rag.asides import length_asked, without_asides
from rag.types import Document


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("explain the lock to me like i'm five", "explain the lock"),
        ("Explain to me why the lock failed", "Explain why the lock failed"),
        ("Describe the lock for a ten-year-old, please", "Describe the lock"),
        ("Quick question: who built the lock?", "who built the lock?"),
        ("hey, who built the lock?", "who built the lock?"),
        ("Who built the lock, just for context?", "Who built the lock?"),
        ("A quote on the lock for the top of my story", "A quote on the lock"),
        ("Tell me about the lock, for a funny intro to my talk.", "Tell me about the lock"),
        ("Summarise the plan in three bullet points", "Summarise the plan"),
        ("What is the plan, in plain English?", "What is the plan?"),
        ("Did the lock fail, yes or no?", "Did the lock fail?"),
        ("gimme the plan, 6 or 7 points max", "give me the plan"),
        ("Summarise the plan, max five sentences", "Summarise the plan"),
        ("What happens next - dates please", "What happens next"),
        ("was it built before ww2?", "was it built before World War II?"),
        ("Did the lock fail or not?", "Did the lock fail?"),
        ("hows the mayor reacted", "how has the mayor reacted"),
        ("whos Ada Quill", "who's Ada Quill"),
        ("how many ppl paid 4 the lock", "how many people paid for the lock"),
        ("isnt the lock closed?", "is the lock closed?"),
        ("The lock is closed, right?", "Is it true that The lock is closed?"),
        ("The lock opened in june, correct?", "Is it true that The lock opened in June?"),
        ("Is the lock closed, right?", "Is the lock closed?"),
    ],
)
def test_what_says_nothing_of_the_matter_is_taken_off(typed, question):
    assert without_asides(typed) == question


@pytest.mark.parametrize(
    "question",
    [
        "What did the mayor say to the five guards?",
        "Who paid for the lock?",
        "What was in the short report?",
        "What is on the right?",
        "The mayor says the lock held. Correct?",
        "Where was it held, and whose lock was it?",
        "Which ship took 4 days?",
        "What may happen to the lock?",
        "In how many points do they differ?",
        "What are the five points?",
        "What are the key dates?",
        "please",
    ],
)
def test_what_a_question_needs_stays(question):
    assert without_asides(question) == question


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Summarise it in three bullet points.", 3),
        ("Summarise it in one sentence", 1),
        ("Summarise it in 5 lines", 5),
        ("A timeline, 6 or 7 points max", 7),
        ("A timeline, at most four items", 4),
        ("Summarise each article in two sentences", 2),
        ("Summarise the articles, three sentences each", 3),
        ("Summarise it in two paragraphs", None),
        ("Summarise it in 100 words", None),
        ("Summarise the two points", None),
    ],
)
def test_how_long_an_answer_is_wanted(text, count):
    assert length_asked(text) == count


def test_a_summary_is_as_long_as_it_is_wanted():
    one = Document(
        "one",
        "The town plans a lock below the weir. The lock shall carry barges up to the mill. "
        "Engineers expect the lock to take nine years. Farmers fear a flood behind the weir.",
    )
    two = Document("two", "The mill owner paid for a study of the lock. The study named no cost.")
    bot = small_chatbot(one, two)
    assert len(bot.ask("Summarise the articles in two bullet points.").claims) == 2
    assert len(bot.ask("Summarise the articles in one sentence.").claims) == 1
    assert len(bot.ask("Summarise the articles.").claims) > 2


def test_a_length_may_be_wanted_of_each_article():
    one = Document(
        "one",
        "The town plans a lock below the weir. The lock shall carry barges up to the mill. "
        "Engineers expect the lock to take nine years. Farmers fear a flood behind the weir.",
    )
    two = Document("two", "The mill owner paid for a study of the lock. The study named no cost.")
    bot = small_chatbot(one, two)
    for question in (
        "Summarise each article in one sentence.",
        "Summarise the articles, one sentence each",
        "Summarise the articles in one sentence per article.",
    ):
        answer = bot.ask(question)
        assert {c.document for c in answer.citations} == {"one", "two"}
        assert len(answer.claims) == 2
