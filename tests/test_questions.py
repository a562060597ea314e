import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.questions import analyse, names


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many soldiers were sent?", "number"),
        ("What percentage of the weapons came by ship?", "number"),
        ("How much did it cost?", "number"),
        ("What weight does the crane lift?", "number"),
        ("What number of troops does Kyiv report?", "number"),
        ("What is the population of Brest?", "number"),
        ("What is the museum's annual budget?", "number"),
        ("How tall is the lighthouse?", "number"),
        ("What is the price of peace?", "other"),
        ("When was the treaty signed?", "date"),
        ("On what date did they meet?", "date"),
        ("In which year did the war begin?", "date"),
        ("Since when has it been in force?", "date"),
        ("Who signed it?", "person"),
        ("Which expert expects no war?", "person"),
        ("Whose idea was it?", "person"),
        ("To whom did he write?", "person"),
        ("Where are the troops?", "place"),
        ("Which region did they enter?", "place"),
        ("Why did they go?", "reason"),
        ("What reason is there for the delay?", "reason"),
        ("What is the treaty called?", "other"),
        ("Tell me about the treaty.", "other"),
        ("", "other"),
    ],
)
def test_a_question_tells_what_kind_of_thing_answers_it(question, expected):
    assert analyse(question).expected == expected
    assert analyse(question.upper()).expected == expected


def test_what_is_asked_for_first_counts():
    assert analyse("Who said when the war ends?").expected == "person"
    assert analyse("When did he say who was sent?").expected == "date"


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("Which weapons did they send?", "list"),
        ("What are the main parts of the deal?", "list"),
        ("The crews made three demands. Which?", "list"),
        ("Quill gave several reasons: what are they?", "list"),
        ("Three ferries sank. Which of them was new?", "fact"),
        ("What did the crews do?", "fact"),
        ("What virus did they find?", "fact"),
        ("What does the pier cost?", "fact"),
        ("What is the weight of the anchor?", "fact"),
        ("Name three countries that took part.", "list"),
        ("How do the articles differ on the number of troops?", "comparison"),
        ("Compare the views of both authors.", "comparison"),
        ("Do the sources agree?", "comparison"),
        ("Summarise the article.", "summary"),
        ("Sum up the column.", "summary"),
        ("Sum it all up", "summary"),
        ("tl;dr of the report", "summary"),
        ("What does the sum up to 2020 pay for?", "fact"),
        ("What is the article about?", "summary"),
        ("Give me an overview of the pact.", "summary"),
        ("Why did they go?", "explanation"),
        ("How does the treaty work?", "explanation"),
        ("How many soldiers were sent?", "fact"),
        ("How tall is the lighthouse?", "fact"),
        ("How deep divers go?", "explanation"),
        ("Who signed it?", "fact"),
        ("When was it signed?", "fact"),
    ],
)
def test_a_question_tells_the_shape_of_its_answer(question, shape):
    assert analyse(question).shape == shape


def test_a_question_that_begins_with_list_asks_for_a_list():
    assert analyse("List the risks.").shape == "list"


def test_a_question_for_the_reason_asks_for_a_reason():
    assert analyse("What is the reason for the delay?").expected == "reason"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did Mark Rutte confirm in Brussels?", ("Mark Rutte", "Brussels")),
        (
            "Is Carl Schuster of the Department of History right?",
            ("Carl Schuster", "Department of History"),
        ),
        ("Who is he?", ()),
        ("What happened? Nobody knows.", ()),
        ("", ()),
    ],
)
def test_names_are_capitalised_words_that_do_not_begin_a_sentence(question, expected):
    assert tuple(name.text for name in names(question)) == expected


def test_terms_are_listed_once():
    assert analyse("troops, more troops and Russian troops in Russia").terms == ("troop", "@russia")


@given(st.text(max_size=200))
def test_any_text_can_be_analysed(text):
    asked = analyse(text)
    assert asked.text == text
    assert len(set(asked.terms)) == len(asked.terms)
    assert all(text[name.start : name.end] == name.text for name in names(text))


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("What does the article say about Japan?", "fact"),
        ("Why did they refuse both offers?", "explanation"),
        ("How many different ships took part?", "fact"),
        ("Which old war does she compare with this one?", "fact"),
        ("What are the islands called?", "fact"),
        ("Who wrote the opinion piece about harbours?", "fact"),
        ("Which trading partners could they lose?", "list"),
        ("Which gifts changed hands when they met?", "list"),
        ("Which port houses the crews?", "fact"),
        ("Which analyst says Russia loses?", "fact"),
        ("Which side wins in Kursk?", "fact"),
        ("What happens if the lock fails?", "explanation"),
        ("What are Russia's goals?", "list"),
        ("What do the articles say about Japan?", "comparison"),
        ("What do the writers make of it?", "comparison"),
        ("Why did the writers go on strike?", "explanation"),
        ("How long did the writers strike last?", "fact"),
    ],
)
def test_a_word_of_a_shape_counts_only_where_it_asks(question, shape):
    assert analyse(question).shape == shape


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which gifts changed hands when they met?", "other"),
        ("Which weapon did the men who landed carry?", "other"),
        ("Tell me who signed it.", "person"),
        ("It was renewed, but when?", "date"),
    ],
)
def test_a_question_word_behind_a_noun_asks_nothing(question, expected):
    assert analyse(question).expected == expected
