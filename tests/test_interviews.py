import pytest

from rag.candidates import view
from rag.composing import with_speaker
from rag.types import Document

INTRO = "Ada Quill, 58, has run the ferry line since 2019. We met her on the quay."
TURNS = (
    ("Ms Quill, what do you see from here?", "Two boats that I may not sail. My sister built one."),
    (
        "The union says that you broke a promise.",
        "We did, and I said so. The crews were told late.",
    ),
    ("Why did you close the southern pier?", "There were two reasons. We lost money, and it sank."),
    ("Will you resign?", "Tomorrow, if it helped us."),
)


def interview(*, intro=INTRO, turns=TURNS):
    return Document("one", "\n\n".join([intro, *(part for turn in turns for part in turn)]))


def speakers(document):
    seen = view(document)
    return {
        document.text[s.start : s.end]: a.speaker if a else None
        for s, a in zip(seen.sentences, seen.attributions, strict=True)
    }


def test_answers_are_the_words_of_the_one_who_is_asked():
    found = speakers(interview())
    answers = [
        "Two boats that I may not sail.",
        "The crews were told late.",
        "We lost money, and it sank.",
    ]
    assert [found[answer] for answer in answers] == ["Ada Quill"] * 3


def test_questions_and_the_opening_are_not():
    found = speakers(interview())
    asked = [turn[0] for turn in TURNS if turn[0].endswith("?")]
    assert [found[question] for question in asked] == [None] * 3
    assert found["We met her on the quay."] is None
    assert found["The union says that you broke a promise."] == "The union"


def test_the_one_person_of_the_opening_answers_where_nobody_is_addressed():
    turns = (("What do you see from here?", TURNS[0][1]), *TURNS[1:])
    assert speakers(interview(turns=turns))["The crews were told late."] == "Ada Quill"


@pytest.mark.parametrize(
    "asking", ["Interview: Bo Sand", "She was interviewed by Bo Sand.", "Questions by Bo Sand"]
)
def test_who_asks_is_not_the_one_who_answers(asking):
    turns = (("What do you see from here?", TURNS[0][1]), *TURNS[1:])
    found = speakers(interview(intro=f"{INTRO} {asking}", turns=turns))
    assert found["The crews were told late."] == "Ada Quill"


def test_what_an_editor_notes_below_is_nobody_s_answer():
    noted = interview(turns=(*TURNS, ("And the union?", "We talk on.")))
    note = "The interview was edited and shortened."
    noted = Document("one", f"{noted.text}\n\n{note}")
    assert speakers(noted)["We talk on."] == "Ada Quill"
    assert speakers(noted)[note] is None


def test_behind_marked_answers_what_has_no_mark_and_no_i_is_the_editor_s():
    marked = tuple((f"Q: {asked}", f"A: {answer}") for asked, answer in TURNS)
    text = f"{interview(turns=marked).text}\n\nMy sister sails on.\n\nThe union would not comment."
    found = speakers(Document("one", text))
    assert found["My sister sails on."] == "Ada Quill"
    assert found["The union would not comment."] != "Ada Quill"


@pytest.mark.parametrize(
    "intro",
    ["Ada Quill and Bo Sand run the line.", "The ferry line has had a hard year."],
)
def test_where_several_or_nobody_may_answer_nobody_does(intro):
    turns = (("What do you see from here?", TURNS[0][1]), *TURNS[1:])
    assert speakers(interview(intro=intro, turns=turns))["The crews were told late."] is None


def test_a_column_that_asks_its_readers_is_no_interview():
    paragraphs = ["Ada Quill has run the ferry line since 2019, and runs it still."] + [
        text
        for year in range(2020, 2024)
        for text in (
            f"And who paid in {year}?",
            "The town paid, as it always had, for a boat that nobody took.",
        )
    ]
    found = speakers(Document("one", "\n\n".join(paragraphs)))
    assert set(found.values()) == {None}


def test_a_firm_named_like_a_person_is_nobody_who_speaks():
    text = "He checked the boats of Norrland Systems, the shipbuilder. “They sank,” she says."
    assert set(speakers(Document("one", text)).values()) == {None}


def test_what_answers_a_question_of_the_text_knows_it():
    document = interview()
    seen = view(document)
    asked = {
        document.text[s.start : s.end]: seen.candidate(i).asked
        for i, s in enumerate(seen.sentences)
    }
    assert asked["There were two reasons."] == "Why did you close the southern pier?"
    assert asked["We lost money, and it sank."] == "Why did you close the southern pier?"
    assert asked["Will you resign?"] == ""
    assert asked["Ada Quill, 58, has run the ferry line since 2019."] == ""


def marked(asked, answered):
    return f"{asked} The union spoke of a broken promise.", f"{answered} {TURNS[1][1]}"


@pytest.mark.parametrize(("asked", "answered"), [("Q:", "A:"), ("**Q:**", "**A:**")])
def test_what_is_marked_as_the_interviewer_s_is_not_an_answer_though_it_asks_nothing(
    asked, answered
):
    turns = (TURNS[0], marked(asked, answered), *TURNS[2:])
    found = speakers(interview(turns=turns))
    assert found[f"{asked} The union spoke of a broken promise."] != "Ada Quill"
    assert found["The crews were told late."] == "Ada Quill"


def test_a_marked_statement_is_what_its_answer_was_asked():
    turns = (TURNS[0], marked("Q:", "A:"), *TURNS[2:])
    seen = view(interview(turns=turns))
    texts = [seen.document.text[s.start : s.end] for s in seen.sentences]
    answer = seen.candidate(texts.index("The crews were told late."))
    assert answer.asked == "Q: The union spoke of a broken promise."


def test_an_answer_that_ends_with_a_question_is_still_an_answer():
    turns = (TURNS[0], marked("Q:", "A:"), ("Q: Will you resign?", "A: We might. Would you?"))
    assert speakers(interview(turns=(*turns, *TURNS[2:])))["A: We might."] == "Ada Quill"


LABELLED = """Ada Quill runs the ferry line. Bo Rask met her on the quay.

Bo Rask: Why did you close the southern pier?

Ada Quill: It leaked. The agency said so in May.

We lost money too.

Rask: Who pays?

Quill: The town does. It always has.

The pier was built in 1921."""


def test_a_name_before_each_turn_tells_who_speaks_it():
    assert speakers(Document("one", LABELLED)) == {
        "Ada Quill runs the ferry line.": None,
        "Bo Rask met her on the quay.": None,
        "Bo Rask: Why did you close the southern pier?": "Bo Rask",
        "Ada Quill: It leaked.": "Ada Quill",
        "The agency said so in May.": "Ada Quill",
        "We lost money too.": "Ada Quill",
        "Rask: Who pays?": "Bo Rask",
        "Quill: The town does.": "Ada Quill",
        "It always has.": "Ada Quill",
        "The pier was built in 1921.": None,
    }


def test_only_the_sentence_with_the_label_names_its_speaker():
    seen = view(Document("one", LABELLED))
    said = [a for a in seen.attributions if a]
    assert [a.explicit for a in said] == [True, True, False, False, True, True, False]
    assert {LABELLED[a.speaker_start : a.speaker_end] for a in said} == {"Ada Quill", "Bo Rask"}


@pytest.mark.parametrize(
    "text",
    [
        "Price: 5 euros.\n\nPlace: Oslo.\n\nOpening: in May.\n\nCapacity: 300 cars.",
        "Ada Quill: ferries and piers.\n\nBo Rask: piers and quays.\n\nWere both asked?",
        "Ada Quill and Bo Rask ran.\n\nQuill: 547.\n\nRask: 46.\n\nQuill: 12.\n\nWho won?",
        "Ada Quill: two goals.\n\nBo Rask: one goal only.\n\nAda Quill: a third goal.",
    ],
)
def test_other_labels_and_a_few_are_no_turns(text):
    assert set(speakers(Document("one", text)).values()) == {None}


def test_a_paper_that_asks_is_nobody():
    text = LABELLED.replace("Bo Rask: Why", "The Quay Post: Why").replace("Rask: Who", "Post: Who")
    found = speakers(Document("one", text.replace("Bo Rask met", "We met")))
    assert found["The Quay Post: Why did you close the southern pier?"] is None
    assert found["It always has."] is None  # two turns are too few


def test_labels_in_capitals_name_the_same_person():
    text = LABELLED.replace("Quill: The", "QUILL: The")
    assert speakers(Document("one", text))["It always has."] == "Ada Quill"


def test_an_answer_s_mark_is_not_shown_where_its_speaker_is():
    turns = (("Q: What do you see from here?", f"A: {TURNS[0][1]}"), *TURNS[1:])
    seen = view(interview(turns=turns))
    answer = next(
        candidate
        for index in range(len(seen.sentences))
        if (candidate := seen.candidate(index)).text.startswith("A: ")
    )
    assert with_speaker(answer, None) == "[Ada Quill:] Two boats that I may not sail."
