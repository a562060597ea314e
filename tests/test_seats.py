import pytest

from rag.seats import with_states_named

TEXT = "Russian, North Korean and American diplomats met in Tokyo; Japan paid."


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("How many troops did Pyongyang send?", "How many troops did North Korea send?"),
        ("What does the Kremlin want?", "What does Russia want?"),
        ("Does Tokyo agree with Moscow?", "Does Japan agree with Russia?"),
        ("Is Washington's offer new?", "Is the United States’ offer new?"),
        ("What of Moscow’s aims?", "What of Moscow’s aims?"),
        ("Why is the Moscow-Pyongyang pact feared?", "Why is the Russia-North Korea pact feared?"),
        ("What do Pyongyang, Tokyo and Moscow say?", "What do North Korea, Japan and Russia say?"),
    ],
)
def test_a_state_is_named_for_the_capital_that_acts_for_it(question, written):
    assert with_states_named(question, TEXT) == written


@pytest.mark.parametrize(
    "question",
    [
        "Who met in Tokyo?",
        "Who travelled to Moscow and Pyongyang?",
        "When did he visit Moscow?",
        "What is the population of Tokyo?",
        "What did the Moscow Times report?",
        "Where did George Washington live?",
        "Which Tokyo-based firms paid?",
    ],
)
def test_a_capital_that_is_a_place_or_part_of_a_name_stays(question):
    assert with_states_named(question, TEXT) == question


def test_a_state_the_text_does_not_name_is_not_brought_in():
    assert with_states_named("What did Paris decide?", TEXT) == "What did Paris decide?"
