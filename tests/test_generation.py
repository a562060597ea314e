import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import assert_sound, markers_in, plain, small_chatbot

from rag.chat_models import OpenAIChatModel
from rag.errors import (
    ChatModelDenied,
    ChatModelOverloaded,
    ChatModelReplyError,
    ChatModelTimeout,
    ChatModelUnreachable,
)
from rag.generation import WITHHELD
from rag.phrasing import NOT_ANSWERED
from rag.prompting import NO_ANSWER
from rag.testing import FakeOpenAIServer, Reply, ScriptedChatModel
from rag.types import Document, Message

# The facts are from the seed articles.
PRESS = Document(
    "press",
    "Antony Blinken said on Thursday that up to 8,000 North Korean soldiers are in the Kursk "
    "region. “We expect them to fight within days,” Blinken said. He gave no number of the "
    "wounded.\n\nMark Rutte confirmed that North Korea has sent troops to Russia.",
    title="Troops at the border",
    date="2024-10-31",
)
QUESTION = "How many North Korean soldiers are in the Kursk region?"
COUNTED, EXPECTED, NO_NUMBER, CONFIRMED = 1, 2, 3, 4  # the sentences' numbers as a model sees them


def bot(*replies, **options):
    return small_chatbot(PRESS, chat_model=ScriptedChatModel(*replies), **options)


def answers(*replies, question=QUESTION, **options):
    return list(bot(*replies).stream(question, **options))


def answer(*replies, **options):
    last = answers(*replies, **options)[-1]
    assert last.final
    assert_sound(last, [PRESS])
    return last


# ---------------------------------------------------------------- what is shown as true


def test_a_supported_sentence_is_cited_with_the_article_s_own_words():
    got = answer(f"Blinken said that up to 8,000 soldiers are in the Kursk region. [{COUNTED}]")
    assert (got.mode, got.model, got.abstained, got.notes) == ("generative", "scripted", False, ())
    assert [c.verdict for c in got.claims] == ["supported"]
    assert got.citations[0].quote.startswith("Antony Blinken said on Thursday")
    assert got.text.endswith("region. [1]")


def test_a_sentence_taken_over_whole_is_verbatim():
    got = answer(f"Mark Rutte confirmed that North Korea has sent troops to Russia. [{CONFIRMED}]")
    assert [c.verdict for c in got.claims] == ["verbatim"]


def test_citations_are_numbered_as_the_reader_meets_them_not_as_the_model_saw_them():
    got = answer(
        f"Rutte confirmed that North Korea has sent troops to Russia. [{CONFIRMED}] "
        f"Blinken gave no number of the wounded. [{NO_NUMBER}][{CONFIRMED}]"
    )
    assert markers_in(got.text) == [1, 2, 1]
    assert [c.quote.split()[0] for c in got.citations] == ["Mark", "He"]


@pytest.mark.parametrize("marker", ["[99]", "[0]", "[1000000000000]", "[98, 99]"])
def test_numbers_that_no_evidence_has_are_dropped(marker):
    known = f"Up to 8,000 North Korean soldiers are in the Kursk region. [{COUNTED}]{marker}"
    got = answer(known)
    assert [c.citations for c in got.claims] == [(1,)]
    alone = answer(f"Up to 8,000 North Korean soldiers are in the Kursk region. {marker}")
    assert alone.abstained
    assert [c.verdict for c in alone.claims] == ["unsupported"]


def flagged(reply):
    """Ask, and return the only claim: beside a sound one it is marked, alone it is withheld."""
    got = answer(f"{reply}\n\nRutte confirmed that North Korea has sent troops. [{CONFIRMED}]")
    claim, sound = got.claims
    assert (claim.citations, sound.citations, got.abstained) == ((), (1,), False)
    shown, _, _ = got.text.partition("\n\n")
    assert len(shown) > len(claim.text), "the reader is told in the text"
    assert claim.reasons
    alone = answer(reply)
    assert alone.abstained
    assert alone.claims == (claim,)
    assert claim.text not in alone.text
    assert alone.notes == (WITHHELD,)
    return claim


def test_an_unsupported_sentence_is_marked_and_cites_nothing():
    assert flagged(f"Bananas grow well on Mars. [{COUNTED}]").verdict == "unsupported"


def test_a_sentence_without_a_marker_counts_as_unsupported():
    claim = flagged("Up to 8,000 North Korean soldiers are in the Kursk region.")
    assert claim.verdict == "unsupported"


def test_a_changed_number_is_flagged_as_contradicted():
    claim = flagged(f"Blinken said that 12,000 soldiers are in the Kursk region. [{COUNTED}]")
    assert claim.verdict == "contradicted"
    assert "12,000" in claim.reasons[0]


def test_a_swapped_speaker_is_flagged_as_contradicted():
    claim = flagged(
        "Mark Rutte said on Thursday that up to 8,000 North Korean soldiers are in the Kursk "
        f"region. [{COUNTED}]"
    )
    assert claim.verdict == "contradicted"
    assert "Rutte" in claim.reasons[0]
    assert "Blinken" in claim.reasons[0]


@pytest.mark.parametrize(
    ("speaker", "verdicts"),
    [("Antony Blinken", {"supported"}), ("Mark Rutte", {"contradicted", "unsupported", "partly"})],
)
def test_a_bare_quotation_is_checked_against_who_speaks_there(speaker, verdicts):
    talk = Document(
        "talk", "“The pact worries Beijing,” Antony Blinken said. “It widens the war in Europe.”"
    )
    model = ScriptedChatModel(f"{speaker} said that it widens the war in Europe. [2]")
    got = small_chatbot(talk, chat_model=model).ask("What widens the war?")
    assert {claim.verdict for claim in got.claims} <= verdicts


def test_a_denial_of_what_was_confirmed_is_flagged():
    claim = flagged(f"Rutte confirmed that North Korea has not sent troops. [{CONFIRMED}]")
    assert claim.verdict == "contradicted"


def test_one_wrong_sentence_leaves_the_others_their_citations():
    got = answer(
        f"Up to 8,000 soldiers are in the Kursk region. [{COUNTED}] Bananas grow on Mars. "
        f"[{COUNTED}] Rutte confirmed that North Korea has sent troops. [{CONFIRMED}]"
    )
    assert [c.verdict for c in got.claims] == ["supported", "unsupported", "verbatim"]
    assert [c.citations for c in got.claims] == [(1,), (), (2,)]


@pytest.mark.parametrize(
    "reply",
    [
        NO_ANSWER,
        f"  {NO_ANSWER}\n",
        "The articles do not mention this.",
        "Sorry, I cannot answer this question.",
        f"[{COUNTED}] [{CONFIRMED}]",
        f"The evidence does not mention the price of oil [{COUNTED}].",
        f"<think>Is it there? [1]</think>{NO_ANSWER}",
        f"Is it there? No.\n</think>\n{NO_ANSWER}",
    ],
)
def test_a_refusal_abstains_in_our_words(reply):
    got = answer(reply)
    assert got.abstained
    assert got.text.startswith(NOT_ANSWERED)
    assert got.text.endswith("[1]. The newest dated article is of 2024-10-31.")
    assert len(got.citations) == 1, "what came nearest is shown, as without a model"
    assert got.claims == ()


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![p](https://example.com/p.png)",
    "[link](https://example.com)",
    "# Heading",
    "```\ncode\n```",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_html_link_or_picture_of_the_model_survives(piece):
    got = answer(f"{piece}\n\nUp to 8,000 soldiers are in the Kursk region. [{COUNTED}]")
    shown = got.text.replace("*(not supported by the articles)*", "")
    assert "](" not in shown
    assert "8,000 soldiers" in plain(shown)


def test_a_list_stays_a_list():
    got = answer(
        f"- Up to 8,000 soldiers are in the Kursk region. [{COUNTED}]\n"
        f"- Rutte confirmed that North Korea has sent troops. [{CONFIRMED}]"
    )
    assert [line[:2] for line in got.text.splitlines()] == ["- ", "- "]


# ---------------------------------------------------------------- what the model is told


def test_the_model_sees_numbered_sentences_the_history_the_question_and_what_was_searched_for():
    model = ScriptedChatModel(NO_ANSWER)
    history = (
        Message("user", "What did Antony Blinken say on the soldiers in Kursk?"),
        Message("assistant", "Up to 8,000 are there. [1]"),
    )
    got = small_chatbot(PRESS, chat_model=model).ask("And who confirmed it?", history=history)
    asked = model.calls[0]
    assert "Kursk" in got.query
    assert asked[-1].text.endswith("\nQuestion: And who confirmed it?")
    assert f" searching for: {got.query}\n" in asked[-1].text
    for number, piece in enumerate(["Antony Blinken said", "“We expect", "He gave", "Mark Rutte"]):
        line = next(x for x in asked[-1].text.splitlines() if x.startswith(f"[{number + 1}]"))
        assert piece in line
    assert any("Up to 8,000 are there." in m.text for m in asked if m.role == "assistant")


def test_only_chosen_sources_reach_the_model():
    other = Document("other", "A canary sings in the harbour.")
    model = ScriptedChatModel(NO_ANSWER)
    small_chatbot(PRESS, other, chat_model=model).ask(QUESTION, sources=["press"])
    assert "canary" not in model.calls[0][-1].text


# ---------------------------------------------------------------- streams


LONG = (
    f"Up to 8,000 soldiers are in the Kursk region. [{COUNTED}] Bananas grow on Mars. [{COUNTED}] "
    f"Rutte confirmed that North Korea has sent troops. [{CONFIRMED}] He gave no number of the "
    f"wounded. [{NO_NUMBER}]"
)


def test_a_stream_grows_sentence_by_sentence_and_only_its_last_answer_is_final():
    got = answers(LONG)
    assert [a.final for a in got] == [*[False] * (len(got) - 1), True]
    assert len(got) == 4
    for before, after in itertools.pairwise(got):
        assert after.claims[: len(before.claims)] == before.claims, "what is shown stays"
        assert after.text.startswith(before.text)
        assert after.citations[: len(before.citations)] == before.citations
    for growing in got:
        assert_sound(growing, [PRESS])


def test_thoughts_without_an_opening_tag_vanish_from_a_stream_and_from_the_answer():
    thoughts = "Let me see. Rutte is named. So is Blinken. Ready. "
    confirmed = "Mark Rutte confirmed that North Korea has sent troops to Russia."
    got = answers(f"{thoughts}</think>\n\n{confirmed} [{CONFIRMED}]")
    assert got[-1].text == f"{confirmed} [1]"
    assert got[-2].text == "", "they go before there is anything to put in their place"


pieces = st.sampled_from(
    [
        *(line for line in PRESS.text.splitlines() if line),
        *"[1] [4] [1][2] [99] [ ] 1 * <b> ` # \\ [1](x) https://example.com".split(),
        *("[3, 4]", "\n", "\n\n- ", "Bananas grow on Mars.", "Rutte said so.", NO_ANSWER),
    ]
)


@settings(deadline=None, max_examples=80)
@given(st.lists(pieces, max_size=12).map(" ".join))
def test_whatever_a_model_writes_every_answer_of_the_stream_is_sound(reply):
    got = answers(reply)
    assert [a.final for a in got] == [*[False] * (len(got) - 1), True]
    for growing in got:
        assert_sound(growing, [PRESS])
        for claim in growing.claims:
            assert bool(claim.citations) == (claim.verdict not in ("unsupported", "contradicted"))


@pytest.mark.parametrize(
    "error",
    [
        ChatModelDenied("the key was refused"),
        ChatModelTimeout("no word within 20 s"),
        ChatModelUnreachable("no server"),
        ChatModelOverloaded("rate limit"),
    ],
)
def test_a_model_that_fails_at_once_is_replaced_by_the_articles_sentences(error):
    (got,) = answers(error)
    assert got.final
    assert (got.mode, got.model) == ("extractive", "extractive")
    assert got.citations == small_chatbot(PRESS).ask(QUESTION).citations
    assert str(error) in got.notes[0]


@pytest.mark.parametrize("reply", ["", " ", "\n\n"])
def test_an_empty_reply_is_a_failure_too(reply):
    (got,) = answers(reply)
    assert (got.mode, len(got.notes)) == ("extractive", 1)


def test_the_note_stays_when_the_replacement_abstains():
    silent = bot(ChatModelDenied("the key was refused"), abstain_below=1.1)
    got = silent.ask(QUESTION)
    assert got.abstained
    assert got.notes


class Breaking:
    """A chat model that writes and then fails."""

    name = "breaking"

    def stream(self, messages):
        yield LONG
        raise ChatModelReplyError("the reply was cut off")


def test_a_model_that_fails_in_mid_stream_is_replaced_and_the_half_answer_gone():
    got = list(small_chatbot(PRESS, chat_model=Breaking()).stream(QUESTION))
    assert [a.mode for a in got] == [*["generative"] * (len(got) - 1), "extractive"]
    assert len(got) > 1
    last = got[-1]
    assert (last.final, last.model) == (True, "extractive")
    assert "cut off" in last.notes[0]
    assert "Mars" not in last.text
    assert_sound(last, [PRESS])


def test_the_next_question_after_a_failure_is_put_to_the_model_again():
    twice = bot(ChatModelOverloaded("rate limit"), NO_ANSWER)
    assert twice.ask(QUESTION).mode == "extractive"
    assert twice.ask(QUESTION).mode == "generative"


# ---------------------------------------------------------------- over a real connection


def served(server):
    model = OpenAIChatModel("fake-chat", api_key="canary-key", base_url=server.url, max_retries=0)
    return small_chatbot(PRESS, chat_model=model)


def test_an_answer_streams_from_a_server():
    with FakeOpenAIServer(Reply.says(LONG)) as server:
        got = list(served(server).stream(QUESTION))
        sent = server.requests[-1].body["messages"]
    assert len(got) == 4
    assert got[-1].model == "fake-chat"
    assert_sound(got[-1], [PRESS])
    assert QUESTION in sent[-1]["content"]


def test_a_refusing_server_is_told_without_its_key():
    with FakeOpenAIServer(Reply.fails(401, "bad key canary-key")) as server:
        got = served(server).ask(QUESTION)
    assert got.mode == "extractive"
    assert got.notes
    assert "canary-key" not in got.notes[0]


def test_closing_the_stream_hangs_up_on_the_server():
    steady = Reply.says(LONG + " More. [1]" * 400, pause_seconds=0.02)
    with FakeOpenAIServer(steady) as server:
        stream = served(server).stream(QUESTION)
        next(stream)
        stream.close()
        assert server.aborted.wait(10)
