"""Heads of state that stand for their states."""

import pytest
from invented import Shelf, WholeDocuments

from rag.chatbot import Chatbot
from rag.leaders import with_states_led
from rag.reading import Reader
from rag.testing import HashEmbedder
from rag.types import Document, SentenceReading

PRESENTED = "North Korean leader Kim Jong Un met Russian President Vladimir Putin in a hall."


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("Why did Kim send soldiers?", "Why did North Korea send soldiers?"),
        ("What does Vladimir Putin pay Kim Jong Un?", "What does Russia pay North Korea?"),
        ("Where are Kim's soldiers?", "Where are North Korea's soldiers?"),
        ("Who is Kim?", "Who is Kim?"),
        ("Who was Putin's teacher?", "Who was Putin's teacher?"),
        ("Why did Kim Yo Jong speak?", "Why did Kim Yo Jong speak?"),
        ("What is the Putin-Kim pact?", "What is the Putin-Kim pact?"),
        ("Did John Putin call President Putin?", "Did John Putin call Russia?"),
        ("Why did Rutte speak?", "Why did Rutte speak?"),
    ],
)
def test_a_state_takes_the_place_of_whom_a_text_presents_as_its_head(question, read):
    assert with_states_led(question, [PRESENTED]) == read


@pytest.mark.parametrize(
    "text",
    [
        "Kim Jong Un, North Korea's supreme leader, met a delegation.",
        "He spoke to Kim Jong Un, the leader of North Korea, on Monday.",
        "A letter of the North Korean Supreme Leader Kim Jong Un arrived.",
    ],
)
def test_who_leads_a_state_is_told_in_several_ways(text):
    assert with_states_led("Why did Kim call?", [text]) == "Why did North Korea call?"


@pytest.mark.parametrize(
    "text",
    [
        "Russian opposition leader Vladimir Reed met his party.",
        "Former Russian president Vladimir Reed met his party.",
        "Russian foreign minister Vladimir Reed met his party.",
        "Vladimir Reed, the deputy leader of Russia, met his party.",
        "Vladimir Reed, the head of the museum, met Russian painters.",
        "Vladimir Reed spoke of Russia at length.",
        "French president Vladimir Reed came. Russian president Vladimir Reed left.",
    ],
)
def test_whoever_is_not_at_the_head_of_one_state_stays(text):
    assert with_states_led("Why did Reed leave?", [text]) == "Why did Reed leave?"


FERRY = Document(
    "ferry",
    "Norwegian Prime Minister Paul Reed opened a bridge in Ostend on Monday. The bridge is new.\n\n"
    "Norway sold its last ferry because repairs had become too dear. The ferry was red.\n\n"
    "Reed waved because crowds cheered.",
    title="The last ferry",
)


class AnswersOf:
    """Stands in for the cross-encoder: a sentence answers a question of the one it is about."""

    def __init__(self, *names):
        self._names = names

    def read(self, question, passages):
        asked = [name for name in self._names if name in question]
        return [
            [SentenceReading(6.0 if any(text.startswith(n) for n in asked) else -6.0) for text in p]
            for p in passages
        ]


def answered(*names, question="Why did Reed sell the ferry?"):
    shelf = Shelf([FERRY])
    reader = Reader(HashEmbedder(dimensions=512), passages=AnswersOf(*names))
    return Chatbot(shelf, WholeDocuments(shelf), reader).ask(question)


def test_what_nothing_answers_of_a_head_of_state_is_asked_of_the_state_and_that_is_said():
    answer = answered("Norway")
    assert answer.citations[0].quote.startswith("Norway sold its last ferry because repairs")
    assert answer.question == "Why did Reed sell the ferry?"
    assert any("“Why did Norway sell the ferry?”" in note for note in answer.notes)


def test_what_is_answered_of_the_head_of_state_is_not_asked_of_the_state():
    answer = answered("Reed", "Norway", question="Why did Reed wave?")
    assert [c.quote for c in answer.citations] == ["Reed waved because crowds cheered."]
    assert not answer.notes


def test_what_nothing_answers_of_the_state_either_is_declined_as_asked():
    answer = answered("Sweden")
    assert answer.abstained
    assert not any("Norway" in note for note in answer.notes)


def test_what_a_head_of_state_said_is_not_asked_of_the_state():
    answer = answered("Norway", question="Why does Reed say the ferry was sold?")
    assert not any("Norway" in note for note in answer.notes)
