"""Which articles a summary is asked of, and which sentences stand for one."""

import pytest
from invented import origin_of, small_chatbot

from rag.candidates import view
from rag.questions import analyse
from rag.summaries import articles_asked, newest, thinned
from rag.types import Document, Heading

TUNNEL = Document(
    "tunnel",
    "The town plans a tunnel under the strait. The tunnel shall carry trains between both shores. "
    "It was drawn up in May. Engineers expect the tunnel under the strait to take nine years. "
    "Is it worth it? A bakery by the quay sells rye bread on Fridays at noon.",
    title="A tunnel under the strait after all",
    author="Lena Frost",
    date="2024-03-02",
)
FERRY = Document(
    "ferry",
    "The ferry line lost half of its passengers this year. The ferry line blames dear tickets and "
    "rough weather. Passengers say the ferry line cut too many trips.",
    publisher="The Harbour Post",
)
ORIGINS = (origin_of(FERRY), origin_of(TUNNEL))


@pytest.mark.parametrize(
    ("question", "articles"),
    [
        ("Summarize the article by Lena Frost.", ("tunnel",)),
        ("Give me an overview of the Harbour Post report.", ("ferry",)),
        ("What are the main points of the HP article?", ("ferry",)),
        ('Summarise "A tunnel under the strait after all"', ("tunnel",)),
        ("Summarize the article of March 2024.", ("tunnel",)),
        ("Summarize the articles.", ("ferry", "tunnel")),
        ("What are the documents about?", ("ferry", "tunnel")),
        ("Summarize the ferry's troubles.", ()),
        ("Summarize tunnel plans.", ()),
        ("Summarize the article by Nora Vale.", ()),
        ("What does the tunnel cost?", ()),
    ],
)
def test_the_articles_of_which_a_summary_is_asked(question, articles):
    assert articles_asked(analyse(question), ORIGINS) == articles


def test_of_many_articles_none_is_summarised_unnamed():
    many = [origin_of(Document(f"n{i}", "One.")) for i in range(9)]
    assert articles_asked(analyse("Summarize the articles."), many) == ()


def test_a_summary_is_of_its_article_and_leaves_out_what_cannot_stand_alone():
    answer = small_chatbot(TUNNEL, FERRY).ask("Summarize the article by Lena Frost.")
    assert not answer.abstained
    assert {c.document for c in answer.citations} == {"tunnel"}
    shown = [c.quote for c in answer.citations]
    assert "It was drawn up in May." not in shown
    assert "Is it worth it?" not in shown
    assert [c.start for c in answer.citations] == sorted(c.start for c in answer.citations)


def test_a_summary_of_all_holds_something_of_each():
    answer = small_chatbot(TUNNEL, FERRY).ask("What are the articles about?")
    assert {c.document for c in answer.citations} == {"tunnel", "ferry"}


def test_a_summary_keeps_to_the_chosen_sources():
    answer = small_chatbot(TUNNEL, FERRY).ask("Summarize the articles.", sources=["ferry"])
    assert {c.document for c in answer.citations} == {"ferry"}


def test_what_somebody_argues_at_large_is_told_by_their_own_sentences():
    answer = small_chatbot(TUNNEL, FERRY).ask("What does Frost argue?")
    assert not answer.abstained
    assert {c.document for c in answer.citations} == {"tunnel"}


def test_a_very_long_article_is_summarised_by_sentences_from_all_of_it():
    text = " ".join(f"Ship number {n} left the long quay in the morning." for n in range(5000))
    seen = view(Document("long", text))
    chosen = thinned(seen)
    assert len(chosen) <= 200
    assert chosen[0].start == 0
    assert chosen[-1].start > 0.9 * len(text)
    assert len(thinned(view(TUNNEL))) == len(view(TUNNEL).sentences)


def test_of_one_who_wrote_much_the_newest_articles_are_summarised():
    many = [origin_of(Document(f"n{i:02}", "One.", date=f"20{i:02}-01-01")) for i in range(20)]
    assert newest(many, {article.id for article in many[:19]})[:2] == ("n18", "n17")
    assert len(newest(many, {article.id for article in many})) == 8


PLAN_TEXT = (
    "Lena Frost wrote this plan.\n\nTrouble\n\nThe ferry line lost half of its passengers.\n\n"
    "Proposals\n\nThe plan asks the town for three things:\n\n- 40 more trips a week;\n"
    "- tickets at half price;\n- a new pier."
)
PLAN = Document(
    "plan",
    PLAN_TEXT,
    author="Lena Frost",
    headings=tuple(
        Heading(PLAN_TEXT.index(name), PLAN_TEXT.index(name) + len(name), 2)
        for name in ("Trouble", "Proposals")
    ),
)


def test_of_a_section_that_is_named_its_list_is_told_whole():
    answer = small_chatbot(PLAN).ask("Summarise the proposals of the plan by Lena Frost.")
    assert [claim.text for claim in answer.claims] == [
        "The plan asks the town for three things:",
        *("40 more trips a week;", "tickets at half price;", "a new pier."),
    ]
    assert all(PLAN_TEXT[c.start : c.end] == c.quote for c in answer.citations)


def test_a_section_without_a_list_is_summarised_alone():
    answer = small_chatbot(PLAN).ask("Summarise the trouble of the plan by Lena Frost.")
    assert [c.quote for c in answer.citations] == ["The ferry line lost half of its passengers."]
