import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.followups import standalone
from rag.terms import terms
from rag.types import Message


def talk(*texts):
    """Take turns: the user asks, the assistant answers, and so on."""
    return [Message("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]


RUTTE = talk(
    "What did Mark Rutte confirm about the troops in Kursk?",
    "Rutte confirmed that North Korean units are deployed in the Kursk region. [1]",
)


@pytest.mark.parametrize(
    "question",
    [
        "How many ships did Norway build in 2019?",
        "Who signed the treaty between Russia and North Korea?",
        "What does Carl Schuster say about his brigades?",
        "Is it true that Iran sells drones to Russia?",
        "Are there signs of a thaw between Seoul and Tokyo?",
    ],
)
def test_a_question_that_stands_by_itself_comes_back_unchanged(question):
    assert standalone(question, RUTTE) == question


@pytest.mark.parametrize(
    "question",
    [
        "What happens if it rains?",
        "How cold is it in Seoul, and will it be warm in May?",
        "How long does it take to fly to Moscow?",
        "How much does it cost to build a ferry?",
        "What is it like to live in Seoul?",
        "What time is it in Seoul?",
        "Does the treaty say that it can be ended?",
        "Is the treaty valid, and when was it signed?",
        "Thanks, that is clear. What is the Hwasong-11?",
        "OK, thanks for that. This helps. Which ships did Norway build?",
    ],
)
def test_an_it_that_stands_for_nothing_earlier_and_thanks_add_no_topic(question):
    assert standalone(question, RUTTE) == question


@pytest.mark.parametrize(
    "question",
    [
        "When did Ukraine confirm it?",
        "When did the ministry confirm it?",
        "Did the ministry say it was true?",
        "Did the president say it could end?",
        "What did the government do when it happened?",
        "What is the size of its army?",
        "What was the weapon it used?",
        "After the attack, did it retaliate?",
        "Did it freeze the assets of Norway?",
        "How long did it take?",
        "How much did it cost to build?",
        "Was it cold?",
        "Thanks. And China?",
        "Thanks, that is clear. Did Ukraine confirm it?",
    ],
)
def test_an_it_that_stands_for_something_earlier_carries_the_topic(question):
    resolved = standalone(question, RUTTE)
    assert resolved.startswith(question)
    assert {"troop", "kursk"} <= set(terms(resolved))


def test_thanks_are_no_part_of_a_topic():
    history = talk("Thanks, that is clear. What can the Hwasong-11 hit?", "Harbours. [1]")
    assert standalone("Why?", history) == "Why? (Hwasong-11 hit)"


@pytest.mark.parametrize("question", ["Why?", "Who is he?", "And China?", "", "What about it?"])
def test_without_a_conversation_nothing_changes(question):
    assert standalone(question, []) == question
    assert (
        standalone(question, [Message("assistant", "Hello. Ask about the articles.")]) == question
    )


@pytest.mark.parametrize(
    "question",
    [
        "Why?",
        "When did that happen?",
        "How many of them are there?",
        "And in October?",
        "What about the ships?",
        "Are you sure?",
        "Where are they now?",
        "Tell me more.",
        "Who else?",
    ],
)
def test_a_follow_up_carries_the_topic_and_keeps_its_own_words(question):
    resolved = standalone(question, RUTTE)
    assert resolved.startswith(question)
    assert {"troop", "kursk"} <= set(terms(resolved))


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("What did he announce afterwards?", "What did Mark Rutte announce afterwards?"),
        ("What are his reasons?", "What are Mark Rutte's reasons?"),
        ("Did anyone contradict him?", "Did anyone contradict Mark Rutte?"),
    ],
)
def test_he_and_his_become_the_person_last_named(question, start):
    assert standalone(question, RUTTE).startswith(start)


@pytest.mark.parametrize(
    "question",
    [
        "Who doubts that the soldiers will turn the war?",
        "Which experts fear that an attack on the harbour is near?",
        "Who predicted that no ferry would sail before spring?",
    ],
)
def test_a_clause_behind_that_leans_on_nothing(question):
    assert standalone(question, RUTTE) == question


@pytest.mark.parametrize("question", ["Who doubts that?", "Was that the last visit of the year?"])
def test_that_by_itself_leans_on_what_came_before(question):
    assert standalone(question, RUTTE) != question


def test_the_person_last_named_counts():
    history = [*RUTTE, *talk("What did Carl Schuster estimate?", "About two brigades. [1]")]
    resolved = standalone("Why does he think so?", history)
    assert "Carl Schuster" in resolved
    assert "Rutte" not in resolved


def test_the_person_asked_about_counts_before_one_in_the_answer():
    history = talk("What did Ada Quill say of the pier?", "“It is old,” Ben Ross agreed. [1]")
    assert standalone("Why did she say so?", history).startswith("Why did Ada Quill say so?")


def test_a_person_of_the_latest_answer_counts_before_those_of_earlier_questions():
    history = talk(
        *("What did Ada Quill say of the pier?", "It is old. [1]"),
        *("Who owns the ferry to the island?", "It belongs to Ben Ross. [1]"),
    )
    assert standalone("When did he buy it?", history).startswith("When did Ben Ross buy it?")


def test_who_did_something_is_the_person_in_the_answer():
    history = talk("Who runs Harbour Lines?", "Ada Quill has run Harbour Lines since 2019. [1]")
    assert standalone("What does she regret?", history).startswith("What does Ada Quill regret?")
    history = talk("Who did Ada Quill blame for it?", "She blamed Ben Ross. [1]")
    assert standalone("Why did she say so?", history).startswith("Why did Ada Quill say so?")


def test_countries_and_institutions_are_nobody():
    history = talk("What did the White House tell North Korea?", "It warned South Korea. [1]")
    resolved = standalone("What did he say about it?", history)
    assert "what did he say" in resolved.lower()


def test_a_chain_of_follow_ups_reaches_the_question_that_began_it():
    history = [*RUTTE, *talk("Why?", "It is an escalation. [1]", "Since when?", "October. [1]")]
    assert {"troop", "kursk"} <= set(terms(standalone("And who else?", history)))


def test_a_new_topic_leaves_the_old_one_behind():
    history = [*RUTTE, *talk("Which drones does Iran sell to Venezuela?", "None. [1]")]
    resolved = standalone("How many?", history)
    assert "Venezuela" in resolved
    assert "Kursk" not in resolved


@pytest.mark.parametrize(
    "question",
    [
        "Did Ukraine confirm this?",
        "Did Ukraine confirm that?",
        "Did Ukraine confirm that number?",
        "Did Ukraine confirm it?",
        "Did Ukraine confirm their number?",
        "What did Ukraine find there?",
        "What did Japan make of these claims?",
    ],
)
def test_a_name_before_a_pronoun_that_cannot_mean_it_leaves_the_question_leaning(question):
    resolved = standalone(question, RUTTE)
    assert resolved.startswith(question)
    assert {"troop", "kursk"} <= set(terms(resolved))


@pytest.mark.parametrize(
    "question",
    [
        "What did Russia say in the North this week?",
        "Which missiles did Russia fire that hit the harbour?",
        "Did Russia punish those who fled?",
        "How many Russian soldiers lost their lives?",
        "When did Norway and Sweden sign their treaty?",
        "When did Japan say its ships would leave?",
        "What did Iran say when Israel attacked it?",
        "Did the Russian president confirm his visit?",
        "Why did Japan, which sold old ferries to two northern harbours, deny these sales?",
    ],
)
def test_a_pronoun_that_means_something_in_the_question_leaves_it_unchanged(question):
    assert standalone(question, RUTTE) == question


@pytest.mark.parametrize(
    ("question", "start"),
    [
        (
            "What did the White House say about his visit?",
            "What did the White House say about Mark",
        ),
        ("What did NATO say about his visit?", "What did NATO say about Mark Rutte's visit?"),
        ("What happened in Kursk during his visit?", "What happened in Kursk during Mark Rutte's"),
    ],
)
def test_his_is_nobody_s_whose_name_cannot_be_a_person_s(question, start):
    assert standalone(question, RUTTE).startswith(start)


def test_only_the_pronoun_that_is_left_open_becomes_the_person_last_named():
    resolved = standalone("What did Carl Schuster say of his brigades there?", RUTTE)
    assert resolved.startswith("What did Carl Schuster say of his brigades there? (")


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("What did Ross tell her?", "What did Ross tell Ada Quill?"),
        ("What did Ross tell her about Japan?", "What did Ross tell Ada Quill about Japan?"),
        ("Who replied to her publicly?", "Who replied to Ada Quill publicly?"),
        ("What was her own plan?", "What was Ada Quill's own plan?"),
        ("Who knows her family?", "Who knows Ada Quill's family?"),
    ],
)
def test_her_is_possessive_only_before_a_noun(question, start):
    history = talk("What did Ada Quill say of the pier?", "It is old. [1]")
    assert standalone(question, history).startswith(start)


def test_a_person_named_as_an_owner_is_the_person():
    history = talk("What is Ada Quill’s plan for the pier?", "It is old. [1]")
    assert standalone("Who knows her plan?", history).startswith("Who knows Ada Quill's plan?")


def test_what_stands_for_nothing_moves_no_offset():
    question = "Is it true that it is likely that Ross lost his hat?"
    assert standalone(question, RUTTE) == question


@pytest.mark.parametrize("said", ["So-So It was.", "Do-It You"])
def test_capitals_without_a_content_word_are_nobody(said):
    assert standalone("Why did he go to the pier?", talk(said)).startswith("Why did he go")


turns = st.lists(
    st.builds(
        Message,
        role=st.sampled_from(["user", "assistant", "system"]),
        text=st.one_of(
            st.text(max_size=60),
            st.lists(
                st.sampled_from(
                    "why he So-So Do-It You the Ferry Harbour Mark Rutte Kursk said it? [1]".split()
                ),
                max_size=8,
            ).map(" ".join),
        ),
    ),
    max_size=6,
)
asked = st.one_of(st.text(max_size=60), st.sampled_from(["Why?", "he?", "And his?", "What is it?"]))


@given(question=asked, history=turns)
def test_any_conversation_can_be_followed(question, history):
    resolved = standalone(question, history)
    if not any(message.role == "user" for message in history):
        assert resolved == question
    assert len(resolved) <= len(question) + 700


def test_capitalised_function_words_are_nobody():
    assert standalone("Why did he go?", talk("Who Was There?", "About This and The Other. [1]"))


def test_long_conversations_take_little_time():
    history = [*RUTTE, *talk("Why? " * 800, "Because he said so. " * 2000)] * 40
    began = time.perf_counter()
    assert standalone("Why did he do it?", history)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        (
            "And what does she think about fish prices?",
            "And what does Ada Stone think about fish prices?",
        ),
        ("When did she say so?", "When did Ada Stone say so? (expect new ferry Norville)"),
        (
            "What does she say about that?",
            "What does Ada Stone say about that? (expect new ferry Norville)",
        ),
    ],
)
def test_a_matter_of_its_own_takes_nothing_along_but_the_person(question, searched):
    history = [Message("user", "Does Ada Stone expect a new ferry in Norville?")]
    assert standalone(question, history) == searched


@pytest.mark.parametrize("name", ["Jan Holm", "April Stone", "Nora Vale"])
def test_a_person_named_like_a_month_is_a_person(name):
    asked = standalone("What does she say about the ferry?", talk(f"Who is {name}?", "A pilot."))
    assert asked == f"What does {name} say about the ferry?"


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("How many MPs did he need behind him?", "How many MPs did Ada Quill need behind him?"),
        (
            "What did she do before she was a judge?",
            "What did Ada Quill do before she was a judge?",
        ),
        ("What did she do?", "What did Ada Quill do? (leads house)"),
    ],
)
def test_a_question_with_a_matter_of_its_own_needs_but_the_name(question, written):
    said = [Message("user", "Who leads the house?"), Message("assistant", "Ada Quill does.")]
    assert standalone(question, said) == written
