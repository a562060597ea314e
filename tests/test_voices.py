"""Whom a question asks, and whose sentences may then answer."""

from dataclasses import replace

import numpy as np
import pytest
from invented import origin_of, small_chatbot

from rag.candidates import view
from rag.questions import analyse
from rag.reading import Scored
from rag.terms import terms
from rag.types import Document, SentenceReading
from rag.voices import Voice, in_voice, name_asked, voice_asked, without_name

COLUMN = Document(
    "column",
    "The ferry should be replaced by a tunnel. A tunnel would pay for itself in ten years.\n\n"
    "Bridge builder Ada Stone said the strait is too deep for a tunnel. "
    '"The current moves the sea floor," she said.',
    author="Dr. Lena Frost",
    publisher="The Strait Ledger",
    title="Dig now",
)
REPORT = Document(
    "report",
    "The council votes on the tunnel in May. Mayor Paul Reed said the ferry stays until then. "
    "Reed called the tunnel a gamble.\n\nFishermen fear for the sea floor.",
    publisher="The Harbour Post",
    date="2024-03-02",
)
ORIGINS = (origin_of(COLUMN), origin_of(REPORT))


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What does Frost say about the tunnel?", "Frost"),
        ("What did Ada Stone reply to the council?", "Ada Stone"),
        ("What was Ada Stone's answer to Reed's statement?", "Ada Stone"),
        ("What did the retired diver Ada Stone say?", "the retired diver Ada Stone"),
        ("What did Ada Stone think of the sea floor?", "Ada Stone"),
        ("How deep is the strait, according to Ada Stone?", "Ada Stone"),
        ("According to the Ledger column what should be built?", "the Ledger column"),
        ("In Reed's view, is the tunnel safe?", "Reed"),
        ("What is Lena Frost's main argument?", "Lena Frost"),
        ("Why does Reed believe that the ferry stays?", "Reed"),
        ("What is the opinion of Stone on the current?", "Stone"),
        ("Summarize the article by Frost.", "Frost"),
        ("Has Reed said anything about fishermen?", "Reed"),
        ("What does Reed give as his main reason for the delay?", "Reed"),
        ("Which grounds did Ada Stone offer against a tunnel?", "Ada Stone"),
        ("Explain why Lena Frost thinks that the count is wrong.", "Lena Frost"),
    ],
)
def test_a_name_that_is_asked_is_found(question, name):
    assert name_asked(question) == name


@pytest.mark.parametrize(
    "question",
    [
        "When does the council vote?",
        "What do they say about the tunnel?",
        "What does the article say about the ferry?",
        "Did the council make much of that claim?",
        "How do Frost and Stone judge the tunnel?",
        "Did the United States talk to the council about the ferry?",
        "Tell me why Ostend said no to the tunnel.",
    ],
)
def test_nobody_is_asked(question):
    assert name_asked(question) is None


def test_authors_and_outlets_are_told_apart():
    author = voice_asked(analyse("What does Frost argue?"), ORIGINS)
    outlet = voice_asked(analyse("What does the Harbour Post report?"), ORIGINS)
    short = voice_asked(analyse("What does the HP article say on the vote?"), ORIGINS)
    assert author
    assert (author.written, author.published) == ({"column"}, set())
    assert outlet
    assert outlet.published == {"report"}
    assert short
    assert short.published == {"report"}


@pytest.mark.parametrize(
    "question",
    [
        "What does China say about the tunnel?",
        "What does the council say?",
        "What did they say?",
        "Give me the main points of the accord signed in Ostend.",
        "What are the main points of the Ostend accord?",
    ],
)
def test_countries_and_plain_nouns_are_no_voices(question):
    assert voice_asked(analyse(question), ORIGINS) is None


@pytest.mark.parametrize("who", ["the retired diver Ada Stone", "Ostend harbour chief Ada Stone"])
def test_what_somebody_is_said_to_be_is_no_part_of_the_name(who):
    voice = voice_asked(analyse(f"What did {who} say about the current?"), ORIGINS)
    assert voice
    assert voice.name == "Ada Stone"


@pytest.mark.parametrize(
    "who", ["the article by Lena Frost", "Frost's column", "the article “Dig now”"]
)
def test_an_article_that_is_named_answers_with_all_it_reports(who):
    voice = voice_asked(analyse(f"What does {who} say about the sea floor?"), ORIGINS)
    assert voice
    assert voice.published == {"column"}
    seen = view(COLUMN)
    assert all(voice.says(seen.candidate(i)) for i in range(len(seen.sentences)))


def test_what_is_asked_about_is_left_without_who_is_asked():
    asked = analyse("What does Frost think about the ferry?")
    voice = voice_asked(asked, ORIGINS)
    assert voice
    assert without_name(asked, voice) == ("ferri",)
    alone = analyse("What is Dr. Frost's main argument?")
    assert without_name(alone, voice) == ()


def quotes(question, **options):
    answer = small_chatbot(COLUMN, REPORT, abstain_below=0.001, **options).ask(question)
    return [citation.quote for citation in answer.citations], answer


def test_only_the_one_who_is_asked_answers():
    said, _ = quotes("What does Ada Stone say about the tunnel and the sea floor?")
    assert said
    assert all("Stone" in quote or "she said" in quote for quote in said)
    own, _ = quotes("What does Frost say about the tunnel?")
    assert own
    assert not any("Stone" in quote or "Reed" in quote or "council" in quote for quote in own)


def test_what_somebody_says_elsewhere_in_an_article_is_read_too():
    said, _ = quotes("What does Ada Stone say about the current?")
    assert any("current moves" in quote for quote in said)


def rated(document, *relevances):
    """Make scored sentences of a document, of which the cross-encoder said so much."""
    seen = view(document)
    vector = np.zeros(1, np.float32)
    return [
        Scored(seen.candidate(i), (), 0.0, vector, SentenceReading(relevance))
        for i, relevance in enumerate(relevances)
    ]


@pytest.mark.parametrize(
    ("relevances", "kept"),
    [
        (
            (1.0, 2.0, 0.0),
            ["“The current moves,” said Ada Stone.", "Ada Stone gives it ten years."],
        ),
        ((2.0, 1.0, 0.0), None),
    ],
)
def test_who_is_only_named_yields_to_what_they_say_where_that_answers_best(relevances, kept):
    text = (
        "They clapped for Ada Stone. “The current moves,” said Ada Stone. "
        "Ada Stone gives it ten years."
    )
    voice = voice_asked(analyse("What did Ada Stone reply?"), ORIGINS)
    scored = rated(Document("one", text), *relevances)
    found = [item.candidate.text for item in in_voice(voice, scored)]
    assert found == (kept or [item.candidate.text for item in scored])


@pytest.mark.parametrize(
    ("opening", "kept"), [("Reed, by contrast,", False), ("That is why he", True)]
)
def test_what_follows_a_name_is_not_theirs_where_it_opens_with_another_s(opening, kept):
    text = (
        "The tunnel will leak, said Nora Reed.\n\n"
        f"Ada Stone gives the tunnel ten years. {opening} expects twenty."
    )
    voice = voice_asked(analyse("What does Ada Stone say about the tunnel?"), ORIGINS)
    found = in_voice(voice, rated(Document("one", text), 1.0, 1.0, 2.0))
    assert any("expects twenty" in item.candidate.text for item in found) == kept


@pytest.mark.parametrize(("name", "told"), [("Strait Institute", 3), ("Ada Stone", 2)])
def test_a_paragraph_tells_of_a_body_and_one_more_sentence_of_a_person(name, told):
    text = f"The {name} ran both plans. A tunnel costs a billion. It lasts longer.\n\nNobody came."
    seen = view(Document("study", text))
    voice = Voice(name, frozenset(terms(name)), frozenset(), frozenset())
    heard = [voice.has(seen.candidate(i)) for i in range(len(seen.sentences))]
    assert heard == [True] * told + [False] * (4 - told)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What does Ada Stone say about the strait?", ["the strait is too deep for a tunnel"]),
        ("What is Ada Stone's view on the sea floor?", ["The current moves the sea floor"]),
        ("What does Ada Stone think the current will do?", ["The current moves the sea floor"]),
        ("What is said about fishermen?", ["Fishermen fear for the sea floor."]),
        ("What do the articles say about fishermen?", ["Fishermen fear for the sea floor."]),
        (
            "Which articles mention the sea floor?",
            ["The current moves the sea floor", "Fishermen fear for the sea floor."],
        ),
        ("What do the articles say about how deep the strait is?", []),
        ("Which articles mention the railway?", []),
        ("What does Ada Stone say about fishermen?", []),
        ("What does Ada Stone say about why the strait is deep?", []),
    ],
)
def test_what_is_said_of_a_matter_is_quoted_however_unlikely_it_answers(question, said):
    answer = small_chatbot(COLUMN, REPORT, abstain_below=0.999).ask(question)
    found = [] if answer.abstained else [citation.quote for citation in answer.citations]
    assert len(found) == len(said)
    assert all(part in quote for part, quote in zip(said, found, strict=True))


def test_of_each_article_that_mentions_a_matter_two_sentences_are_quoted():
    answer = small_chatbot(COLUMN, REPORT, abstain_below=0.999).ask(
        "Which of the articles speak about tunnels?"
    )
    assert all("tunnel" in citation.quote for citation in answer.citations)
    assert sorted(c.document for c in answer.citations) == ["column"] * 2 + ["report"] * 2


def test_somebody_who_says_nothing_is_not_answered_for():
    said, answer = quotes("What did Nora Vale say about the tunnel?")
    assert answer.abstained
    assert answer.notes == ("Nothing by or about Nora Vale was found.",)
    assert len(said) == 1  # the nearest passage


def test_where_anything_is_asked_what_they_say_comes_before_what_is_said_of_them():
    text = "They clapped for Ada Stone. Ada Stone is old. “The current moves,” said Ada Stone."
    voice = voice_asked(analyse("What did Ada Stone say?"), ORIGINS)
    found = in_voice(voice, rated(Document("one", text), 3.0, 2.0, 1.0))
    assert [item.candidate.text for item in found] == ["“The current moves,” said Ada Stone."]


@pytest.mark.parametrize(
    ("asked", "said"), [("Ada Stone", ["It leaks, Stone said."]), ("Bea Stone", [])]
)
def test_a_surname_that_two_share_is_the_first_one_s(asked, said):
    text = "Ada Stone came with her wife, Bea Stone. It leaks, Stone said."
    voice = voice_asked(analyse(f"What did {asked} say?"), ORIGINS)
    candidates = [item.candidate for item in rated(Document("one", text), 1.0, 1.0)]
    assert [c.text for c in candidates if c.attribution and voice.has(c)] == said


def test_what_two_articles_print_in_the_same_words_is_shown_once():
    again = replace(REPORT, id="again", publisher="The Strait Mirror")
    answer = small_chatbot(REPORT, again).ask("What did Paul Reed say?")
    assert answer.text.count("stays until then") == 1
    assert {c.document for c in answer.citations} == {"report", "again"}


def test_what_is_said_of_somebody_is_not_what_they_say():
    voice = voice_asked(analyse("What did Ada Stone say?"), ORIGINS)
    text = "They clapped for Ada Stone. Many said the tunnel leaks."
    assert in_voice(voice, rated(Document("one", text), 3.0, 2.0)) == ()


@pytest.mark.parametrize(
    ("who", "kept"),
    [("Penrose's head of roads", True), ("the Penrose builder", True), ("Ada Stone", False)],
)
def test_where_a_description_is_heard_of_nowhere_anybody_may_answer(who, kept):
    text = "The current moves, said Nora Reed. It leaks."
    voice = voice_asked(analyse(f"Why does {who} believe that it leaks?"), ORIGINS)
    found = in_voice(voice, rated(Document("one", text), 3.0, 2.0))
    assert bool(found) is kept
