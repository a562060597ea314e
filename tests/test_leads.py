import time

import pytest
from invented import small_chatbot

from rag.leads import without_leads
from rag.testing import ScriptedChatModel
from rag.types import Document

SAID = "Antony Blinken said that up to 8,000 North Korean soldiers are in the Kursk region."
COUNTED = "up to 10,000 soldiers were moved to the border."
CNN = Document(
    "cnn",
    f"{SAID} Mark Rutte confirmed it.",
    title="Troops at the border",
    author="Correspondent A",
    publisher="CNN",
    date="2024-10-31",
)
BBC = Document(
    "bbc",
    f"Officials fear a long war. {COUNTED.capitalize()}",
    title="Border fills with soldiers",
    author="Correspondent B",
    publisher="The BBC",
    date="2024-11-05",
)


@pytest.mark.parametrize(
    "lead",
    [
        "According to CNN (October 31, 2024), {}",
        "According to CNN's article of October 31, 2024, {}",
        "According to CNN on October 31, {}",
        "According to an article by Correspondent A (CNN, 2024-10-31), {}",
        "According to “Troops at the border” (CNN, 31 October 2024), {}",
        "As reported by CNN, {}",
        "CNN reports that {}",
        "CNN (Correspondent A, October 31, 2024) reports that {}",
        "CNN reported on October 31, 2024, that {}",
        "CNN's report said: {}",
        "On October 31, 2024, CNN wrote that {}",
        "Correspondent A of CNN writes that {}",
        "In an article dated October 31, 2024, Correspondent A writes that {}",
        "In a CNN article from October 2024, {}",
        "In Troops at the border, CNN states that {}",
        "CNN, October 31, 2024: {}",
    ],
)
def test_words_that_name_the_article_are_taken_out(lead):
    assert without_leads(lead.format(SAID), [CNN], quoted=True) == SAID


@pytest.mark.parametrize(
    "tail",
    [
        "{} (CNN, October 31, 2024).",
        "{}, according to CNN (October 31, 2024).",
        "{}, CNN reported on October 31, 2024.",
        "{}, Correspondent A writes in CNN.",
    ],
)
def test_words_that_name_the_article_at_the_end_are_taken_out(tail):
    told = without_leads(tail.format(SAID.rstrip(".")), [CNN], quoted=True)
    assert told == SAID if "writes in" not in tail else told.startswith(SAID.rstrip("."))


@pytest.mark.parametrize(
    "sentence",
    [
        f"According to Reuters (October 31, 2024), {SAID}",
        f"According to CNN (October 30, 2024), {SAID}",
        f"According to CNN (November 5, 2024), {SAID}",
        f"CNN reported on October 31, 2023, that {SAID}",
        f"On October 31, 2024, {SAID}",
        f"CNN denied that {SAID}",
        f"Correspondent A said that {SAID}",
        f"According to Correspondent A, {SAID}",
        "CNN moved to the border.",
        "CNN (October 31, 2024).",
        SAID,
        "",
    ],
)
def test_what_does_not_agree_or_tells_something_stays(sentence):
    assert without_leads(sentence, [CNN, BBC], quoted=True) == sentence


@pytest.mark.parametrize(
    "lead",
    [
        "“Vladimir Putin” says that {}",
        "The article Vladimir Putin says that {}",
        "The CNN article Vladimir Putin says that {}",
        "The report titled Vladimir Putin says that {}",
        "According to CNN (Vladimir Putin, October 31, 2024), {}",
    ],
)
def test_a_title_is_taken_out_where_it_is_shown_to_be_one(lead):
    document = Document("a", SAID, title="Vladimir Putin", publisher="CNN", date="2024-10-31")
    assert without_leads(lead.format(COUNTED), [document], quoted=True) == COUNTED


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("Vladimir Putin", "Vladimir Putin said the troops will leave."),
        ("Vladimir Putin", "According to Vladimir Putin, the troops will leave."),
        ("Vladimir Putin", "A report by Vladimir Putin said the troops will leave."),
        ("Vladimir Putin", "Officials report Vladimir Putin said the troops will leave."),
        ("Vladimir Putin", "He (Vladimir Putin) said the troops will leave."),
        ("Kursk", "In Kursk, CNN said the troops will leave."),
        ("Troops", "The Troops said no."),
    ],
)
def test_a_bare_title_is_nobody_s_voice(title, sentence):
    document = Document("a", SAID, title=title, publisher="CNN")
    assert without_leads(sentence, [document], quoted=True) == sentence


def test_an_author_may_have_said_what_nobody_else_says_in_the_article():
    assert without_leads(f"Correspondent B argues that {COUNTED}", [BBC], quoted=False) == COUNTED


def test_several_articles_are_named_together():
    lead = "CNN (October 31, 2024) and the BBC (November 5, 2024) report that "
    assert without_leads(lead + COUNTED, [CNN, BBC], quoted=True) == COUNTED


@pytest.mark.parametrize("piece", ["CNN, ", "CNN (", "CNN, October 31, 2024, ", "the CNN article "])
def test_hostile_repetition_costs_little_time(piece):
    began = time.perf_counter()
    without_leads(piece * 300, [CNN, BBC], quoted=True)
    assert time.perf_counter() - began < 5


def claims(*sentences):
    """Let a model write the sentences; [1] is what Blinken said, the last what the BBC counted."""
    model = ScriptedChatModel(" ".join(sentences))
    return small_chatbot(CNN, BBC, chat_model=model).ask("How many soldiers are there?").claims


@pytest.mark.parametrize("title", ["Vladimir Putin", "Report"])
def test_a_false_speaker_is_told_whatever_the_title_is(title):
    said = "“The troops will leave Kursk in May,” Kim Jong Un said."
    document = Document("kim", f"{said} It rained in the harbour.", title=title)
    model = ScriptedChatModel("Vladimir Putin said the troops will leave Kursk in May [1].")
    bot = small_chatbot(document, chat_model=model)
    (claim,) = bot.ask("Who said the troops will leave Kursk in May?").claims
    assert claim.verdict == "contradicted"


def number_of(text):
    model = ScriptedChatModel("The articles do not say.")
    small_chatbot(CNN, BBC, chat_model=model).ask("How many soldiers are there?")
    line = next(x for x in model.calls[0][-1].text.splitlines() if text in x)
    return line[: line.index("]") + 1]


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        (f"According to CNN (October 31, 2024), {SAID}", SAID),
        (f"The BBC reports (November 5, 2024) that {COUNTED}", COUNTED[3:]),
    ],
)
def test_a_sentence_with_the_right_source_and_date_is_supported(sentence, quote):
    (claim,) = claims(f"{sentence[:-1]} {number_of(quote)}.")
    assert (claim.verdict, claim.citations, claim.reasons) == ("supported", (1,), ())
    assert claim.text == sentence


@pytest.mark.parametrize(
    ("sentence", "quote", "wrong"),
    [
        (f"According to Reuters (October 31, 2024), {SAID}", SAID, "Reuters"),
        (f"According to CNN (October 30, 2024), {SAID}", SAID, "October 30"),
        (f"The BBC reports (November 4, 2024) that {COUNTED}", COUNTED[3:], "November 4"),
        (f"CNN reports (November 5, 2024) that {COUNTED}", COUNTED[3:], "CNN"),
    ],
)
def test_a_wrong_source_or_date_is_told(sentence, quote, wrong):
    (claim,) = claims(f"{sentence[:-1]} {number_of(quote)}.")
    assert claim.verdict not in ("supported", "verbatim")
    assert wrong in " ".join(claim.reasons)
