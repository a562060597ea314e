import time

import pytest
from invented import small_chatbot

from rag.abbreviations import (
    abbreviation_asked,
    introduces,
    may_spell_out,
    named_so,
    short_forms,
    spelling_asked,
)
from rag.types import Document


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("What does FAC stand for?", "FAC"),
        ("what does fac stand for", "fac"),
        ("What does the abbreviation “FAC” mean?", "FAC"),
        ("What do the letters HLC stand for?", "HLC"),
        ("And what is FAC short for?", "FAC"),
        ("What's the full form of the HLC?", "HLC"),
    ],
)
def test_questions_ask_to_spell_out(question, short):
    assert spelling_asked(question) == short
    assert abbreviation_asked(question) == short


@pytest.mark.parametrize(
    ("question", "short"),
    [("What is the HLC?", "HLC"), ("What are FACs?", "FACs"), ("what's the H.L.C?", "H.L.C")],
)
def test_what_something_is_may_be_its_long_form(question, short):
    assert spelling_asked(question) is None
    assert abbreviation_asked(question) == short


@pytest.mark.parametrize(
    "question",
    [
        "What did the HLC decide?",
        "What is the harbour's depth?",
        "What is the HLC's view of the strike?",
        "Who is Moreau?",
    ],
)
def test_other_questions_ask_for_none(question):
    assert abbreviation_asked(question) is None


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("The Harbour Labour Council (HLC) met on Monday.", "HLC"),
        ("The HLC (Harbour Labour Council) met on Monday.", "hlc"),
        ("Two fast attack craft (FACs) lay at the pier.", "FAC"),
        ("The Harbour and Labour Council of Quays (HLCQ, founded in 1962) met.", "HLCQ"),
        ("The United Nations Conference on Trade and Development (UNCTAD) counts.", "UNCTAD"),
        ("The ministry's Advanced Radar Agency (“ARA”) was told.", "ARA"),
        ("Carrier Air Wing (CVW) sails; the Air Quality Board (A.Q.B.) stays.", "AQB"),
    ],
)
def test_a_bracket_introduces_an_abbreviation(text, short):
    assert introduces(text, short)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("The HLC met on Monday (in the old hall).", "HLC"),
        ("The council (HLC) met.", "HLC"),
        ("The Harbour Labour Council (HLC) met.", "FAC"),
        ("A hall of the city, long unused, was cleared (HLC).", "HLC"),
        ("The Harbour Labour Council met, and the HLC voted.", "HLC"),
        ("", "HLC"),
    ],
)
def test_other_texts_introduce_none(text, short):
    assert not introduces(text, short)


TEXT = (
    "The Harbour Labour Council (HLC) met on Monday. It heard the ferry crews. "
    "The mayor stayed away. Crews of the ferries want their Sunday pay back."
)


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    from rag.api import index_documents, open_chatbot
    from rag.config import load_settings

    folder = tmp_path_factory.mktemp("abbreviations")
    (folder / "council.txt").write_text(TEXT)
    settings = load_settings(index=folder / "index")
    index_documents([folder / "council.txt"], settings=settings)
    with open_chatbot(settings=settings) as opened:
        yield opened


@pytest.mark.parametrize("question", ["What does HLC stand for?", "What is the HLC?"])
def test_the_sentence_that_introduces_it_answers(bot, question):
    answer = bot.ask(question)
    assert "Harbour Labour Council (HLC)" in answer.text
    assert [c.quote in TEXT for c in answer.citations] == [True]


def test_what_nothing_introduces_is_declined(bot):
    assert bot.ask("What does CRW stand for?").abstained


def test_the_name_that_texts_have_most_often_for_initials():
    texts = ["North Quay floods. Nora Klein left.", "North Quay is dry; so is the Bank of Norway."]
    assert named_so("NQ", texts) == "North Quay"
    assert named_so("bn", texts) == "Bank of Norway"
    assert named_so("XY", texts) is None


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("how many NQ ships sank", ("NQ",)),
        ("did nq ships sink", ("nq",)),
        ("Who sank the ships of the NQ and the NK?", ("NQ", "NK")),
        ("Did a ship sink in the fog?", ()),
    ],
)
def test_what_may_be_initials(question, found):
    assert short_forms(question) == found


def test_initials_that_stand_nowhere_are_read_as_the_name_of_the_articles():
    quay = Document("quay", "The pumps of North Quay failed on Monday. North Quay asked for sand.")
    answer = small_chatbot(quay).ask("When did the pumps of NQ fail?")
    assert [c.quote for c in answer.citations] == ["The pumps of North Quay failed on Monday."]
    assert "North Quay" in answer.query


def test_initials_that_the_articles_have_stay():
    quay = Document("quay", "North Quay lies by the sea. NQ, a radio station, reported a storm.")
    assert small_chatbot(quay).ask("What did NQ report?").query == "What did NQ report?"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("The HLC mission, or the Harbour Labour Council, met.", "HLC"),
        ("It is led by the Harbour Labour Council, or HLC, of Quays.", "HLC"),
        ("HLC stands for Harbour Labour Council.", "HLC"),
        ("The HLC, short for Harbour Labour Council, met.", "HLC"),
    ],
)
def test_a_comma_introduces_an_abbreviation(text, short):
    assert introduces(text, short)


@pytest.mark.parametrize(
    "text", ["He left the HLC, the other one stayed.", "Ask the HLC, or never call again."]
)
def test_what_follows_a_comma_may_be_anything_else(text):
    assert not introduces(text, "HLC")


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("The Harbour and Labour Council met.", True),
        ("“The HLC met,” he said, meaning the harbour's labour relations council.", True),
        ("He liked cats.", False),
        ("The HLC met at noon.", False),
    ],
)
def test_words_with_its_initials_may_spell_an_abbreviation_out(text, may):
    assert may_spell_out(text, "HLC") is may


def test_what_no_text_spells_out_is_declined(bot):
    answer = bot.ask("What does FAQ stand for?")
    assert answer.abstained


@pytest.mark.parametrize("unit", ["A", "a-", "A (", "A, or ", "AB ", "a b "])
def test_hostile_text_is_read_in_linear_time(unit):
    text = unit * (300_000 // len(unit))
    started = time.perf_counter()
    introduces(text, "AAAB")
    may_spell_out(text, "AAAB")
    assert time.perf_counter() - started < 10  # quadratic work would take hours
