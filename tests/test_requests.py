import pytest
from invented import small_chatbot

from rag.requests import as_question, courtesy, with_mark
from rag.types import Document


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hi!", "greeting"),
        ("Good morning", "greeting"),
        ("hello there, how are you?", "greeting"),
        ("Thanks!", "thanks"),
        ("Great, thank you very much.", "thanks"),
        ("ok", "thanks"),
        ("What can you do?", "help"),
        ("Hello! What can I ask you about?", "help"),
        ("How does this work?", "help"),
        ("help", "help"),
    ],
)
def test_what_asks_nothing_is_known(text, kind):
    assert courtesy(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Hello, who closed the bridge?",
        "Thanks. And who owns the ferry?",
        "What can the council do?",
        "How does the lock work?",
        "What is this bridge called?",
        "Who thanked the crew?",
        "Good ships?",
    ],
)
def test_what_asks_anything_is_a_question(text):
    assert courtesy(text) is None


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Tell me more about the ferry.", "What is said about the ferry?"),
        ("Can you tell me something about Ada Frost?", "What is said about Ada Frost?"),
        ("more about the tide", "What is said about the tide?"),
        ("what's this ferry dispute about then?", "Give an overview of this ferry dispute."),
        ("What is going on?", "Give an overview."),
        ("whats going on with the ferry", "Give an overview of the ferry."),
        ("What's the deal with the tide?", "Give an overview of the tide."),
        ("catch me up on the ferry", "Give an overview of the ferry."),
        ("Explain this row", "Give an overview of this row."),
        ("Give me a quote from Ada Frost on the tide.", "What does Ada Frost say about the tide?"),
        ("Find me a punchy quote from Ada Frost for a headline", "What does Ada Frost say?"),
        ("I need Ada Frost's exact words on the tide.", "What did Ada Frost say on the tide?"),
        ("Give me three quotes about the tide.", "What is said about the tide?"),
        ("What were Frost's own words about it?", "What did Frost say about it?"),
        ("What are the exact words of the treaty?", "What are the exact words of the treaty?"),
        (
            "pros and cons of tea",
            "What are the benefits of tea, and what are the drawbacks and risks of tea?",
        ),
        ("Is Ada Frost a judge?", "Who is Ada Frost?"),
        ("Is Ada Frost really the harbour's chief pilot?", "Who is Ada Frost?"),
        ("Is Ada Frost a liar?", "Is Ada Frost a liar?"),
        ("What is Frost's background?", "Who is Frost?"),
        ("What job does Ada Frost hold?", "Who is Ada Frost?"),
        ("what does Ada Frost do for a living", "Who is Ada Frost?"),
        ("What does Ada Frost do?", "What does Ada Frost do?"),
        ("what are the credentials of Ada Frost", "Who is Ada Frost?"),
        ("What is the background of Ferry Week?", "What is the background of Ferry Week?"),
        ("What is the ferry's job?", "What is the ferry's job?"),
        (
            "Is Ada Frost the judge who closed the port?",
            "Is Ada Frost the judge who closed the port?",
        ),
        ("What is the deal between the ports?", "What is the deal between the ports?"),
        ("What is the treaty about?", "What is the treaty about?"),
        ("Tell me who owns the ferry.", "Tell me who owns the ferry."),
        ("What is the ferry about?", "What is the ferry about?"),
    ],
)
def test_a_wish_to_be_told_of_a_thing_is_a_question_about_it(text, question):
    assert as_question(text) == question


def test_a_wish_for_quotations_is_met_with_direct_ones():
    pier = Document(
        "pier",
        "Ada Frost said that the pier is old. “The pier will not last the winter,” Ada Frost said. "
        "Ada Frost said that the pier needs nine piles.",
    )
    bot = small_chatbot(pier, abstain_below=0.0)
    plain = bot.ask("What does Ada Frost say about the pier?")
    wished = bot.ask("Give me a quote from Ada Frost about the pier.")
    assert len(plain.claims) > 1
    assert [claim.text for claim in wished.claims] == [
        "“The pier will not last the winter,” Ada Frost said."
    ]


def test_where_nobody_is_quoted_directly_what_is_reported_is_shown():
    pier = Document("pier", "Ada Frost said that the pier is old. The tide was low.")
    answer = small_chatbot(pier, abstain_below=0.0).ask("A quote from Ada Frost about the pier")
    assert "Ada Frost said that the pier is old." in answer.text


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("who closed the bridge", "who closed the bridge?"),
        ("In which year did it close", "In which year did it close?"),
        ("whats the toll “now”", "whats the toll “now”?"),
        ("Who closed the bridge?", "Who closed the bridge?"),
        ("Who closed the bridge?!", "Who closed the bridge?!"),
        ("bridge toll", "bridge toll"),
        ("Summarise the dispute", "Summarise the dispute"),
        ("Tell me who closed it.", "Tell me who closed it."),
        ("hows, whatever", "hows, whatever?"),
    ],
)
def test_a_question_ends_with_its_mark(text, marked):
    assert with_mark(text) == marked
