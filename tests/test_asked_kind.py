"""Questions for a quantity, and the sentences that hold none of its kind."""

import pytest
from invented import small_chatbot

from rag.asked_kind import brings_asked_kind
from rag.questions import analyse
from rag.types import Document


def brings(question, *sentences):
    return brings_asked_kind(analyse(question), sentences)


@pytest.mark.parametrize(
    ("question", "answering", "lacking"),
    [
        ("How many boats sank?", "Four sank.", "And three, a further loss for the club."),
        ("How many boats sank?", "Nobody counted more than 3.", "Under Article 4 boats may sink."),
        ("How many boats sank?", "No one saw 4 of them.", "No one knows why the boats sank."),
        ("How many boats sank?", "It was the fourth boat to sink.", "The fourth harbour was deep."),
        ("How many boats sank?", "Nine boats sank.", "It cost $40 million."),
        ("How many boats sank?", "Nine boats sank.", "A 24-year-old sailor swam."),
        ("How many sailors died?", "Nine drowned.", "Nine sailors were sent."),
        ("How many were killed or hurt?", "Doctors treated 9.", "Nine sailors were sent."),
        ("How many rioters were arrested?", "Police hold 9.", "Some 900 rioters met."),
        ("How many millimetres fell?", "The gauge showed 71 millimetres.", "It rained heavily."),
        ("How many dollars did it cost?", "It cost $40 million.", "It cost the club its pier."),
        ("How many millions did it cost?", "It cost $40 million.", "It cost the club its pier."),
        (
            "What is the population of Brest?",
            "Brest has 140,000 inhabitants.",
            "The people of Brest like boats.",
        ),
        ("What is the total number of members?", "It has 300 members.", "Members like boats."),
        ("What percentage of members row?", "Most members row.", "Members row."),
        ("What percentage of members row?", "It is a very small share.", "Members row."),
        ("What share of the members rows?", "A fifth of them row.", "Members row."),
        ("What is the proportion of members who row?", "40 percent row.", "Members row."),
        ("How much did the pier cost?", "It cost $4 million.", "The pier is 40 metres long."),
        ("How much did the pier cost?", "It cost a fortune.", "The pier took 3 years."),
        ("How much does the entry cost?", "The museum is free.", "The museum shows boats."),
        ("What did the pier cost?", "It cost 4 million.", "The pier was closed."),
        ("How much rent does the club pay?", "The club pays $900.", "The club rents a pier."),
        ("How much money did the club raise?", "It raised thousands.", "The club sold boats."),
        ("What is the price of the boat?", "The boat costs €900.", "The boat is at the pier."),
        ("What is the museum's annual budget?", "Its budget rose.", "The museum shows boats."),
        ("How expensive is the boat?", "It is rather cheap.", "The boat is at the pier."),
        ("How big is the harbour?", "It is the third-largest.", "The harbour belongs to Brest."),
        ("How large is the harbour?", "It covers 40 hectares.", "The harbour belongs to Brest."),
        ("How tall is the lighthouse?", "It has many storeys.", "The lighthouse cost $4 million."),
        ("How far is the pier from the town?", "It is near the town.", "The pier was closed."),
        ("What is the length of the pier?", "It is as long as Brest's.", "The pier was closed."),
        ("How long was the museum closed?", "It was closed for decades.", "The mayor closed it."),
        ("How long was the museum closed?", "It stayed so until May.", "The mayor closed it."),
        ("How long is the pier?", "The pier measures 40 m.", "The pier belongs to Brest."),
        ("How old is the club?", "It was founded by sailors.", "The club rows in red."),
        ("How old is the harbour master?", "He is 54.", "He rows in red."),
    ],
)
def test_a_question_for_a_quantity_wants_one_of_its_kind(question, answering, lacking):
    assert brings(question, answering)
    assert brings(question, lacking, answering)
    assert not brings(question, lacking)


@pytest.mark.parametrize(
    "question",
    [
        "How much influence has the club?",
        "How big is the threat to the harbour?",
        "How big a part has the club in it?",
        "What is the price of peace?",
        "What is varied about the harbour's population?",
        "What is the human cost of the storm?",
        "What is the budget of the museum used for?",
        "What is the population of the island worried about?",
        "What is the size of the harbour called?",
        "How far is the club from closing the pier?",
        "How far are they willing to go?",
        "What number was painted on the boat?",
        "Who counts the number of boats?",
        "How often do the boats sail?",
    ],
)
def test_what_may_be_answered_in_any_words_is_left_to_the_reader(question):
    assert brings(question, "The club did what it could.")


@pytest.mark.parametrize(
    ("text", "brought"),
    [
        ("In 883 it was built.", True),
        ("It was built around AD 95.", True),
        ("It was built in the latter half of his career.", True),
        ("It was built of stone.", False),
    ],
)
def test_a_time_may_be_early_or_vague(text, brought):
    assert brings("When was the pier built?", text) is brought


def test_a_sum_that_no_sentence_gives_is_declined():
    document = Document("d", "The pier of Brest is 40 metres long. The pier of Brest was closed.")
    bot = small_chatbot(document, abstain_below=0.0)
    assert bot.ask("How much did the pier of Brest cost?").abstained
    assert not bot.ask("How long is the pier of Brest?").abstained
